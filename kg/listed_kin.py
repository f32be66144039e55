"""`ListedKin`: the kin lists of a generation, asked in both directions."""

from __future__ import annotations

import threading
import weakref
from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ontology.errors import UnknownTrialError

if TYPE_CHECKING:
    from kg.generation import Generation
    from similarity.kin_lists import KinLists

_PLACES = 6
"""Decimals of a score, as many as the graph and all files have: equal ones stay equal."""
_HALF = 32

_kept: weakref.WeakKeyDictionary[Generation, ListedKin] = weakref.WeakKeyDictionary()
_lock = threading.Lock()


class ListedKin:
    """Whom a trial has among its nearest kin, and who has it among theirs.

    The lists hold who is near a trial; who has it in a list is found by sorting all places once,
    0.1 s for 100,000 trials, and held in memory, 90 bytes a trial.

    Parameters
    ----------
    lists : KinLists
    """

    def __init__(self, lists: KinLists):
        self._lists = lists
        # The trial in the upper half of a number, its place in the lower: sorting numbers is
        # several times quicker than finding the order of them.
        keys = lists.rows.reshape(-1).astype(np.int64) << _HALF
        keys |= np.arange(keys.size)
        keys.sort()
        self._starts = np.searchsorted(keys, np.arange(len(lists) + 1, dtype=np.int64) << _HALF)
        self._places: NDArray[np.uint32] = keys.astype(np.uint32)

    @classmethod
    def of(cls, generation: Generation) -> ListedKin:
        """Return those of a generation, made once and shared by all threads."""
        with _lock:
            found = _kept.get(generation)
            if found is None:
                found = _kept[generation] = cls(generation.kin_lists)
        return found

    @property
    def k(self) -> int:
        """How many kin a list holds."""
        return self._lists.k

    def around(self, nct_id: str, k: int, min_score: float) -> Iterator[tuple[str, str, float]]:
        """Yield the links of a trial: whose kin, which trial, and how close the two are.

        Parameters
        ----------
        nct_id : str
            A trial that is in no list and has none, such as one that the registry no longer
            lists, has no link.
        k : int
            Only links to one of a trial's `k` nearest.
        min_score : float
        """
        lists = self._lists
        try:
            row = lists.row_of(nct_id)
        except UnknownTrialError:
            return
        for near, told in lists.of(nct_id)[:k]:
            score = round(told, _PLACES)
            if score >= min_score:
                yield nct_id, near, score
        for place in self._places[self._starts[row] : self._starts[row + 1]].tolist():
            holder, rank = divmod(place, lists.k)
            score = round(float(lists.scores[holder, rank]), _PLACES)
            if rank < k and score >= min_score:
                yield lists.nct_ids[holder], nct_id, score

    def all(self, k: int, min_score: float) -> Iterator[tuple[str, str, float]]:
        """Yield the links of all trials, as `around` does."""
        lists = self._lists
        rows, scores, ids = lists.rows[:, :k], lists.scores[:, :k], lists.nct_ids
        holders, ranks = np.nonzero(rows >= 0)
        nearest, told = rows[holders, ranks].tolist(), scores[holders, ranks].tolist()
        for holder, near, exact in zip(holders.tolist(), nearest, told, strict=True):
            score = round(exact, _PLACES)
            if score >= min_score:
                yield ids[holder], ids[near], score
