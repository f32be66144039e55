"""What the search page says of what it found, and of what it did not."""

from __future__ import annotations

from dataclasses import replace

import pytest
from flask.testing import FlaskClient

from tests.web.reading import read_page, words_of
from web import pages
from web.search import SearchResult, find
from web.search_request import SearchRequest
from web.served import Served


def test_filters_that_let_nothing_through_are_named_as_the_reason(client: FlaskClient) -> None:
    page = read_page(client, "/search?q=knee&sort=size&words=only&country=Canada&n_from=90")
    assert words_of(page, ".empty").startswith("None of the 45 trials that the words find passes")
    assert "more general words" not in page.text
    for name in ("Search without the filters", "Clear all filters"):
        link = page.find("a", string=name)
        assert link["href"] == "/search?q=knee&sort=size&words=only"
    assert read_page(client, link["href"]).select(".card")
    nothing = read_page(client, "/search?q=zzzz&country=Canada")
    assert "more general words" in words_of(nothing, ".empty")


@pytest.mark.parametrize(
    ("others", "query", "said"),
    [
        (0, "q=scleroderma", "3 trials by any of its names. Search"),
        (1, "q=scleroderma", "2 trials by any of its names, first; then those that only hold"),
        (1, "q=scleroderma&sort=size", "2 trials by any of its names; the others only hold"),
    ],
)
def test_trials_that_only_hold_the_words_are_told_of_where_there_are_some(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch, others: int, query: str, said: str
) -> None:
    def some_only_hold_the_words(served: Served, request: SearchRequest) -> SearchResult:
        result = find(served, request)
        return replace(result, by_meaning=result.by_meaning - others)

    monkeypatch.setattr(pages, "find", some_only_hold_the_words)
    assert said in words_of(read_page(client, f"/search?{query}"), ".understood")
