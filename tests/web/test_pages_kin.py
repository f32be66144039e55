"""Kin: cards, weights, filters, relations, and why a trial is not among them."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from similarity.kin import CLOSE_SCORE
from tests.web.reading import read_page, rows_of, words_of
from tests.web.records import ABSENT, ACCESS, ADIPOSE, FULL, HOSTILE, SCLEROSIS


def test_kin_come_with_score_reason_bar_and_facts(client: FlaskClient) -> None:
    page = read_page(client, f"/trial/{FULL}")
    kin = page.select(".kin-list > li")
    assert len(kin) == 10
    assert FULL not in [item.select_one(".nct").text for item in kin]
    first = kin[0]
    assert first.select_one(".nct").text == ADIPOSE
    scores = [float(item.select_one(".score").contents[-1]) for item in kin]
    assert scores == sorted(scores, reverse=True)
    assert first.select_one(".reason").text.startswith("Same disease (systemic sclerosis)")
    bar = first.select_one("svg[role=img]")
    assert "disease" in bar["aria-label"]
    widths = [float(rect["width"]) for rect in bar.select("rect")[1:]]
    assert sum(widths) == pytest.approx(scores[0] * 100, abs=0.6)
    assert {row.select_one(".relation").text for row in first.select("tbody tr")} >= {"same"}


def test_more_kin_weights_and_filters_are_in_the_address(client: FlaskClient) -> None:
    page = read_page(client, f"/trial/{FULL}/kin?k=30&w_cell_source=4&w_words=0")
    assert len(page.select("form.choosing .kin-list > li")) == 30
    assert page.select_one("input[name=w_cell_source]")["value"] == "4"
    assert page.select_one("input[name=w_words]")["value"] == "0"
    link = next(a for a in page.select(".files a") if "CSV" in a.text)
    rows = rows_of(client, link["href"])
    assert len(rows) == 30
    shown = [n.text for n in page.select("form.choosing .kin-list .meta .nct")]
    assert [row["nct_id"] for row in rows] == shown


def test_weights_change_the_order(client: FlaskClient) -> None:
    def order(query: str) -> list[str]:
        page = read_page(client, f"/trial/{FULL}/kin?{query}")
        return [n.text for n in page.select("form.choosing .kin-list .meta .nct")]

    usual = order("")
    nothing = "&".join(f"w_{facet}=0" for facet in ("condition", "mesh", "text", "words"))
    assert usual[0] == ADIPOSE
    assert order(nothing) != usual
    assert order("w_condition=1&w_sponsor=0") == usual


def test_filters_narrow_and_their_counts_hold(client: FlaskClient) -> None:
    page = read_page(client, f"/trial/{FULL}/kin?k=50")
    links = page.select("#kin-facets .facet a")
    assert links
    for link in links:
        count = int(link.select_one(".count").text)
        narrowed = read_page(client, link["href"])
        said = words_of(narrowed, "#kin-results [role=status]")
        # The trial itself is counted where it has the value, but is no kin of its own.
        assert f"of {count} trial" in said or f"of {count - 1} trial" in said, link["href"]
    only = read_page(client, f"/trial/{FULL}/kin?condition=multiple+sclerosis")
    assert [n.text for n in only.select(".kin-list .meta .nct")] == [SCLEROSIS]


def test_no_kin_passes_impossible_filters(client: FlaskClient) -> None:
    page = read_page(client, f"/trial/{FULL}/kin?condition=nothing")
    assert "No trial passes these filters" in words_of(page, "#kin-results")


def test_an_expected_trial_is_explained(client: FlaskClient) -> None:
    page = read_page(client, f"/trial/{FULL}/kin?k=1&expected={SCLEROSIS.lower()}")
    said = words_of(page, ".expected")
    assert SCLEROSIS in said
    rank = int(page.select(".expected strong")[0].text)
    everyone = read_page(client, f"/trial/{FULL}/kin?k=50")
    listed = [n.text for n in everyone.select("form.choosing .kin-list .meta .nct")]
    assert listed.index(SCLEROSIS) + 1 == rank
    assert "falls behind the last trial" in said
    rows = page.select(".expected > table tbody tr")
    assert rows
    for row in rows:
        mine, theirs = (float(cell.text) for cell in row.select("td"))
        assert mine < theirs


def test_an_expected_trial_may_be_left_out_by_a_filter(client: FlaskClient) -> None:
    page = read_page(client, f"/trial/{FULL}/kin?status=COMPLETED&expected={SCLEROSIS}")
    assert "The filters leave it out: Status." in words_of(page, ".expected")


@pytest.mark.parametrize(
    ("expected", "said"),
    [
        (ABSENT, "is not in this graph"),
        ("word", "is not an NCT id"),
        (FULL, "the trial itself"),
        ("<script>", "is not an NCT id"),
    ],
)
def test_what_cannot_be_explained_is_said(client: FlaskClient, expected: str, said: str) -> None:
    page = read_page(client, f"/trial/{FULL}/kin?expected={expected}")
    assert said in words_of(page, ".expected")


def test_far_kin_are_called_far(client: FlaskClient) -> None:
    page = read_page(client, f"/trial/{ACCESS}/kin")
    best = float(page.select_one(".kin .score").contents[-1])
    assert best < CLOSE_SCORE
    assert "No close kin" in words_of(page, "#kin-results")
    assert "No close kin" not in words_of(read_page(client, f"/trial/{FULL}/kin"), "#kin-results")


@pytest.mark.parametrize(
    "query",
    ["k=0", "k=-5", "k=x", "k=100000", "w_words=1e999", "w_nope=2", "w_words=nan", "w_mesh="],
)
def test_odd_kin_parameters_show_the_page(client: FlaskClient, query: str) -> None:
    assert read_page(client, f"/trial/{FULL}/kin?{query}").select(".kin-list > li")


def test_kin_are_chosen_for_comparison_without_scripts(client: FlaskClient) -> None:
    form = read_page(client, f"/trial/{FULL}/kin").select_one("form.choosing")
    assert form["action"] == "/compare"
    assert form.select_one("input[type=hidden][name=nct_id]")["value"] == FULL
    boxes = form.select("input[type=checkbox][name=nct_id]")
    assert boxes[0]["value"] == ADIPOSE
    assert form.select_one("button[formaction]")["formaction"] == "/evidence"


def test_hostile_kin_are_shown_inert(client: FlaskClient) -> None:
    page = read_page(client, f"/trial/{HOSTILE}/kin?expected={FULL}")
    assert page.select("script:not([src]):not([type$=json])") == []
    assert "<script>alert(1)</script>" in page.h1.text


def test_listed_trials_are_apart_from_kin(client: FlaskClient) -> None:
    page = read_page(client, f"/trial/{FULL}")
    links = [a["href"] for a in page.select("#listed a")]
    assert links == [f"/trial/{SCLEROSIS}", f"https://clinicaltrials.gov/study/{ABSENT}"]
