"""Relinking: the lists of kin after some trials changed, without ranking all trials anew.

A score depends on two trials alone, and is the same whichever of them asks. So the row of
scores of a changed trial tells its own list and whether it enters, or moves within, every
other; lists that hold none of the changed trials before and after are as they were. A list
that lost a member is filled from those who follow it. It is ranked anew only if they are used up:
nobody outside was better placed than the last of them, and who of those is next is not known.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ontology.errors import EncoderError, UnknownTrialError
from similarity.kin_lists import NOBODY, UNKNOWN, KinLists
from similarity.ranking import Ranked, closest

Scored = Callable[[int], Ranked]
"""A trial's row -> all trials that may be its kin, in their order, scored against it."""


@dataclass(frozen=True, slots=True)
class Relinked:
    """What became of the lists.

    Attributes
    ----------
    lists : KinLists
        Of all trials: those that ranking all of them would give.
    affected : tuple of str
        Trials whose links must be written again: changed ones, and those whose list gained,
        lost or holds a changed one (it is there for another score or reason).
    reranked : int
        How many lists of unchanged trials had to be ranked anew.
    """

    lists: KinLists
    affected: tuple[str, ...]
    reranked: int


def relink(
    nct_ids: tuple[str, ...],
    changed: Collection[str],
    previous: KinLists,
    *,
    in_turn: Callable[[Sequence[int]], Scored],
    progress: Callable[[int, int], None] | None = None,
) -> Relinked:
    """Bring lists up to date; see `similarity.index.KinIndex.relink`.

    `in_turn` is `similarity.searching.Searcher.in_turn`.
    """
    state = _State(nct_ids, changed, previous)
    rows = np.flatnonzero(state.changed).tolist()
    scored = in_turn(rows)
    for done, row in enumerate(rows, start=1):
        found = scored(row)
        state.enter(row, found.rows, found.scores)
        state.set_best(row, found)
        if progress is not None:
            progress(done, len(changed))
    reranked = [row for row in state.unsettled() if not state.settle(row)]
    scored = in_turn(reranked)
    for row in reranked:
        state.set_best(row, scored(row))
    affected = np.flatnonzero(state.affected())
    return Relinked(state.lists(), tuple(nct_ids[row] for row in affected.tolist()), len(reranked))


