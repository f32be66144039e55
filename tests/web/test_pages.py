"""Start, search, trial and about, read as a browser gets them."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from tests.web.reading import BROWSER, read_page, rows_of, words_of
from tests.web.records import (
    ACCESS,
    ADIPOSE,
    BARE,
    FORMER,
    FULL,
    HOSTILE,
    SCLEROSIS,
)


def test_start_page_shows_the_numbers_of_the_graph(client: FlaskClient) -> None:
    page = read_page(client, "/")
    numbers = {dt.text: dt.find_next("dd").text for dt in page.select(".numbers dt")}
    assert numbers["trials"] == "51"
    assert numbers["links between kin"] == "1,020"
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
    everything = page.find("a", string="all 45")
    assert len({row["nct_id"] for row in rows_of(client, everything["href"])}) == 45
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
    listed = {a["href"].removeprefix("#") for a in page.select(".toc a")}
    assert listed == {section["id"] for section in page.select("article section[id]")}


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
        for path in ("", "/kin?k=30", "/graph"):
            response = client.get(f"/trial/{spelled}{path}", headers=BROWSER)
            assert response.status_code == 301
            assert response.location == f"/trial/{FULL}{path}"


def test_record_as_json_is_the_record(client: FlaskClient) -> None:
    record = client.get(f"/trial/{FULL}.json").get_json()
    assert record["protocolSection"]["identificationModule"]["nctId"] == FULL


def test_about_names_source_versions_and_limits(client: FlaskClient) -> None:
    page = read_page(client, "/about")
    for said in ("ClinicalTrials.gov", "National Library of Medicine", "words-of-tests", "51"):
        assert said in page.text


def test_a_condition_is_found_by_its_other_names(client: FlaskClient) -> None:
    page = read_page(client, "/search?q=ssc")
    hrefs = [a["href"] for a in page.select(".card h2 a")]
    assert {f"/trial/{FULL}", f"/trial/{ADIPOSE}"} <= set(hrefs)
    assert "systemic sclerosis" in words_of(page, ".understood")
    alone = read_page(client, page.find("a", string="Search for these words only")["href"])
    assert f"/trial/{ADIPOSE}" not in [a["href"] for a in alone.select(".card h2 a")]


def test_a_wider_condition_finds_the_narrower_ones(client: FlaskClient) -> None:
    page = read_page(client, "/search?condition=autoimmune+disease")
    assert f"/trial/{FULL}" in [a["href"] for a in page.select(".card h2 a")]
    opened = page.select_one(".facet a.is-chosen")
    assert opened is not None
    assert "autoimmune disease" in opened.text
    below = opened.find_next_sibling("details")
    assert below is not None
    assert below.has_attr("open")


def test_numbers_narrow_by_least_and_most(client: FlaskClient) -> None:
    def found(query: str) -> set[str]:
        page = read_page(client, f"/search?{query}")
        return {a["href"][-11:] for a in page.select(".card h2 a")}

    assert found("n_from=18&n_to=40") == {FULL, ADIPOSE}
    assert found("n_from=19") == {ADIPOSE}
    assert found("year_to=2016") == {ADIPOSE}
    assert found("year_from=2016&condition=systemic+sclerosis") == {FULL, HOSTILE}
    kept = read_page(client, "/search?q=sclerosis&n_from=18").select_one("input[name=n_from]")
    assert kept["value"] == "18"


def test_a_trial_can_be_had_in_every_form(client: FlaskClient) -> None:
    page = read_page(client, f"/trial/{FULL}")
    links = {a.text: a["href"] for a in page.select(".trial-head .files a")}
    assert {"Turtle", "JSON-LD", "JSON", "RIS", "CSV", "Kin as CSV"} <= set(links)
    for address in links.values():
        assert client.get(address).status_code == 200, address


def test_evidence_shows_beside_its_value(client: FlaskClient) -> None:
    peek = read_page(client, f"/trial/{FULL}").select_one("#read summary .peek mark")
    assert peek is not None
    assert peek.text


def test_about_counts_what_is_not_stated(client: FlaskClient) -> None:
    page = read_page(client, "/about")
    rows = {row.th.text: row.select("td") for row in page.select(".silences tbody tr")}
    assert int(rows["Donor"][0].text) > 40
    assert rows["Donor"][1].text.endswith("%")


def test_the_chosen_theme_is_kept_and_leads_back(client: FlaskClient) -> None:
    chosen = client.post("/theme", data={"theme": "dark", "back": f"/trial/{FULL}?"})
    assert chosen.status_code == 303
    assert chosen.location == f"/trial/{FULL}"
    assert read_page(client, "/").html["data-theme"] == "dark"
    client.post("/theme", data={"theme": "none of ours", "back": "/"})
    assert "data-theme" not in read_page(client, "/").html.attrs


@pytest.mark.parametrize("back", ["//example.org", "https://example.org", "/\\example.org", "x"])
def test_the_theme_leads_to_no_other_site(client: FlaskClient, back: str) -> None:
    assert client.post("/theme", data={"theme": "dark", "back": back}).location == "/"
