"""Features: in how many ways two trials can be alike, each from 0 to 1.

A feature's name begins with its facet (``text.head`` belongs to ``text``). A value depends
on the two trials and the model alone, never on what else is indexed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from similarity.bags import Bag, BagIndex
from similarity.concepts import ConceptSets
from similarity.measures import DESIGN_FIELDS, FloatColumn, column
from similarity.ragged import positions
from similarity.vectors import cosines, products

CONCEPT_FACETS = {
    "condition": "conditions",
    "cell_source": "cell_sources",
    "cell_type": "cell_types",
    "donor": "donors",
    "route": "routes",
}
"""Facets compared over a concept scheme, with the name of the scheme and of the profile's set."""

FACETS = (
    "condition",
    "mesh",
    *tuple(CONCEPT_FACETS)[1:],
    "text",
    "words",
    "dose",
    "phase",
    "design",
    "population",
    "sponsor",
    "place",
)
"""All facets, in the order in which they are shown. Sponsor and place weigh nothing unless a
caller asks: they find the same hospital, not the same question."""

_PHASE_RANGE = 3.5
_SIZE_RANGE = 2.0
"""Numbers of participants a hundredfold apart are not alike at all."""
_DOSE_RANGE = 1.5
"""Nor are doses that differ by a factor of about thirty."""
_TIMES_RANGE = 1.0
_NEAR = 0.7
"""Above this likeness two concepts begin to count as the same (a disease and a form of it)."""


@dataclass(frozen=True, slots=True)
class EncodedProfile:
    """A profile in numbers: one row of a `FeatureTable`."""

    vectors: NDArray[np.int8]
    words: Bag
    mesh: Bag
    concepts: Mapping[str, tuple[int, ...]]
    measures: NDArray[np.float64]
    sponsor: int
    countries: frozenset[int]


class FeatureTable:
    """All trials in numbers, and the comparison of one with many."""

    def __init__(
        self,
        *,
        views: tuple[str, ...],
        vectors: NDArray[np.int8],
        vector_norms: NDArray[np.float64],
        words: BagIndex,
        mesh: BagIndex,
        concepts: Mapping[str, ConceptSets],
        measures: NDArray[np.float64],
        sponsors: NDArray[np.int64],
        places: BagIndex,
    ) -> None:
        self.views = views
        self.vectors, self.vector_norms = vectors, vector_norms
        self.words, self.mesh, self.concepts = words, mesh, concepts
        self.measures, self.sponsors, self.places = measures, sponsors, places

    def __len__(self) -> int:
        return len(self.words)

    def row(self, index: int) -> EncodedProfile:
        """Return one trial's numbers."""
        return EncodedProfile(
            vectors=self.vectors[:, index],
            words=self.words.row(index),
            mesh=self.mesh.row(index),
            concepts={key: tuple(sets.row(index)) for key, sets in self.concepts.items()},
            measures=self.measures[index],
            sponsor=int(self.sponsors[index]),
            countries=frozenset(self.places.row(index)[0].tolist()),
        )

    def compare(
        self,
        query: EncodedProfile,
        rows: NDArray[np.int64] | None = None,
        dots: NDArray[Any] | None = None,
    ) -> dict[str, FloatColumn]:
        """Return every feature of the query with each trial, or each of `rows`, by name.

        A value is the same, bit for bit, whichever rows are compared with it, and whichever of
        two trials is the query.

        Parameters
        ----------
        query : EncodedProfile
        rows : ndarray, optional
        dots : ndarray (views, trials), optional
            The query's of `products`; only where all trials are compared.
        """
        features: dict[str, FloatColumn] = {}
        for number, view in enumerate(self.views):
            of_view, lengths = self.vectors[number], self.vector_norms[number]
            if rows is not None:
                of_view, lengths = of_view[rows], lengths[rows]
            known = None if dots is None else dots[number]
            features[f"text.{view}"] = np.clip(
                cosines(query.vectors[number], of_view, lengths, known), 0, 1
            )
        features["words"] = np.clip(self.words.cosines(query.words, rows), 0, 1)
        features["mesh"] = np.clip(self.mesh.cosines(query.mesh, rows), 0, 1)
        features |= self.compare_concepts(query, rows)
        measures, sponsors = self.measures, self.sponsors
        if rows is not None:
            measures, sponsors = measures[rows], sponsors[rows]
        features |= _compare_measures(query.measures, measures)
        same_sponsor = (sponsors == query.sponsor) & (query.sponsor != 0)
        features["sponsor"] = same_sponsor.astype(np.float64)
        features["place"] = self._shared_places(query.countries, rows)
        return features

    def products(self, queries: NDArray[np.int64]) -> NDArray[Any]:
        """Return the products of some trials' texts with all trials' (views, queries, trials)."""
        return np.stack([products(of_view[queries], of_view) for of_view in self.vectors])

    def compare_concepts(
        self, query: EncodedProfile, rows: NDArray[np.int64] | None = None
    ) -> dict[str, FloatColumn]:
        """Return the features of `CONCEPT_FACETS` only; see `compare`."""
        features: dict[str, FloatColumn] = {}
        for facet, key in CONCEPT_FACETS.items():
            best, mean, stated = self.concepts[key].likeness(query.concepts[key], rows)
            features[f"{facet}.best"] = best
            features[f"{facet}.near"] = np.clip((best - _NEAR) / (1 - _NEAR), 0, 1)
            features[f"{facet}.mean"] = mean
            features[f"{facet}.unstated"] = (~stated).astype(np.float64)
        return features

    def _shared_places(
        self, countries: frozenset[int], rows: NDArray[np.int64] | None
    ) -> FloatColumn:
        wanted = np.arange(len(self), dtype=np.int64) if rows is None else rows
        at, lengths = positions(self.places.starts, wanted)
        known = np.array(sorted(countries), dtype=np.uint32)
        hits = np.isin(self.places.terms[at], known)
        owners = np.repeat(np.arange(len(wanted)), lengths)
        shared = np.bincount(owners[hits], minlength=len(wanted)).astype(np.float64)
        union = lengths + len(countries) - shared
        part: FloatColumn = np.divide(shared, union, out=np.zeros_like(shared), where=union > 0)
        return part


