"""`KinIndex`: every trial's numbers on disk, and the kin of a trial."""

from __future__ import annotations

from collections.abc import Callable, Collection, Container, Iterable, Iterator, Mapping
from dataclasses import replace
from difflib import get_close_matches
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ontology.concepts import ConceptScheme
from ontology.errors import EncoderError, UnknownTrialError
from similarity.encoders import Encoder
from similarity.encoding import ProfileEncoder, scheme_tables
from similarity.features import EncodedProfile, FeatureTable
from similarity.fusion import Fusion
from similarity.index_files import IndexParts, read_index, write_index
from similarity.kin import Fact, Kin
from similarity.model import KinModel, model_for
from similarity.profile import Profile
from similarity.reasons import compare_facts, reason_sentence

Progress = Callable[[int, int], None]
"""Called with how many trials are done and how many there are."""

_NEAREST_IDS = 3


class KinIndex:
    """Trials made comparable, and the ranking of one trial's kin.

    Made by `build` or `open`. Nothing in a score depends on which other trials are indexed:
    an index of more trials gives the same scores. Not safe to change; safe to share between
    threads for reading.
    """

    def __init__(self, parts: IndexParts) -> None:
        self._parts = parts
        self._rows = {nct_id: row for row, nct_id in enumerate(parts.nct_ids)}

    @classmethod
    def build(
        cls,
        profiles: Iterable[Profile],
        encoder: Encoder,
        *,
        progress: Progress | None = None,
        model: KinModel | None = None,
        schemes: Mapping[str, ConceptScheme] | None = None,
        previous: KinIndex | None = None,
    ) -> KinIndex:
        """Encode profiles.

        Parameters
        ----------
        profiles : iterable of Profile
            A repeated NCT id is refused. They are put in order of their ids.
        encoder : Encoder
        progress : callable, optional
            Called with (done, total) as trials are encoded.
        model : KinModel, optional
            The one made for the encoder by default.
        schemes : mapping, optional
            Scheme name -> scheme; those that come with TrialKin by default.
        previous : KinIndex, optional
            Vectors of texts that have not changed are taken from it, if it was made with the
            same encoder and model.

        Raises
        ------
        EncoderError
            If two profiles share an NCT id.
        """
        chosen = model_for(encoder) if model is None else model
        tables = scheme_tables(chosen, schemes)
        ordered = sorted(profiles, key=lambda profile: profile.nct_id)
        for first, second in pairwise(ordered):
            if first.nct_id == second.nct_id:
                raise EncoderError(f"{first.nct_id} is there twice; give each trial once.")
        maker = ProfileEncoder(encoder, chosen, tables)
        known = None
        if previous is not None and previous.fingerprints == (
            encoder.fingerprint,
            chosen.fingerprint,
        ):
            known = previous._parts.known_vectors()
        return cls(maker.index_parts(ordered, progress=progress, known=known))

    @classmethod
    def open(cls, folder: Path) -> KinIndex:
        """Open an index that `write` made; vectors are mapped, not read.

        Raises
        ------
        StoreError
            If the folder holds no index, or one of another format.
        """
        return cls(read_index(folder))

    def with_model(self, model: KinModel) -> KinIndex:
        """Return the same vectors under another model's weights.

        Raises
        ------
        EncoderError
            If the other model encodes other texts.
        """
        if model.fusion.views != self.fusion.views:
            raise EncoderError(f"The model {model.name} encodes other texts; build an index anew.")
        parts = replace(
            self._parts,
            fusion=model.fusion,
            model_name=model.name,
            model_fingerprint=model.fingerprint,
        )
        return KinIndex(parts)

    def write(self, folder: Path) -> None:
        """Write the index into a folder, which is made if need be; files are replaced."""
        write_index(self._parts, folder)

    @property
    def nct_ids(self) -> tuple[str, ...]:
        """The ids of all trials, sorted."""
        return self._parts.nct_ids

    @property
    def encoder_name(self) -> str:
        """The encoder that made the vectors."""
        return self._parts.encoder_name

    @property
    def model_name(self) -> str:
        """The model whose weights the scores come from."""
        return self._parts.model_name

    @property
    def fingerprints(self) -> tuple[str, str]:
        """sha256 of the encoder and of the model: equal for indexes whose scores agree."""
        return self._parts.encoder_fingerprint, self._parts.model_fingerprint

    @property
    def fusion(self) -> Fusion:
        """The weights that scores come from."""
        return self._parts.fusion

    @property
    def table(self) -> FeatureTable:
        """All trials in numbers, in the order of `nct_ids`."""
        return self._parts.table

    def __len__(self) -> int:
        return len(self._parts.nct_ids)

    def __contains__(self, nct_id: object) -> bool:
        return nct_id in self._rows

    def profile(self, nct_id: str) -> Profile:
        """Return the profile of a trial, without its texts.

        Raises
        ------
        UnknownTrialError
        """
        return self._parts.profile(self._row(nct_id))

    def rank(
        self,
        nct_id: str,
        k: int = 10,
        *,
        weights: Mapping[str, float] | None = None,
        allowed: Container[str] | None = None,
        reasons: bool = True,
    ) -> list[Kin]:
        """Return the closest trials to one of the index, best first.

        Parameters
        ----------
        nct_id : str
            The query; never its own kin.
        k : int
            At most this many.
        weights : mapping, optional
            Facet -> how many times its usual weight it gets, see `Fusion.score`.
        allowed : container of str, optional
            NCT ids to choose from; all by default.
        reasons : bool, optional
            Whether to compare facts and say why; without, long lists come faster.

        Raises
        ------
        UnknownTrialError
            If the index has no such trial; the nearest ids are named.
        RecordError
            If a facet or weight is not valid.
        """
        row = self._row(nct_id)
        query = self._parts.profile(row) if reasons else None
        return self._ranked(query, self.table.row(row), k, weights, allowed, without=row)

    def explain(
        self, nct_id: str, other: str, *, weights: Mapping[str, float] | None = None
    ) -> Kin:
        """Compare two trials of the index; the rank is 1.

        Raises
        ------
        UnknownTrialError
            If the index lacks one of them.
        """
        row, at = self._row(nct_id), self._row(other)
        query, encoded = self._parts.profile(row), self.table.row(row)
        return self._ranked(query, encoded, 1, weights, {self.nct_ids[at]}, without=None)[0]

    def rank_profile(
        self,
        profile: Profile,
        k: int = 10,
        *,
        encoder: Encoder,
        model: KinModel | None = None,
        weights: Mapping[str, float] | None = None,
        allowed: Container[str] | None = None,
    ) -> list[Kin]:
        """Return the closest trials to a profile that need not be in the index.

        Parameters
        ----------
        profile : Profile
            If the index holds a trial of the same id, that one is left out.
        k, weights, allowed
            As in `rank`.
        encoder : Encoder
            The one that made the index.
        model : KinModel, optional
            The one that made the index; by default the encoder's own.

        Raises
        ------
        EncoderError
            If encoder or model is not the one that made the index: vectors of two encoders
            cannot be compared.
        """
        chosen = model_for(encoder) if model is None else model
        if (encoder.fingerprint, chosen.fingerprint) != self.fingerprints:
            raise EncoderError(
                f"The index was made with the encoder {self.encoder_name} and the model "
                f"{self.model_name}, not with {encoder.name} and {chosen.name} as they are "
                "now; build the index again, or name its encoder."
            )
        maker = ProfileEncoder(encoder, chosen, self._parts.tables)
        encoded = maker.encode(profile)
        own = self._rows.get(profile.nct_id)
        return self._ranked(profile, encoded, k, weights, allowed, without=own)

    def rank_all(
        self, k: int = 10, *, progress: Progress | None = None
    ) -> Iterator[tuple[str, list[Kin]]]:
        """Yield the kin of every trial, in the order of `nct_ids`."""
        for row, nct_id in enumerate(self.nct_ids):
            query = self._parts.profile(row)
            yield nct_id, self._ranked(query, self.table.row(row), k, None, None, without=row)
            if progress is not None:
                progress(row + 1, len(self))

    def scores(
        self, nct_id: str, *, weights: Mapping[str, float] | None = None
    ) -> NDArray[np.float64]:
        """Return the score of every trial of the index against one, in the order of `nct_ids`."""
        rows = np.arange(len(self), dtype=np.int64)
        features = self.table.compare(self.table.row(self._row(nct_id)), rows)
        return self.fusion.score(features, weights)[0]

    def _row(self, nct_id: str) -> int:
        row = self._rows.get(nct_id)
        if row is None:
            nearest = get_close_matches(nct_id, self.nct_ids, n=_NEAREST_IDS, cutoff=0.6)
            raise UnknownTrialError(nct_id, tuple(nearest))
        return row

    def _ranked(
        self,
        query: Profile | None,
        encoded: EncodedProfile,
        k: int,
        weights: Mapping[str, float] | None,
        allowed: Container[str] | None,
        *,
        without: int | None,
    ) -> list[Kin]:
        rows = self._candidates(allowed, without)
        if k < 1 or len(rows) == 0:
            return []
        features = self.table.compare(encoded, rows)
        scores, parts = self.fusion.score(features, weights)
        # Rows stand in the order of ids, so a stable sort breaks ties by id.
        best = np.argsort(-scores, kind="stable")[:k]
        return [
            self._kin(query, int(rows[at]), rank, float(scores[at]), parts, int(at))
            for rank, at in enumerate(best, start=1)
        ]

    def _candidates(self, allowed: Container[str] | None, without: int | None) -> NDArray[np.int64]:
        if allowed is None:
            rows = np.arange(len(self), dtype=np.int64)
        elif isinstance(allowed, Collection) and len(allowed) < len(self):
            known = {self._rows[nct_id] for nct_id in allowed if nct_id in self._rows}
            rows = np.array(sorted(known), dtype=np.int64)
        else:
            kept = [row for row, nct_id in enumerate(self.nct_ids) if nct_id in allowed]
            rows = np.array(kept, dtype=np.int64)
        return rows if without is None else rows[rows != without]

    def _kin(
        self,
        query: Profile | None,
        row: int,
        rank: int,
        score: float,
        parts: Mapping[str, NDArray[np.float64]],
        at: int,
    ) -> Kin:
        facts: tuple[Fact, ...] = ()
        if query is not None:
            facts = compare_facts(query, self._parts.profile(row), self._parts.tables)
        return Kin(
            nct_id=self.nct_ids[row],
            score=score,
            rank=rank,
            contributions=tuple((facet, float(part[at])) for facet, part in parts.items()),
            shared=tuple(fact for fact in facts if fact.relation in ("same", "akin")),
            differing=tuple(fact for fact in facts if fact.relation not in ("same", "akin")),
            reason="" if query is None else reason_sentence(facts),
        )
