"""Learning the fusion: weights and calibration from graded judgements.

Only `trialkin train` learns; a build or refresh never does, or one changed record would move
every score.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ontology.errors import RecordError, SourceError
from similarity.encoders import Encoder
from similarity.fusion import Fusion, Ramp, Term, View
from similarity.index import KinIndex
from similarity.model import model_with
from similarity.profile import Profile
from similarity.trec import Qrels, Run

SECTION_VIEWS = tuple(
    View(name=name, texts=(name,))
    for name in (
        "title",
        "conditions",
        "interventions",
        "summary",
        "description",
        "outcomes",
        "eligibility",
    )
)
"""Every text on its own: what an encoder fast enough reads."""

_SINGLE = (
    "words",
    "mesh",
    "condition.best",
    "condition.near",
    "condition.mean",
    "cell_source.mean",
    "cell_type.mean",
    "donor.mean",
    "route.mean",
    "phase",
    "population.age",
)
# What the judging guide puts together: a must-read shares disease AND product. A source that
# one record does not state is less of a reason against a trial of the same disease than one
# that differs. Further products (with cell type, route, donor, or of three) brought nothing on
# held-out queries.
_TOGETHER = (
    ("condition.near", "cell_source.mean"),
    ("condition.best", "cell_source.unstated"),
)
RAMPS = {"words": Ramp(low=0.0, high=0.7)}
STRENGTH = 3.0
"""How strongly weights are held small; from 0.3 to 10 held-out nDCG@10 changes by 0.01."""

_FAR_TRIALS = 20
_FAR_WEIGHT = 0.3
_FAR_CONDITION = 0.2
_KNOTS = (0.05, 0.2, 0.35, 0.5, 0.65, 0.8, 0.9, 0.97)
_LEAST_SLOPE = 0.02
_BEST_GRADE = 3


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


def fusion_terms(views: Sequence[View]) -> tuple[tuple[str, ...], ...]:
    """Return the products of features that a fusion over these views may weigh."""
    texts = tuple((f"text.{view.name}",) for view in views)
    return texts + tuple((name,) for name in _SINGLE) + _TOGETHER


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
    everyone = np.arange(len(index), dtype=np.int64)
    found = []
    for number, (query, grades) in enumerate(sorted(qrels.items())):
        if query not in place:
            continue
        own = place[query]
        features = index.table.compare(index.table.row(own), everyone)
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
        yield queries[place], one.values @ weights / weights.sum()


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


def learn_fusion(
    index: KinIndex, qrels: Qrels, *, strength: float = STRENGTH, seed: int = 0
) -> Fusion:
    """Learn a fusion from the judgements of queries that the index holds.

    Calibration uses scores of held-out queries: the score of a trial is the grade, divided by
    the best grade, that trials so placed had on average.
    """
    views = index.fusion.views
    names = fusion_terms(views)
    queries = judged_queries(index, qrels, names, seed=seed)
    weights = fit_weights(queries, strength=strength)
    means, grades, importances = [], [], []
    for one, scores in held_out(queries, strength=strength):
        means.append(scores[one.rows])
        grades.append(one.grades)
        importances.append(one.weights)
    calibration = _calibration(
        np.concatenate(means), np.concatenate(grades) / _BEST_GRADE, np.concatenate(importances)
    )
    terms = tuple(
        Term(features=features, weight=round(float(weight), 4))
        for features, weight in zip(names, weights, strict=True)
        if weight >= 0.00005
    )
    return Fusion(views=views, terms=terms, ramps=RAMPS, calibration=calibration)


def train_fusion(
    profiles: Sequence[Profile],
    qrels: Qrels,
    encoder: Encoder,
    *,
    views: Sequence[View] = SECTION_VIEWS,
    strength: float = STRENGTH,
    seed: int = 0,
    progress: Callable[[int, int], None] | None = None,
) -> tuple[Fusion, KinIndex]:
    """Encode judged trials and learn the fusion for an encoder.

    Parameters
    ----------
    profiles : sequence of Profile
        The trials among which the judged ones were found.
    qrels : Qrels
    encoder : Encoder
    views : sequence of View, optional
        The texts to encode; fewer for a slow encoder.
    strength, seed, progress : optional

    Returns
    -------
    Fusion
        Write it with `save_fusion` to ``fusion.json`` in the encoder's folder.
    KinIndex
        Of the profiles, with the new fusion.
    """
    start = Fusion(views=tuple(views), terms=(Term(features=("words",), weight=1.0),))
    index = KinIndex.build(
        profiles, encoder, progress=progress, model=model_with(start, name=encoder.name)
    )
    fusion = learn_fusion(index, qrels, strength=strength, seed=seed)
    return fusion, index.with_model(model_with(fusion, name=encoder.name))


def _calibration(
    means: NDArray[np.float64], targets: NDArray[np.float64], weights: NDArray[np.float64]
) -> tuple[tuple[float, float], ...]:
    """Return points of a rising line from mean features to expected grade."""
    from sklearn.isotonic import IsotonicRegression

    model = IsotonicRegression(y_min=0, y_max=1, out_of_bounds="clip")
    model.fit(means, targets, sample_weight=weights)
    points = [(0.0, 0.0)]
    for quantile in _KNOTS:
        at = float(np.quantile(means, quantile))
        near = np.argsort(np.abs(means - at), kind="stable")[: max(1, len(means) // 20)]
        level = float(np.average(model.predict(means[near]), weights=weights[near]))
        place = round(max(at, points[-1][0] + 0.005), 4)
        # Never flat: two trials of different likeness must not tie.
        least = points[-1][1] + _LEAST_SLOPE * (place - points[-1][0])
        points.append((place, round(min(0.995, max(level, least)), 4)))
    return (*points, (1.0, 1.0))


def weights_by_facet(fusion: Fusion) -> Mapping[str, float]:
    """Return the share of the whole weight that each facet has."""
    shares: dict[str, float] = {}
    for term in fusion.terms:
        for facet in term.facets:
            shares[facet] = shares.get(facet, 0.0) + term.weight / len(term.facets)
    whole = sum(shares.values())
    return {facet: share / whole for facet, share in shares.items()}