def _compare_measures(
    query: NDArray[np.float64], table: NDArray[np.float64]
) -> dict[str, FloatColumn]:
    def gap(name: str) -> FloatColumn:
        distance: FloatColumn = np.abs(table[:, column(name)] - query[column(name)])
        return distance

    def closeness(distance: FloatColumn, span: float) -> FloatColumn:
        return np.nan_to_num(np.clip(1 - distance / span, 0, 1), nan=0.0)

    def extreme(choose: Callable[..., FloatColumn], name: str) -> FloatColumn:
        return choose(table[:, column(name)], query[column(name)])

    def apart(unit: str) -> FloatColumn:
        """How far two ranges lie apart; 0 where they overlap, NaN where one is not stated."""
        start, end = extreme(np.maximum, f"{unit}_low"), extreme(np.minimum, f"{unit}_high")
        return np.maximum(start - end, 0.0)

    equal = [(gap(name) == 0).astype(np.float64) for name in DESIGN_FIELDS]
    width = extreme(np.maximum, "maximum_age") - extreme(np.minimum, "minimum_age")
    common = extreme(np.minimum, "maximum_age") - extreme(np.maximum, "minimum_age")
    overlap = np.clip(common, 0, None)
    ages = np.divide(overlap, width, out=np.zeros_like(width), where=width > 0)
    # Only like units: what a patient of unknown weight gets in all cannot be told per kilogram.
    amounts = np.fmin(apart("dose_per_kg"), apart("dose_total"))
    return {
        "dose.amount": closeness(amounts, _DOSE_RANGE),
        "dose.times": closeness(apart("administrations"), _TIMES_RANGE),
        "phase": closeness(gap("phase"), _PHASE_RANGE),
        "design.kind": (equal[0] + equal[1] + equal[2] + equal[3]) / 4,
        "design.size": closeness(gap("enrollment"), _SIZE_RANGE),
        "population.sex": (gap("sex") == 0).astype(np.float64),
        "population.age": ages,
    }
