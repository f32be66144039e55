"""`Store`: the folder of generations, of which one is published.

A generation is built under a hidden name, renamed when it is whole, and published by replacing
one small file. Whatever goes wrong on the way, the published generation stays as it was, and the
next build clears away what was left. Nothing reads a generation that is being written, and
nothing writes one that is published.
"""

from __future__ import annotations

import fcntl
import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from kg.generation import Generation
from ontology.errors import StoreError

_BUILDING = ".building-"


class Store:
    """A folder of generations.

    Parameters
    ----------
    path : Path
        The folder; made by the first build.
    """

    def __init__(self, path: Path):
        self.path = Path(path)

    @property
    def _generations(self) -> Path:
        return self.path / "generations"

    @property
    def _current(self) -> Path:
        return self.path / "current"

    def generation_numbers(self) -> list[int]:
        """Return the numbers of the whole generations, published or kept, ascending."""
        if not self._generations.is_dir():
            return []
        return sorted(int(e.name) for e in self._generations.iterdir() if e.name.isdecimal())

    def published_number(self) -> int | None:
        """Return the number of the published generation, None if nothing is published yet."""
        try:
            return int(self._current.read_text("ascii"))
        except FileNotFoundError:
            return None
        except (ValueError, UnicodeDecodeError) as error:
            raise StoreError(
                f"{self._current} does not hold a generation's number; "
                f"write one of {self.generation_numbers()} into it."
            ) from error
        except OSError as error:
            raise StoreError(f"{self._current} cannot be read: {error.strerror}.") from error

    def published(self) -> Generation:
        """Open the published generation, read-only.

        Raises
        ------
        StoreError
            If nothing is published, or it is damaged or of another format.
        """
        number = self.published_number()
        if number is None:
            raise StoreError(f"Nothing is built in {self.path}; run `trialkin build` first.")
        return Generation.open(self._generations / str(number))

    def before(self, generation: Generation) -> Generation | None:
        """Open the generation kept before another one, None if there is none."""
        earlier = [n for n in self.generation_numbers() if n < generation.manifest.generation]
        return Generation.open(self._generations / str(earlier[-1])) if earlier else None

    @contextmanager
    def lock(self) -> Iterator[None]:
        """Hold the store for writing; a dead holder's lock falls to the next.

        Raises
        ------
        StoreError
            If another process holds it; the message says which, and since when.
        """
        self._make(self._generations)
        with open(self.path / "lock", "a+", encoding="utf-8") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                file.seek(0)
                raise StoreError(
                    f"{self.path} is being written by {file.read().strip() or 'another process'}."
                ) from error
            file.truncate(0)
            now = datetime.now(UTC).isoformat(timespec="seconds")
            file.write(f"process {os.getpid()} on {os.uname().nodename} since {now}\n")
            file.flush()
            try:
                yield
            finally:
                file.truncate(0)

    @contextmanager
    def new_generation(self, *, keep: int = 2) -> Iterator[Path]:
        """Give a folder to build a generation in; it is published when the block ends well.

        Parameters
        ----------
        keep : int
            How many published generations to keep besides the new one, for rollback.
        """
        with self.lock():
            for left in self._generations.glob(f"{_BUILDING}*"):
                shutil.rmtree(left)
            number = max([0, *self.generation_numbers()]) + 1
            folder = self._generations / f"{_BUILDING}{number}"
            self._make(folder)
            try:
                yield folder
                _sync_tree(folder)
                os.rename(folder, self._generations / str(number))
            except BaseException:
                shutil.rmtree(folder, ignore_errors=True)
                raise
            self.publish(number)
            for old in self.generation_numbers()[: -(keep + 1)]:
                shutil.rmtree(self._generations / str(old))

    def publish(self, number: int) -> None:
        """Make a whole generation the published one, in one atomic step."""
        _sync(self._generations)
        waiting = self.path / "current.new"
        with open(waiting, "w", encoding="ascii") as file:
            file.write(f"{number}\n")
            file.flush()
            os.fsync(file.fileno())
        os.replace(waiting, self._current)
        _sync(self.path)

    @staticmethod
    def _make(folder: Path) -> None:
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise StoreError(f"{folder} cannot be made: {error.strerror}.") from error


def write_json(path: Path, value: object) -> None:
    """Write indented, sorted JSON."""
    path.write_text(json.dumps(value, indent=2, sort_keys=True, ensure_ascii=False) + "\n", "utf-8")


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _sync_tree(folder: Path) -> None:
    for entry in folder.rglob("*"):
        _sync(entry)
    _sync(folder)
