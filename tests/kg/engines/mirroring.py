"""Short ways to mirror a store, to publish in it, and to see what a server holds."""

from __future__ import annotations

import json
import shutil
from collections import Counter
from collections.abc import Iterable
from contextlib import closing

import pyoxigraph as ox
import pytest

from kg.engines.access import ServerAccess, open_server
from kg.engines.differences import FOLDER, Journal
from kg.engines.opening import open_queries
from kg.engines.queries import ServerQueries
from kg.engines.results import read_rows
from kg.engines.server import ROWS_TYPE, GraphServer
from kg.engines.state import Key, MirrorState, read_state
from kg.manifest import MANIFEST_FILE
from kg.sparql.limits import QueryLimits
from kg.store import Store

_PAGE = 2_000


def access(url: str) -> ServerAccess:
    return ServerAccess(url)


def attached(store: Store) -> Store:
    """Fill the mirror of a store."""
    with store.lock():
        store.settle()
    return store


def server_of(store: Store) -> GraphServer:
    found = open_server(store.path, store.access)
    assert found is not None
    return found


def state_of(store: Store) -> MirrorState:
    with server_of(store) as server:
        return read_state(server)


def queries_of(store: Store, **limits: float) -> ServerQueries:
    chosen = QueryLimits(**limits)  # type: ignore[arg-type]
    found = open_queries(store, store.published(), workers=4, limits=chosen)
    assert isinstance(found, ServerQueries)
    return found


def publish(
    store: Store,
    *,
    added: Iterable[ox.Quad] = (),
    removed: Iterable[ox.Quad] = (),
    differences: bool = True,
    run: str = "run",
) -> int:
    """Publish the last generation again with some quads more and some fewer."""
    came, gone = list(added), list(removed)
    with store.lock(), store.next_generation() as folder:
        previous = store.published()
        shutil.copytree(
            previous.path, folder, dirs_exist_ok=True, ignore=shutil.ignore_patterns(FOLDER)
        )
        number = int(folder.name.rpartition("-")[2])
        graph = ox.Store(str(folder / "graph"))
        for quad in gone:
            graph.remove(quad)
        graph.extend(came)
        graph.flush()
        manifest = json.loads((folder / MANIFEST_FILE).read_bytes())
        manifest |= {"generation": number, "run": f"{run}-{number}"}
        manifest["counts"]["quads"] = len(graph)
        del graph
        (folder / MANIFEST_FILE).write_text(json.dumps(manifest), "utf-8")
        if differences:
            journal = Journal(folder, Key.of(previous))
            journal.note(gone, came)
            journal.finish(f"{run}-{number}")
    return number


def held_triples(store: Store) -> list[str]:
    """Return what the server's current graph holds, sorted."""
    state = state_of(store)
    assert state.current is not None
    with server_of(store) as server:
        return sorted(_all_triples(server, state.current))


def own_triples(store: Store) -> list[str]:
    """Return what the published generation holds, sorted."""
    return sorted(str(quad.triple) for quad in store.published().read_graph())


def _all_triples(server: GraphServer, graph: str) -> Iterable[str]:
    # In pages, as servers cut what is larger; without an order, which nobody needs to change.
    found: set[str] = set()
    for offset in range(0, 10**7, _PAGE):
        query = f"SELECT ?s ?p ?o {{ ?s ?p ?o }} LIMIT {_PAGE} OFFSET {offset}"
        answer = server.ask(query, graph, accept=ROWS_TYPE, deadline_s=60, max_bytes=10**9)
        rows = read_rows(answer)[1]
        found |= {f"{s} {p} {o}" for s, p, o in rows}
        if len(rows) < _PAGE:
            break
    held = server.rows("SELECT (COUNT(*) AS ?n) { ?s ?p ?o }", graph)[0]["n"]
    assert len(found) == int(held), "the pages overlap"
    return found


def answered(store: Store, query: str, **how: object) -> tuple[str, list[str]]:
    """Return which engine answers, and the lines of its answer as CSV or N-Triples."""
    with closing(queries_of(store)) as queries:
        answer = queries.run(query, select_format="csv", graph_format="ntriples", **how)  # type: ignore[arg-type]
    return answer.engine, answer.body.decode().splitlines()


def sent(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """Count the triples that go into each graph, by the last part of its name.

    Not the one by which each run sees that it may write.
    """
    counts: Counter[str] = Counter()
    add = GraphServer.add

    def counting(self: GraphServer, graph: str, triples: bytes) -> None:
        if not graph.endswith("/tried"):
            counts[graph.rpartition("/")[2]] += triples.count(b"\n")
        add(self, graph, triples)

    monkeypatch.setattr(GraphServer, "add", counting)
    return counts