class _State:
    def __init__(
        self, nct_ids: tuple[str, ...], changed: Collection[str], previous: KinLists
    ) -> None:
        rows = {nct_id: row for row, nct_id in enumerate(nct_ids)}
        unknown = sorted(set(changed) - rows.keys())
        if unknown:
            raise UnknownTrialError(unknown[0], ())
        self.changed = np.zeros(len(nct_ids), dtype=bool)
        self.changed[[rows[nct_id] for nct_id in changed]] = True
        renamed = np.array([rows.get(nct_id, -1) for nct_id in previous.nct_ids], dtype=np.int64)
        kept = np.flatnonzero(renamed >= 0)
        strangers = np.setdiff1d(np.flatnonzero(~self.changed), renamed[kept])
        if len(strangers):
            raise EncoderError(
                f"{nct_ids[int(strangers[0])]} has no list of kin and is not named as changed; "
                "name it, or link all trials."
            )
        self._nct_ids, self._k = nct_ids, previous.k
        # One place more, for "nobody": -1 then needs no case of its own.
        renamed = np.append(renamed, NOBODY)
        members = np.concatenate([previous.rows, previous.spare_rows], axis=1)[kept]
        scores = np.concatenate([previous.scores, previous.spare_scores], axis=1)[kept]
        at = renamed[kept]
        there = members >= 0
        entries = renamed[np.where(there, members, NOBODY)]
        lost = there & ((entries < 0) | np.append(self.changed, False)[entries])
        shape = (len(nct_ids), members.shape[1])
        self._rows, self._scores = np.full(shape, NOBODY), np.zeros(shape)
        self._rows[at] = np.where(members == UNKNOWN, UNKNOWN, entries)
        self._scores[at] = scores
        self._stayed = np.zeros(shape, dtype=bool)
        self._stayed[at] = there & ~lost
        self._lost = np.zeros(len(nct_ids), dtype=bool)
        self._lost[at] = lost.any(axis=1)
        self._lost_kin = np.zeros(len(nct_ids), dtype=bool)
        self._lost_kin[at] = lost[:, : previous.k].any(axis=1)
        # Whether there are others than those in the list: all of them behind its last.
        self._bounded = np.zeros(len(nct_ids), dtype=bool)
        self._bounded[at] = (members != NOBODY).all(axis=1)
        last = np.arange(len(kept)), there.sum(axis=1) - 1
        self._last_score = np.full(len(nct_ids), -np.inf)
        self._last_score[at] = np.where(self._bounded[at], scores[last], -np.inf)
        self._last_place = np.full(len(nct_ids), np.inf)
        self._last_place[at] = _places(nct_ids, previous.nct_ids, renamed)[members[last]]
        self._entering: dict[int, list[tuple[float, int]]] = {}

    def enter(self, changed: int, rows: NDArray[np.int64], scores: NDArray[np.float64]) -> None:
        """Note where a changed trial may stand in other trials' lists."""
        last = self._last_score[rows]
        better = (scores > last) | ((scores == last) & (changed < self._last_place[rows]))
        wanted = better & ~self.changed[rows]
        for row, score in zip(rows[wanted].tolist(), scores[wanted].tolist(), strict=True):
            self._entering.setdefault(row, []).append((-score, changed))

    def set_best(self, row: int, scored: Ranked) -> None:
        """Make a list of what all trials, or all candidates, scored."""
        best = closest(scored, self._rows.shape[1], without=row)
        self._set(row, best.rows.tolist(), best.scores.tolist(), NOBODY)

    def unsettled(self) -> list[int]:
        lost = np.flatnonzero(self._lost & ~self.changed).tolist()
        return sorted({*lost, *self._entering})

    def settle(self, row: int) -> bool:
        """Make a list of those who stayed and those who came; tell whether it is sure."""
        stayed = np.flatnonzero(self._stayed[row])
        scores = (-self._scores[row, stayed]).tolist()
        entries = list(zip(scores, self._rows[row, stayed].tolist(), strict=True))
        entries += self._entering.get(row, ())
        entries.sort()
        # Among candidates there may be others although the list has places left.
        least = self._k if self._bounded[row] else min(self._k, len(self._nct_ids) - 1)
        if len(entries) < least:
            return False
        rest = UNKNOWN if self._bounded[row] else NOBODY
        self._set(row, [near for _, near in entries], [-score for score, _ in entries], rest)
        return True

    def affected(self) -> NDArray[np.bool_]:
        holds = np.append(self.changed, False)[self._rows[:, : self._k]].any(axis=1)
        touched: NDArray[np.bool_] = self.changed | self._lost_kin | holds
        return touched

    def lists(self) -> KinLists:
        """Return the lists, and those who follow."""
        k, rows = self._k, self._rows.astype(np.int32)
        kin, spare = (
            (np.ascontiguousarray(rows[:, part]), np.ascontiguousarray(self._scores[:, part]))
            for part in (slice(k), slice(k, None))
        )
        return KinLists(self._nct_ids, *kin, spare)

    def _set(self, row: int, rows: list[int], scores: list[float], rest: int) -> None:
        width = self._rows.shape[1]
        self._rows[row], self._scores[row] = rest, 0.0
        self._rows[row, : len(rows)] = rows[:width]
        self._scores[row, : len(rows)] = scores[:width]


def _places(
    nct_ids: tuple[str, ...], before: tuple[str, ...], renamed: NDArray[np.int64]
) -> NDArray[np.float64]:
    """Return where each former trial stands among the present ones; those gone, in between."""
    places = renamed.astype(np.float64)
    for row in np.flatnonzero(renamed[: len(before)] < 0).tolist():
        places[row] = bisect_left(nct_ids, before[row]) - 0.5
    return places
