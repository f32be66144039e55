from __future__ import annotations

import pytest

from ontology.errors import EncoderError
from similarity.card import Figures, score_bands, write_figures
from similarity.methods import (
    HELD_OUT,
    MAIN_MEASURE,
    evaluate_ablations,
    evaluate_methods,
    format_by_query,
    format_results,
)
from similarity.model import ScoreBand, load_bands

FIRST, SISTER, LUPUS, KNEE, MS, SAME = (f"NCT0000000{number}" for number in range(1, 7))
QRELS = {
    FIRST: {SISTER: 3, SAME: 2, LUPUS: 1, KNEE: 0},
    SISTER: {FIRST: 3, SAME: 2, LUPUS: 1, KNEE: 0},
    LUPUS: {FIRST: 1, SAME: 1, KNEE: 0},
}


@pytest.fixture
def results(profiles, index):
    return {one.name: one for one in evaluate_methods(profiles, QRELS, index, others={"x": index})}


def test_every_method_is_measured_beside_the_held_out_fusion(results, encoder):
    assert list(results) == [
        "random",
        "TF-IDF",
        "BM25",
        "x alone",
        f"{encoder.name} alone",
        "fusion as shipped",
        HELD_OUT,
    ]
    assert results[HELD_OUT].against is None
    for name in ("random", "TF-IDF"):
        test = results[name].against
        difference = results[HELD_OUT].means[MAIN_MEASURE].mean
        difference -= results[name].means[MAIN_MEASURE].mean
        assert test.difference == pytest.approx(difference)
    assert results[HELD_OUT].means[MAIN_MEASURE].mean > results["random"].means[MAIN_MEASURE].mean
    assert set(results["BM25"].by_query) == set(QRELS)


def test_words_find_what_shares_words(results):
    # "Cord cells in systemic sclerosis" shares most words with "Stromal cells in systemic ..."
    for name in ("TF-IDF", "BM25"):
        assert results[name].by_query[FIRST]["P@5 condensed"] == pytest.approx(2 / 5)
        assert results[name].by_query[FIRST]["nDCG@10"] > 0.5


def test_a_facet_left_out_costs_what_it_is_worth(index):
    results = {one.name: one for one in evaluate_ablations(index, QRELS)}
    assert {HELD_OUT, "without condition", "without text", "without products"} <= set(results)
    whole, without = results[HELD_OUT], results["without condition"]
    assert without.means[MAIN_MEASURE].mean <= whole.means[MAIN_MEASURE].mean
    single = {one.name for one in evaluate_ablations(index, QRELS, by_feature=True)}
    assert {"without words", "without condition.near x cell_source.mean"} <= single


def test_the_table_names_its_columns_and_every_method_once(results):
    lines = format_results([*results.values(), results[HELD_OUT]]).splitlines()
    assert lines[0].split("  ")[0] == "method"
    for heading in ("nDCG@10 (95 %)", "condensed (95 %)", "P@5", "R@20", "judged@10"):
        assert heading in lines[0]
    assert len(lines) == len(results) + 2
    assert lines[-1] == "3 queries"
    random = next(line for line in lines if line.startswith("random"))
    mean = results["random"].means["nDCG@10"]
    assert f"{mean.mean:.3f} ({mean.low:.3f}-{mean.high:.3f})" in random
    assert "p = " in random
    assert max(map(len, lines)) <= 140


def test_the_table_by_query_has_a_line_for_each(results):
    lines = format_by_query(list(results.values()), "R@20 condensed").splitlines()
    assert [line.split()[0] for line in lines[1:-1]] == sorted(QRELS)
    assert lines[3].split()[1] == "-"  # the third query has no trial of the best grade
    assert lines[-1] == "R@20 condensed"


def test_bands_hold_every_judged_trial_once(index):
    bands = score_bands(index, QRELS)
    assert sum(band.judged for band in bands) == sum(len(grades) for grades in QRELS.values())
    assert [band.low for band in bands[1:]] == [band.high for band in bands[:-1]]
    assert (bands[0].label, bands[1].label, bands[-1].label) == (
        "below 0.1",
        "0.1 to 0.3",
        "from 0.9",
    )


def test_figures_are_written_into_data_and_card(index, results, tmp_path, monkeypatch):
    figures = Figures(
        score_bands(index, QRELS), tuple(results.values()), tuple(evaluate_ablations(index, QRELS))
    )
    folder = tmp_path / "mine"
    folder.mkdir()
    (folder / "fusion.json").write_text("{}")
    card = folder / "README.md"
    card.write_text("# Card\n<!-- figures: begin -->\nold\n<!-- figures: end -->\nend\n")
    write_figures(figures, folder)
    first = card.read_text()
    assert first.startswith("# Card\n")
    assert first.endswith("<!-- figures: end -->\nend\n")
    assert "old" not in first
    assert "| random |" in first
    write_figures(figures, folder)
    assert card.read_text() == first
    monkeypatch.setattr("similarity.model.models_folder", lambda: tmp_path)
    assert load_bands("mine") == figures.bands
    (folder / "figures.json").write_text("{}")
    with pytest.raises(EncoderError, match="holds no figures"):
        load_bands("mine")
    card.write_text("# no place\n")
    with pytest.raises(EncoderError, match="no place for figures"):
        write_figures(figures, folder)


def test_the_shipped_model_says_what_its_scores_mean():
    bands = load_bands("trialkin")
    assert all(isinstance(band, ScoreBand) for band in bands)
    assert bands[0].useful < 0.2 < 0.8 < bands[-1].useful
    assert load_bands("no such model") == ()
