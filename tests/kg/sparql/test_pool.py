"""Queries run in processes of their own: right in all formats, stopped in time, offline."""

from __future__ import annotations

import csv
import io
import json
import os
import threading
import time
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pyoxigraph as ox
import pytest
import rdflib
from rdflib.plugins.sparql.results.tsvresults import TSVResultParser
from rdflib.query import Result

from kg.sparql import formats
from kg.sparql.pool import QueryLimits, QueryPool
from kg.sparql.process import WorkerProcess
from kg.store import Store
from ontology.errors import (
    QueryBusyError,
    QueryError,
    QueryRefusedError,
    QuerySyntaxError,
    QueryTimeoutError,
    QueryTooLargeError,
)

TITLES = "SELECT ?id ?title { ?trial tk:nctId ?id ; tk:briefTitle ?title } ORDER BY ?id"
BOMB = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }"


@pytest.fixture(scope="module")
def pool(tiny_store: Store) -> Iterator[QueryPool]:
    with QueryPool(tiny_store.published().graph_path, workers=2) as opened:
        yield opened


def parsed(body: bytes, format_: str) -> list[tuple[str, ...]]:
    if format_ == "tsv":
        result = TSVResultParser().parse(io.BytesIO(body))
    else:
        result = Result.parse(io.BytesIO(body), format=format_)
    return [tuple(str(value) for value in row) for row in result]


@pytest.mark.parametrize("format_", sorted(formats.RESULT_TYPES))
def test_every_format_of_rows_holds_the_same(pool: QueryPool, format_: str) -> None:
    expected = json.loads(pool.run(TITLES).body)["results"]["bindings"]
    found = pool.run(TITLES, select_format=format_)
    rows = [(row["id"]["value"], row["title"]["value"]) for row in expected]
    if format_ == "json":
        assert found.rows == len(rows) == 13
    else:
        # U+0000 and the like have no place in these; the golden titles hold none.
        assert parsed(found.body, format_) == rows
    assert found.media_type == formats.RESULT_TYPES[format_]


@pytest.mark.parametrize("format_", ["turtle", "ntriples", "jsonld", "xml"])
def test_every_format_of_graphs_holds_the_same(pool: QueryPool, format_: str) -> None:
    query = "CONSTRUCT { ?s tk:nctId ?o } WHERE { ?s tk:nctId ?o }"
    found = pool.run(query, graph_format=format_)
    if format_ == "jsonld":  # rdflib's reader of it warns of rdflib's own deprecations
        count = len(list(ox.parse(found.body, format=ox.RdfFormat.JSON_LD)))
    else:
        names = {"turtle": "turtle", "ntriples": "nt", "xml": "xml"}
        count = len(rdflib.Graph().parse(data=found.body, format=names[format_]))
    assert count == found.rows == 14
    assert found.media_type == formats.GRAPH_TYPES[format_]


@pytest.mark.parametrize(
    ("format_", "body"),
    [("json", b'{"head": {}, "boolean": true}'), ("csv", b"true\n"), ("tsv", b"true\n")],
)
def test_ask(pool: QueryPool, format_: str, body: bytes) -> None:
    assert pool.run("ASK { ?s tk:nctId ?o }", select_format=format_).body == body


def test_ask_in_xml(pool: QueryPool) -> None:
    body = pool.run("ASK { ?s tk:nctId 'none' }", select_format="xml").body
    assert Result.parse(io.BytesIO(body), format="xml").askAnswer is False


def test_terms_of_every_kind_are_written(pool: QueryPool) -> None:
    query = (
        "SELECT * { VALUES (?a ?b ?c ?d ?e) { (<http://x/é> 'q\"\\n,\\t' 'x'@en-gb 1.5 UNDEF) } "
        "BIND(BNODE() AS ?f) }"
    )
    (row,) = json.loads(pool.run(query).body)["results"]["bindings"]
    assert row["a"] == {"type": "uri", "value": "http://x/é"}
    assert row["b"] == {"type": "literal", "value": 'q"\n,\t'}
    assert row["c"] == {"type": "literal", "value": "x", "xml:lang": "en-gb"}
    assert row["d"]["datatype"].endswith("#decimal")
    assert row["f"]["type"] == "bnode"
    assert "e" not in row
    (line,) = list(csv.reader(io.StringIO(pool.run(query, select_format="csv").body.decode())))[1:]
    assert line[:5] == ["http://x/é", 'q"\n,\t', "x", "1.5", ""]


def test_control_characters_do_not_break_xml(pool: QueryPool) -> None:
    query = "SELECT ?t { ?s tk:officialTitle ?t FILTER(CONTAINS(?t, 'nul')) }"
    ((title,),) = parsed(pool.run(query, select_format="xml").body, "xml")
    assert "nul \ufffd del" in title


def test_characters_that_xml_has_no_place_for_do_not_break_it(pool: QueryPool) -> None:
    query = r'SELECT ("a\uFFFEb\uFFFFc\u0001" AS ?t) {}'
    assert parsed(pool.run(query, select_format="xml").body, "xml") == [("a\ufffdb\ufffdc\ufffd",)]


@pytest.mark.parametrize("literal", [r'"a\u0001b"', r'"a\uFFFFb"@en', r'"a\u0001b"^^<http://x/y>'])
def test_the_same_holds_for_graphs(pool: QueryPool, literal: str) -> None:
    query = f"CONSTRUCT {{ <http://x/s> <http://x/p> {literal} }} WHERE {{}}"
    graph = rdflib.Graph().parse(data=pool.run(query, graph_format="xml").body, format="xml")
    (found,) = graph.objects()
    assert str(found) == "a\ufffdb"


