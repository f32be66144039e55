"""`open_queries`: what answers queries over a store's published generation."""

from __future__ import annotations

from contextlib import closing, nullcontext
from typing import Any

from kg.engines.access import open_server
from kg.generation import Generation
from kg.manifest import MANIFEST_FILE
from kg.sparql.keeping import KeepingQueries
from kg.sparql.kept_answers import KeptAnswers, answers_folder
from kg.sparql.limits import QueryLimits
from kg.sparql.pool import QueryPool
from kg.sparql.queries import Queries
from kg.store import Store

_PATIENCE_S = 10.0
"""How long it may take to see which generation a server holds."""


def open_queries(
    store: Store,
    generation: Generation,
    *,
    workers: int,
    limits: QueryLimits,
    keeps_answers: bool = False,
) -> Queries:
    """Return what answers queries: the store's graph server if it has one, else its own engine.

    Answers of the own engine that are kept beside the generations are read; with `keeps_answers`
    they are written too.

    Raises
    ------
    EngineError
        If the server's address cannot be read; that it answers is seen with the first query.
    """
    server = open_server(store.path, store.access, patience_s=_PATIENCE_S)
    if server is None:
        pool = QueryPool(generation.graph_path, workers=workers, limits=limits)
        manifest = (generation.path / MANIFEST_FILE).read_bytes()
        folder = answers_folder(store.path, generation.manifest.generation, manifest)
        return KeepingQueries(pool, KeptAnswers(folder, writes=keeps_answers))
    from kg.engines.queries import ServerQueries

    return ServerQueries(generation, server, workers=workers, limits=limits)


def engine_status(store: Store, generation: Generation) -> dict[str, Any]:
    """Return which engine answers queries, where it is, and what is wrong with it.

    Raises
    ------
    EngineError
        If the server's address cannot be read.
    """
    limits = QueryLimits()
    with closing(open_queries(store, generation, workers=1, limits=limits)) as queries:
        wrong = queries.wrong()
    with open_server(store.path, store.access) or nullcontext() as server:
        url = None if server is None else server.shown
    return {"name": "own" if url is None else "server", "url": url, "wrong": wrong}
