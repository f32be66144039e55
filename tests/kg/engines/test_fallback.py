"""What a graph server fails at, or cannot be believed, the store's own engine answers."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
import rdflib

import kg
from kg.engines.address import read_address
from kg.engines.queries import ServerQueries
from kg.engines.server import GraphServer
from kg.engines.state import CURRENT, HOLDS, Key, content, slot_graphs
from kg.patience import Patience
from kg.store import Store
from ontology.errors import EngineError, QueryBusyError, QueryError, QueryTimeoutError
from tests.kg.engines.faulty import Answer, FaultyServer, Handler, faulty_server, rows, says, silent

ASKED = "SELECT ?n { ?t tk:nctId ?n }"
BUILT = "CONSTRUCT WHERE { ?t tk:nctId ?n }"
TRIPLE = b"<urn:a> <urn:b> <urn:c> .\n"


def believable(store: Store, answer: Answer, row_cap: int | None = None) -> Answer:
    """Answer as a server does that holds the store's generation, and users' queries so."""
    mirror = "https://w3id.org/trialkin/mirror"
    graph = slot_graphs(mirror)[0]
    holds = content(Key.of(store.published()))
    facts = [(graph, HOLDS, holds), (mirror, CURRENT, graph)]
    if row_cap is not None:
        facts.append((mirror, f"{mirror}#rowCap", str(row_cap)))
    state = says(rows(*({"s": s, "p": p, "o": o} for s, p, o in facts)))
    stamp, something = says(rows({"o": holds})), says(rows({"s": graph}))

    def reply(handler: Handler) -> None:
        query = handler.faulty.asked[-1]["query"]
        if query == "SELECT ?s ?p ?o { ?s ?p ?o }":
            state(handler)
        elif query == "SELECT ?s { ?s ?p ?o } LIMIT 1":
            something(handler)
        elif HOLDS in query:
            stamp(handler)
        else:
            answer(handler)

    return reply


@contextmanager
def asking(
    store: Store, answer: Answer, row_cap: int | None = None
) -> Iterator[tuple[FaultyServer, ServerQueries]]:
    patience = Patience(attempts=1, longest_answer=20.0)
    with faulty_server(believable(store, answer, row_cap)) as faulty:
        server = GraphServer(read_address(faulty.url)[0], patience=patience)
        with closing(ServerQueries(store.published(), server, workers=2)) as queries:
            yield faulty, queries


def test_the_stand_in_is_believed(tiny_store: Store) -> None:
    with asking(tiny_store, says(rows({"n": "x"}))) as (_, queries):
        answer = queries.run(ASKED, select_format="csv")
        assert (answer.engine, answer.body) == ("server", b"n\r\nx\r\n")
        assert queries.wrong() == []
    with asking(tiny_store, says(TRIPLE, Content_Type="application/n-triples")) as (_, queries):
        answer = queries.run(BUILT, graph_format="ntriples")
        assert (answer.engine, answer.body) == ("server", TRIPLE)


def to_the_end_of_the_connection(handler: Handler) -> None:
    """Answer as HTTP/1.0 did: nothing tells whether this is all."""
    handler.send_response(200)
    handler.send_header("Content-Type", "application/n-triples")
    handler.end_headers()
    handler.wfile.write(TRIPLE)
    handler.close_connection = True


@pytest.mark.parametrize(
    ("query", "answer", "row_cap"),
    [
        (BUILT, to_the_end_of_the_connection, None),
        (BUILT, says(b"", Content_Type="application/octet-stream"), None),
        (ASKED, says(b"URI too long", 414), None),
        (ASKED, says(b"body too large", 413), None),
        (ASKED, says(rows({"n": "x"}, {"n": "y"})), 2),
        (ASKED, says(rows({"n": "x"}), X_SPARQL_MaxRows="1"), None),
    ],
)
def test_who_cannot_be_believed_is_not(
    tiny_store: Store, query: str, answer: Answer, row_cap: int | None
) -> None:
    with asking(tiny_store, answer, row_cap) as (faulty, queries):
        found = queries.run(query, select_format="csv", graph_format="ntriples")
        assert found.engine == "own"
        assert found.rows == tiny_store.published().manifest.counts["trials"]
        assert not found.truncated
        assert any("nctId" in asked["query"] for asked in faulty.asked)


@pytest.mark.parametrize(
    ("answer", "kind", "said"),
    [
        (says(b"<p>Sign in</p>", Content_Type="text/html"), EngineError, "Sign in"),
        (says(b"", 302, Location="/login"), EngineError, "status 302"),
        (says(b"nothing here", 404), EngineError, "nothing here"),
        (says(b"bad gateway", 502), EngineError, "bad gateway"),
        (says(b"", 504), QueryTimeoutError, "its own time limit"),
        (says(b"", 503), QueryBusyError, "busy"),
        (says(b"out of memory", 500), QueryError, "out of memory"),
    ],
)  # fmt: skip
def test_what_is_not_the_query_s_fault_is_not_told_as_such(
    tiny_store: Store, answer: Answer, kind: type[Exception], said: str
) -> None:
    with asking(tiny_store, answer) as (_, queries), pytest.raises(kind, match=said) as told:
        queries.run(ASKED)
    assert type(told.value) is kind


def test_a_server_that_hangs_keeps_one_reader_waiting_not_all(tiny_store: Store) -> None:
    with faulty_server(silent) as faulty:
        server = GraphServer(
            read_address(faulty.url)[0], patience=Patience(attempts=1, longest_answer=60.0)
        )
        told: list[object] = []

        def first(queries: ServerQueries) -> None:
            try:
                told.append(queries.run(ASKED))
            except EngineError as error:
                told.append(error)

        clock = iter([0.0] * 100).__next__  # no time passes: nobody is to look again
        with closing(ServerQueries(tiny_store.published(), server, clock=clock)) as queries:
            thread = threading.Thread(target=first, args=(queries,))
            thread.start()
            while not faulty.asked:
                threading.Event().wait(0.01)
            assert queries.run(ASKED, client="second").engine == "own"
            assert told == []
            faulty.ended.set()
            thread.join()
            assert isinstance(told[0], EngineError)
            with pytest.raises(EngineError):  # and what came of it is known for a while
                queries.run(ASKED, client="third")
            assert len(faulty.asked) == 1


def open_at(store: Store, url: str) -> rdflib.Dataset:
    return kg.open_store(store.path, graph=url)


def test_a_script_gets_all_rows_of_a_server_that_cuts(tiny_store: Store) -> None:
    with faulty_server(believable(tiny_store, says(rows({"n": "x"})), 1)) as faulty:
        graph = open_at(tiny_store, faulty.url)
        assert len(graph.query(ASKED)) == tiny_store.published().manifest.counts["trials"]
        graph.close()


def test_a_script_that_asks_one_named_graph_is_answered_from_it(tiny_store: Store) -> None:
    with faulty_server(believable(tiny_store, says(rows({"n": "x"})))) as faulty:
        graph = open_at(tiny_store, faulty.url)
        one = graph.get_context("https://w3id.org/trialkin/graph/ontology")
        assert [str(row.n) for row in graph.query("SELECT ?n { ?s tk:nctId ?n }")] == ["x"]
        assert list(one.query("SELECT ?n { ?s tk:nctId ?n }")) == []
        assert len(one.query("SELECT ?s { ?s a ?c }")) > 1
        graph.close()


def test_a_script_stays_at_a_generation_that_was_pruned(tiny_store: Store, tmp_path: Path) -> None:
    store = Store(tmp_path / "store")
    shutil.copytree(tiny_store.path, store.path)
    with faulty_server(believable(store, says(b"cannot", 400))) as faulty:
        graph = open_at(store, faulty.url)
        shutil.rmtree(store.folder(1) / "graph")
        assert len(graph.query(ASKED)) > 1
        graph.close()


def test_long_answers_are_read_only_as_far_as_they_are_wanted(tiny_store: Store) -> None:
    lines = b"".join(b"<urn:a> <urn:b> <urn:%d> .\n" % number for number in range(20_000))
    broken = lines + b"this is no triple"
    with (
        asking(tiny_store, says(broken, Content_Type="application/n-triples")) as (_, queries),
        pytest.raises(QueryError, match=r"more than 10,000 triples"),
    ):
        queries.run(BUILT)
