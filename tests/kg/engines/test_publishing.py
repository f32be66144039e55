"""Publishing on a graph server: by differences, in one switch, whatever dies on the way."""

from __future__ import annotations

import json
import shutil
import threading
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from kg.engines.access import SERVER_FILE
from kg.engines.server import GraphServer
from kg.sparql.pool import QueryPool
from kg.store import Store
from ontology.errors import EngineError
from tests.kg.engines.mirroring import (
    access,
    answered,
    attached,
    held_triples,
    own_triples,
    publish,
    queries_of,
    sent,
    server_of,
    state_of,
)
from tests.kg.engines.quads import mark, odd_quads
from tests.kg.engines.servers import KINDS, RunningServer, running


def test_odd_terms_come_back_as_they_went_in(mirrored: Store) -> None:
    publish(mirrored, added=odd_quads())
    assert held_triples(mirrored) == own_triples(mirrored)
    query = "SELECT ?p ?o { <urn:mark> ?p ?o }"
    engine, rows = answered(mirrored, query)
    assert engine == "server"
    assert len(rows) > len(odd_quads())
    own = QueryPool(mirrored.published().graph_path, workers=1)
    with own as ours, queries_of(mirrored) as theirs:
        for format_ in ("json", "xml"):
            ordered = f"{query} ORDER BY ?p"
            bodies = [one.run(ordered, select_format=format_).body for one in (ours, theirs)]
            assert bodies[0] == bodies[1]


