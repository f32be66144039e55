"""Words that very many trials have: the page says what it shows of them, and how many there are."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask.testing import FlaskClient

from kg import record_search
from kg.store import Store
from tests.web.reading import read_page, words_of
from web import pages, search
from web.app import create_app
from web.search import find_all
from web.search_request import SearchRequest
from web.served import EXTENSION


@pytest.fixture
def few_ranked(store: Store, monkeypatch: pytest.MonkeyPatch) -> Iterator[FlaskClient]:
    """A client of an application that ranks no more than three trials, and shows two."""
    for module in (record_search, search, pages):
        monkeypatch.setattr(module, "RANKED_MOST", 3)
    monkeypatch.setattr(search, "SEARCH_HITS", 2)
    app = create_app(store, query_workers=1)
    yield app.test_client()
    app.extensions[EXTENSION].close()


def test_what_is_left_uncounted_is_said(few_ranked: FlaskClient) -> None:
    page = read_page(few_ranked, "/search?q=cells&words=only")
    said = " ".join(page.find(role="status").text.split())
    assert said.startswith("2 trials")
    assert "(of more than 3, those with the words in the title first, then in conditions" in said
    answer = few_ranked.get("/api/v1/search?q=cells&literal=true").json
    assert (answer["total"], answer["cut"]) == (2, 2)


def test_the_newest_with_the_word_in_the_title_come_first(few_ranked: FlaskClient) -> None:
    items = few_ranked.get("/api/v1/search?q=cells&literal=true&sort=best").json["items"]
    titles = [item["title"].lower() for item in items]
    assert all("cell" in title for title in titles)
    ids = [item["nct_id"] for item in items]
    assert ids == sorted(ids, reverse=True)


def test_the_order_of_words_that_half_of_all_have_is_told(client: FlaskClient) -> None:
    told = "words of most trials: those with the words in the title first"
    common = read_page(client, "/search?q=knee&words=only")
    assert told in words_of(common, ".result-head")
    ids = [a["href"][-11:] for a in common.select(".card h2 a")]
    assert ids == sorted(ids, reverse=True)
    # Where another order was asked for, or a word is rarer, it is not so.
    for other in ("q=knee&words=only&sort=size", "q=sclerosis&words=only", ""):
        assert told not in words_of(read_page(client, f"/search?{other}"), ".result-head")


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
