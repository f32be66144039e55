"""Features: in how many ways two trials can be alike, each from 0 to 1.

A feature's name begins with its facet (``text.head`` belongs to ``text``). A value depends
on the two trials and the model alone, never on what else is indexed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from similarity.bags import Bag, BagIndex
from similarity.concepts import ConceptSets, Likeness
from similarity.measures import MEASURE_FEATURES, FloatColumn
from similarity.ragged import positions
from similarity.vectors import cosines, norms, products

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

_NEAR = 0.7
"""Above this likeness two concepts begin to count as the same (a disease and a form of it)."""
CONCEPT_FEATURES: Mapping[str, Callable[..., FloatColumn]] = {
    "best": lambda best, mean, stated: best,
    "near": lambda best, mean, stated: np.clip((best - _NEAR) / (1 - _NEAR), 0, 1),
    "mean": lambda best, mean, stated: mean,
    "unstated": lambda best, mean, stated: (~stated).astype(np.float64),
}
"""The features of each of `CONCEPT_FACETS`, from what `ConceptSets.likeness` gives."""


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

    @cached_property
    def feature_names(self) -> tuple[str, ...]:
        """All features by which trials of this table are compared."""
        return (
            *(f"text.{view}" for view in self.views),
            "words",
            "mesh",
            *(f"{facet}.{kind}" for facet in CONCEPT_FACETS for kind in CONCEPT_FEATURES),
            *MEASURE_FEATURES,
            "sponsor",
            "place",
        )

    def compare(
        self,
        query: EncodedProfile,
        rows: NDArray[np.int64] | None = None,
        dots: NDArray[Any] | None = None,
    ) -> Comparison:
        """Return the features of the query with each trial, or each of `rows`, by name.

        A value is the same, bit for bit, whichever rows are compared with it, and whichever of
        two trials is the query.

        Parameters
        ----------
        query : EncodedProfile
        rows : ndarray, optional
        dots : ndarray (views, trials), optional
            The query's of `products`; only where all trials are compared.
        """
        return Comparison(self, query, rows, dots)

    def products(self, queries: NDArray[np.int64]) -> NDArray[Any]:
        """Return the products of some trials' texts with all trials' (views, queries, trials)."""
        return np.stack([products(of_view[queries], of_view) for of_view in self.vectors])


class Comparison(Mapping[str, FloatColumn]):
    """The features of one trial with many, each computed when it is first asked for.

    Of all features the fusion weighs half. Made by `FeatureTable.compare`.
    """

    def __init__(
        self,
        table: FeatureTable,
        query: EncodedProfile,
        rows: NDArray[np.int64] | None,
        dots: NDArray[Any] | None,
    ) -> None:
        self._table, self._query, self._rows, self._dots = table, query, rows, dots
        self._columns: dict[str, FloatColumn] = {}
        self._likeness: dict[str, tuple[Likeness, NDArray[np.intp]]] = {}

    def __getitem__(self, name: str) -> FloatColumn:
        column = self._columns.get(name)
        if column is None:
            column = self._columns[name] = self._column(name)
        return column

    def __iter__(self) -> Iterator[str]:
        return iter(self._table.feature_names)

    def __len__(self) -> int:
        return len(self._table.feature_names)

    def _column(self, name: str) -> FloatColumn:
        table, query = self._table, self._query
        if name not in table.feature_names:
            raise KeyError(name)
        facet, _, kind = name.partition(".")
        if facet == "text":
            return self._text(table.views.index(kind))
        if facet in CONCEPT_FACETS:
            return self._concepts(CONCEPT_FACETS[facet], kind)
        if name in MEASURE_FEATURES:
            return MEASURE_FEATURES[name](query.measures, self._measures)
        if name == "place":
            return self._places()
        if name == "sponsor":
            same = (self._of_rows(table.sponsors) == query.sponsor) & (query.sponsor != 0)
            return np.asarray(same, dtype=np.float64)
        bags, bag = (table.words, query.words) if name == "words" else (table.mesh, query.mesh)
        return np.clip(bags.cosines(bag, self._rows), 0, 1)

    def _of_rows(self, values: NDArray[Any]) -> NDArray[Any]:
        return values if self._rows is None else values.take(self._rows, axis=0)

    @cached_property
    def _measures(self) -> NDArray[np.float64]:
        return self._of_rows(self._table.measures)

    @cached_property
    def _norms(self) -> NDArray[np.float64]:
        return norms(self._query.vectors)

    def _text(self, view: int) -> FloatColumn:
        if self._dots is not None:
            dots = self._dots[view]
        else:
            vectors = self._of_rows(self._table.vectors[view])
            dots = products(self._query.vectors[view][None], vectors)[0]
        lengths = self._of_rows(self._table.vector_norms[view])
        return np.clip(cosines(dots, lengths, self._norms[view]), 0, 1)

    def _concepts(self, key: str, kind: str) -> FloatColumn:
        found = self._likeness.get(key)
        if found is None:
            sets = self._table.concepts[key]
            which = self._of_rows(sets.which).astype(np.intp)
            found = self._likeness[key] = sets.likeness_of(self._query.concepts[key], which)
        likeness, places = found
        return CONCEPT_FEATURES[kind](*likeness).take(places)

    def _places(self) -> FloatColumn:
        places, countries, rows = self._table.places, self._query.countries, self._rows
        wanted = np.arange(len(places), dtype=np.int64) if rows is None else rows
        at, lengths = positions(places.starts, wanted)
        known = np.array(sorted(countries), dtype=np.uint32)
        hits = np.isin(places.terms[at], known)
        owners = np.repeat(np.arange(len(wanted)), lengths)
        shared = np.bincount(owners[hits], minlength=len(wanted)).astype(np.float64)
        union = lengths + len(countries) - shared
        part: FloatColumn = np.divide(shared, union, out=np.zeros_like(shared), where=union > 0)
        return part
