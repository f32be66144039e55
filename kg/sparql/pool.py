"""`QueryPool`: runs users' queries in worker processes, with deadlines that hold."""

from __future__ import annotations

import json
import logging
import os
import queue
import select
import subprocess
import sys
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import ontology.errors
from kg.sparql import formats
from kg.sparql.policy import check_query
from ontology.errors import QueryError, QueryTimeoutError, StoreError

_log = logging.getLogger(__name__)
_ROOT = Path(__file__).resolve().parents[2]
_START_SECONDS = 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class QueryLimits:
    """How much a query may take; the units are in the names."""

    deadline_s: float = 10.0
    max_rows: int = 10_000
    max_bytes: int = 50_000_000
    memory_bytes: int = 2_000_000_000


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
        Whether more were found than `QueryLimits.max_rows`.
    seconds : float
        From the call to the answer.
    """

    form: str
    media_type: str
    body: bytes
    rows: int
    truncated: bool
    seconds: float


class _Worker:
    """One worker process and the pipes to it."""

    def __init__(self, graph_path: Path, memory_bytes: int):
        python_path = os.pathsep.join(filter(None, [str(_ROOT), os.environ.get("PYTHONPATH")]))
        self._process = subprocess.Popen(  # noqa: S603
            [sys.executable, "-m", "kg.sparql.worker", str(graph_path), str(memory_bytes)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=os.environ | {"PYTHONPATH": python_path},
        )
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._in, self._out = self._process.stdin, self._process.stdout
        self._buffer = bytearray()
        try:
            ready = json.loads(self._read_line(time.monotonic() + _START_SECONDS))
        except BaseException:
            self.stop()
            raise
        if not ready["isolated"]:
            _log.warning("this system gives query workers no network namespace of their own")

    def run(self, request: dict[str, Any], deadline: float) -> tuple[dict[str, Any], bytes]:
        self._in.write(json.dumps(request).encode() + b"\n")
        self._in.flush()
        said = json.loads(self._read_line(deadline))
        return said, self._read(said["bytes"], deadline)

    def stop(self) -> None:
        self._process.kill()
        self._in.close()
        self._out.close()
        self._process.wait()

    def _read_line(self, deadline: float) -> bytes:
        while (end := self._buffer.find(b"\n")) < 0:
            self._fill(deadline)
        return self._take(end + 1)

    def _read(self, size: int, deadline: float) -> bytes:
        while len(self._buffer) < size:
            self._fill(deadline)
        return self._take(size)

    def _take(self, size: int) -> bytes:
        taken = bytes(self._buffer[:size])
        del self._buffer[:size]
        return taken

    def _fill(self, deadline: float) -> None:
        left = deadline - time.monotonic()
        if left <= 0 or not select.select([self._out], [], [], left)[0]:
            raise TimeoutError
        chunk = os.read(self._out.fileno(), 1 << 20)
        if not chunk:
            raise EOFError
        self._buffer += chunk


class QueryPool:
    """Worker processes over one read-only graph; safe to use from many threads.

    Parameters
    ----------
    graph_path : Path
        Folder of the Oxigraph store of a published generation.
    workers : int
        How many queries run at once; further ones wait, within their own deadline.
    limits : QueryLimits

    Notes
    -----
    Workers start when first needed. One that runs past a deadline is killed and replaced.
    """

    def __init__(self, graph_path: Path, *, workers: int = 2, limits: QueryLimits | None = None):
        self.graph_path = graph_path
        self.limits = limits or QueryLimits()
        self._idle: queue.LifoQueue[_Worker | None] = queue.LifoQueue()
        for _ in range(workers):
            self._idle.put(None)
        self._closed = threading.Event()

    def __enter__(self) -> QueryPool:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def close(self) -> None:
        """Stop all workers that are idle; a busy one stops when its query is done."""
        self._closed.set()
        while True:
            try:
                worker = self._idle.get_nowait()
            except queue.Empty:
                return
            if worker is not None:
                worker.stop()

    def run(
        self, query: str, *, select_format: str = "json", graph_format: str = "turtle"
    ) -> QueryAnswer:
        """Run a query and return its answer.

        Raises
        ------
        QuerySyntaxError, QueryRefusedError, QueryTooLargeError, QueryTimeoutError, QueryError
            As their names say.
        """
        check_query(query)
        started = time.monotonic()
        deadline = started + self.limits.deadline_s
        try:
            worker = self._idle.get(timeout=self.limits.deadline_s)
        except queue.Empty:
            raise QueryTimeoutError(
                f"All query workers were busy for {self.limits.deadline_s:g} s; try again later."
            ) from None
        try:
            if worker is None:
                worker = _start(self.graph_path, self.limits.memory_bytes)
                deadline = time.monotonic() + self.limits.deadline_s  # the start is not its fault
            request = {
                "query": query,
                "select_format": select_format,
                "graph_format": graph_format,
                "max_rows": self.limits.max_rows,
                "max_bytes": self.limits.max_bytes,
            }
            said, body = worker.run(request, deadline)
        except TimeoutError:
            _stop(worker)
            worker = None
            raise QueryTimeoutError(
                f"The query was stopped after {self.limits.deadline_s:g} s; narrow it or add "
                "a LIMIT inside a sub-select."
            ) from None
        except (EOFError, BrokenPipeError):
            _stop(worker)
            worker = None
            raise QueryError(
                "The query ended its worker, most likely for want of memory; narrow it."
            ) from None
        finally:
            if self._closed.is_set():
                _stop(worker)
                worker = None
            self._idle.put(worker)
        if "error" in said:
            raise getattr(ontology.errors, said["error"])(said["message"])
        types = formats.GRAPH_TYPES if said["form"] == "CONSTRUCT" else formats.RESULT_TYPES
        asked = graph_format if said["form"] == "CONSTRUCT" else select_format
        seconds = time.monotonic() - started
        return QueryAnswer(
            said["form"], types[asked], body, said["rows"], said["truncated"], seconds
        )


def _start(graph_path: Path, memory_bytes: int) -> _Worker:
    try:
        return _Worker(graph_path, memory_bytes)
    except (TimeoutError, EOFError) as error:
        raise StoreError(f"The graph in {graph_path} cannot be opened; build it again.") from error


def _stop(worker: _Worker | None) -> None:
    if worker is not None:
        worker.stop()
