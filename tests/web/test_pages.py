"""Start, search, trial, comparison and about, read as a browser gets them."""

from __future__ import annotations

import csv
import io

import pytest
from flask.testing import FlaskClient

from tests.web.reading import BROWSER, read_page, words_of
from tests.web.records import (
    ABSENT,
    ACCESS,
    ADIPOSE,
    BARE,
    FORMER,
    FULL,
    HOSTILE,
    SCLEROSIS,
)


def rows_of(client: FlaskClient, path: str) -> list[dict[str, str]]:
    response = client.get(path)
    assert response.status_code == 200
    assert response.mimetype == "text/csv"
    assert "attachment" in response.headers["Content-Disposition"]
    return list(csv.DictReader(io.StringIO(response.text)))


def test_start_page_shows_the_numbers_of_the_graph(client: FlaskClient) -> None:
    page = read_page(client, "/")
    numbers = {dt.text: dt.find_next("dd").text for dt in page.select(".numbers dt")}
    assert numbers["trials"] == "51"
    assert numbers["kin links"] == "1,020"
    assert int(numbers["facts read from text"]) > 3
    assert "22 September 2022" in page.text
    assert page.select_one("form[role=search] input[name=q]") is not None


def test_bars_of_the_start_page_lead_to_as_many_trials_as_they_say(client: FlaskClient) -> None:
    for link in read_page(client, "/").select(".picture li a"):
        count = link.select_one(".count").next_element
        found = words_of(read_page(client, link["href"]), ".result-head [role=status]")
        assert found.startswith(f"{count} trial"), link["href"]


def test_an_nct_id_leads_straight_to_its_trial(client: FlaskClient) -> None:
    for words in (FULL, f" {FULL.lower()} ", FORMER):
        response = client.get("/search", query_string={"q": words})
        assert response.status_code == 302
        assert response.location == f"/trial/{FULL}"


def test_an_nct_id_that_is_not_here_is_said_with_the_nearest(client: FlaskClient) -> None:
    page = read_page(client, "/search?q=NCT90000007")
    notice = words_of(page, ".notice")
    assert "NCT90000007 is not in this graph" in notice
    assert FULL in notice


def test_search_finds_words_acronyms_and_beginnings(client: FlaskClient) -> None:
    for words in ("systemic sclerosis cord", "CORD-SSc", "scleroder"):
        hrefs = [a["href"] for a in read_page(client, f"/search?q={words}").select(".card h2 a")]
        assert f"/trial/{FULL}" in hrefs, words


def test_cards_carry_what_tells_trials_apart(client: FlaskClient) -> None:
    card = words_of(read_page(client, "/search?q=CORD-SSc"), ".card")
    for said in (FULL, "CORD-SSc", "Recruiting", "Phase 1/2", "n = 18", "systemic sclerosis",
                 "umbilical cord", "intravenous", "A Hospital", "Canada"):  # fmt: skip
        assert said in card, said


def test_search_pages_through_all_hits_once(client: FlaskClient) -> None:
    seen: list[str] = []
    path = "/search?q=knee"
    while True:
        page = read_page(client, path)
        seen += [a["href"] for a in page.select(".card h2 a")]
        following = page.select_one("a[rel=next]")
        if following is None:
            break
        path = following["href"]
    assert len(seen) == len(set(seen)) == 45
    assert words_of(page, ".pager") == "Previous Page 3 of 3"


@pytest.mark.parametrize("page", ["0", "-1", "999", "x", "9" * 5000, "²"])
def test_odd_page_numbers_show_a_page(client: FlaskClient, page: str) -> None:
    shown = read_page(client, f"/search?q=knee&page={page}")
    assert shown.select(".card")


def test_facets_narrow_and_their_counts_hold(client: FlaskClient) -> None:
    page = read_page(client, "/search?q=sclerosis")
    for link in page.select(".facets li a"):
        count = link.select_one(".count").text
        narrowed = read_page(client, link["href"])
        assert words_of(narrowed, ".result-head [role=status]").startswith(f"{count} trial")


