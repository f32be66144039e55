"""Triples in batches, as they go to a graph server."""

from __future__ import annotations

import gzip
import re
from collections.abc import Callable, Iterator
from pathlib import Path

_GRAPH_NAME = re.compile(rb" <[^<> ]*> \.\n")


def batches_of(path: Path, size: int) -> Iterator[bytes]:
    """Yield the packed N-Triples of a file in batches of whole lines.

    Parameters
    ----------
    path : Path
    size : int
        Bytes of a batch, about.
    """
    with gzip.open(path, "rb") as file:
        while lines := file.readlines(size):
            yield b"".join(lines)


class Cutter:
    """Takes N-Quads as they are written, and gives N-Triples in batches of whole lines.

    Parameters
    ----------
    size : int
        Bytes of a batch before its graph names are taken off.
    send : callable
        Is given each batch with its number, from 0.

    Attributes
    ----------
    triples : int
        That were given so far.
    """

    def __init__(self, size: int, send: Callable[[int, bytes], None]):
        self._size, self._send = size, send
        self._held = bytearray()
        self._number = 0
        self.triples = 0

    def write(self, data: bytes) -> int:
        """Take what comes next, as a file does."""
        self._held += data
        while len(self._held) >= self._size:
            end = self._held.rfind(b"\n", 0, self._size) + 1
            if not end:  # a line longer than a batch
                end = self._held.find(b"\n") + 1
                if not end:
                    break
            self._cut(end)
        return len(data)

    def flush(self) -> None:
        """Do nothing: batches are cut by size alone, so that they are the same each time."""

    def finish(self) -> None:
        """Give what is left."""
        if self._held:
            self._cut(len(self._held))

    def _cut(self, end: int) -> None:
        batch = _GRAPH_NAME.sub(b" .\n", bytes(self._held[:end]))
        del self._held[:end]
        self.triples += batch.count(b"\n")
        self._send(self._number, batch)
        self._number += 1
