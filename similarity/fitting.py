"""Fitting: weights from graded judgements, and rankings that never saw the scored query."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ontology.errors import RecordError, SourceError
from similarity.fusion import Fusion, Ramp
from similarity.index import KinIndex
from similarity.trec import Qrels, Run

RAMPS = {"words": Ramp(low=0.0, high=0.7)}
STRENGTH = 3.0
"""How strongly weights are held small; from 0.3 to 10 held-out nDCG@10 changes by 0.01."""

_FAR_TRIALS = 20
_FAR_WEIGHT = 0.3
_FAR_CONDITION = 0.2


@dataclass(frozen=True, slots=True)
class JudgedQuery:
    """A query's trials as term values, and what is known of them.

    Attributes
    ----------
    query : str
    values : ndarray (n_trials, n_terms)
        For every trial of the index.
    rows : ndarray of int
        Rows that are judged, then rows that are taken to be unrelated.
    grades, weights : ndarray
        For `rows`.
    own : int
        The query's row.
    """

    query: str
    values: NDArray[np.float64]
    rows: NDArray[np.int64]
    grades: NDArray[np.float64]
    weights: NDArray[np.float64]
    own: int


def judged_queries(
    index: KinIndex, qrels: Qrels, terms: Sequence[tuple[str, ...]], *, seed: int = 0
) -> list[JudgedQuery]:
    """Compute what the fit needs.

    Besides the judged trials, each query gets some drawn among those that share no condition:
    pools hold few trials that are plainly unrelated, yet a ranking meets hundreds.

    Raises
    ------
    SourceError
        If no query of the judgements is in the index.
    """
    place = {nct_id: row for row, nct_id in enumerate(index.nct_ids)}
    found = []
    for number, (query, grades) in enumerate(sorted(qrels.items())):
        if query not in place:
            continue
        own = place[query]
        features = index.table.compare(index.table.row(own))
        plain = Fusion(views=index.fusion.views, terms=(), ramps=RAMPS)
        values = np.column_stack([plain.term_values(term, features) for term in terms])
        judged = sorted(doc for doc in grades if doc in place and doc != query)
        rows = np.array([place[doc] for doc in judged], dtype=np.int64)
        far = np.setdiff1d(
            np.flatnonzero(features["condition.best"] < _FAR_CONDITION), np.append(rows, own)
        )
        draw = np.random.default_rng([seed, number])
        drawn = draw.choice(far, min(_FAR_TRIALS, len(far)), replace=False)
        found.append(
            JudgedQuery(
                query=query,
                values=values,
                rows=np.concatenate([rows, np.sort(drawn)]),
                grades=np.array([grades[doc] for doc in judged] + [0] * len(drawn), dtype=float),
                weights=np.array([1.0] * len(judged) + [_FAR_WEIGHT] * len(drawn)),
                own=own,
            )
        )
    if not found:
        raise SourceError("None of the judged queries is in the index; judge trials that are.")
    return found


def fit_weights(
    queries: Sequence[JudgedQuery], *, strength: float = STRENGTH
) -> NDArray[np.float64]:
    """Find the weights that put trials of higher grade before those of lower grade.

    Notes
    -----
    Logistic loss over all pairs of different grade of a query, each weighing by its difference
    in gain and every query the same; plus half the squared weights times `strength`. Weights
    are not negative.
    """
    from scipy.optimize import minimize
    from threadpoolctl import threadpool_limits

    differences, importances = [], []
    for one in queries:
        gain = 2**one.grades - 1
        better, worse = np.nonzero(one.grades[:, None] > one.grades[None, :])
        importance = (gain[better] - gain[worse]) * one.weights[better] * one.weights[worse]
        if len(better):
            values = one.values[one.rows]
            differences.append(values[better] - values[worse])
            importances.append(10 * importance / importance.sum())
    if not differences:
        raise RecordError(
            "The judgements hold no query with trials of different grades to learn from; "
            "judge more trials."
        )
    pairs, importance = np.vstack(differences), np.concatenate(importances)

    def loss(weights: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        margin = pairs @ weights
        value = importance @ np.logaddexp(0, -margin) + strength * (weights @ weights) / 2
        slope = pairs.T @ (-importance / (1 + np.exp(margin))) + strength * weights
        return float(value), slope

    number = pairs.shape[1]
    start = np.full(number, 0.5)
    # One thread: the order of sums, and so the weights, must not depend on the machine's cores,
    # and on matrices this small threads wait for each other many times longer than they work.
    with threadpool_limits(1):
        result = minimize(loss, start, jac=True, method="L-BFGS-B", bounds=[(0, None)] * number)
    return np.asarray(result.x, dtype=np.float64)


def held_out(
    queries: Sequence[JudgedQuery], *, strength: float = STRENGTH, keep: Sequence[int] | None = None
) -> Iterator[tuple[JudgedQuery, NDArray[np.float64]]]:
    """Yield each query with every trial's mean feature, by weights fitted to the others.

    Parameters
    ----------
    queries : sequence of JudgedQuery
    strength : float
    keep : sequence of int, optional
        Numbers of the terms to use; all by default.
    """
    chosen = list(range(queries[0].values.shape[1])) if keep is None else list(keep)
    cut = [
        JudgedQuery(q.query, q.values[:, chosen], q.rows, q.grades, q.weights, q.own)
        for q in queries
    ]
    for place, one in enumerate(cut):
        weights = fit_weights(cut[:place] + cut[place + 1 :], strength=strength)
        # Judgements at odds with everything that is measured leave no weight at all.
        yield queries[place], one.values @ weights / (weights.sum() or 1.0)


def held_out_points(
    queries: Sequence[JudgedQuery], *, strength: float = STRENGTH
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Return mean feature, grade and weight of every trial, by fits that never saw its query.

    The weight is 1 for a judged trial and less for one that is taken to be unrelated.
    """
    means, grades, weights = [], [], []
    for one, scores in held_out(queries, strength=strength):
        means.append(scores[one.rows])
        grades.append(one.grades)
        weights.append(one.weights)
    return np.concatenate(means), np.concatenate(grades), np.concatenate(weights)


def held_out_run(
    index: KinIndex,
    queries: Sequence[JudgedQuery],
    *,
    strength: float = STRENGTH,
    keep: Sequence[int] | None = None,
) -> Run:
    """Rank every query's trials by weights that never saw that query."""
    return {
        one.query: {
            nct_id: float(score)
            for row, (nct_id, score) in enumerate(zip(index.nct_ids, scores, strict=True))
            if row != one.own
        }
        for one, scores in held_out(queries, strength=strength, keep=keep)
    }
