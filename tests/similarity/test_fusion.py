from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ontology.errors import EncoderError, RecordError
from similarity.features import FACETS
from similarity.fusion import (
    _ASKED_FOR,
    LEAST_FACTOR,
    MOST_FACTOR,
    Fusion,
    Ramp,
    Term,
    View,
    checked_weights,
    load_fusion,
    save_fusion,
)

VIEW = (View(name="title", texts=("title",)),)


def fusion(**changes) -> Fusion:
    values = {
        "views": VIEW,
        "terms": (
            Term(features=("text.title",), weight=1.0),
            Term(features=("condition.best", "cell_source.mean"), weight=3.0),
        ),
    }
    return Fusion(**(values | changes))


def columns(**values: list[float]) -> dict[str, np.ndarray]:
    return {name.replace("__", "."): np.array(value) for name, value in values.items()}


FEATURES = columns(
    text__title=[1.0, 0.5, 0.0],
    condition__best=[1.0, 1.0, 0.0],
    cell_source__mean=[1.0, 0.5, 1.0],
    sponsor=[0.0, 1.0, 1.0],
    place=[0.0, 0.0, 1.0],
)


def test_the_score_is_the_weighted_mean_and_a_product_is_shared_by_its_facets():
    scores, parts = fusion().score(FEATURES)
    # (1*1 + 3*1*1)/4, (1*0.5 + 3*1*0.5)/4, 0
    assert scores.tolist() == [1.0, 0.5, 0.0]
    assert parts["text"].tolist() == pytest.approx([0.25, 0.125, 0])
    assert parts["condition"].tolist() == pytest.approx([0.375, 0.1875, 0])
    assert parts["cell_source"].tolist() == pytest.approx([0.375, 0.1875, 0])
    assert list(parts) == ["condition", "cell_source", "text"]


def test_calibration_bends_the_score_and_contributions_still_sum_to_it():
    bent = fusion(calibration=((0.0, 0.0), (0.5, 0.8), (1.0, 1.0)))
    scores, parts = bent.score(FEATURES)
    assert scores.tolist() == [1.0, 0.8, 0.0]
    assert sum(part[1] for part in parts.values()) == pytest.approx(0.8, abs=1e-9)


def test_a_ramp_moves_where_a_feature_counts():
    ramped = fusion(
        terms=(Term(features=("text.title",), weight=1.0),),
        ramps={"text.title": Ramp(low=0.4, high=0.6)},
    )
    assert ramped.score(FEATURES)[0].tolist() == pytest.approx([1.0, 0.5, 0.0])


@given(
    st.lists(st.floats(0, 1), min_size=4, max_size=4),
    st.dictionaries(
        st.sampled_from(["text", "condition", "cell_source"]), st.just(0.0) | st.floats(1e-6, 100)
    ),
)
def test_scores_stay_in_bounds_and_contributions_sum_whatever_the_weights(values, weights):
    features = columns(
        text__title=values,
        condition__best=values[::-1],
        cell_source__mean=values,
        sponsor=values,
        place=values,
    )
    scores, parts = fusion().score(features, weights)
    assert ((scores >= 0) & (scores <= 1)).all()
    total = sum(parts.values()) if parts else np.zeros(4)
    assert np.abs(total - scores).max() < 1e-6


def test_a_facet_left_out_takes_its_products_with_it():
    scores, parts = fusion().score(FEATURES, {"cell_source": 0})
    assert list(parts) == ["text"]
    assert scores.tolist() == [1.0, 0.5, 0.0]


def test_sponsor_and_place_count_only_if_asked_for():
    assert "sponsor" not in fusion().score(FEATURES)[1]
    scores, parts = fusion().score(FEATURES, {"sponsor": 1})
    # A tenth of the other weight (4): 0.4 of 4.4.
    assert parts["sponsor"].tolist() == pytest.approx([0, 0.4 / 4.4, 0.4 / 4.4], abs=1e-6)
    assert scores[2] == pytest.approx(0.4 / 4.4, abs=1e-6)


def test_nothing_left_scores_nothing():
    scores, parts = fusion().score(FEATURES, {"text": 0, "condition": 0})
    assert scores.tolist() == [0, 0, 0]
    assert parts == {}


@pytest.mark.parametrize(
    ("weights", "message"),
    [
        ({"colour": 1}, "Unknown facet 'colour'"),
        ({"text": -1}, "weight of text is -1"),
        ({"text": float("nan")}, "weight of text is nan"),
        ({"text": float("inf")}, "weight of text is inf"),
    ],
)
def test_bad_weights_are_refused(weights, message):
    with pytest.raises(RecordError, match=message):
        checked_weights(weights)


@pytest.mark.parametrize(
    "points",
    [((0.0, 0.1), (1.0, 1.0)), ((0.0, 0.0),), ((0.0, 0.0), (0.0, 1.0)), ((0.0, 0.0), (0.5, -0.1))],
)
def test_a_calibration_must_rise_from_nothing(points):
    with pytest.raises(EncoderError, match="calibration"):
        fusion(calibration=points)


def test_a_negative_weight_is_refused():
    with pytest.raises(EncoderError, match="no negative weight"):
        fusion(terms=(Term(features=("words",), weight=-1.0),))


def test_a_fusion_survives_its_file_and_damage_is_named(tmp_path):
    path = tmp_path / "fusion.json"
    save_fusion(fusion(ramps={"words": Ramp(low=0, high=0.5)}), path)
    assert load_fusion(path) == fusion(ramps={"words": Ramp(low=0, high=0.5)})
    path.write_text("{}")
    with pytest.raises(EncoderError, match=r"fusion\.json holds no fusion"):
        load_fusion(path)


def test_every_facet_can_be_asked_for():
    # Whatever a fusion leaves out, a caller may bring in; texts are in every one.
    assert {*_ASKED_FOR, "text"} == set(FACETS)
    for facet, feature in _ASKED_FOR.items():
        assert feature.split(".")[0] == facet
        features = FEATURES | {feature: np.ones(3)}
        assert fusion().score(features, {facet: 2})[1][facet].max() > 0


def test_bounds_of_a_weight_are_allowed():
    checked_weights({"text": 0, "route": LEAST_FACTOR, "dose": MOST_FACTOR})
    with pytest.raises(RecordError, match="weight of dose is 1e-07"):
        checked_weights({"dose": 1e-7})
