"""The published graph as one sorted file."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

import pyoxigraph as ox

from kg.generation import Generation
from ontology.errors import StoreError
from ontology.vocabulary import PREFIXES

EXPORT_FORMATS = {
    "nquads": ox.RdfFormat.N_QUADS,
    "trig": ox.RdfFormat.TRIG,
    "jsonld": ox.RdfFormat.JSON_LD,
}


def export_graph(
    generation: Generation, file: Path, *, format_: str = "nquads", without_runs: bool = False
) -> int:
    """Write all quads, sorted, to `file`; a file that was there is replaced when all is written.

    Parameters
    ----------
    generation : Generation
    file : Path
        ``-`` for standard output.
    format_ : {'nquads', 'trig', 'jsonld'}
    without_runs : bool
        Leave out the records of runs, which hold times: the rest is the same for the same
        input.

    Returns
    -------
    int
        How many quads were written.

    Raises
    ------
    StoreError
        If the file cannot be written.
    """
    lines = generation.sorted_nquads(without_runs=without_runs)
    if str(file) == "-":
        return _write(lines, sys.stdout.buffer, format_)
    waiting = file.with_name(f".{file.name}.{os.getpid()}.part")
    try:
        with open(waiting, "wb") as out:
            count = _write(lines, out, format_)
        os.replace(waiting, file)
    except OSError as error:
        raise StoreError(f"{file} cannot be written: {error.strerror or error}.") from error
    finally:
        waiting.unlink(missing_ok=True)
    return count


def _write(lines: Iterator[str], out: BinaryIO, format_: str) -> int:
    count = 0
    if format_ == "nquads":
        for line in lines:
            out.write(line.encode())
            count += 1
        return count

    def quads() -> Iterator[ox.Quad]:
        nonlocal count
        for line in lines:
            yield from ox.parse(line, format=ox.RdfFormat.N_QUADS)
            count += 1

    prefixes = PREFIXES if format_ == "trig" else None
    ox.serialize(quads(), out, format=EXPORT_FORMATS[format_], prefixes=prefixes)
    return count
