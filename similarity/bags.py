"""Weighted terms of many trials: by trial, and by term for the likeness to all at once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from similarity.ragged import Splice, joined, positions, starts_of

Bag = tuple[NDArray[np.uint32], NDArray[np.float32]]
"""Sorted ids of a trial's terms, and their weights, of unit length together."""

_HEAD_BITS = 15
_HEAD_SHIFT = 32 - _HEAD_BITS
_FEW = 8
"""Of so many trials, one: then comparing these alone beats comparing all."""
_BLOCK_ROWS = 4096
"""So many are compared at once: some megabytes."""


class Postings(NamedTuple):
    """Term -> the trials that hold it, in order, and its weight there."""

    vocabulary: NDArray[np.uint32]
    starts: NDArray[np.int64]
    rows: NDArray[np.int32]
    weights: NDArray[np.float32]


class Sharing(NamedTuple):
    """The trials that share a term with a bag, if it weighs anything.

    Attributes
    ----------
    rows : ndarray of int64
        Rising.
    cosines : ndarray of float64
        Their likeness.
    held : ndarray of bool
        Of every trial, whether it is one of them.
    places : ndarray of int64
        Of every trial that is one, its place in `rows`; of others nothing.
    """

    rows: NDArray[np.int64]
    cosines: NDArray[np.float64]
    held: NDArray[np.bool_]
    places: NDArray[np.int64]

    def of(self, rows: NDArray[np.int64]) -> NDArray[np.float64]:
        """Return the likeness of some trials, 0 of those that share nothing."""
        likeness = np.zeros(len(rows), dtype=np.float64)
        there = np.flatnonzero(self.held.take(rows))
        likeness[there] = self.cosines.take(self.places.take(rows.take(there)))
        return likeness


