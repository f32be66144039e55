"""The ranking of many trials against one, from the parts of an index."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from similarity.features import EncodedProfile
from similarity.index_parts import IndexParts
from similarity.kin import Kin
from similarity.profile import Stated
from similarity.reasons import UNEXPLAINED

_MUCH_LONGER = 8


@dataclass(frozen=True, slots=True)
class Ranked:
    """Rows of an index, the closest first, with their scores and contributions by facet."""

    rows: NDArray[np.int64]
    scores: NDArray[np.float64]
    parts: Mapping[str, NDArray[np.float64]]

    def only(self, at: int) -> Ranked:
        """Return the one that stands at a place."""
        return self._part(slice(at, at + 1))

    def first(self, number: int) -> Ranked:
        """Return the first ones."""
        return self._part(slice(number))

    def _part(self, which: slice) -> Ranked:
        parts = {facet: values[which] for facet, values in self.parts.items()}
        return Ranked(self.rows[which], self.scores[which], parts)


def score_rows(
    parts: IndexParts,
    encoded: EncodedProfile,
    rows: NDArray[np.int64] | None = None,
    weights: Mapping[str, float] | None = None,
    dots: NDArray[Any] | None = None,
) -> Ranked:
    """Score all trials, or `rows`, against one; they stay in their order.

    `dots` are the trial's of `FeatureTable.products`, where they are known already.
    """
    features = parts.table.compare(encoded, rows, dots)
    scores, contributions = parts.fusion.score(features, weights)
    if rows is None:
        rows = np.arange(len(parts.nct_ids), dtype=np.int64)
    return Ranked(rows, scores, contributions)


def closest(scored: Ranked, k: int, *, without: int | None = None) -> Ranked:
    """Return the `k` best of what is scored, ties by NCT id.

    Parameters
    ----------
    scored : Ranked
        Rows rising, as rows stand in the order of the ids.
    k : int
    without : int, optional
        A row that is passed over.
    """
    wanted = k if without is None else k + 1
    falling = -scored.scores
    at = np.arange(len(falling))
    if 0 < wanted * _MUCH_LONGER < len(falling):
        # Sorting all the world's trials for ten of them takes longer than scoring them.
        at = np.flatnonzero(falling <= np.partition(falling, wanted - 1)[wanted - 1])
    at = at[np.argsort(falling[at], kind="stable")]
    if without is not None:
        at = at[scored.rows[at] != without]
    at = at[: max(0, k)]
    parts = {facet: values[at] for facet, values in scored.parts.items()}
    return Ranked(scored.rows[at], scored.scores[at], parts)


def explained(parts: IndexParts, ranked: Ranked, query: Stated | None) -> list[Kin]:
    """Turn ranked rows into kin, with facts and reasons where it is given what the query states."""
    shares = [(facet, values.tolist()) for facet, values in ranked.parts.items()]
    kin = []
    for at, (row, score) in enumerate(
        zip(ranked.rows.tolist(), ranked.scores.tolist(), strict=True)
    ):
        explanation = (
            UNEXPLAINED if query is None else parts.reasons.explain(query, parts.stated(row))
        )
        kin.append(
            Kin(
                nct_id=parts.nct_ids[row],
                score=score,
                rank=at + 1,
                contributions=tuple([(facet, column[at]) for facet, column in shares]),
                shared=explanation.shared,
                differing=explanation.differing,
                reason=explanation.reason,
            )
        )
    return kin