def test_values_of_one_facet_widen_and_of_two_narrow(client: FlaskClient) -> None:
    def found(query: str) -> set[str]:
        return {a["href"][-11:] for a in read_page(client, f"/search?{query}").select(".card h2 a")}

    assert found("source=umbilical_cord&source=adipose") >= {FULL}
    assert found("source=umbilical_cord&status=COMPLETED") == set()
    assert found("results=yes") == {ADIPOSE}
    assert found("source=not_stated&condition=systemic sclerosis") == {HOSTILE}


def test_sorting_is_by_what_it_says(client: FlaskClient) -> None:
    def found(sort: str) -> list[str]:
        page = read_page(client, f"/search?condition=systemic+sclerosis&sort={sort}")
        return [a["href"][-11:] for a in page.select(".card h2 a")]

    assert found("id") == [FULL, ADIPOSE, HOSTILE]
    assert found("size") == [ADIPOSE, FULL, HOSTILE]
    assert found("updated") == [FULL, HOSTILE, ADIPOSE]
    assert found("nonsense") == found("best")


def test_nothing_found_is_said(client: FlaskClient) -> None:
    assert "No trial was found" in read_page(client, "/search?q=zzzz").text
    assert "No trial was found" in read_page(client, '/search?q="(*').text


def test_csv_holds_what_is_on_screen(client: FlaskClient) -> None:
    page = read_page(client, "/search?q=knee&page=2")
    on_screen = [a["href"][-11:] for a in page.select(".card h2 a")]
    link = page.find("a", string=lambda text: text is not None and "CSV" in text)
    rows = rows_of(client, link["href"])
    assert [row["nct_id"] for row in rows] == on_screen
    assert rows[0]["cell_sources"] == "not stated"


def test_trial_page_has_every_section_of_the_record(client: FlaskClient) -> None:
    page = read_page(client, f"/trial/{FULL}")
    expected = {
        "basic": ["Recruiting", "Phase 1/2", "18 (estimated)", "November 2022", "2025"],
        "summary": ["given intravenously"],
        "description": ["First part.", "1 million cells/kg"],
        "conditions": ["Systemic Sclerosis", "systemic sclerosis", "scleroderma"],
        "design": ["Randomized", "Parallel", "Treatment", "Double (participant, investigator)"],
        "arms": ["Experimental", "One intravenous infusion", "Biological: UC-MSC"],
        "interventions": ["UC-MSC", "Biological", "cord MSC"],
        "outcomes": ["Skin score", "12 months", "Measure 8"],
        "eligibility": ["18 years", "no limit stated", "mRss > 20", "pregnancy", "All", "No"],
        "sponsors": ["A Hospital", "A Company", "industry", "A. Person", "Physician"],
        "locations": ["Ward 1", "Montreal", "Canada", "France", "9 places"],
        "references": ["A paper", "PubMed 12345678", "Retracted: J Notices"],
        "links": ["Scale", "Trap"],
        "identifiers": ["ORG-1", "2020-001", "EudraCT number", FORMER],
    }  # fmt: skip
    for anchor, said in expected.items():
        section = words_of(page, f"#{anchor}")
        for words in said:
            assert words in section, (anchor, words)
    listed = [a["href"].removeprefix("#") for a in page.select(".toc a")]
    assert listed == [section["id"] for section in page.select("article section[id]")
                      if section["id"] in listed] or set(listed) == {
        section["id"] for section in page.select("article section[id]")}  # fmt: skip


def test_criteria_keep_their_lists(client: FlaskClient) -> None:
    items = read_page(client, f"/trial/{FULL}").select("#eligibility li")
    assert [" ".join(item.text.split()) for item in items] == [
        "1. mRss > 20", "2. disease:", "of skin", "pregnancy",
    ]  # fmt: skip
    assert "level-1" in items[2]["class"]


def test_facts_show_their_words_without_a_mouse(client: FlaskClient) -> None:
    page = read_page(client, f"/trial/{FULL}")
    marks = [mark.text.lower() for mark in page.select("#read details blockquote mark")]
    assert any("umbilical cord" in words for words in marks)
    assert any("intravenous" in words for words in marks)
    assert "not stated" in words_of(page, "#read")


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


