"""From profiles to numbers: the same way for a whole index and for one question."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from ontology.concepts import ConceptScheme
from similarity.bags import Bag, BagIndex
from similarity.concepts import ConceptSets, ConceptTable
from similarity.encoders import Encoder
from similarity.features import CONCEPT_FACETS, EncodedProfile, FeatureTable
from similarity.index_parts import IndexParts, KnownVectors
from similarity.lexical import count_words, term_id
from similarity.measures import WIDTH, measures_row
from similarity.model import KinModel
from similarity.profile import Profile
from similarity.vectors import norms, quantise

_CHUNK = 256
WORD_TEXTS = ("title", "conditions", "interventions", "summary", "description")
"""The texts whose words are compared; eligibility and outcomes are much alike everywhere."""


def scheme_tables(schemes: Mapping[str, ConceptScheme] | None = None) -> dict[str, ConceptTable]:
    """Return the comparison table of every scheme that facets use.

    Parameters
    ----------
    schemes : mapping, optional
        Scheme name -> scheme; those that come with TrialKin by default.
    """
    names = CONCEPT_FACETS.values()
    if schemes is None:
        # Imported here: an index that is open already is ranked without a Turtle parser.
        from ontology.schemes import load_scheme

        schemes = {name: load_scheme(name) for name in names}
    return {name: ConceptTable.from_scheme(schemes[name]) for name in names}


def profile_words(profile: Profile) -> Counter[str]:
    """Count the words of a profile."""
    return count_words(profile.text(WORD_TEXTS))


def profile_mesh(profile: Profile) -> dict[str, float]:
    """Return the MeSH ids of a profile; a wider term counts half."""
    wider = dict.fromkeys(profile.concept_names("mesh_ancestors"), 0.5)
    return wider | dict.fromkeys(profile.concept_names("mesh"), 1.0)


class ProfileEncoder:
    """Turns profiles into rows of numbers with one encoder, model and set of schemes."""

    def __init__(
        self, encoder: Encoder, model: KinModel, tables: Mapping[str, ConceptTable]
    ) -> None:
        self.encoder, self.model, self.tables = encoder, model, tables
        self.views = model.fusion.views

    def encode(self, profile: Profile) -> EncodedProfile:
        """Turn one profile into numbers."""
        vectors = self.encoder.encode_document([profile.text(view.texts) for view in self.views])
        words_bag, mesh_bag = self._bags(profile)
        return EncodedProfile(
            vectors=quantise(vectors),
            words=words_bag,
            mesh=mesh_bag,
            concepts={key: tuple(codes) for key, codes in self._codes(profile).items()},
            measures=measures_row(profile),
            sponsor=_sponsor(profile),
            countries=frozenset(term_id(country) for country in profile.design.countries),
        )

    def index_parts(
        self,
        profiles: Sequence[Profile],
        *,
        progress: Callable[[int, int], None] | None = None,
        known: KnownVectors | None = None,
    ) -> IndexParts:
        """Turn profiles, in order of their ids, into what an index consists of."""
        number = len(profiles)
        shape = (len(self.views), number, self.encoder.dimension)
        vectors = np.zeros(shape, dtype=np.int8)
        digests = np.zeros((len(self.views), number), dtype="S16")
        waiting: list[tuple[int, int, str]] = []
        for row, profile in enumerate(profiles):
            for place, view in enumerate(self.views):
                text = profile.text(view.texts)
                digest = hashlib.blake2b(text.encode("utf-8", "replace"), digest_size=8)
                digests[place, row] = digest.hexdigest().encode()
                reused = (
                    None if known is None else known(profile.nct_id, place, digests[place, row])
                )
                if reused is None:
                    waiting.append((place, row, text))
                else:
                    vectors[place, row] = reused
        self._encode_waiting(vectors, waiting, number, progress)
        bags = [self._bags(profile) for profile in profiles]
        sets = [self._codes(profile) for profile in profiles]
        places = [_country_bag(profile) for profile in profiles]
        measures = [measures_row(profile) for profile in profiles]
        table = FeatureTable(
            views=tuple(view.name for view in self.views),
            vectors=vectors,
            vector_norms=norms(vectors),
            words=BagIndex.from_bags([bag for bag, _ in bags]),
            mesh=BagIndex.from_bags([bag for _, bag in bags]),
            concepts={
                key: ConceptSets.from_sets(self.tables[key], [codes[key] for codes in sets])
                for key in CONCEPT_FACETS.values()
            },
            measures=np.array(measures, dtype=np.float64).reshape(number, WIDTH),
            sponsors=np.array([_sponsor(profile) for profile in profiles], dtype=np.int64),
            places=BagIndex.from_bags(places),
        )
        return IndexParts.from_profiles(
            profiles,
            table=table,
            tables=dict(self.tables),
            digests=digests,
            fusion=self.model.fusion,
            encoder=(self.encoder.name, self.encoder.fingerprint),
            model=(self.model.name, self.model.fingerprint),
        )

    def _encode_waiting(
        self,
        vectors: NDArray[np.int8],
        waiting: list[tuple[int, int, str]],
        number: int,
        progress: Callable[[int, int], None] | None,
    ) -> None:
        # Longest first within all: texts of like length share a batch, and the progress bar
        # is slow at first rather than at the end.
        waiting.sort(key=lambda item: (-len(item[2]), item[0], item[1]))
        done = len(vectors) * number - len(waiting)
        for first in range(0, len(waiting), _CHUNK):
            chunk = waiting[first : first + _CHUNK]
            encoded = quantise(self.encoder.encode_document([text for _, _, text in chunk]))
            for (place, row, _), vector in zip(chunk, encoded, strict=True):
                vectors[place, row] = vector
            done += len(chunk)
            if progress is not None:
                progress(done // max(1, len(vectors)), number)

    def _bags(self, profile: Profile) -> tuple[Bag, Bag]:
        words_bag = self.model.words.bag(profile_words(profile))
        return words_bag, self.model.mesh.bag(profile_mesh(profile))

    def _codes(self, profile: Profile) -> dict[str, list[int]]:
        return {
            key: self.tables[key].encode(profile.concept_names(key))
            for key in CONCEPT_FACETS.values()
        }


def _sponsor(profile: Profile) -> int:
    name = profile.design.lead_sponsor
    return 0 if name is None else term_id(" ".join(name.casefold().split()))


def _country_bag(profile: Profile) -> Bag:
    ids = sorted({term_id(country) for country in profile.design.countries})
    return np.array(ids, dtype=np.uint32), np.ones(len(ids), dtype=np.float32)