def test_only_what_differs_goes_over_the_line(
    mirrored: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(mirrored, added=odd_quads())  # fills the second graph
    counts = sent(monkeypatch)
    gone = list(mirrored.published().read_graph())[:250]
    publish(mirrored, added=[mark(3)], removed=[*gone, *odd_quads()])
    # Both changes since the generation that the older graph held.
    odd = len(odd_quads())
    assert counts == {"a": odd + 1, "removed": 250 + odd}
    assert held_triples(mirrored) == own_triples(mirrored)
    publish(mirrored, added=gone, removed=[mark(3)])
    assert held_triples(mirrored) == own_triples(mirrored)
    assert answered(mirrored, "ASK { <urn:mark> <urn:number> ?n }") == ("server", ["false"])


@pytest.mark.slow
def test_without_known_differences_all_is_loaded_anew(
    mirrored: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(mirrored)
    counts = sent(monkeypatch)
    publish(mirrored, added=[mark(3)], differences=False)
    assert counts == {"a": len(own_triples(mirrored))}
    assert held_triples(mirrored) == own_triples(mirrored)


def test_a_rollback_only_throws_the_switch(
    mirrored: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(mirrored, added=[mark(2)])
    counts = sent(monkeypatch)
    mirrored.rollback()
    assert counts == {}
    assert answered(mirrored, "ASK { <urn:mark> <urn:number> ?n }") == ("server", ["false"])
    mirrored.rollback(2)
    assert held_triples(mirrored) == own_triples(mirrored)
    publish(mirrored, added=[mark(3)])
    publish(mirrored, added=[mark(4)])
    counts.clear()
    mirrored.rollback(2)  # further back than the server remembers: the differences, backwards
    assert counts == {"removed": 1}
    assert held_triples(mirrored) == own_triples(mirrored)


@pytest.mark.slow
def test_every_reader_sees_one_generation(mirrored: Store) -> None:
    publish(mirrored, added=[mark(2)])
    wrong: list[object] = []
    seen: set[int] = set()
    ended = threading.Event()

    def read() -> None:
        """Ask as TrialKin's endpoint does, which answers from what is published."""
        while not ended.is_set():
            generation = mirrored.published().manifest.generation
            with queries_of(mirrored) as queries:
                number = queries._key.generation
                answer = queries.run(
                    "SELECT ?n { <urn:mark> <urn:number> ?n }", select_format="csv"
                )
                if answer.body.split() != [b"n", b"%d" % number] or number < generation:
                    wrong.append((number, answer.body))
                seen.add(number)

    def read_directly() -> None:
        """Ask as a stranger does, in one query that follows the pointer."""
        with server_of(mirrored) as server:
            query = (
                f"SELECT ?n {{ GRAPH <{server.mirror}> "
                f"{{ <{server.mirror}> <https://w3id.org/trialkin/mirror#current> ?g }} "
                "GRAPH ?g { <urn:mark> <urn:number> ?n } }"
            )
            while not ended.is_set():
                response = server._http.post(
                    server.address.service("query"),
                    data={"query": query},
                    headers={"Accept": "application/sparql-results+json"},
                )
                rows = response.json()["results"]["bindings"]
                found = [int(row["n"]["value"]) for row in rows]
                if len(found) > 1 or (found and found[0] not in range(2, 20)):
                    wrong.append(found)

    threads = [threading.Thread(target=each) for each in (read, read, read_directly)]
    for thread in threads:
        thread.start()
    for number in range(3, 9):
        publish(mirrored, added=[mark(number)], removed=[mark(number - 1)])
    ended.set()
    for thread in threads:
        thread.join()
    assert wrong == []
    assert len(seen) > 2


def test_what_was_asked_of_an_earlier_generation_is_answered_from_it(mirrored: Store) -> None:
    publish(mirrored, added=[mark(2)])
    query = "SELECT ?n { <urn:mark> <urn:number> ?n }"
    with closing(queries_of(mirrored)) as second:
        assert second.run(query).engine == "server"
        publish(mirrored, added=[mark(3)], removed=[mark(2)])
        assert second.run(query).engine == "server"  # it is the older one, and still there
        publish(mirrored, added=[mark(4)], removed=[mark(3)])
        answer = second.run(query, select_format="csv")  # its graph is another's now
        assert (answer.engine, answer.body.split()) == ("own", [b"n", b"2"])
        assert "Generation 2 is not on" in second.wrong()[0]


@pytest.mark.parametrize("kind", KINDS)
def test_without_the_server_nothing_is_published(
    kind: str, tmp_path: Path, copied: Callable[[str], Store], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "server"
    folder.mkdir()
    with running(kind, folder) as server:
        store = attached(copied(server.url))
        queries = queries_of(store)
        assert queries.run("ASK {}").engine == "server"
        server.stop()
        assert "cannot be reached" in queries.wrong()[0]
        with closing(queries), pytest.raises(EngineError, match=r"cannot be reached.*start it"):
            queries.run("ASK {}")
        numbers = store.generation_numbers()
        with pytest.raises(EngineError, match="cannot be reached"):
            publish(store, added=[mark(2)])
        assert (store.published_number(), store.generation_numbers()) == (1, numbers)
        server.start()
        # It goes down in the middle.
        add = GraphServer.add

        def failing(self: GraphServer, graph: str, triples: bytes) -> None:
            if not graph.endswith("/tried"):  # by which a run sees that it may begin
                server.stop()
            add(self, graph, triples)

        monkeypatch.setattr(GraphServer, "add", failing)
        with pytest.raises(EngineError, match="`trialkin rollback 2` publishes it"):
            publish(store, added=[mark(2)])
        monkeypatch.setattr(GraphServer, "add", add)
        assert store.published_number() == 1
        server.start()
        assert store.rollback(2) == 2
        assert held_triples(store) == own_triples(store)


def test_a_mirror_of_another_store_is_left_alone(
    mirrored: Store, tiny_store: Store, tmp_path: Path
) -> None:
    shutil.copytree(tiny_store.path, tmp_path / "other")
    other = Store(tmp_path / "other", access=mirrored.access)
    before = state_of(mirrored)
    with pytest.raises(EngineError, match=r"mirrors another store.*name="):
        attached(other)
    assert state_of(mirrored) == before


@pytest.mark.slow
def test_secrets_are_neither_kept_nor_shown(
    copied: Callable[[str], Store], virtuoso: RunningServer
) -> None:
    url = virtuoso.url.replace("dba:dba", "dba:wrong-secret") + "?name=secret"
    store = copied(url)
    with pytest.raises(EngineError, match="TRIALKIN_GRAPH_PASSWORD") as told:
        attached(store)
    assert "secret@" not in str(told.value)
    assert "wrong" not in str(told.value)
    assert not (store.path / SERVER_FILE).exists()
    assert "wrong" not in repr(store.access)
    right = attached(Store(store.path, access=access(url.replace("wrong-secret", "dba"))))
    kept = json.loads((right.path / SERVER_FILE).read_text())
    assert kept["url"] == url.replace("dba:wrong-secret@", "")


def test_the_server_that_a_store_remembers_may_be_given_up(mirrored: Store) -> None:
    remembered = Store(mirrored.path)
    assert answered(remembered, "ASK {}")[0] == "server"
    with Store(mirrored.path, access=access("none")).lock():
        pass
    assert not (mirrored.path / SERVER_FILE).exists()