def test_a_syntax_error_says_where(pool: QueryPool) -> None:
    with pytest.raises(QuerySyntaxError, match="line 2, column 4: unexpected '}'") as caught:
        pool.run("SELECT * {\n?s }")
    assert (caught.value.line, caught.value.column) == (2, 4)


def test_a_wrong_format_is_told(pool: QueryPool) -> None:
    with pytest.raises(QueryError, match="SELECT result cannot be turtle"):
        pool.run(TITLES, select_format="turtle")
    with pytest.raises(QueryError, match="CONSTRUCT result cannot be csv"):
        pool.run("CONSTRUCT WHERE { ?s tk:nctId ?o }", graph_format="csv")


def test_a_runaway_query_is_stopped_and_the_worker_replaced(tiny_store: Store) -> None:
    limits = QueryLimits(deadline_s=1.5)
    with QueryPool(tiny_store.published().graph_path, workers=1, limits=limits) as pool:
        pool.run("ASK {}")
        started = time.monotonic()
        with pytest.raises(QueryTimeoutError, match=r"after 1\.5 s"):
            pool.run(BOMB)
        assert time.monotonic() - started < 10
    with QueryPool(tiny_store.published().graph_path, workers=1) as pool:
        assert pool.run("ASK {}").form == "ASK"


def test_a_slow_query_gives_way_to_others(tiny_store: Store) -> None:
    worker = WorkerProcess(tiny_store.published().graph_path, 2_000_000_000)
    request = {
        "query": BOMB, "select_format": "json", "graph_format": "turtle", "default_graphs": [],
        "named_graphs": [], "max_rows": 1, "max_bytes": 1000, "deadline_s": 30.0,
    }  # fmt: skip
    with pytest.raises(TimeoutError):
        worker.run(request, slow_s=0.1, deadline_s=0.5)
    niceness = os.getpriority(os.PRIO_PROCESS, worker._process.pid)
    worker.stop()
    assert worker.slowed
    assert niceness == 10


def test_a_worker_that_was_slow_is_replaced(tiny_store: Store) -> None:
    graph = tiny_store.published().graph_path
    for slow_s, kept in ((30.0, True), (0.0, False)):
        with QueryPool(graph, workers=1, limits=QueryLimits(slow_s=slow_s)) as pool:
            assert pool.run("ASK {}").form == "ASK"
            worker = pool._idle.get()
            pool._idle.put(worker)
            assert (worker is not None) is kept


def test_a_busy_pool_says_so(tiny_store: Store) -> None:
    limits = QueryLimits(deadline_s=3.0, wait_s=0.5)
    with QueryPool(tiny_store.published().graph_path, workers=1, limits=limits) as pool:
        pool.run("ASK {}")

        def run_bomb() -> None:
            with pytest.raises(QueryTimeoutError):
                pool.run(BOMB, client="greedy")

        thread = threading.Thread(target=run_bomb)
        thread.start()
        while not pool._idle.empty():  # until the bomb has the only worker
            time.sleep(0.01)
        with pytest.raises(QueryBusyError, match="No query worker was free"):
            pool.run("ASK {}", client="patient")
        thread.join()
        assert pool.run("ASK {}", client="patient").form == "ASK"


def test_a_closed_pool_still_answers_what_began_before(tiny_store: Store) -> None:
    pool = QueryPool(tiny_store.published().graph_path, workers=2)
    pool.warm()
    pool.close()
    assert pool.run("ASK {}").form == "ASK"
    pool.close()


def test_rows_beyond_the_cap_are_cut_and_it_is_said(tiny_store: Store) -> None:
    limits = QueryLimits(max_rows=3)
    with QueryPool(tiny_store.published().graph_path, workers=1, limits=limits) as pool:
        cut = pool.run(TITLES)
        assert (cut.rows, cut.truncated) == (3, True)
        assert json.loads(cut.body)["head"]["link"] == [formats.TRUNCATED]
        head = ET.fromstring(pool.run(TITLES, select_format="xml").body)[0]
        assert head[-1].attrib == {"href": formats.TRUNCATED}
        whole = pool.run(f"{TITLES} LIMIT 3")
        assert (whole.rows, whole.truncated) == (3, False)
        assert "link" not in json.loads(whole.body)["head"]
        with pytest.raises(QueryTooLargeError, match="more than 3 triples"):
            pool.run("CONSTRUCT WHERE { ?s ?p ?o }")


@pytest.mark.parametrize("format_", sorted(formats.RESULT_TYPES))
def test_a_result_is_cut_before_it_has_too_many_bytes(tiny_store: Store, format_: str) -> None:
    limits = QueryLimits(max_bytes=400)
    with QueryPool(tiny_store.published().graph_path, workers=1, limits=limits) as pool:
        cut = pool.run(TITLES, select_format=format_)
        assert cut.truncated
        assert 0 < cut.rows < 13
        assert len(cut.body) <= 400
        assert len(parsed(cut.body, format_)) == cut.rows
        with pytest.raises(QueryTooLargeError, match="400 are allowed"):
            pool.run("CONSTRUCT WHERE { ?s tk:briefTitle ?o }")
        assert pool.run("ASK {}").rows == 1


def test_many_threads_get_their_own_answers(pool: QueryPool) -> None:
    def ask(number: int) -> int:
        body = pool.run(f"SELECT ({number} AS ?n) {{}}").body
        return int(json.loads(body)["results"]["bindings"][0]["n"]["value"])

    with ThreadPoolExecutor(8) as threads:
        assert list(threads.map(ask, range(40))) == list(range(40))


def test_the_policy_stands_before_the_pool(pool: QueryPool) -> None:
    with pytest.raises(QueryRefusedError):
        pool.run("SELECT * { SERVICE <http://127.0.0.1:9/> { ?s ?p ?o } }")
