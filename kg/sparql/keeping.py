"""`KeepingQueries`: queries over one generation that are answered once."""

from __future__ import annotations

import logging
import sys
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import replace

import pyoxigraph as ox

from kg.sparql import formats
from kg.sparql.examples import example_texts
from kg.sparql.kept_answers import KeptAnswers, answer_key
from kg.sparql.limits import QueryAnswer, QueryLimits
from kg.sparql.policy import Dataset, check_query
from kg.sparql.pool import QueryPool
from ontology.errors import QueryError, StoreError

_log = logging.getLogger(__name__)

KEPT_SECONDS_LEAST = 0.05
"""An answer that is made quicker is not worth keeping."""
PREPARING_SECONDS_MOST = 600.0
"""How long one query may take beside the readers', before anyone asks it."""


class KeepingQueries:
    """A pool that keeps what it has answered; safe to use from many threads.

    Only whole answers are kept, never those of a query that may answer otherwise when asked
    again (NOW, RAND, ...). What it says of an answer is true of the one asked for: `seconds` are
    those that it took now, and rows and bytes stay below the limits.

    Parameters
    ----------
    pool : QueryPool
        Closed with this.
    kept : KeptAnswers
        Of the same generation.
    """

    def __init__(self, pool: QueryPool, kept: KeptAnswers):
        self._pool, self._kept = pool, kept
        self._lock = threading.Lock()
        self._preparing: QueryPool | None = None
        self._closed = threading.Event()

    def __enter__(self) -> KeepingQueries:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    @property
    def limits(self) -> QueryLimits:
        """How much a query may take."""
        return self._pool.limits

    def warm(self) -> None:
        """Get ready, so that the first query need not wait."""
        self._pool.warm()

    def state(self) -> dict[str, int]:
        """Return how many queries could begin at once, run, and wait."""
        return self._pool.state()

    def wrong(self) -> list[str]:
        """Return what is wrong with the engine, in sentences."""
        return self._pool.wrong()

    def close(self) -> None:
        """Stop the workers; one that prepares answers is killed."""
        with self._lock:
            self._closed.set()
            if self._preparing is not None:
                self._preparing.kill()
        self._pool.close()

    def run(
        self,
        query: str,
        *,
        select_format: str = "json",
        graph_format: str = "turtle",
        dataset: Dataset | None = None,
        client: str = "",
    ) -> QueryAnswer:
        """Return the answer to a query, see `kg.sparql.pool.QueryPool.run`."""
        started = time.monotonic()
        checked = check_query(query)
        shipped = None if dataset or checked.form != "SELECT" else _shipped(query)

        def ask(select_format: str) -> QueryAnswer:
            return self._pool.run(
                query,
                select_format=select_format,
                graph_format=graph_format,
                dataset=dataset,
                client=client,
            )

        if checked.volatile:
            return ask(select_format)
        if shipped is not None:
            found = self._rows(shipped, select_format, ask)
            return ask(select_format) if found is None else _timed(found, started)
        format_ = select_format if checked.form in ("SELECT", "ASK") else graph_format
        key = answer_key(query, format_, dataset or "")
        found = self._kept.get(key)
        if found is not None and self._fits(found):
            return _timed(found, started)
        answer = ask(select_format)
        if answer.seconds >= KEPT_SECONDS_LEAST:
            self._kept.put(key, answer)
        return answer

    def _rows(
        self, shipped: str, format_: str, ask: Callable[[str], QueryAnswer]
    ) -> QueryAnswer | None:
        """Return the answer to an example from its kept rows; None if not all are to be had."""
        if format_ not in formats.RESULT_TYPES:
            return None
        key = _rows_key(shipped)
        rows = self._kept.get(key)
        if rows is None:
            rows = ask("json")
            if rows.truncated:
                return rows if format_ == "json" else None
            self._kept.put(key, rows, in_file=True)
        found = rows if format_ == "json" else _written(rows, format_)
        return found if self._fits(found) else None

    def prepare(self, queries: Iterable[str]) -> None:
        """Answer queries that come with TrialKin in the background, before anyone asks them.

        They run one after another in a worker of their own, which gives way to all others and
        has `PREPARING_SECONDS_MOST` for each; `close` ends it.
        """
        limits = replace(self.limits, deadline_s=PREPARING_SECONDS_MOST)
        with self._lock:
            if self._closed.is_set() or self._preparing is not None:
                return
            pool = QueryPool(self._pool.graph_path, workers=1, limits=limits, gives_way=True)
            self._preparing = pool
        with pool:
            for query in queries:
                shipped = _shipped(query)
                if shipped is None or check_query(query).form != "SELECT":
                    continue
                if self._kept.get(_rows_key(shipped)) is not None:
                    continue
                try:
                    self._kept.put(_rows_key(shipped), pool.run(shipped), in_file=True)
                except (QueryError, StoreError) as error:
                    if self._closed.is_set():
                        return
                    _log.warning("no answer was prepared to a query: %s", error)
        with self._lock:
            self._preparing = None

    def _fits(self, answer: QueryAnswer) -> bool:
        limits = self.limits
        return answer.rows <= limits.max_rows and len(answer.body) <= limits.max_bytes


def _shipped(query: str) -> str | None:
    """Return the text of the example that a query is, None if it is none of them."""
    plain = query.replace("\r\n", "\n").strip(" \t\n")  # as forms send it
    return plain if plain in example_texts() else None


def _rows_key(shipped: str) -> str:
    """Return the key under which the rows of an example are kept, for all formats."""
    return answer_key(shipped, "rows")


def _timed(answer: QueryAnswer, started: float) -> QueryAnswer:
    return replace(answer, seconds=time.monotonic() - started)


def _written(rows: QueryAnswer, format_: str) -> QueryAnswer:
    """Write rows that are kept as JSON in another format."""
    read = ox.parse_query_results(rows.body, format=ox.QueryResultsFormat.JSON)
    if not isinstance(read, ox.QuerySolutions):
        raise TypeError("Only rows are kept for all formats.")
    body, count, _ = formats.write_rows(
        format_,
        [variable.value for variable in read.variables],
        (list(solution) for solution in read),
        max_rows=rows.rows,
        max_bytes=sys.maxsize,
    )
    return QueryAnswer(rows.form, formats.RESULT_TYPES[format_], body, count, False, 0.0)
