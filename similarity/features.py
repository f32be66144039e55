"""Features: in how many ways two trials can be alike, each from 0 to 1.

A feature's name begins with its facet (``text.head`` belongs to ``text``). A value depends
on the two trials and the model alone, never on what else is indexed.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from similarity.concepts import ConceptSets
from similarity.lexical import Bag, BagIndex, term_id
from similarity.profile import Design
from similarity.vectors import cosines

FloatColumn = NDArray[np.float64]

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
    "phase",
    "design",
    "population",
    "sponsor",
    "place",
)
"""All facets, in the order in which they are shown. Sponsor and place weigh nothing unless a
caller asks: they find the same hospital, not the same question."""

_PHASES = {"EARLY_PHASE1": 0.5, "PHASE1": 1.0, "PHASE2": 2.0, "PHASE3": 3.0, "PHASE4": 4.0}
_PHASE_RANGE = 3.5
_DESIGN_FIELDS = ("study_type", "allocation", "masking", "primary_purpose")
_NEAR = 0.7
"""Above this likeness two concepts begin to count as the same (a disease and a form of it)."""
_LIFE_DAYS = 100 * 365.25
_DESIGN_COLUMNS = (*_DESIGN_FIELDS, "phase", "enrollment", "sex", "minimum_age", "maximum_age")
DESIGN_WIDTH = len(_DESIGN_COLUMNS)


@dataclass(frozen=True, slots=True)
class EncodedProfile:
    """A profile in numbers: one row of a `FeatureTable`."""

    vectors: NDArray[np.int8]
    words: Bag
    mesh: Bag
    concepts: Mapping[str, tuple[int, ...]]
    design: NDArray[np.float64]
    sponsor: int
    countries: frozenset[int]


def design_row(design: Design) -> NDArray[np.float64]:
    """Turn a design into numbers; NaN where not stated."""
    row = [_coded(getattr(design, name)) for name in _DESIGN_FIELDS]
    levels = [_PHASES[phase] for phase in design.phases if phase in _PHASES]
    row.append(sum(levels) / len(levels) if levels else math.nan)
    count = design.enrollment_count
    row.append(math.log10(1 + count) if count is not None and count >= 0 else math.nan)
    row.append(_coded(design.sex))
    low, high = design.minimum_age_days, design.maximum_age_days
    row.append(0.0 if low is None else min(low, _LIFE_DAYS))
    row.append(_LIFE_DAYS if high is None else min(high, _LIFE_DAYS))
    return np.array(row, dtype=np.float64)


def _coded(value: str | None) -> float:
    """Return a number that equal values share, whatever other values there are."""
    return math.nan if value is None else float(term_id(value))


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
        design: NDArray[np.float64],
        sponsors: NDArray[np.int64],
        places: BagIndex,
    ) -> None:
        self.views = views
        self.vectors, self.vector_norms = vectors, vector_norms
        self.words, self.mesh, self.concepts = words, mesh, concepts
        self.design, self.sponsors, self.places = design, sponsors, places

    def __len__(self) -> int:
        return len(self.words)

    def row(self, index: int) -> EncodedProfile:
        """Return one trial's numbers."""
        return EncodedProfile(
            vectors=self.vectors[:, index],
            words=self.words.row(index),
            mesh=self.mesh.row(index),
            concepts={key: tuple(sets.row(index)) for key, sets in self.concepts.items()},
            design=self.design[index],
            sponsor=int(self.sponsors[index]),
            countries=frozenset(self.places.row(index)[0].tolist()),
        )

    def compare(self, query: EncodedProfile, rows: NDArray[np.int64]) -> dict[str, FloatColumn]:
        """Return every feature of the query with each of `rows`; columns by name."""
        features: dict[str, FloatColumn] = {}
        for number, view in enumerate(self.views):
            lengths = self.vector_norms[number, rows]
            values = cosines(query.vectors[number], self.vectors[number][rows], lengths)
            features[f"text.{view}"] = np.clip(values, 0, 1)
        features["words"] = np.clip(self.words.cosines(query.words)[rows], 0, 1)
        features["mesh"] = np.clip(self.mesh.cosines(query.mesh)[rows], 0, 1)
        for facet, key in CONCEPT_FACETS.items():
            best, mean, stated = self.concepts[key].likeness(query.concepts[key], rows)
            features[f"{facet}.best"] = best
            features[f"{facet}.near"] = np.clip((best - _NEAR) / (1 - _NEAR), 0, 1)
            features[f"{facet}.mean"] = mean
            features[f"{facet}.unstated"] = (~stated).astype(np.float64)
        features |= self._design_features(query.design, self.design[rows])
        same_sponsor = (self.sponsors[rows] == query.sponsor) & (query.sponsor != 0)
        features["sponsor"] = same_sponsor.astype(np.float64)
        features["place"] = self._shared_places(query.countries, rows)
        return features

    def _design_features(
        self, query: NDArray[np.float64], table: NDArray[np.float64]
    ) -> dict[str, FloatColumn]:
        column = {name: place for place, name in enumerate(_DESIGN_COLUMNS)}

        def gap(name: str) -> FloatColumn:
            distance: FloatColumn = np.abs(table[:, column[name]] - query[column[name]])
            return distance

        def closeness(name: str, span: float) -> FloatColumn:
            return np.nan_to_num(np.clip(1 - gap(name) / span, 0, 1), nan=0.0)

        equal = [(gap(name) == 0).astype(np.float64) for name in _DESIGN_FIELDS]
        low = np.maximum(table[:, column["minimum_age"]], query[column["minimum_age"]])
        high = np.minimum(table[:, column["maximum_age"]], query[column["maximum_age"]])
        span_low = np.minimum(table[:, column["minimum_age"]], query[column["minimum_age"]])
        span_high = np.maximum(table[:, column["maximum_age"]], query[column["maximum_age"]])
        width = span_high - span_low
        overlap = np.clip(high - low, 0, None)
        ages = np.divide(overlap, width, out=np.zeros_like(width), where=width > 0)
        return {
            "phase": closeness("phase", _PHASE_RANGE),
            "design.kind": (equal[0] + equal[1] + equal[2] + equal[3]) / 4,
            "design.size": closeness("enrollment", 2.0),
            "population.sex": (gap("sex") == 0).astype(np.float64),
            "population.age": ages,
        }

    def _shared_places(self, countries: frozenset[int], rows: NDArray[np.int64]) -> FloatColumn:
        starts, terms = self.places.starts, self.places.terms
        wanted = np.isin(terms, np.array(sorted(countries), dtype=np.uint32))
        hits = np.concatenate([[0], np.cumsum(wanted)])
        shared = (hits[starts[rows + 1]] - hits[starts[rows]]).astype(np.float64)
        union = (starts[rows + 1] - starts[rows]) + len(countries) - shared
        part: FloatColumn = np.divide(shared, union, out=np.zeros_like(shared), where=union > 0)
        return part
