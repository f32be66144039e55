"""`GraphLoader`: loads N-Quads into a new graph while more of them are made."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self

import pyoxigraph as ox

BATCH_BYTES = 1 << 26
"""N-Quads loaded at a time, about 300,000. Oxigraph holds them in memory to sort them: a million
take 1 GB, these a third of it, and no longer (1.2 million quads)."""
_LARGER_AFTER, _LARGER = 8, 3
"""After so many batches they are so many times as large, as many quads as Oxigraph sorts at once.
Each batch is merged with what is there, which takes more than half of the processor, and most of
the disk's time, of loading a large graph: the first 4.8 million quads took 138 s of processor in
small batches, 84 in large ones."""
COMPACTED_BATCHES = 40
"""A graph of more small batches, some ten million quads, is left as the engine merges it by itself
while it is loaded. Compacting it as a whole needs it twice on the disk and a sixth more time, and
gains it little: scans take a seventh to a quarter less, look-ups a quarter (3 million quads)."""
_WAITING = 2
"""Batches on disk that wait to be loaded; whoever makes more of them waits too."""


class GraphLoader:
    """A graph that is being loaded, in batches and in a thread of its own.

    Oxigraph loads without holding Python's lock, on one core. A batch is deleted once it is
    loaded, so the text of the whole graph is never on disk at once.

    Parameters
    ----------
    graph_path : Path
        Folder of the new graph.
    batch_bytes : int, optional

    Attributes
    ----------
    seconds : float
        Spent on loading so far.
    """

    def __init__(self, graph_path: Path, *, batch_bytes: int = BATCH_BYTES):
        self._graph = ox.Store(str(graph_path))
        self._path, self._batch_bytes = graph_path, batch_bytes
        self._thread = ThreadPoolExecutor(1)
        self._waiting: list[Future[None]] = []
        self._number = self._taken = 0
        self._open: BinaryIO | None = None
        self.seconds = 0.0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._open is not None:
            self._open.close()
        self._thread.shutdown(cancel_futures=True)
        del self._graph  # which closes it

    def write(self, lines: Iterable[str]) -> None:
        """Take lines of N-Quads."""
        batch = self._batch()
        batch.writelines(line.encode("utf-8") for line in lines)
        self._look(batch)

    def take(self, path: Path) -> None:
        """Take a file of N-Quads, which is deleted."""
        batch = self._batch()
        with open(path, "rb") as file:
            shutil.copyfileobj(file, batch, 1 << 20)
        path.unlink()
        self._look(batch)

    def flush(self) -> None:
        """Load what was taken so far, without waiting for it."""
        if self._open is None:
            return
        self._taken += self._open.tell()
        self._open.close()
        path, self._open = Path(self._open.name), None
        self._waiting.append(self._thread.submit(self._load, path))
        while len(self._waiting) > _WAITING:
            self._waiting.pop(0).result()

    def finish(self) -> int:
        """Load the rest, wait for it, and compact a graph of few batches; return its quads."""
        self.flush()
        for load in self._waiting:
            load.result()
        started = time.perf_counter()
        if self._taken <= COMPACTED_BATCHES * self._batch_bytes:
            self._graph.optimize()
        self._graph.flush()
        self.seconds += time.perf_counter() - started
        return len(self._graph)

    def _batch(self) -> BinaryIO:
        if self._open is None:
            self._number += 1
            name = f"{self._path.name}.{self._number}.nq"
            self._open = open(self._path.with_name(name), "wb")  # noqa: SIM115
        return self._open

    def _look(self, batch: BinaryIO) -> None:
        is_large = self._taken >= _LARGER_AFTER * self._batch_bytes
        if batch.tell() >= self._batch_bytes * (_LARGER if is_large else 1):
            self.flush()

    def _load(self, path: Path) -> None:
        started = time.perf_counter()
        self._graph.bulk_load(path=str(path), format=ox.RdfFormat.N_QUADS)
        path.unlink()
        self.seconds += time.perf_counter() - started
