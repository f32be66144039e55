"""What a refresh put into the graph and took out of it, kept beside the new generation."""

from __future__ import annotations

import gzip
import heapq
import itertools
import shutil
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from io import BufferedRandom
from pathlib import Path
from typing import BinaryIO

import msgspec
import pyoxigraph as ox

from kg.engines.access import SERVER_FILE
from kg.engines.state import Key
from kg.generation import Generation

FOLDER = "differences"
_FILE = "differences.json"
_ADDED, _REMOVED = "added.nt.gz", "removed.nt.gz"
_SORTED_AT_ONCE = 500_000
_STRINGS = frozenset([ox.Literal("").datatype, ox.Literal("", language="en").datatype])


class _Noted(msgspec.Struct):
    before: Key
    after: Key
    added: int
    removed: int


@dataclass(frozen=True, slots=True)
class Differences:
    """From one generation to the next, without graph names: a triple is in one graph only.

    Attributes
    ----------
    before, after : Key
    added, removed : Path
        N-Triples, sorted, packed; no triple is in both.
    """

    before: Key
    after: Key
    added: Path
    removed: Path

    def reversed(self) -> Differences:
        """Return the way back."""
        return Differences(self.after, self.before, self.removed, self.added)


class Journal:
    """Takes down what is put into a graph and taken out of it, while that happens.

    Parameters
    ----------
    folder : Path
        Of the generation that is being made.
    before : Key
        The generation that it is made from.
    """

    def __init__(self, folder: Path, before: Key):
        self._folder, self._before = folder / FOLDER, before
        self._folder.mkdir()
        self._log: BinaryIO | None = open(self._folder / "log", "wb")  # noqa: SIM115

    def note(self, gone: Iterable[ox.Quad], came: Iterable[ox.Quad]) -> None:
        """Take down quads as the graph holds or will hold them."""
        if self._log is not None:
            # What was put in and taken out again must be told by the same letters.
            self._log.writelines(f"{quad.triple} -\n".encode() for quad in gone)
            self._log.writelines(f"{quad.triple} +\n".encode() for quad in _as_stored(came))

    def close(self) -> None:
        """Take nothing more down."""
        if self._log is not None:
            self._log.close()

    def abandon(self) -> None:
        """Give up: the graph was made anew, and what differs is not known."""
        if self._log is not None:
            self._log.close()
            self._log = None
            shutil.rmtree(self._folder)

    def finish(self, run: str) -> None:
        """Write down what differs in the end, as the work of a run."""
        if self._log is None:
            return
        self._log.close()
        self._log = None
        after = Key(int(self._folder.parent.name.rpartition("-")[2]), run)
        log = self._folder / "log"
        counts = {"+": 0, "-": 0}
        with (
            gzip.open(self._folder / _ADDED, "wb", compresslevel=1) as added,
            gzip.open(self._folder / _REMOVED, "wb", compresslevel=1) as removed,
        ):
            for triple, sign in _net(log, self._folder):
                counts[sign] += 1
                (added if sign == "+" else removed).write(triple + b" .\n")
        log.unlink()
        noted = _Noted(self._before, after, counts["+"], counts["-"])
        (self._folder / _FILE).write_bytes(msgspec.json.encode(noted))


def journal_of(previous: Generation, folder: Path) -> Journal | None:
    """Return what takes changes down, if the store has a graph server that will want them.

    Parameters
    ----------
    previous : Generation
        One of the store's.
    folder : Path
        Of the generation that is being made from it.
    """
    store_path = previous.path.parents[1]
    return Journal(folder, Key.of(previous)) if (store_path / SERVER_FILE).exists() else None


def read_differences(generation: Path) -> Differences | None:
    """Return what the run that made a generation changed, None where that is not known."""
    folder = generation / FOLDER
    try:
        noted = msgspec.json.decode((folder / _FILE).read_bytes(), type=_Noted)
    except (OSError, msgspec.MsgspecError):
        return None
    return Differences(noted.before, noted.after, folder / _ADDED, folder / _REMOVED)


def way(known: Iterable[Differences], start: Key, goal: Key) -> list[Differences] | None:
    """Return the shortest way from one generation to another, forwards and backwards.

    Returns
    -------
    list of Differences or None
        To be applied in turn; None if there is no way.
    """
    steps: dict[Key, list[Differences]] = {}
    for one in known:
        for step in (one, one.reversed()):
            steps.setdefault(step.before, []).append(step)
    ways: dict[Key, list[Differences]] = {start: []}
    todo = deque([start])
    while todo:
        here = todo.popleft()
        if here == goal:
            return ways[here]
        for step in steps.get(here, []):
            if step.after not in ways:
                ways[step.after] = [*ways[here], step]
                todo.append(step.after)
    return None


def _as_stored(quads: Iterable[ox.Quad]) -> Iterator[ox.Quad]:
    """Yield quads as the store gives them back: numbers and times in their canonical form."""
    kept = ox.Store()
    for quad in quads:
        found = quad.object
        if isinstance(found, ox.Literal) and found.datatype not in _STRINGS:
            kept.add(quad)
        else:
            yield quad
    yield from kept


def _net(log: Path, folder: Path) -> Iterator[tuple[bytes, str]]:
    """Yield each triple that is in, or is out, in the end: sorted, with a sign."""
    parts: list[BufferedRandom] = []
    try:
        with open(log, "rb") as lines:
            while batch := sorted(itertools.islice(lines, _SORTED_AT_ONCE)):
                part = open(folder / f"part-{len(parts)}", "w+b")  # noqa: SIM115
                parts.append(part)
                part.writelines(batch)
                part.seek(0)
        for triple, group in itertools.groupby(heapq.merge(*parts), lambda line: line[:-3]):
            change = sum(1 if line[-2:-1] == b"+" else -1 for line in group)
            if change:
                yield triple, "+" if change > 0 else "-"
    finally:
        for part in parts:
            part.close()
            Path(part.name).unlink()
