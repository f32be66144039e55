from __future__ import annotations

import math
import random
import runpy

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ontology.errors import SourceError
from similarity.evaluation import (
    MEASURES,
    bootstrap,
    evaluate_run,
    means,
    paired_test,
    query_scores,
)
from similarity.trec import read_qrels


def test_figures_by_hand():
    grades = {"a": 3, "b": 2, "c": 0}
    scores = {"q": 9.0, "x": 5.0, "b": 4.0, "a": 3.0, "c": 3.0}
    # Ranked: x (unjudged), b, then a and c tie and a comes first by id.
    found = query_scores(grades, scores, "q")
    ideal = 7 + 3 / math.log2(3)
    assert found["nDCG@10"] == pytest.approx((3 / math.log2(3) + 7 / math.log2(4)) / ideal)
    assert found["nDCG@10 condensed"] == pytest.approx((3 + 7 / math.log2(3)) / ideal)
    assert found["P@5 condensed"] == pytest.approx(2 / 5)
    assert found["R@20 condensed"] == 1.0
    assert found["judged@10"] == pytest.approx(3 / 10)


def test_a_missing_query_scores_nothing_and_nothing_to_find_is_no_value():
    found = evaluate_run({"q": {"a": 1}, "r": {"a": 3}}, {"q": {"a": 1.0}})
    assert found["q"]["nDCG@10"] == 1.0
    assert found["q"]["R@20 condensed"] is None
    assert found["r"]["nDCG@10"] == 0.0
    assert found["r"]["R@20 condensed"] == 0.0
    assert means(found)["R@20 condensed"].queries == 1


@given(st.dictionaries(st.text("abcdef", min_size=1, max_size=2), st.integers(0, 3), min_size=1))
def test_measures_stay_in_bounds_and_the_best_order_is_perfect(grades):
    perfect = {doc: float(grade) for doc, grade in grades.items()}
    found = query_scores(grades, perfect, "query")
    for measure in MEASURES:
        assert found[measure] is None or 0 <= found[measure] <= 1 + 1e-12
    if any(grades.values()):
        assert found["nDCG@10 condensed"] == pytest.approx(1.0)


def test_an_interval_holds_the_mean_and_is_the_same_every_time():
    one = bootstrap([0.0, 0.5, 1.0], seed=3)
    assert one == bootstrap([0.0, 0.5, 1.0], seed=3)
    assert one.low <= one.mean == 0.5 <= one.high
    assert bootstrap([]).queries == 0


def test_a_paired_test_tells_a_steady_difference_from_none():
    better = {str(q): {"m": 0.8 + q / 100} for q in range(12)}
    worse = {str(q): {"m": 0.6 + q / 100} for q in range(12)}
    sure = paired_test(better, worse, "m")
    assert sure.difference == pytest.approx(0.2)
    assert sure.p_value < 0.01
    assert sure.queries == 12
    assert paired_test(better, better, "m").p_value == 1.0


def test_qrels_are_read_from_their_file(tmp_path):
    (tmp_path / "x.qrels").write_text("q 0 b 2\n\nr 0 a 3\nq 0 a 0\nq 0 b 2\n")
    assert read_qrels(tmp_path / "x.qrels") == {"q": {"b": 2, "a": 0}, "r": {"a": 3}}
    with pytest.raises(SourceError, match="cannot be read"):
        read_qrels(tmp_path / "none")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("q 0 a\n", "line 1: 3 fields instead of 4"),
        ("q 0 a high\n", "line 1: relevance 'high' is no grade"),
        ("q 0 a 1\nq 0 a 2\n", "line 2: q a has two grades"),
        ("\n", "holds no judgements"),
    ],
)
def test_bad_qrels_are_refused_with_their_line(text, message, tmp_path):
    (tmp_path / "x").write_text(text)
    with pytest.raises(SourceError, match=message):
        read_qrels(tmp_path / "x")


@pytest.mark.shared
@pytest.mark.filterwarnings("ignore")  # the script leaves its files to be closed by Python
def test_figures_equal_those_of_the_reference_script(shared_dir, tmp_path):
    reference = runpy.run_path(str(shared_dir / "bench" / "score_related.py"))
    path = shared_dir / "data" / "qrels" / "related_trials_dev.qrels"
    qrels = read_qrels(path)
    rng = random.Random(5)
    lines = []
    run: dict[str, dict[str, float]] = {}
    for query, grades in list(qrels.items())[:-1]:  # one query is missing from the run
        docs = [*grades, *(f"NCT9{n:07d}" for n in range(40)), query]
        for doc in docs:
            score = rng.randint(0, 9) / 10 + 0.05 * grades.get(doc, 0)
            lines.append(f"{query} Q0 {doc} 1 {score:.2f} x\n")
            run.setdefault(query, {})[doc] = float(f"{score:.2f}")
    (tmp_path / "run").write_text("".join(lines))
    expected, number = reference["score"](
        reference["read_qrels"](str(path)), reference["read_run"](str(tmp_path / "run"))
    )
    found = means(evaluate_run(qrels, run))
    assert number == len(qrels)
    assert [found[measure].mean for measure in MEASURES] == pytest.approx(
        [expected[measure.lower()] for measure in MEASURES], abs=1e-12
    )


def test_ndcg_agrees_with_scikit_learn_where_nothing_ties():
    from sklearn.metrics import ndcg_score

    rng = np.random.default_rng(1)
    grades = rng.integers(0, 4, 30)
    scores = rng.permutation(30).astype(float)
    found = query_scores(
        {f"d{i}": int(g) for i, g in enumerate(grades)},
        {f"d{i}": s for i, s in enumerate(scores)},
        "q",
    )
    expected = ndcg_score([2.0**grades - 1], [scores], k=10)
    assert found["nDCG@10"] == pytest.approx(expected)
