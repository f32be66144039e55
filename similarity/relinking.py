"""Relinking: the lists of kin after some trials changed, without ranking all trials anew.

A score depends on two trials alone, and is the same whichever of them asks. So the row of
scores of a changed trial tells its own list and whether it enters, or moves within, every
other; lists that hold none of the changed trials before and after are as they were. A list
that lost a member is ranked anew only if what follows it is not sure: nobody outside a list
was better placed than its last.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ontology.errors import EncoderError, UnknownTrialError
from similarity.kin_lists import KinLists
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
    return Relinked(state.lists, tuple(nct_ids[row] for row in affected.tolist()), len(reranked))


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
        self.lists = KinLists.empty(nct_ids, previous.k)
        # One place more, for "nobody": -1 then needs no case of its own.
        renamed = np.append(renamed, -1)
        members = np.asarray(previous.rows)[kept]
        at = renamed[kept]
        there = members >= 0
        entries = renamed[members]
        lost = there & ((entries < 0) | np.append(self.changed, False)[entries])
        shape = self.lists.rows.shape
        self.lists.rows[at] = entries
        self.lists.scores[at] = np.asarray(previous.scores)[kept]
        self._gone = np.zeros(shape, dtype=bool)
        self._gone[at] = lost | ~there
        self._lost = np.zeros(len(nct_ids), dtype=bool)
        self._lost[at] = lost.any(axis=1)
        self._full = np.zeros(len(nct_ids), dtype=bool)
        self._full[at] = there.all(axis=1)
        self._last_score = np.where(self._full, self.lists.scores[:, -1], -np.inf)
        self._last_place = np.full(len(nct_ids), np.inf)
        self._last_place[at] = _places(nct_ids, previous.nct_ids, renamed)[members[:, -1]]
        self._entering: dict[int, list[tuple[float, int]]] = {}

    def enter(self, changed: int, rows: NDArray[np.int64], scores: NDArray[np.float64]) -> None:
        """Note where a changed trial may stand in other trials' lists."""
        last = self._last_score[rows]
        better = (scores > last) | ((scores == last) & (changed < self._last_place[rows]))
        wanted = (better | self._lost[rows]) & ~self.changed[rows]
        for row, score in zip(rows[wanted].tolist(), scores[wanted].tolist(), strict=True):
            self._entering.setdefault(row, []).append((-score, changed))

    def set_best(self, row: int, scored: Ranked) -> None:
        """Make a list of what all trials, or all candidates, scored."""
        best = closest(scored, self.lists.k, without=row)
        self.lists.set_row(row, best.rows.tolist(), best.scores.tolist())

    def unsettled(self) -> list[int]:
        lost = np.flatnonzero(self._lost & ~self.changed).tolist()
        return sorted({*lost, *self._entering})

    def settle(self, row: int) -> bool:
        """Make a list of those who stayed and those who came; tell whether it is sure."""
        stayed = np.flatnonzero(~self._gone[row])
        scores = (-self.lists.scores[row, stayed]).tolist()
        entries = list(zip(scores, self.lists.rows[row, stayed].tolist(), strict=True))
        entries += self._entering.get(row, ())
        entries = sorted(entries)[: self.lists.k]
        if self._full[row] and self._lost[row]:
            last = (-float(self._last_score[row]), float(self._last_place[row]))
            if len(entries) < self.lists.k or entries[-1] > last:
                return False
        self.lists.set_row(row, [near for _, near in entries], [-score for score, _ in entries])
        return True

    def affected(self) -> NDArray[np.bool_]:
        holds = np.append(self.changed, False)[self.lists.rows].any(axis=1)
        touched: NDArray[np.bool_] = self.changed | self._lost | holds
        return touched


def _places(
    nct_ids: tuple[str, ...], before: tuple[str, ...], renamed: NDArray[np.int64]
) -> NDArray[np.float64]:
    """Return where each former trial stands among the present ones; those gone, in between."""
    places = renamed.astype(np.float64)
    for row in np.flatnonzero(renamed[: len(before)] < 0).tolist():
        places[row] = bisect_left(nct_ids, before[row]) - 0.5
    return places