def test_more_kin_and_weights_are_in_the_address(client: FlaskClient) -> None:
    page = read_page(client, f"/trial/{FULL}?k=30&w_cell_source=4&w_words=0")
    assert len(page.select(".kin-list > li")) == 30
    chosen = page.select_one("select[name=w_cell_source] option[selected]")
    assert chosen["value"] == "4"
    link = next(a for a in page.select(".kin-links a") if "CSV" in a.text)
    rows = rows_of(client, link["href"])
    assert len(rows) == 30
    assert [row["nct_id"] for row in rows] == [n.text for n in page.select(".kin-list .meta .nct")]


@pytest.mark.parametrize("query", ["k=0", "k=-5", "k=x", "k=100000", "w_words=1e999", "w_nope=2"])
def test_odd_kin_parameters_show_the_page(client: FlaskClient, query: str) -> None:
    assert read_page(client, f"/trial/{FULL}?{query}").select(".kin-list > li")


def test_listed_trials_are_apart_from_kin(client: FlaskClient) -> None:
    page = read_page(client, f"/trial/{FULL}")
    links = [a["href"] for a in page.select("#listed a")]
    assert links == [f"/trial/{SCLEROSIS}", f"https://clinicaltrials.gov/study/{ABSENT}"]


def test_links_out_are_web_addresses_and_say_so(client: FlaskClient) -> None:
    page = read_page(client, f"/trial/{FULL}")
    assert [a["href"] for a in page.select("#links a")] == ["https://example.org/scale"]
    assert "nofollow" in page.select_one("#links a")["rel"]
    assert page.select_one("#identifiers a") is None
    assert [a["href"] for a in page.select("#references a")] == [
        "https://pubmed.ncbi.nlm.nih.gov/12345678/"
    ]


def test_a_composed_summary_says_so(client: FlaskClient) -> None:
    assert "Composed from" in words_of(read_page(client, f"/trial/{ADIPOSE}"), "#summary")
    assert "Composed from" not in words_of(read_page(client, f"/trial/{FULL}"), "#summary")


def test_a_bare_record_says_what_it_lacks(client: FlaskClient) -> None:
    page = read_page(client, f"/trial/{BARE}")
    assert words_of(page, "h1") == BARE
    for anchor in ("summary", "description", "arms", "outcomes", "eligibility", "locations"):
        assert "The record" in words_of(page, f"#{anchor}")
    assert page.select_one("#references") is None
    assert "not stated" in words_of(page, "#basic")


def test_no_number_stands_for_an_unknown_enrolment(client: FlaskClient) -> None:
    assert "99" not in words_of(read_page(client, f"/trial/{ACCESS}"), "#basic")


def test_observational_design_and_reason_for_stopping(client: FlaskClient) -> None:
    page = read_page(client, f"/trial/{SCLEROSIS}")
    assert "Cohort" in words_of(page, "#design")
    assert "No funds" in words_of(page, "#basic")


def test_other_spellings_of_an_id_lead_to_one_address(client: FlaskClient) -> None:
    for spelled in (FORMER, FULL.lower()):
        response = client.get(f"/trial/{spelled}?k=20", headers=BROWSER)
        assert response.status_code == 301
        assert response.location == f"/trial/{FULL}?k=20"


def test_record_as_json_is_the_record(client: FlaskClient) -> None:
    record = client.get(f"/trial/{FULL}.json").get_json()
    assert record["protocolSection"]["identificationModule"]["nctId"] == FULL


def test_comparison_marks_what_differs(client: FlaskClient) -> None:
    page = read_page(client, f"/compare?nct_id={FULL}&nct_id={ADIPOSE}")
    rows = {row.th.contents[0].strip(): row for row in page.select("tbody tr")}
    assert "differs" in rows["Phase"].get("class", [])
    assert "differs" not in rows["Condition"].get("class", [])
    assert "not stated" in rows["Allocation"].text
    table = rows_of(client, f"/compare.csv?nct_id={FULL},{ADIPOSE}")
    assert [row["nct_id"] for row in table] == [FULL, ADIPOSE]
    assert table[1]["allocation"] == "not stated"


def test_about_names_source_versions_and_limits(client: FlaskClient) -> None:
    page = read_page(client, "/about")
    for said in ("ClinicalTrials.gov", "National Library of Medicine", "words-of-tests", "51"):
        assert said in page.text


def test_health_names_the_generation(client: FlaskClient) -> None:
    said = client.get("/health").get_json()
    assert said["ok"] is True
    assert said["generation"] == 1
    assert said["trials"] == 51
