"""A kept answer is the one that would be made anew, whoever asks and in whatever form."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from kg.sparql import keeping
from kg.sparql.examples import query_examples
from kg.sparql.formats import RESULT_TYPES
from kg.sparql.keeping import KeepingQueries
from kg.sparql.kept_answers import KeptAnswers
from kg.sparql.limits import QueryAnswer, QueryLimits
from kg.sparql.policy import Dataset
from kg.sparql.pool import QueryPool
from kg.store import Store
from ontology.errors import QueryError, QueryRefusedError, QuerySyntaxError

EXAMPLES = [example for example in query_examples() if example.form == "SELECT"]
TITLES = "SELECT ?id ?title { ?trial tk:nctId ?id ; tk:briefTitle ?title } ORDER BY ?id"
BOMB = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }"


class CountingPool(QueryPool):
    """Counts what it is asked."""

    asked = 0

    def run(self, query: str, **how: Any) -> QueryAnswer:
        self.asked += 1
        return super().run(query, **how)


@pytest.fixture(scope="module")
def pool(tiny_store: Store) -> Iterator[CountingPool]:
    with CountingPool(tiny_store.published().graph_path, workers=2) as opened:
        yield opened


def same(one: QueryAnswer, other: QueryAnswer) -> bool:
    return replace(one, seconds=0.0) == replace(other, seconds=0.0)


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.name)
def test_examples_are_answered_as_they_would_be_without(
    pool: CountingPool, tmp_path: Path, example: Any
) -> None:
    first = KeepingQueries(pool, KeptAnswers(tmp_path, writes=True))
    later = KeepingQueries(pool, KeptAnswers(tmp_path, writes=True))
    assert same(first.run(example.text), pool.run(example.text))
    before = pool.asked
    for format_ in RESULT_TYPES:
        kept = later.run(example.text, select_format=format_)
        assert pool.asked == before, "it was asked again"
        assert same(kept, pool.run(example.text, select_format=format_)), format_
        before = pool.asked


def test_as_forms_and_files_send_an_example_it_is_the_same(pool: CountingPool) -> None:
    queries = KeepingQueries(pool, KeptAnswers())
    text = query_examples()[0].text
    queries.run(text)
    before = pool.asked
    assert same(queries.run(text.replace("\n", "\r\n") + "\r\n"), queries.run(f"\n{text}\n"))
    assert pool.asked == before


def test_what_took_long_is_kept(pool: CountingPool, monkeypatch: pytest.MonkeyPatch) -> None:
    queries = KeepingQueries(pool, KeptAnswers())
    monkeypatch.setattr(keeping, "KEPT_SECONDS_LEAST", 0.0)
    first, before = queries.run(TITLES), pool.asked
    assert same(queries.run(TITLES), first)
    assert pool.asked == before
    # Another form of the same answer is another answer.
    assert queries.run(TITLES, select_format="csv").media_type.startswith("text/csv")
    graph = "CONSTRUCT { ?s tk:nctId ?o } WHERE { ?s tk:nctId ?o }"
    turtle, triples = (queries.run(graph, graph_format=one) for one in ("turtle", "ntriples"))
    assert (turtle.media_type, triples.media_type) == (
        "text/turtle; charset=utf-8", "application/n-triples",
    )  # fmt: skip
    before = pool.asked
    assert same(queries.run(graph, graph_format="turtle"), turtle)
    assert same(queries.run(graph, graph_format="ntriples"), triples)
    assert pool.asked == before


def test_of_other_graphs_it_is_another_answer(
    pool: CountingPool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keeping, "KEPT_SECONDS_LEAST", 0.0)
    queries = KeepingQueries(pool, KeptAnswers())
    ids = "SELECT ?id { ?trial tk:nctId ?id }"
    one = Dataset(("https://w3id.org/trialkin/graph/trial/NCT90000001",))
    for _ in range(2):
        assert queries.run(ids, dataset=one).rows == 1
        assert queries.run(ids).rows > 1
    example = next(one.text for one in EXAMPLES if one.name == "sponsors")
    assert queries.run(example).rows > queries.run(example, dataset=one).rows == 0


def test_what_may_answer_otherwise_is_asked_each_time(
    pool: CountingPool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keeping, "KEPT_SECONDS_LEAST", 0.0)
    queries = KeepingQueries(pool, KeptAnswers())
    bodies = {queries.run("SELECT (STRUUID() AS ?id) {}").body for _ in range(3)}
    assert len(bodies) == 3


def test_an_answer_that_was_cut_is_made_anew(
    tiny_store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keeping, "KEPT_SECONDS_LEAST", 0.0)
    graph = tiny_store.published().graph_path
    example = next(one for one in EXAMPLES if one.name == "properties").text
    with QueryPool(graph, workers=1, limits=QueryLimits(max_rows=5)) as narrow:
        queries = KeepingQueries(narrow, KeptAnswers(tmp_path, writes=True))
        for query in (example, TITLES, example):
            for format_ in ("json", "csv"):
                answer = queries.run(query, select_format=format_)
                assert (answer.rows, answer.truncated) == (5, True)
        assert list(tmp_path.iterdir()) == []
        # What one who may have more has kept is cut for those who may not.
        with QueryPool(graph, workers=1) as wide:
            whole = KeepingQueries(wide, KeptAnswers(tmp_path, writes=True)).run(example)
        assert whole.rows > 5
        assert len(list(tmp_path.iterdir())) == 1
        for format_ in ("json", "csv"):
            answer = queries.run(example, select_format=format_)
            assert (answer.rows, answer.truncated) == (5, True)


def test_errors_stay_errors(pool: CountingPool) -> None:
    queries = KeepingQueries(pool, KeptAnswers())
    example = EXAMPLES[0].text
    for _ in range(2):
        with pytest.raises(QuerySyntaxError):
            queries.run("SELECT ?x {")
        with pytest.raises(QueryRefusedError):
            queries.run("SELECT ?x { SERVICE <http://127.0.0.1/> { ?x ?y ?z } }")
        with pytest.raises(QueryError, match="cannot be doc"):
            queries.run(example, select_format="doc")
        queries.run(example)


def test_examples_can_be_answered_before_anyone_asks(pool: CountingPool, tmp_path: Path) -> None:
    queries = KeepingQueries(pool, KeptAnswers(tmp_path, writes=True))
    queries.prepare([*(example.text for example in query_examples()), BOMB])
    before = pool.asked
    for example in EXAMPLES:
        assert same(queries.run(example.text), QueryPool.run(pool, example.text))
    assert pool.asked == before
    assert len(list(tmp_path.iterdir())) == len(EXAMPLES)


def test_closing_ends_what_is_prepared(
    tiny_store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keeping, "example_texts", lambda: frozenset([BOMB]))
    pool = QueryPool(tiny_store.published().graph_path, workers=1)
    queries = KeepingQueries(pool, KeptAnswers(tmp_path, writes=True))
    thread = threading.Thread(target=queries.prepare, args=([BOMB],))
    thread.start()
    waited = time.monotonic() + 30
    while not (queries._preparing and queries._preparing._busy) and time.monotonic() < waited:
        time.sleep(0.02)
    assert queries._preparing is not None
    queries.close()
    thread.join(30)
    assert not thread.is_alive()
    assert list(tmp_path.iterdir()) == []
    queries.prepare([BOMB])  # closed: nothing is begun


def test_a_killed_pool_answers_no_more(tiny_store: Store) -> None:
    pool = QueryPool(tiny_store.published().graph_path, workers=1)
    pool.kill()
    with pytest.raises(QueryError, match="any more"):
        pool.run("ASK {}")
