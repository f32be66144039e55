"""Likeness of concepts by their place in a scheme, and of sets of concepts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache, partial
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from ontology.concepts import ConceptScheme
from similarity.ragged import Splice, positions, starts_of

Likeness = tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.bool_]]
"""Of many sets the likeness of the closest pair, the mean one, and whether both hold anything."""

_KEPT_BYTES = 8 << 20
"""What the kept answers of one scheme's sets may take, if they are more than a few."""
_SET_BYTES = 17
_LEAST_KEPT = 16
_MANY_SETS, _FEW = 4096, 8
"""Of so many distinct sets, one of so many: then comparing these alone beats comparing all."""


class ConceptTable:
    """How alike the concepts of one scheme are, each with each.

    Attributes
    ----------
    names : list of str
    likeness : ndarray (n, n) of float32
        1 for a concept with itself; 0 for two that share no wider concept.
    labels : list of str
        Preferred labels.
    """

    def __init__(
        self, names: Sequence[str], likeness: NDArray[np.float32], labels: Sequence[str]
    ) -> None:
        self.names, self.likeness, self.labels = list(names), likeness, list(labels)
        self.codes: Mapping[str, int] = {name: code for code, name in enumerate(self.names)}

    @classmethod
    def from_scheme(cls, scheme: ConceptScheme) -> ConceptTable:
        """Compare all concepts of a scheme, see `ontology.hierarchy.Hierarchy.likeness_matrix`."""
        # Imported here: an index that is open already is ranked without a Turtle parser.
        from ontology.hierarchy import Hierarchy

        labels = [scheme[name].pref_label for name in scheme]
        return cls(list(scheme), Hierarchy(scheme).likeness_matrix(), labels)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, ConceptTable):
            return NotImplemented
        return (self.names, self.labels) == (other.names, other.labels) and np.array_equal(
            self.likeness, other.likeness
        )

    __hash__ = None  # type: ignore[assignment]

    def encode(self, names: Iterable[str]) -> list[int]:
        """Return the codes of names; those that the scheme lacks are left out."""
        return sorted(self.codes[name] for name in names if name in self.codes)


class ConceptSets:
    """The concept sets of many trials over one table.

    Many trials have the same set, so each distinct one is kept, and compared, once.

    Attributes
    ----------
    starts, codes : ndarray
        Distinct set -> its codes: set ``i`` is ``codes[starts[i]:starts[i + 1]]``; in order.
    which : ndarray of int32
        Trial -> its set.
    """

    def __init__(
        self,
        table: ConceptTable,
        starts: NDArray[np.int64],
        codes: NDArray[np.int32],
        which: NDArray[np.int32],
    ) -> None:
        self.table, self.starts, self.codes, self.which = table, starts, codes, which
        kept = max(_LEAST_KEPT, _KEPT_BYTES // (_SET_BYTES * len(starts)))
        self._likeness = lru_cache(kept)(partial(_likeness, table, starts, codes))

    @classmethod
    def from_sets(cls, table: ConceptTable, sets: Sequence[Sequence[int]]) -> ConceptSets:
        """Put trials' sets of codes together in order."""
        named = [tuple(codes) for codes in sets]
        distinct = sorted(set(named))
        place = {codes: at for at, codes in enumerate(distinct)}
        return cls(
            table,
            starts_of([len(codes) for codes in distinct]),
            np.array([code for codes in distinct for code in codes], dtype=np.int32),
            np.array([place[codes] for codes in named], dtype=np.int32),
        )

    def spliced(self, other: ConceptSets, splice: Splice) -> ConceptSets:
        """Return the sets of some of these trials and of the other's."""
        sets = [*self._distinct(), *other._distinct()]
        which = splice.rows(self.which, other.which + np.int32(len(self.starts) - 1))
        merged = ConceptSets.from_sets(self.table, [sets[at] for at in np.unique(which).tolist()])
        place = {codes: at for at, codes in enumerate(merged._distinct())}
        # Sets that no trial has any more are not looked up again.
        renamed = np.array([place.get(codes, -1) for codes in sets], dtype=np.int32)
        return ConceptSets(self.table, merged.starts, merged.codes, renamed[which])

    def __len__(self) -> int:
        return len(self.which)

    def row(self, index: int) -> list[int]:
        """Return the codes of one trial."""
        at = self.which[index]
        codes: list[int] = self.codes[self.starts[at] : self.starts[at + 1]].tolist()
        return codes

    def _distinct(self) -> list[tuple[int, ...]]:
        flat = self.codes.tolist()
        return [tuple(flat[start:end]) for start, end in pairwise(self.starts.tolist())]

    def likeness(self, query: Sequence[int]) -> Likeness:
        """Compare one set with every distinct set; `which` tells whose these are.

        The answers to some queries are kept, as many trials ask the same.

        Returns
        -------
        best : ndarray
            Likeness of the closest pair of concepts.
        mean : ndarray
            Mean over the concepts of both sets of the likeness to their closest counterpart,
            the two sets weighing the same.
        stated : ndarray of bool
            Whether both sets hold anything.
        """
        return self._likeness(tuple(query))

    def likeness_of(
        self, query: Sequence[int], which: NDArray[np.intp]
    ) -> tuple[Likeness, NDArray[np.intp]]:
        """Compare one set with some distinct sets, so that few take as long among any number.

        Parameters
        ----------
        query : sequence of int
        which : ndarray of int
            Numbers of distinct sets, in any order, also twice.

        Returns
        -------
        likeness : tuple of ndarray
            As `likeness` gives it, of these sets or more.
        places : ndarray of int
            Where in it each of `which` stands.
        """
        number = len(self.starts) - 1
        if number <= _MANY_SETS or len(which) * _FEW >= number:
            return self.likeness(query), which
        few, places = np.unique(which, return_inverse=True)
        at, lengths = positions(self.starts, few)
        return _likeness(self.table, starts_of(lengths), self.codes[at], tuple(query)), places


def _likeness(
    table: ConceptTable,
    starts: NDArray[np.int64],
    codes: NDArray[np.int32],
    query: tuple[int, ...],
) -> Likeness:
    lengths = np.diff(starts)
    stated = (lengths > 0) & (len(query) > 0)
    best, mean = np.zeros(len(lengths)), np.zeros(len(lengths))
    if stated.any():
        firsts, sizes = starts[:-1][stated], lengths[stated]
        likeness = table.likeness[np.asarray(query, dtype=np.int64)]
        pairs = likeness[:, codes].astype(np.float64)
        # Empty sets stand between these, but hold no codes.
        closest = np.maximum.reduceat(pairs, firsts, axis=1)
        # Sums of so few float32 values are exact in float64, so their order does not matter.
        backward = np.add.reduceat(pairs.max(axis=0), firsts) / sizes
        forward = closest.sum(axis=0) / len(query)
        best[stated] = closest.max(axis=0)
        mean[stated] = (forward + backward) / 2
    for array in (best, mean, stated):
        array.setflags(write=False)
    return best, mean, stated
