"""Looking for kin in the parts of an index: exactly, or among candidates where it is large."""

from __future__ import annotations

from collections.abc import Collection, Container, Mapping
from difflib import get_close_matches

import numpy as np
from numpy.typing import NDArray

from ontology.errors import UnknownTrialError
from similarity.candidates import CandidateSearch, LinkReport, measure_recall
from similarity.features import EncodedProfile
from similarity.index_parts import IndexParts
from similarity.ranking import Ranked, closest, score_rows

_NEAREST_IDS = 3


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

    def scored(self, row: int) -> Ranked:
        """Score a trial against all others, or its candidates; itself may be among them."""
        encoded = self._parts.table.row(row)
        rows = None if self._candidates is None else self._candidates.rows(encoded)
        return score_rows(self._parts, encoded, rows)

    def best(self, row: int, k: int) -> Ranked:
        """Return a trial's kin."""
        return closest(self.scored(row), k, without=row)

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
        return measure_recall(self._parts, self._candidates, k=k, sample=sample, seed=seed)

    def _rows(self, allowed: Container[str]) -> NDArray[np.int64]:
        nct_ids = self._parts.nct_ids
        if isinstance(allowed, Collection) and len(allowed) < len(nct_ids):
            known = {self._parts.row_of(nct_id) for nct_id in allowed}
            return np.array(sorted(row for row in known if row is not None), dtype=np.int64)
        kept = [row for row, nct_id in enumerate(nct_ids) if nct_id in allowed]
        return np.array(kept, dtype=np.int64)
