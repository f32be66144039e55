"""`KinLinker`: the kin of all trials of an index, at once or brought up to date."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from similarity.candidates import LinkReport
from similarity.features import FeatureTable
from similarity.index_parts import IndexParts
from similarity.kin import Kin
from similarity.kin_lists import KinLists
from similarity.ranking import closest, explained, score_rows
from similarity.relinking import Relinked, relink
from similarity.searching import Searcher

Progress = Callable[[int, int], None]
"""Called with how many trials are done and how many there are."""


class Linked(NamedTuple):
    """The kin of a trial, and the places and scores of them and of those who follow."""

    kin: list[Kin]
    rows: NDArray[np.int64]
    scores: NDArray[np.float64]


class KinLinker:
    """Links the trials of an index; the half of `similarity.index.KinIndex` for whole corpora."""

    def __init__(self, parts: IndexParts) -> None:
        self._parts = parts
        self._searcher = Searcher(parts)

    @property
    def nct_ids(self) -> tuple[str, ...]:
        """The ids of all trials, sorted."""
        return self._parts.nct_ids

    @property
    def table(self) -> FeatureTable:
        """All trials in numbers, in the order of `nct_ids`."""
        return self._parts.table

    @property
    def parts(self) -> IndexParts:
        """What the index consists of; for the modules of this package."""
        return self._parts

    @property
    def is_exact(self) -> bool:
        """Whether lists are made by comparing every trial with every other."""
        return self._parts.cells is None

    def __len__(self) -> int:
        return len(self._parts.nct_ids)

    def __contains__(self, nct_id: object) -> bool:
        return isinstance(nct_id, str) and self._parts.row_of(nct_id) is not None

    def rank_all(
        self, k: int = 10, *, progress: Progress | None = None
    ) -> Iterator[tuple[str, list[Kin]]]:
        """Yield the kin of every trial, in the order of `nct_ids`.

        An index of more trials than `build` was told to search exactly looks for them among
        some hundred candidates: the closest by texts (faiss), by rare words and by conditions
        with cell facts. `link_report` says what is missed.
        """
        for done, found in enumerate(self.rank_some(self.nct_ids, k), start=1):
            yield found
            if progress is not None:
                progress(done, len(self))

    def rank_some(self, nct_ids: Iterable[str], k: int = 10) -> Iterator[tuple[str, list[Kin]]]:
        """Yield the kin of some trials as `rank_all` does, in the order given.

        Raises
        ------
        UnknownTrialError
            If one of them is not there.
        """
        wanted = list(nct_ids)
        for nct_id, linked in zip(wanted, self.link_some(wanted, k, 0), strict=True):
            yield nct_id, linked.kin

    def link_some(self, nct_ids: Iterable[str], k: int, spare: int) -> Iterator[Linked]:
        """Yield the `k` closest of some trials with reasons, and the places of `spare` more.

        Raises
        ------
        UnknownTrialError
            If one of them is not there.
        """
        rows = [self._searcher.row(nct_id) for nct_id in nct_ids]
        scored = self._searcher.in_turn(rows)
        for row in rows:
            best = closest(scored(row), k + spare, without=row)
            kin = explained(self._parts, best.first(k), self._parts.stated(row))
            yield Linked(kin, best.rows, best.scores)

    def relink(
        self,
        changed: Collection[str],
        previous: KinLists,
        *,
        progress: Progress | None = None,
    ) -> Relinked:
        """Bring the lists of an earlier state up to this index.

        Parameters
        ----------
        changed : collection of str
            Trials that were added or changed since; those removed are seen from `previous`.
        previous : KinLists
        progress : callable, optional
            Called with (done, total) as changed trials are compared.

        Returns
        -------
        Relinked
            With the lists that `rank_all` would give, at the cost of one comparison with all
            trials for each changed one and for some of the lists that lost a member.

        Raises
        ------
        UnknownTrialError
            If a changed trial is not there.
        EncoderError
            If a trial has no list and is not named as changed.
        """
        in_turn = self._searcher.in_turn
        return relink(self.nct_ids, changed, previous, in_turn=in_turn, progress=progress)

    def explain_pairs(self, pairs: Collection[tuple[str, str]]) -> Iterator[Kin]:
        """Yield the second trial of each pair as kin of the first, with reasons; all of rank 1.

        In the order given. Since a score is the same whichever of two trials asks, each trial
        that stands in many pairs is compared once with all the others of them.

        Raises
        ------
        UnknownTrialError
            If one of them is not there.
        """
        rows = [(self._searcher.row(one), self._searcher.row(other)) for one, other in pairs]
        often = Counter(row for pair in rows for row in pair)
        hubs: dict[int, set[int]] = {}
        for one, other in rows:
            hub, spoke = (one, other) if often[one] >= often[other] else (other, one)
            hubs.setdefault(hub, set()).add(spoke)
        scored = {}
        for hub, spokes in hubs.items():
            found = score_rows(self._parts, self.table.row(hub), np.array(sorted(spokes)))
            for at, spoke in enumerate(found.rows.tolist()):
                scored[hub, spoke] = found.only(at)
        for one, other in rows:
            ranked = scored[one, other] if (one, other) in scored else scored[other, one]
            of_other = replace(ranked, rows=np.array([other], dtype=np.int64))
            yield from explained(self._parts, of_other, self._parts.stated(one))

    def link_report(self, k: int = 20, sample: int = 200, *, seed: int = 0) -> LinkReport:
        """Say whether kin are looked for exactly, and if not, what share is found.

        Parameters
        ----------
        k : int, optional
            Length of the lists that are compared.
        sample, seed : int, optional
            How many trials are drawn for it, and by what seed.
        """
        return self._searcher.report(k, sample, seed)
