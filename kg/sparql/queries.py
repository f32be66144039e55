"""`Queries`: what answers queries over one generation, whichever engine that is."""

from __future__ import annotations

from typing import Protocol

from kg.sparql.limits import QueryAnswer, QueryLimits
from kg.sparql.policy import Dataset


class Queries(Protocol):
    """Answers users' queries over one generation; safe to use from many threads.

    The store's own engine (`kg.sparql.pool.QueryPool`), or a graph server with that behind it
    (`kg.engines.queries.ServerQueries`).
    """

    @property
    def limits(self) -> QueryLimits:
        """How much a query may take."""
        ...

    def run(
        self,
        query: str,
        *,
        select_format: str = "json",
        graph_format: str = "turtle",
        dataset: Dataset | None = None,
        client: str = "",
    ) -> QueryAnswer:
        """Run a query and return its answer, see `kg.sparql.pool.QueryPool.run`."""
        ...

    def warm(self) -> None:
        """Get ready, so that the first query need not wait."""
        ...

    def state(self) -> dict[str, int]:
        """Return how many queries could begin at once, run, and wait."""
        ...

    def wrong(self) -> list[str]:
        """Return what is wrong with the engine, in sentences."""
        ...

    def close(self) -> None:
        """Let go of everything."""
        ...
