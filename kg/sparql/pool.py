"""`QueryPool`: runs users' queries in worker processes, with deadlines that hold."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Self

import ontology.errors
from kg.sparql import formats
from kg.sparql.limits import QueryAnswer, QueryLimits
from kg.sparql.policy import Dataset, check_query
from kg.sparql.process import WorkerProcess
from kg.sparql.turns import Turns
from ontology.errors import QueryError, QuerySyntaxError, QueryTimeoutError

__all__ = ["QueryAnswer", "QueryLimits", "QueryPool"]


class QueryPool:
    """Worker processes over one read-only graph; safe to use from many threads.

    Parameters
    ----------
    graph_path : Path
        Folder of the Oxigraph store of a published generation.
    workers : int
        How many queries run at once; further ones wait their turn.
    limits : QueryLimits
    gives_way : bool
        Whether all its queries give way to those of others from the start.

    Notes
    -----
    Workers start when first needed. One that runs past a deadline is killed and replaced, and
    one that had a slow query is replaced when it is done, as it gives way to all others.
    """

    def __init__(
        self,
        graph_path: Path,
        *,
        workers: int = 2,
        limits: QueryLimits | None = None,
        gives_way: bool = False,
    ):
        self.graph_path = graph_path
        self.limits = limits or QueryLimits()
        self._gives_way = gives_way
        self._turns = Turns(
            workers,
            per_client=self.limits.workers_per_client,
            waiting_per_client=self.limits.waiting_per_client,
            waiting=self.limits.waiting,
        )
        self._workers = workers
        self._idle: queue.LifoQueue[WorkerProcess | None] = queue.LifoQueue()
        for _ in range(workers):
            self._idle.put(None)
        self._closed = threading.Event()
        self._lock = threading.Lock()
        self._busy: set[WorkerProcess] = set()
        self._killed = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def warm(self) -> None:
        """Start one worker, so that the first query need not wait for it."""
        self.run("ASK {}", client="(warming)")

    def state(self) -> dict[str, int]:
        """Return how many queries could begin at once, run, and wait."""
        return self._turns.counts()

    def wrong(self) -> list[str]:
        """Say what is wrong with the engine: nothing, as it is this process's own."""
        return []

    def close(self) -> None:
        """Stop all workers that are idle; a busy one stops when its query is done."""
        self._closed.set()
        for _ in range(self._workers):
            try:
                worker = self._idle.get_nowait()
            except queue.Empty:
                return
            _stop(worker)
            self._idle.put(None)

    def kill(self) -> None:
        """Stop all workers now; the queries that they run fail, and so does every later one."""
        with self._lock:
            self._killed = True
            for worker in self._busy:
                worker.kill()
        self.close()

    def run(
        self,
        query: str,
        *,
        select_format: str = "json",
        graph_format: str = "turtle",
        dataset: Dataset | None = None,
        client: str = "",
    ) -> QueryAnswer:
        """Run a query and return its answer.

        Parameters
        ----------
        query : str
        select_format, graph_format : str
            One of `kg.sparql.formats.RESULT_TYPES` and of `kg.sparql.formats.GRAPH_TYPES`.
        dataset : Dataset, optional
            Graphs to ask instead of those that the query names; all of them by default.
        client : str, optional
            Who asks: workers are shared out fairly among clients.

        Raises
        ------
        QuerySyntaxError, QueryRefusedError, QueryTooLargeError, QueryTimeoutError
        QueryBusyError, QueryError
            As their names say.
        """
        checked = check_query(query)
        asked = dataset or checked.dataset
        request = {
            "query": query,
            "select_format": select_format,
            "graph_format": graph_format,
            "default_graphs": asked.default_graphs,
            "named_graphs": asked.named_graphs,
            "max_rows": self.limits.max_rows,
            "max_bytes": self.limits.max_bytes,
            "deadline_s": self.limits.deadline_s,
        }
        started = time.monotonic()
        with self._turns.turn(client, self.limits.wait_s):
            said, body = self._run(request)
        if "error" in said:
            raise _error(said)
        types = formats.GRAPH_TYPES if said["form"] == "CONSTRUCT" else formats.RESULT_TYPES
        format_ = graph_format if said["form"] == "CONSTRUCT" else select_format
        seconds = time.monotonic() - started
        return QueryAnswer(
            said["form"], types[format_], body, said["rows"], said["truncated"], seconds
        )

    def _run(self, request: dict[str, Any]) -> tuple[dict[str, Any], bytes]:
        worker = self._idle.get()  # there is one, as it is our turn
        try:
            if worker is not None and worker.ended:  # since its last query, by no fault of this one
                _stop(worker)
                worker = None
            if worker is None:
                worker = WorkerProcess(self.graph_path, self.limits.memory_bytes)
            with self._killable(worker):
                slow_s = 0.0 if self._gives_way else self.limits.slow_s
                return worker.run(request, slow_s=slow_s, deadline_s=self.limits.deadline_s)
        except TimeoutError:
            _stop(worker)
            worker = None
            raise QueryTimeoutError(
                f"The query was stopped after {self.limits.deadline_s:g} s; narrow it, or begin "
                "with what is rarest in a sub-select."
            ) from None
        except (EOFError, BrokenPipeError):
            _stop(worker)
            worker = None
            raise QueryError(
                "The query ended its worker, most likely for want of memory; narrow it."
            ) from None
        except BaseException:
            # An answer that was not read to its end must not become that of the next query.
            _stop(worker)
            worker = None
            raise
        finally:
            slowed = worker is not None and worker.slowed and not self._gives_way
            if slowed or self._closed.is_set():
                _stop(worker)
                worker = None
            self._idle.put(worker)

    @contextmanager
    def _killable(self, worker: WorkerProcess) -> Iterator[None]:
        with self._lock:
            if self._killed:
                raise QueryError("Nothing is answered here any more.")
            self._busy.add(worker)
        try:
            yield
        finally:
            with self._lock:
                self._busy.discard(worker)


def _error(said: dict[str, Any]) -> QueryError:
    if said["error"] == "QuerySyntaxError":
        return QuerySyntaxError(said["message"], **said["place"])
    kind: type[QueryError] = getattr(ontology.errors, said["error"])
    return kind(said["message"])


def _stop(worker: WorkerProcess | None) -> None:
    if worker is not None:
        worker.stop()
