"""`Fetcher`: gets files of a generation into a folder, each under its sha256, whole and checked.

A file gets its name when its sha256 is right, and is checked again by the run that finds it there
(nothing was synced, and the power may have failed). One that was begun goes on where it was left,
in this run or another one. Of a file that is an earlier one changed in place, only the blocks that
differ are fetched.
"""

from __future__ import annotations

import hashlib
import os
import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from io import BufferedRandom
from itertools import groupby
from pathlib import Path
from typing import NamedTuple

from kg.manifest import file_sha256
from kg.patience import patiently
from kg.progress import Advance
from kg.replicas.failures import DamagedFileError, PassingReadError
from kg.replicas.file_list import ListedFile
from kg.replicas.places import CHUNK_BYTES, Place
from ontology.errors import ReplicaError

CONNECTIONS = 4
"""Files that are fetched at once: an object store gives one connection a part of the line only."""
_WORTH_A_REQUEST = 64 << 10
"""Known bytes in a row for which the fetching is broken off and begun again behind them."""
_BEGUN = ".part"


class Earlier(NamedTuple):
    """A file that is here, of which another one may be a changed copy."""

    listed: ListedFile
    path: Path


class Fetcher:
    """Fetches files from one place.

    Parameters
    ----------
    place : Place
    folder : Path
        Where the files go; what is there of an earlier run is used.
    advance : callable
        Is told of bytes that have come.

    Attributes
    ----------
    fetched_bytes : int
        That came from the place; those taken from earlier files do not count.
    """

    def __init__(self, place: Place, folder: Path, advance: Advance = lambda count: None):
        self._place, self._folder, self._advance = place, folder, advance
        self._stop = threading.Event()
        self._lock = threading.Lock()
        self.fetched_bytes = 0

    def path(self, file: ListedFile) -> Path:
        """Return where a file is when it is whole."""
        return self._folder / file.sha256

    def has(self, file: ListedFile) -> bool:
        """Return whether a file is there and whole."""
        path = self.path(file)
        return path.is_file() and path.stat().st_size == file.size

    def begun_bytes(self, file: ListedFile) -> int:
        """Return how much of a file that is not whole is there."""
        try:
            return min(self._begun(file).stat().st_size, file.size)
        except FileNotFoundError:
            return 0

    def take_over(self, files: Iterable[ListedFile]) -> None:
        """Make the folder; of what an earlier run left there, keep what is of use and sound."""
        self._folder.mkdir(exist_ok=True)
        wanted = {file.sha256 for file in files}
        for path in self._folder.iterdir():
            sha256, dot, _ = path.name.partition(".")
            if sha256 not in wanted or (not dot and file_sha256(path) != sha256):
                path.unlink()

    def fetch(
        self, below: str, files: Iterable[ListedFile], earlier: Callable[[str], Earlier | None]
    ) -> None:
        """Fetch files that are not there yet.

        Parameters
        ----------
        below : str
            Folder of the files in the place, with a slash at its end.
        files : iterable of ListedFile
            Each content once.
        earlier : callable
            Gives what is here under the same path.

        Raises
        ------
        ReplicaError
            If a file cannot be had, or is not the one that the list tells of, twice.
        """
        with ThreadPoolExecutor(CONNECTIONS, thread_name_prefix="pull") as pool:
            running = [pool.submit(self._fetch, below, file, earlier(file.path)) for file in files]
            try:
                for done in as_completed(running):
                    done.result()
            except BaseException:
                self._stop.set()
                pool.shutdown(wait=True, cancel_futures=True)
                raise

    def _fetch(self, below: str, file: ListedFile, earlier: Earlier | None) -> None:
        try:
            self._patiently(below, file, earlier)
        except DamagedFileError:
            self._begun(file).unlink(missing_ok=True)
            try:
                self._patiently(below, file, None)
            except DamagedFileError as error:
                self._begun(file).unlink(missing_ok=True)
                raise DamagedFileError(f"{error} It was fetched twice.") from error

    def _patiently(self, below: str, file: ListedFile, earlier: Earlier | None) -> None:
        patiently(
            lambda: self._fill(below + file.path, file, earlier),
            self._place.patience,
            ReplicaError,
            sleep=self._stop.wait,
        )

    def _fill(self, name: str, file: ListedFile, earlier: Earlier | None) -> None:
        """Get what is missing of a file, and give it its name if it is the right one."""
        begun = self._begun(file)
        with open(begun, "a+b") as out:
            filling = _Filling(out, file.size)
            for start, stop, is_here in _segments(file, earlier, filling.filled):
                if is_here and earlier is not None:
                    with open(earlier.path, "rb") as known:
                        known.seek(start)
                        while start < stop and (
                            piece := known.read(min(CHUNK_BYTES, stop - start))
                        ):
                            start += len(piece)
                            filling.add(piece)
                            self._advance(len(piece))
                else:
                    self._receive(filling, name, start, stop)
                if filling.filled == file.size:
                    break
            found = filling.digest.hexdigest()
        if found != file.sha256:
            raise DamagedFileError(
                f"{self._place.shown}/{name} has sha256 {found}; the list says {file.sha256}."
            )
        os.replace(begun, self.path(file))

    def _receive(self, filling: _Filling, name: str, start: int, stop: int) -> None:
        with self._place.open(name, start, stop, filling.size) as (begin, stop, pieces):
            if begin != filling.filled:  # the place gives no parts: it is all to come again
                self._advance(-filling.filled)
                filling.empty()
            for piece in pieces:
                if self._stop.is_set():
                    raise ReplicaError("The pull was stopped.")
                if filling.filled + len(piece) > stop:
                    raise DamagedFileError(
                        f"{self._place.shown}/{name} has more than the {filling.size:,} bytes "
                        "that the list says."
                    )
                filling.add(piece)
                self._advance(len(piece))
                with self._lock:
                    self.fetched_bytes += len(piece)
        if filling.filled != stop:
            raise PassingReadError(
                f"{self._place.shown}/{name} ends after {filling.filled:,} of "
                f"{filling.size:,} bytes."
            )

    def _begun(self, file: ListedFile) -> Path:
        return self._folder / (file.sha256 + _BEGUN)


