"""How much a query may take, and what its answer is."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class QueryLimits:
    """How much a query may take; the units are in the names.

    Attributes
    ----------
    deadline_s : float
        A query that runs longer is stopped.
    slow_s : float
        A query that runs longer gives way to others: they get the processor before it.
    wait_s : float
        A query that finds no free worker for so long is sent back.
    max_rows : int
        Solutions of a SELECT, which is cut there and says so; triples of a graph, which cannot
        say so and is refused.
    max_bytes : int
        The same by size.
    memory_bytes : int
        Address space that a worker may take beyond what it starts with.
    workers_per_client : int
        Workers that one client may have at once; 0 for all but one, or the only one.
    waiting_per_client : int
        Queries that one client may have waiting.
    waiting : int
        Queries of all clients that may wait.
    """

    deadline_s: float = 10.0
    slow_s: float = 0.5
    wait_s: float = 10.0
    max_rows: int = 10_000
    max_bytes: int = 50_000_000
    memory_bytes: int = 2_000_000_000
    workers_per_client: int = 0
    waiting_per_client: int = 8
    waiting: int = 48


@dataclass(frozen=True, slots=True)
class QueryAnswer:
    """The answer to a query.

    Attributes
    ----------
    form : str
        ``SELECT``, ``ASK`` or ``CONSTRUCT`` (which stands for DESCRIBE too).
    media_type : str
    body : bytes
        The result in the format that was asked for.
    rows : int
        Solutions or triples in `body`.
    truncated : bool
        Whether more were found than `QueryLimits.max_rows` or `QueryLimits.max_bytes` allow.
    seconds : float
        From the call to the answer.
    engine : str
        What answered: ``own``, the store's own engine, or ``server``, a graph server.
    """

    form: str
    media_type: str
    body: bytes
    rows: int
    truncated: bool
    seconds: float
    engine: str = "own"
