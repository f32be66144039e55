"""Looking for kin in the parts of an index: exactly, or among candidates where it is large."""

from __future__ import annotations

from collections.abc import Callable, Collection, Container, Mapping, Sequence
from difflib import get_close_matches
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ontology.errors import UnknownTrialError
from similarity.candidates import CandidateSearch, LinkReport, measure_recall
from similarity.features import EncodedProfile
from similarity.index_parts import IndexParts
from similarity.ranking import Ranked, closest, score_rows

_NEAREST_IDS = 3
_TOGETHER = 64
"""Trials whose texts are compared with all others' at once."""
_PRODUCTS = 64_000_000
"""Numbers that may be held for that: 256 MB."""


class Searcher:
    """Ranks trials of an index by their rows."""

    def __init__(self, parts: IndexParts) -> None:
        self._parts = parts
        self._candidates = None if parts.cells is None else CandidateSearch(parts, parts.cells)

    def row(self, nct_id: str) -> int:
        """Return the row of a trial.

        Raises
        ------
        UnknownTrialError
            If there is none; the nearest ids are named.
        """
        row = self._parts.row_of(nct_id)
        if row is None:
            nearest = get_close_matches(nct_id, self._parts.nct_ids, n=_NEAREST_IDS, cutoff=0.6)
            raise UnknownTrialError(nct_id, tuple(nearest))
        return row

    def in_turn(self, rows: Sequence[int]) -> Callable[[int], Ranked]:
        """Return what scores a trial against all others, or its candidates.

        Itself may be among them. It is asked for trials of `rows`, and the quicker the more the
        calls follow their order.
        """
        if self._candidates is None:
            return _InTurn(self._parts, rows)
        return _CandidatesInTurn(self._parts, self._candidates, rows)

    def exact(
        self,
        encoded: EncodedProfile,
        k: int,
        *,
        weights: Mapping[str, float] | None = None,
        allowed: Container[str] | None = None,
        without: int | None = None,
    ) -> Ranked | None:
        """Return the closest of all trials, or of those allowed; None if there are none."""
        rows = None if allowed is None else self._rows(allowed)
        size = len(self._parts.nct_ids) if rows is None else len(rows)
        if k < 1 or size == 0:
            return None
        return closest(score_rows(self._parts, encoded, rows, weights), k, without=without)

    def report(self, k: int, sample: int, seed: int) -> LinkReport:
        """Compare lists made of candidates with exact ones."""
        if self._candidates is None:
            return LinkReport(exact=True, candidates=0, recall=1.0, sample=0)
        number = len(self._parts.nct_ids)
        drawn = np.sort(np.random.default_rng(seed).permutation(number)[:sample]).tolist()
        return measure_recall(drawn, _InTurn(self._parts, drawn), self.in_turn(drawn), k=k)

    def _rows(self, allowed: Container[str]) -> NDArray[np.int64]:
        nct_ids = self._parts.nct_ids
        if isinstance(allowed, Collection) and len(allowed) < len(nct_ids):
            known = {self._parts.row_of(nct_id) for nct_id in allowed}
            return np.array(sorted(row for row in known if row is not None), dtype=np.int64)
        kept = [row for row, nct_id in enumerate(nct_ids) if nct_id in allowed]
        return np.array(kept, dtype=np.int64)


class _CandidatesInTurn:
    """Scores trials against their candidates, whose texts are searched for some trials at once."""

    def __init__(self, parts: IndexParts, search: CandidateSearch, rows: Sequence[int]) -> None:
        self._parts, self._search, self._rows = parts, search, np.asarray(rows, dtype=np.int64)
        self._place = {row: at for at, row in enumerate(rows)}
        self._first, self._by_texts = 0, list[NDArray[np.int64]]()

    def __call__(self, row: int) -> Ranked:
        at = self._place[row]
        if not self._first <= at < self._first + len(self._by_texts):
            self._first = at
            self._by_texts = self._search.by_texts(self._rows[at : at + _TOGETHER])
        encoded = self._parts.table.row(row)
        rows = self._search.rows(encoded, self._by_texts[at - self._first])
        return score_rows(self._parts, encoded, rows)


class _InTurn:
    """Scores trials against all, those that come one after another with one matrix product."""

    def __init__(self, parts: IndexParts, rows: Sequence[int]) -> None:
        self._parts, self._rows = parts, np.asarray(rows, dtype=np.int64)
        self._place = {row: at for at, row in enumerate(rows)}
        most = _PRODUCTS // max(1, len(parts.nct_ids) * len(parts.table.views))
        self._size = max(1, min(_TOGETHER, most))
        self._first, self._dots = 0, np.zeros((0, 0, 0), dtype=np.float32)

    def __call__(self, row: int) -> Ranked:
        encoded = self._parts.table.row(row)
        at = self._place.get(row)
        return score_rows(self._parts, encoded, dots=None if at is None else self._products(at))

    def _products(self, at: int) -> NDArray[Any]:
        if not self._first <= at < self._first + self._dots.shape[1]:
            self._first = at
            self._dots = self._parts.table.products(self._rows[at : at + self._size])
        of_one: NDArray[Any] = self._dots[:, at - self._first]
        return of_one