class _Filling:
    """A file that fills from its beginning, and its sha256 so far."""

    def __init__(self, out: BufferedRandom, size: int):
        self._out, self.size = out, size
        out.seek(0)
        self.digest = hashlib.file_digest(out, "sha256")
        self.filled = out.tell()
        if self.filled > size:
            self.empty()

    def add(self, piece: bytes) -> None:
        self._out.write(piece)
        self.digest.update(piece)
        self.filled += len(piece)

    def empty(self) -> None:
        self._out.truncate(0)
        self.digest, self.filled = hashlib.sha256(), 0


def _segments(
    file: ListedFile, earlier: Earlier | None, filled: int
) -> Iterator[tuple[int, int, bool]]:
    """Yield first byte, byte after the last, and whether they are here, of what is missing."""
    size = file.block_size
    if earlier is None or size == 0 or size != earlier.listed.block_size:
        if filled < file.size:
            yield filled, file.size, False
        return
    numbers = range(file.block_count)
    same = [file.block(number) == earlier.listed.block(number) for number in numbers]
    for run in _runs(same):
        if same[run.start] and len(run) * size < _WORTH_A_REQUEST:
            same[run.start : run.stop] = [False] * len(run)
    for run in _runs(same):
        start, stop = max(filled, run.start * size), min(file.size, run.stop * size)
        if start < stop:
            yield start, stop, same[run.start]


def _runs(values: list[bool]) -> list[range]:
    """Return the places of equal values in a row."""
    found, start = [], 0
    for _, group in groupby(values):
        stop = start + len(list(group))
        found.append(range(start, stop))
        start = stop
    return found
