"""Rows of different lengths in flat arrays: row ``i`` is ``values[starts[i]:starts[i + 1]]``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

Starts = NDArray[np.int64]


def starts_of(lengths: Sequence[int] | NDArray[np.int64]) -> Starts:
    """Return where rows of these lengths start, and where the last one ends."""
    starts = np.zeros(len(lengths) + 1, dtype=np.int64)
    np.cumsum(np.asarray(lengths, dtype=np.int64), out=starts[1:])
    return starts


def positions(starts: Starts, rows: NDArray[np.int64]) -> tuple[NDArray[np.int64], Starts]:
    """Return where the values of `rows` stand, row after row, and how many each row has."""
    lengths = starts[rows + 1] - starts[rows]
    ends = np.cumsum(lengths)
    total = int(ends[-1]) if len(ends) else 0
    return np.arange(total) + np.repeat(starts[rows] - ends + lengths, lengths), lengths


def joined(values: NDArray[Any], firsts: Starts, ends: Starts) -> NDArray[Any]:
    """Return the values of some spans, span after span: quicker than by `positions`."""
    spans = zip(firsts.tolist(), ends.tolist(), strict=True)
    return np.concatenate([values[:0], *(values[first:end] for first, end in spans)])


class Splice:
    """How two tables become one: runs of rows of ours, with runs of theirs between.

    Whole runs are copied, so that nothing of the size of a table is made besides the result.

    Parameters
    ----------
    order : ndarray of int
        Rows in their new order; from `number` on, they are theirs.
    number : int
        How many rows ours has.
    """

    def __init__(self, order: NDArray[np.int64], number: int) -> None:
        breaks = np.flatnonzero((np.diff(order) != 1) | (order[1:] == number)) + 1
        self._runs = []
        for run in np.split(order, breaks) if len(order) else []:
            theirs = int(run[0]) >= number
            first = int(run[0]) - (number if theirs else 0)
            self._runs.append((theirs, first, first + len(run)))

    def places(self, ours: int, theirs: int) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
        """Return where each row of ours and of theirs stands now, -1 for one that does not."""
        places = np.full(ours, -1, dtype=np.int32), np.full(theirs, -1, dtype=np.int32)
        now = 0
        for other, first, end in self._runs:
            places[other][first:end] = np.arange(now, now + end - first)
            now += end - first
        return places

    def rows(self, ours: NDArray[Any], theirs: NDArray[Any], *, axis: int = 0) -> NDArray[Any]:
        """Put arrays of one value, or one row, a trial together; trials go along `axis`."""
        before = (slice(None),) * axis
        pieces = [
            (theirs if other else ours)[(*before, slice(first, end))]
            for other, first, end in self._runs
        ]
        return np.concatenate([ours[(*before, slice(0))], *pieces], axis=axis)

    def starts(self, ours: Starts, theirs: Starts) -> Starts:
        """Return where rows of different lengths start once they are put together."""
        return starts_of(self.rows(np.diff(ours), np.diff(theirs)))

    def values(
        self, ours: tuple[Starts, NDArray[Any]], theirs: tuple[Starts, NDArray[Any]]
    ) -> NDArray[Any]:
        """Put the values of rows of different lengths together."""
        pieces = [ours[1][:0]]
        for other, first, end in self._runs:
            starts, values = theirs if other else ours
            pieces.append(values[int(starts[first]) : int(starts[end])])
        return np.concatenate(pieces)
