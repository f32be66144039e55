"""The process that runs users' queries: read-only, without network, made to be killed.

pyoxigraph cannot stop a query once it runs, and SERVICE reaches out to any host; a process of
its own answers both. It reads one JSON object a line from standard input and answers each with
one line of JSON, followed by as many bytes as that line says.

Run as ``python -m kg.sparql.worker GRAPH_FOLDER MEMORY_BYTES``.
"""

from __future__ import annotations

import ctypes
import itertools
import json
import os
import resource
import sys
from typing import Any, BinaryIO

import pyoxigraph as ox

from kg.sparql import formats
from ontology.errors import QueryError, QuerySyntaxError, QueryTooLargeError
from ontology.vocabulary import PREFIXES

_CLONE_NEWUSER = 0x10000000
_CLONE_NEWNET = 0x40000000


def leave_network() -> bool:
    """Move this process to a network namespace of its own that holds nothing.

    Returns
    -------
    bool
        Whether the system let it; if not, the query policy is the only guard.
    """
    try:
        libc = ctypes.CDLL(None, use_errno=True)
        # Without the rights of root, a namespace of users has to come along.
        return any(
            libc.unshare(flags) == 0 for flags in (_CLONE_NEWNET, _CLONE_NEWUSER | _CLONE_NEWNET)
        )
    except (OSError, AttributeError):
        return False


def limit_memory(memory_bytes: int) -> None:
    """Let this process take no more address space than it has and `memory_bytes` besides."""
    with open("/proc/self/statm", encoding="ascii") as file:
        taken = int(file.read().split()[0]) * os.sysconf("SC_PAGE_SIZE")
    limit = taken + memory_bytes
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))


def answer(store: ox.Store, request: dict[str, Any]) -> tuple[dict[str, Any], bytes]:
    """Run one query; return what is said about the answer, and the answer.

    Raises
    ------
    QueryError
        If it cannot be parsed, is too large, or has no such format.
    """
    max_rows, max_bytes = request["max_rows"], request["max_bytes"]
    try:
        result = store.query(request["query"], prefixes=PREFIXES, use_default_graph_as_union=True)
    except SyntaxError as error:
        raise QuerySyntaxError(str(error)) from None
    said: dict[str, Any] = {"truncated": False}
    if isinstance(result, ox.QueryBoolean):
        said |= {"form": "ASK", "rows": 1}
        body = formats.write_boolean(request["select_format"], bool(result))
    elif isinstance(result, ox.QuerySolutions):
        variables = [variable.value for variable in result.variables]
        rows = [list(solution) for solution in itertools.islice(result, max_rows + 1)]
        said |= {"form": "SELECT", "truncated": len(rows) > max_rows}
        rows = rows[:max_rows]
        said["rows"] = len(rows)
        body = formats.write_rows(request["select_format"], variables, rows, said["truncated"])
    else:
        triples = list(itertools.islice(result, max_rows + 1))
        if len(triples) > max_rows:  # a graph cannot say that it is cut
            raise QueryTooLargeError(
                f"The result has more than {max_rows:,} triples; narrow the query."
            )
        said |= {"form": "CONSTRUCT", "rows": len(triples)}
        body = formats.write_graph(request["graph_format"], triples)
    if len(body) > max_bytes:
        raise QueryTooLargeError(
            f"The result has {len(body):,} bytes, {max_bytes:,} are allowed; add a LIMIT."
        )
    return said, body


def serve(store: ox.Store, requests: BinaryIO, replies: BinaryIO) -> None:
    """Answer requests until there are no more."""
    for line in requests:
        try:
            said, body = answer(store, json.loads(line))
        except QueryError as error:
            said, body = {"error": type(error).__name__, "message": str(error)}, b""
        except (RuntimeError, ValueError, OSError, MemoryError) as error:
            # What pyoxigraph raises when evaluation fails; the parent reports it as it is.
            said, body = {"error": "QueryError", "message": f"The query failed: {error}"}, b""
        replies.write(json.dumps(said | {"bytes": len(body)}).encode() + b"\n" + body)
        replies.flush()


def main(arguments: list[str]) -> None:
    """Open the graph, give up what is not needed, and serve."""
    graph_path, memory_bytes = arguments
    isolated = leave_network()
    store = ox.Store.read_only(graph_path)
    limit_memory(int(memory_bytes))
    sys.stdout.buffer.write(json.dumps({"ready": True, "isolated": isolated}).encode() + b"\n")
    sys.stdout.buffer.flush()
    serve(store, sys.stdin.buffer, sys.stdout.buffer)


if __name__ == "__main__":
    main(sys.argv[1:])
