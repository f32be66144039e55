"""The process that runs users' queries: read-only, without network, made to be killed.

pyoxigraph cannot stop a query once it runs, and SERVICE reaches out to any host; a process of
its own answers both. It reads one JSON object a line from standard input and answers each with
one line of JSON, followed by as many bytes as that line says.

Run as ``python -m kg.sparql.worker GRAPH_FOLDER MEMORY_BYTES``.
"""

from __future__ import annotations

import itertools
import json
import signal
import sys
from functools import lru_cache
from pathlib import Path
from typing import Any, BinaryIO

import pyoxigraph as ox

from kg.sparql import formats
from kg.sparql.columns import column_order
from kg.sparql.functions import Functions
from kg.sparql.isolation import deny_system_calls, leave_network, limit_memory
from kg.sparql.messages import syntax_error
from kg.sparql.planning import plan
from ontology.errors import (
    QueryError,
    QueryRefusedError,
    QuerySyntaxError,
    QueryTooLargeError,
)
from ontology.vocabulary import PREFIXES

GRACE_S = 1.0
"""How long after a deadline a worker ends itself, if nobody is left to end it."""


class Answering:
    """Queries over one graph.

    Parameters
    ----------
    store : pyoxigraph.Store
    folder : Path
        The generation's, for the functions of `kg.sparql.functions`.
    """

    def __init__(self, store: ox.Store, folder: Path):
        self._store = store
        self._functions = Functions(store, folder)
        self._table = dict(self._functions.table)
        self._planned = lru_cache(256)(self._plan)

    def answer(self, request: dict[str, Any]) -> tuple[dict[str, Any], bytes]:
        """Run one query; return what is said about the answer, and the answer.

        Raises
        ------
        QueryError
            If it cannot be parsed, is too large, or has no such format.
        """
        self._functions.begin()
        try:
            said, body = self._write(self._run(request), request)
        finally:
            # First of all: a function that failed has left rows out.
            self._functions.raise_error()
        if len(body) > request["max_bytes"]:
            raise QueryTooLargeError(
                f"The result has {len(body):,} bytes, {request['max_bytes']:,} are allowed; "
                "narrow the query or add a LIMIT."
            )
        return said, body

    def _run(self, request: dict[str, Any]) -> Any:
        query = request["query"]
        defaults, named = request["default_graphs"], request["named_graphs"]
        whole = not defaults and not named
        dataset: dict[str, Any] = {"use_default_graph_as_union": True}
        if not whole:
            for iri in (*defaults, *named):
                if not self._store.contains_named_graph(ox.NamedNode(iri)):
                    # Else a slip of the pen would look like an empty answer.
                    raise QueryRefusedError(
                        f"<{iri[:200]}> is no graph of this endpoint, and none is fetched; "
                        "SELECT ?g { GRAPH ?g {} } lists them all."
                    )
            # What FROM says is overridden: in Oxigraph it has no effect beside the union.
            dataset = {
                "default_graph": [ox.NamedNode(iri) for iri in defaults],
                "named_graphs": [ox.NamedNode(iri) for iri in named],
            }
        try:
            return self._store.query(
                self._planned(query) if whole else query,
                prefixes=PREFIXES,
                custom_functions=self._table,
                **dataset,
            )
        except SyntaxError as error:
            raise syntax_error(query, str(error)) from None

    def _plan(self, query: str) -> str:
        return plan(query, self._store, PREFIXES)

    def _write(self, result: Any, request: dict[str, Any]) -> tuple[dict[str, Any], bytes]:
        max_rows, max_bytes = request["max_rows"], request["max_bytes"]
        if isinstance(result, ox.QueryBoolean):
            body = formats.write_boolean(request["select_format"], bool(result))
            return {"form": "ASK", "rows": 1, "truncated": False}, body
        if isinstance(result, ox.QuerySolutions):
            names = [variable.value for variable in result.variables]
            order = column_order(request["query"], names)
            body, rows, cut = formats.write_rows(
                request["select_format"],
                [names[place] for place in order],
                ([solution[place] for place in order] for solution in result),
                max_rows=max_rows,
                max_bytes=max_bytes,
            )
            return {"form": "SELECT", "rows": rows, "truncated": cut}, body
        triples = list(itertools.islice(result, max_rows + 1))
        if len(triples) > max_rows:  # a graph cannot say that it is cut
            raise QueryTooLargeError(
                f"The result has more than {max_rows:,} triples; narrow the query."
            )
        body = formats.write_graph(request["graph_format"], triples)
        return {"form": "CONSTRUCT", "rows": len(triples), "truncated": False}, body


def serve(answering: Answering, requests: BinaryIO, replies: BinaryIO) -> None:
    """Answer requests until there are no more."""
    for line in requests:
        request = json.loads(line)
        # The parent ends a worker at the deadline; one that has lost its parent ends itself.
        signal.setitimer(signal.ITIMER_REAL, request["deadline_s"] + GRACE_S)
        try:
            said, body = answering.answer(request)
        except QuerySyntaxError as error:
            place = {"line": error.line, "column": error.column}
            said, body = {"error": "QuerySyntaxError", "message": str(error), "place": place}, b""
        except QueryError as error:
            said, body = {"error": type(error).__name__, "message": str(error)}, b""
        except (RuntimeError, ValueError, OSError, MemoryError) as error:
            # What pyoxigraph raises when evaluation fails; the parent reports it as it is.
            said, body = {"error": "QueryError", "message": f"The query failed: {error}"}, b""
        signal.setitimer(signal.ITIMER_REAL, 0)
        replies.write(json.dumps(said | {"bytes": len(body)}).encode() + b"\n" + body)
        replies.flush()


def main(arguments: list[str]) -> None:
    """Open the graph, give up what is not needed, and serve."""
    graph_path, memory_bytes = arguments
    guards = {"namespace": leave_network()}
    store = ox.Store.read_only(graph_path)
    answering = Answering(store, Path(graph_path).parent)
    guards["filter"] = deny_system_calls()
    limit_memory(int(memory_bytes))
    sys.stdout.buffer.write(json.dumps({"ready": True, "guards": guards}).encode() + b"\n")
    sys.stdout.buffer.flush()
    serve(answering, sys.stdin.buffer, sys.stdout.buffer)


if __name__ == "__main__":
    main(sys.argv[1:])
