"""Trials over the API: lists, search, facets, paging, facts, relations, comparison, CSV."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest
from flask.testing import FlaskClient

from tests.web.api.conftest import Ask
from tests.web.records import ABSENT, ADIPOSE, FORMER, FULL, HOSTILE, SCLEROSIS
from web.facets import FACETS
from web.served import Served


def all_pages(ask: Ask, path: str, **parameters: Any) -> list[list[str]]:
    """Return the ids of every page, following `next`."""
    pages, cursor = [], {}
    while True:
        page = ask(path, **parameters, **cursor)
        pages.append([one["nct_id"] for one in page["items"]])
        if page["next"] is None:
            return pages
        cursor = {"cursor": page["next"]}


def test_pages_hold_every_trial_once_in_order(ask: Ask, now: Served) -> None:
    pages = all_pages(ask, "/trials", page_size=10)
    assert [len(page) for page in pages] == [10, 10, 10, 10, 10, 1]
    assert [one for page in pages for one in page] == now.generation.records.nct_ids()


@pytest.mark.parametrize("sort", ["updated", "started", "size", "best"])
def test_every_order_pages_through_all(ask: Ask, now: Served, sort: str) -> None:
    pages = all_pages(ask, "/trials", page_size=7, sort=sort)
    found = [one for page in pages for one in page]
    assert len(found) == 51
    assert set(found) == now.facets.all_ids
    whole = ask("/trials", page_size=51, sort=sort)
    assert [one["nct_id"] for one in whole["items"]] == found


def test_filters_are_joined(ask: Ask) -> None:
    one = ask("/trials", route="intravenous")
    assert [trial["nct_id"] for trial in one["items"]] == [FULL]
    either = ask("/trials", country=["Canada", "France"])
    assert [trial["nct_id"] for trial in either["items"]] == [FULL, ADIPOSE]
    both = ask("/trials", country="France", status="COMPLETED")
    assert [trial["nct_id"] for trial in both["items"]] == [ADIPOSE]
    assert ask("/trials", n_from=18, n_to=40)["total"] == 2


def test_facets_count_what_was_found(ask: Ask) -> None:
    found = ask("/trials", country="France", facets="true")
    assert set(found["facets"]) == {facet.name for facet in FACETS}
    statuses = {one["value"]: one["count"] for one in found["facets"]["status"]}
    assert statuses == {"COMPLETED": 1, "RECRUITING": 1}
    countries = {one["value"]: one["count"] for one in found["facets"]["country"]}
    assert countries["Canada"] == 1  # offered though another country is chosen
    assert ask("/trials")["facets"] is None


def test_search_finds_words_and_ids(ask: Ask) -> None:
    assert ask("/search", q="CORD-SSc")["items"][0]["nct_id"] == FULL
    found = ask("/search", q="knee osteoarthritis", page_size=5)
    assert (found["total"], len(found["items"])) == (45, 5)
    assert ask("/search", q="zzzz")["items"] == []


def test_the_cursor_of_another_search_is_refused(ask: Ask) -> None:
    cursor = ask("/trials", page_size=5)["next"]
    assert ask("/trials", page_size=9, cursor=cursor)["items"][0]["nct_id"] == "NCT90000006"
    for parameters in ({"sort": "updated"}, {"country": "France"}):
        said = ask("/trials", 422, cursor=cursor, **parameters)
        assert said["detail"].startswith("cursor: ")
    for nonsense in ("nonsense", "0", "eyJ9", "W10"):
        assert ask("/trials", 422, cursor=nonsense)["status"] == 422
    assert ask("/trials", 400, cursor="{}")["errors"][0]["name"] == "cursor"


def test_a_trial_has_card_and_record(ask: Ask) -> None:
    found = ask(f"/trials/{FULL}")
    assert found["title"] == "Cord Cells for Systemic Sclerosis"
    assert found["iri"] == f"https://clinicaltrials.gov/study/{FULL}"
    assert found["facts"]["routes"] == ["intravenous"]
    assert found["record"]["protocolSection"]["identificationModule"]["acronym"] == "CORD-SSc"
    assert found["generation"] == 1
    assert ask(f"/trials/{FORMER}", record="false")["record"] is None
    assert ask(f"/trials/{FORMER}")["nct_id"] == FULL


def test_facts_have_the_words_that_they_lean_on(ask: Ask) -> None:
    found = ask(f"/trials/{FULL}/facts")
    routes = [one for one in found["items"] if one["field"] == "routes"]
    assert [one["value"] for one in routes] == ["intravenous"]
    assert "intraven" in routes[0]["evidence"][0]["words"].lower()
    assert ask("/facts", route="intravenous")["items"] == found["items"]


def test_compared_trials_stand_in_the_order_asked_for(ask: Ask) -> None:
    found = ask("/compare", nct_id=[ADIPOSE, FULL])
    assert found["nct_ids"] == [ADIPOSE, FULL]
    rows = {row["name"]: row for row in found["rows"]}
    assert rows["overall_status"]["cells"] == [["Completed"], ["Recruiting"]]
    assert rows["overall_status"]["differs"] is True
    assert ask("/compare", 400, nct_id=[FULL])["errors"][0]["name"] == "nct_id"


@pytest.mark.parametrize(
    "path", [f"/trials/{ABSENT}", f"/trials/{ABSENT}/kin", f"/trials/{ABSENT}/facts",
             f"/trials/{ABSENT}/relations", f"/compare?nct_id={ABSENT}&nct_id={FULL}"],
)  # fmt: skip
def test_an_unknown_trial_is_404(ask: Ask, path: str) -> None:
    said = ask(path, 404)
    assert said["nct_id"] == ABSENT
    assert said["type"] == "/api#unknown-trial"


def test_lists_can_be_had_as_csv(client: FlaskClient) -> None:
    by_format = client.get("/api/v1/trials?route=intravenous&format=csv")
    by_accept = client.get("/api/v1/trials?route=intravenous", headers={"Accept": "text/csv"})
    for response in (by_format, by_accept):
        assert response.mimetype == "text/csv"
        rows = list(csv.DictReader(io.StringIO(response.text)))
        assert [row["nct_id"] for row in rows] == [FULL]
        assert rows[0]["routes"] == "intravenous"
    assert "Accept" in by_accept.headers["Vary"]


def test_a_page_of_csv_links_to_the_next_one(client: FlaskClient) -> None:
    response = client.get("/api/v1/trials?format=csv&page_size=50&country=&status=UNKNOWN")
    assert response.status_code == 400  # an empty value is none
    response = client.get("/api/v1/trials?format=csv&page_size=40&status=UNKNOWN")
    link = response.headers["Link"]
    assert link.endswith('>; rel="next"')
    rest = client.get(f"/api/v1/trials{link[1 : link.index('>')]}")
    assert rest.mimetype == "text/csv"
    assert len(list(csv.DictReader(io.StringIO(rest.text)))) == 5
    assert "Link" not in rest.headers


def test_no_cell_of_a_csv_is_a_formula(client: FlaskClient) -> None:
    response = client.get(f"/api/v1/search?q={HOSTILE}&format=csv")
    (row,) = csv.DictReader(io.StringIO(response.text))
    assert row["lead_sponsor"] == "'=SUM(A1)"


@pytest.mark.parametrize(
    "path", [f"/trials/{FULL}/facts", f"/compare?nct_id={FULL}&nct_id={ADIPOSE}"]
)
def test_other_lists_are_tables_too(client: FlaskClient, path: str) -> None:
    response = client.get(f"/api/v1{path}", headers={"Accept": "text/csv"})
    rows = list(csv.DictReader(io.StringIO(response.text)))
    assert rows[0]["nct_id"] == FULL


def test_status_names_generation_and_counts(ask: Ask) -> None:
    found = ask("/status")
    assert found["generation"] == 1
    assert found["counts"]["trials"] == 51
    assert found["encoder"]["name"] == "words-of-tests"


def test_sclerosis_is_found_by_condition(ask: Ask) -> None:
    found = ask("/trials", condition="multiple sclerosis")
    assert [one["nct_id"] for one in found["items"]] == [SCLEROSIS]
