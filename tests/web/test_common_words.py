"""Words that very many trials have: the page says what it shows of them, and how many there are."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from flask.testing import FlaskClient

from kg import record_search
from kg.record_schema import nct_id_of
from kg.store import Store
from tests.web.reading import read_page, words_of
from web import pages, search
from web.app import create_app
from web.search import SearchResult, find_all
from web.search_request import SearchRequest
from web.served import EXTENSION, Served


@pytest.fixture
def few_ranked(store: Store, monkeypatch: pytest.MonkeyPatch) -> Iterator[FlaskClient]:
    """A client of an application that ranks no more than three trials, and shows two."""
    monkeypatch.setattr(record_search, "RANKED_MOST", 3)
    monkeypatch.setattr(search, "SEARCH_HITS", 2)
    app = create_app(store, query_workers=1)
    yield app.test_client()
    app.extensions[EXTENSION].close()


@pytest.fixture
def holders(few_ranked: FlaskClient) -> list[str]:
    """All trials that have the word "cells", though a search shows two of them."""
    now = few_ranked.application.extensions[EXTENSION].current()
    numbers = now.generation.records.matching_numbers("cells")
    assert len(numbers) > record_search.RANKED_MOST == 3
    return [nct_id_of(number) for number in numbers]


def test_what_is_left_out_is_counted_and_said(few_ranked: FlaskClient, holders: list[str]) -> None:
    page = read_page(few_ranked, "/search?q=cells&words=only")
    said = " ".join(page.find(role="status").text.split())
    assert said.startswith("2 trials")
    told = f"(of {len(holders)}, those with the words in the title first, then in conditions"
    assert told in said
    answer = few_ranked.get("/api/v1/search?q=cells&literal=true").json
    assert (answer["total"], answer["cut"]) == (2, len(holders) - 2)


def test_filters_and_other_orders_are_those_of_all_that_match(
    few_ranked: FlaskClient, holders: list[str]
) -> None:
    cards = few_ranked.application.extensions[EXTENSION].current().generation.records.cards(holders)
    shown = [item["nct_id"] for item in cells_of(few_ranked, "")["items"]]
    for status in {str(card.overall_status) for card in cards.values()}:
        having = {one for one, card in cards.items() if card.overall_status == status}
        answer = cells_of(few_ranked, f"&status={status}")
        found = [item["nct_id"] for item in answer["items"]]
        assert set(found) == having
        assert (answer["total"], answer["cut"]) == (len(having), 0)
        # Those that the search shows stand before the others.
        assert found[: len(having & set(shown))] == [one for one in shown if one in having]
    by_size = cells_of(few_ranked, "&sort=size")
    sizes = [item["enrollment_count"] or -1 for item in by_size["items"]]
    assert by_size["total"] == len(sizes) == len(holders)
    assert sizes == sorted(sizes, reverse=True)


def test_a_facet_counts_what_its_click_finds(few_ranked: FlaskClient, holders: list[str]) -> None:
    answer = cells_of(few_ranked, "")
    counts = answer["facets"]["status"]
    assert sum(one["count"] for one in counts) == len(holders)
    for one in counts:
        assert cells_of(few_ranked, f"&status={one['value']}")["total"] == one["count"]


def test_where_no_trial_passes_a_filter_all_that_match_are_named(
    few_ranked: FlaskClient, holders: list[str]
) -> None:
    page = read_page(few_ranked, "/search?q=cells&words=only&n_from=99999")
    told = f"None of the {len(holders)} trials that the words find passes these filters."
    assert told in words_of(page, ".empty")


def cells_of(client: FlaskClient, more: str) -> Any:
    return client.get(f"/api/v1/search?q=cells&literal=true&page_size=200{more}").json


def test_the_newest_with_the_word_in_the_title_come_first(few_ranked: FlaskClient) -> None:
    items = few_ranked.get("/api/v1/search?q=cells&literal=true&sort=best").json["items"]
    titles = [item["title"].lower() for item in items]
    assert all("cell" in title for title in titles)
    ids = [item["nct_id"] for item in items]
    assert ids == sorted(ids, reverse=True)


def test_the_order_of_words_that_half_of_all_have_is_told(client: FlaskClient) -> None:
    told = "words of very many trials: those with the words in the title first"
    common = read_page(client, "/search?q=knee&words=only")
    assert told in words_of(common, ".result-head")
    ids = [a["href"][-11:] for a in common.select(".card h2 a")]
    assert ids == sorted(ids, reverse=True)
    # Where another order was asked for, or a word is rarer, it is not so.
    for other in ("q=knee&words=only&sort=size", "q=sclerosis&words=only", ""):
        assert told not in words_of(read_page(client, f"/search?{other}"), ".result-head")


@pytest.mark.parametrize("others", [0, 1])
def test_with_a_meaning_the_order_by_place_is_that_of_each_part(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch, others: int
) -> None:
    def some_only_hold_the_words(served: Served, request: SearchRequest) -> SearchResult:
        result = search.find(served, request)
        return replace(result, ranked=False, by_meaning=result.by_meaning - others)

    monkeypatch.setattr(pages, "find", some_only_hold_the_words)
    page = read_page(client, "/search?q=scleroderma")
    read_as, by_place = words_of(page, ".understood"), words_of(page, ".result-head")
    two_parts = ", first; then those that only hold the words" in read_as
    assert two_parts == bool(others)
    assert ("in either part those with the words in the title first" in by_place) == two_parts
    assert "words of very many trials: " in by_place


def test_a_meaning_and_a_common_word_find_all_that_have_both(
    few_ranked: FlaskClient, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = SearchRequest("osteoarthritis kne")
    now = few_ranked.application.extensions[EXTENSION].current()
    match = record_search.read_words(now.generation.records.connection, "kne")
    assert match is not None
    assert match.found > record_search.RANKED_MOST
    bounded = find_all(now, asked)
    monkeypatch.undo()
    app = create_app(store, query_workers=1)
    whole = find_all(app.extensions[EXTENSION].current(), asked)
    app.extensions[EXTENSION].close()
    assert list(bounded.meant) == list(whole.meant)
    assert set(bounded.meant) <= set(bounded.nct_ids)
    assert len(bounded.meant) > 2