class BagIndex:
    """Bags of many trials.

    Attributes
    ----------
    starts, terms, weights : ndarray
        Trial -> its terms: row ``i`` is ``terms[starts[i]:starts[i + 1]]``.
    """

    def __init__(
        self,
        starts: NDArray[np.int64],
        terms: NDArray[np.uint32],
        weights: NDArray[np.float32],
        postings: Postings | None = None,
    ) -> None:
        self.starts, self.terms, self.weights = starts, terms, weights
        self._postings = postings

    @classmethod
    def from_bags(cls, bags: Sequence[Bag]) -> BagIndex:
        """Put bags together in order."""
        empty: Bag = (np.zeros(0, dtype=np.uint32), np.zeros(0, dtype=np.float32))
        return cls(
            starts_of([len(ids) for ids, _ in bags]),
            np.concatenate([empty[0], *(ids for ids, _ in bags)]),
            np.concatenate([empty[1], *(weights for _, weights in bags)]),
        )

    def spliced(self, other: BagIndex, splice: Splice) -> BagIndex:
        """Return the bags of some of these trials and of the other's."""
        starts = splice.starts(self.starts, other.starts)
        terms = splice.values((self.starts, self.terms), (other.starts, other.terms))
        weights = splice.values((self.starts, self.weights), (other.starts, other.weights))
        postings = None
        if self._postings is not None:
            postings = self._exchanged(other, *splice.places(len(self), len(other)))
        return BagIndex(starts, terms, weights, postings)

    def __len__(self) -> int:
        return len(self.starts) - 1

    def row(self, index: int) -> Bag:
        """Return the bag of one trial."""
        span = slice(self.starts[index], self.starts[index + 1])
        return self.terms[span], self.weights[span]

    @property
    def postings(self) -> Postings:
        """The same by term; made when first asked for, unless read from a file."""
        if self._postings is None:
            order = np.argsort(self.terms, kind="stable")
            vocabulary, firsts = np.unique(self.terms[order], return_index=True)
            owners = np.repeat(np.arange(len(self), dtype=np.int32), np.diff(self.starts))
            starts = np.append(firsts, len(order)).astype(np.int64)
            self._postings = Postings(vocabulary, starts, owners[order], self.weights[order])
        return self._postings

    def _exchanged(
        self, other: BagIndex, places: NDArray[np.int32], other_places: NDArray[np.int32]
    ) -> Postings:
        """Return postings after some trials went and the other's came, without sorting all anew.

        `places` tells the new row of each of our rows, which do not change their order, and
        `other_places` of the other's; -1 is for those that go.
        """
        ours, theirs = self.postings, other.postings
        stay = places >= 0
        # Of millions of postings few go: they are looked up, not looked for.
        gone = self._posted_at(np.flatnonzero(~stay))
        rows, weights = np.delete(ours.rows, gone), np.delete(ours.weights, gone)
        if not np.array_equal(places[stay], np.flatnonzero(stay)):
            rows = places[rows]
        vocabulary = np.union1d(ours.vocabulary, theirs.vocabulary)
        lengths = np.zeros(len(vocabulary), dtype=np.int64)
        kept = ours.starts - np.searchsorted(gone, ours.starts)
        lengths[np.searchsorted(vocabulary, ours.vocabulary)] = np.diff(kept)
        starts = starts_of(lengths)
        new_rows = other_places[theirs.rows]
        terms = np.repeat(np.searchsorted(vocabulary, theirs.vocabulary), np.diff(theirs.starts))
        at = _places_in(rows, starts[terms], starts[terms + 1], new_rows)
        lengths += np.bincount(terms, minlength=len(vocabulary))
        held = lengths > 0
        return Postings(
            vocabulary[held],
            starts_of(lengths[held]),
            np.insert(rows, at, new_rows),
            np.insert(weights, at, theirs.weights),
        )

    def _posted_at(self, rows: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return where the terms of some trials stand in the postings, rising."""
        postings = self.postings
        at, lengths = positions(self.starts, rows)
        terms = np.searchsorted(postings.vocabulary, self.terms[at])
        owners = np.repeat(rows, lengths)
        first, end = postings.starts[terms], postings.starts[terms + 1]
        return np.sort(_places_in(postings.rows, first, end, owners))

    def cosines(self, bag: Bag, rows: NDArray[np.int64] | None = None) -> NDArray[np.float64]:
        """Return the likeness of a bag to that of every trial, or of `rows`.

        Each sum runs over the shared terms in the order of their ids, in float64: it depends
        on the two bags alone, not on the way in which it is computed.
        """
        if rows is not None and len(rows) * _FEW < len(self):
            firsts = range(0, max(1, len(rows)), _BLOCK_ROWS)
            blocks = [self._cosines_of(bag, rows[at : at + _BLOCK_ROWS]) for at in firsts]
            return np.concatenate(blocks)
        owners, products = self._posted(bag, *self.spans(bag)[:2])
        sums = np.bincount(owners, weights=products, minlength=len(self))
        cosines = sums.astype(np.float64, copy=False)
        return cosines if rows is None else cosines[rows]

    def sharing(self, bag: Bag, mentions: int) -> Sharing:
        """Return the trials that share one of a bag's rarest terms, and their likeness by these.

        The rarest are those of which no more than `mentions` trials are read in all; of few that
        takes less time than the likeness of every trial.
        """
        terms, at, lengths = self.spans(bag)
        order = np.argsort(lengths, kind="stable")
        rarest = np.sort(order[np.cumsum(lengths[order]) <= mentions])
        owners, products = self._posted(bag, terms[rarest], at[rarest])
        held = np.zeros(len(self), dtype=bool)
        held[owners] = True
        rows = np.flatnonzero(held)
        # Only what is looked up is set: setting all takes longer than all the rest.
        places = np.empty(len(self), dtype=np.int64)
        places[rows] = np.arange(len(rows))
        sums = np.bincount(places.take(owners), weights=products, minlength=len(rows))
        if not sums.all():  # what weighs nothing is not shared
            held[rows[sums == 0]] = False
            rows, sums = rows[sums > 0], sums[sums > 0]
            places[rows] = np.arange(len(rows))
        return Sharing(rows, sums.astype(np.float64, copy=False), held, places)

    def _posted(
        self, bag: Bag, terms: NDArray[np.int64], at: NDArray[np.int64]
    ) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """Return the trials that hold some terms, and what each adds to the likeness of each.

        `terms` and `at` are their places in the bag and in the vocabulary.
        """
        postings = self.postings
        firsts, ends = postings.starts.take(at), postings.starts.take(at + 1)
        weights = np.repeat(bag[1].take(terms).astype(np.float64), ends - firsts)
        owners = joined(postings.rows, firsts, ends).astype(np.int64)
        return owners, weights * joined(postings.weights, firsts, ends)

    def spans(self, bag: Bag) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
        """Return the terms of a bag that any trial holds.

        Returns
        -------
        tuple of ndarray
            Their places in the bag, their places in the vocabulary, and in how many trials
            each stands.
        """
        vocabulary, starts, _, _ = self.postings
        if len(vocabulary) == 0:
            none = np.zeros(0, dtype=np.int64)
            return none, none, none
        found = np.minimum(np.searchsorted(vocabulary, bag[0]), len(vocabulary) - 1)
        known = np.flatnonzero(vocabulary[found] == bag[0])
        at = found[known]
        return known, at, starts[at + 1] - starts[at]

    def _cosines_of(self, bag: Bag, rows: NDArray[np.int64]) -> NDArray[np.float64]:
        ids, weights = bag
        if len(ids) == 0:
            return np.zeros(len(rows), dtype=np.float64)
        at, lengths = positions(self.starts, rows)
        terms = self.terms.take(at)
        # Most terms are not the bag's: their first bits, looked up in a small table, say so in a
        # tenth of the time that a search for each of them takes, and where in the bag it stands.
        heads = ids >> _HEAD_SHIFT
        places = np.arange(len(ids), dtype=np.min_scalar_type(-len(ids)))
        table = np.full(1 << _HEAD_BITS, -1, dtype=places.dtype)
        table[heads[::-1]] = places[::-1]  # of equal heads the first
        found = table.take(terms >> _HEAD_SHIFT)
        maybe = np.flatnonzero(found >= 0)
        # Wider than the table, as places are counted on below.
        found, asked = found.take(maybe).astype(np.intp), terms.take(maybe)
        shared = ids.take(found) == asked
        for _ in range(int((places - table[heads]).max())):
            rest = np.flatnonzero(~shared)
            found[rest] = np.minimum(found[rest] + 1, len(ids) - 1)
            shared[rest] = ids[found[rest]] == asked[rest]
        products = weights.astype(np.float64).take(found) * self.weights.take(at.take(maybe))
        products[~shared] = 0.0  # a few, which change no sum
        counts = np.diff(np.searchsorted(maybe, np.cumsum(lengths)), prepend=0)
        owners = np.repeat(np.arange(len(rows)), counts)
        sums = np.bincount(owners, weights=products, minlength=len(rows))
        return sums.astype(np.float64, copy=False)


def _places_in(
    rows: NDArray[np.int32], first: NDArray[np.int64], end: NDArray[np.int64], wanted: NDArray[Any]
) -> NDArray[np.int64]:
    """Return where each row that is wanted stands, or would stand, within its rising span."""
    # Of one type: else each span would be copied before it is searched.
    alike = wanted.astype(rows.dtype)
    found = [
        start + int(rows[start:stop].searchsorted(row))
        for start, stop, row in zip(first.tolist(), end.tolist(), alike, strict=True)
    ]
    return np.array(found, dtype=np.int64)
