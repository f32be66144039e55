"""Evaluation: rankings against graded judgements, with intervals and paired tests.

Gain is ``2**grade - 1``, discount ``log2(rank + 1)``; ties in score break by the document's
id; a query is never counted among its own kin; a query that the ranking lacks scores 0.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

MEASURES = ("nDCG@10", "nDCG@10 condensed", "P@5 condensed", "R@20 condensed", "judged@10")
"""Condensed: trials that nobody judged are taken out of the ranking first."""

DEPTH = 10
_PRECISION_DEPTH = 5
_RECALL_DEPTH = 20
_USEFUL = 2
_BEST = 3
_RESAMPLES = 10_000


@dataclass(frozen=True, slots=True)
class Interval:
    """A mean over queries and its 95 % bootstrap interval."""

    mean: float
    low: float
    high: float
    queries: int


@dataclass(frozen=True, slots=True)
class PairedTest:
    """The mean difference of two methods over the same queries, and how sure it is.

    Attributes
    ----------
    difference, low, high : float
        First minus second, with the 95 % bootstrap interval.
    p_value : float
        Two-sided, by randomly swapping the two methods' figures query by query.
    queries : int
    """

    difference: float
    low: float
    high: float
    p_value: float
    queries: int


def query_scores(
    grades: Mapping[str, int], scores: Mapping[str, float], query: str
) -> dict[str, float | None]:
    """Score one query's ranking by every measure of `MEASURES`.

    Parameters
    ----------
    grades : mapping
        Judged document -> relevance.
    scores : mapping
        Ranked document -> score, higher is better.
    query : str
        Never counted if it is among the ranked.

    Returns
    -------
    dict
        None for R@20 where no document has the best grade: there is nothing to find.
    """
    ranked = [doc for doc in sorted(scores, key=lambda doc: (-scores[doc], doc)) if doc != query]
    judged = [doc for doc in ranked if doc in grades]
    ideal = _dcg(sorted(grades.values(), reverse=True)[:DEPTH]) or 1.0
    best = [doc for doc, grade in grades.items() if grade == _BEST]
    early = set(judged[:_RECALL_DEPTH])
    useful = sum(grades[doc] >= _USEFUL for doc in judged[:_PRECISION_DEPTH])
    return {
        "nDCG@10": _dcg([grades.get(doc, 0) for doc in ranked[:DEPTH]]) / ideal,
        "nDCG@10 condensed": _dcg([grades[doc] for doc in judged[:DEPTH]]) / ideal,
        "P@5 condensed": useful / _PRECISION_DEPTH,
        "R@20 condensed": sum(doc in early for doc in best) / len(best) if best else None,
        "judged@10": sum(doc in grades for doc in ranked[:DEPTH]) / DEPTH,
    }


def evaluate_run(
    qrels: Mapping[str, Mapping[str, int]], run: Mapping[str, Mapping[str, float]]
) -> dict[str, dict[str, float | None]]:
    """Score every query of the judgements; one that the run lacks scores 0."""
    return {
        query: query_scores(grades, run.get(query, {}), query)
        for query, grades in sorted(qrels.items())
    }


def means(
    by_query: Mapping[str, Mapping[str, float | None]], *, seed: int = 0
) -> dict[str, Interval]:
    """Return the mean of every measure over the queries that have a value, with intervals."""
    summary = {}
    for measure in MEASURES:
        values = [row[measure] for row in by_query.values()]
        summary[measure] = bootstrap([v for v in values if v is not None], seed=seed)
    return summary


def bootstrap(values: Sequence[float], *, seed: int = 0) -> Interval:
    """Return a mean and its 95 % percentile interval, queries drawn with replacement."""
    if not values:
        return Interval(0.0, 0.0, 0.0, 0)
    array = np.array(values, dtype=np.float64)
    draws = np.random.default_rng(seed).integers(0, len(array), (_RESAMPLES, len(array)))
    low, high = np.quantile(array[draws].mean(axis=1), [0.025, 0.975])
    return Interval(math.fsum(values) / len(values), float(low), float(high), len(values))


def paired_test(
    first: Mapping[str, Mapping[str, float | None]],
    second: Mapping[str, Mapping[str, float | None]],
    measure: str = "nDCG@10 condensed",
    *,
    seed: int = 0,
) -> PairedTest:
    """Compare two methods over the queries that both have a value for.

    Notes
    -----
    Fisher's randomisation test with 10,000 random swaps, of which the unswapped figures count
    as one, so the smallest p-value is 1 in 10,001.
    """
    pairs = [
        (a, b)
        for query, row in sorted(first.items())
        if query in second
        and (a := row[measure]) is not None
        and (b := second[query][measure]) is not None
    ]
    differences = np.array([a - b for a, b in pairs], dtype=np.float64)
    interval = bootstrap(differences.tolist(), seed=seed)
    signs = np.random.default_rng(seed).choice([-1.0, 1.0], (_RESAMPLES, len(differences)))
    swapped = np.abs((signs * differences).sum(axis=1))
    # A hair of tolerance: equal sums may differ in their last bit.
    as_large = int((swapped >= abs(differences.sum()) - 1e-12).sum())
    p_value = (as_large + 1) / (_RESAMPLES + 1)
    return PairedTest(interval.mean, interval.low, interval.high, p_value, len(pairs))


def _dcg(grades: Sequence[int]) -> float:
    return math.fsum((2**grade - 1) / math.log2(rank + 1) for rank, grade in enumerate(grades, 1))
