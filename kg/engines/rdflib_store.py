"""`MirroredStore`: rdflib's store over a generation, whose queries a graph server answers."""

from __future__ import annotations

import io
from collections.abc import Mapping
from typing import Any

from oxrdflib import OxigraphStore
from rdflib.query import Result

from kg.engines.queries import ServerQueries
from kg.engines.server import GraphServer
from kg.generation import Generation
from kg.sparql.limits import QueryLimits
from ontology.errors import EngineError, QueryTooLargeError, StoreError
from ontology.vocabulary import PREFIXES

_ALL = ("", "__UNION__")
"""What rdflib calls all graphs together."""
_NO_LIMITS = QueryLimits(
    deadline_s=86_400.0, wait_s=86_400.0, max_rows=10_000_000, max_bytes=2_000_000_000
)
"""Of a script's own queries; a server may have limits of its own."""


class MirroredStore(OxigraphStore):
    """Looks patterns up in the generation itself, and sends queries to its mirror.

    Parameters
    ----------
    generation : Generation
    server : GraphServer
        Closed with the store.
    how
        As `oxrdflib.OxigraphStore` takes it.
    """

    def __init__(self, generation: Generation, server: GraphServer, **how: Any):
        super().__init__(**how)
        self._queries = ServerQueries(generation, server, limits=_NO_LIMITS)

    def query(
        self,
        query: Any,
        initNs: Mapping[str, Any] | None = None,  # noqa: N803
        initBindings: Mapping[str, Any] | None = None,  # noqa: N803
        queryGraph: str = "",  # noqa: N803
        **more: Any,
    ) -> Any:
        """Run a query; in the generation itself if a mirror cannot have it, or not all of it.

        That is with values given for variables, and about one of the named graphs.
        """

        def here() -> Any:
            return super(MirroredStore, self).query(
                query, initNs or {}, initBindings or {}, queryGraph, **more
            )

        if initBindings or more or queryGraph not in _ALL or not isinstance(query, str):
            return here()
        given = {name: str(base) for name, base in (initNs or {}).items()}
        others = {name: base for name, base in given.items() if PREFIXES.get(name) != base}
        known = {name: base for name, base in others.items() if f"{name}:" in query}
        prologue = "".join(f"PREFIX {name}: <{base}> " for name, base in known.items())
        try:
            answer = self._queries.run(prologue + query, graph_format="ntriples")
        except EngineError:
            raise
        except (QueryTooLargeError, StoreError):  # the latter: its folder was pruned since
            return here()
        if answer.truncated:
            return here()
        kind = "nt" if answer.form == "CONSTRUCT" else None
        return Result.parse(io.BytesIO(answer.body), format=kind, content_type=answer.media_type)

    def close(self, commit_pending_transaction: bool = False) -> None:
        """Let go of the server and of the generation."""
        self._queries.close()
        super().close(commit_pending_transaction)
