"""Learning the fusion: weights and calibration from graded judgements.

Only `trialkin train` learns; a build or refresh never does, or one changed record would move
every score.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from ontology.errors import RecordError
from similarity.encoders import Encoder
from similarity.fitting import RAMPS, STRENGTH, fit_weights, held_out_points, judged_queries
from similarity.fusion import Fusion, Term, View
from similarity.index import KinIndex
from similarity.model import model_with
from similarity.profile import Profile
from similarity.trec import Qrels

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
    "dose.amount",
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

_KNOTS = (0.05, 0.2, 0.35, 0.5, 0.65, 0.8, 0.9, 0.97)
_LEAST_SLOPE = 0.02
_LEAST_STEP = 0.005
_BEST_GRADE = 3


def fusion_terms(views: Sequence[View]) -> tuple[tuple[str, ...], ...]:
    """Return the products of features that a fusion over these views may weigh."""
    texts = tuple((f"text.{view.name}",) for view in views)
    return texts + tuple((name,) for name in _SINGLE) + _TOGETHER


def learn_fusion(
    index: KinIndex, qrels: Qrels, *, strength: float = STRENGTH, seed: int = 0
) -> Fusion:
    """Learn a fusion from the judgements of queries that the index holds.

    Calibration uses scores of held-out queries: the score of a trial is the grade, divided by
    the best grade, that trials so placed had on average.

    Raises
    ------
    SourceError
        If no query of the judgements is in the index.
    RecordError
        If the judgements hold nothing to learn from, or agree with nothing that is compared.
    """
    views = index.fusion.views
    names = fusion_terms(views)
    queries = judged_queries(index, qrels, names, seed=seed)
    weights = fit_weights(queries, strength=strength)
    if not weights.any():
        raise RecordError(
            "Nothing that trials are compared by agrees with the judgements; check that higher "
            "grades are for closer trials."
        )
    means, grades, importances = held_out_points(queries, strength=strength)
    calibration = _calibration(means, grades / _BEST_GRADE, importances)
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
        place = round(max(at, points[-1][0] + _LEAST_STEP), 4)
        if place > 1 - _LEAST_STEP:  # few judgements, all of trials that are all alike
            break
        # Never flat: two trials of different likeness must not tie.
        least = points[-1][1] + _LEAST_SLOPE * (place - points[-1][0])
        points.append((place, round(min(0.995, max(level, least)), 4)))
    return (*points, (1.0, 1.0))
