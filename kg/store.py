"""`Store`: the folder of generations, of which one is published.

A generation is built under a hidden name, renamed when it is whole, and published by replacing
one small file. Whatever goes wrong on the way, the published generation stays as it was, and the
next build clears away what was left. Nothing reads a generation that is being written, and
nothing writes one that is published.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from kg import store_lock
from kg.disk_failures import disk_failures
from kg.engines.access import ServerAccess
from kg.engines.publishing import find_server, on_server, settle
from kg.generation import Generation
from kg.progress import NoProgress, Progress
from kg.replicas.offering import keep_offered, list_if_offered
from kg.runs import RUN_FILE, RUNS_FOLDER, read_run, write_run
from kg.sparql.kept_answers import forget_answers
from kg.store_lock import Holder
from ontology.errors import StoreError

KEPT = 2
"""Generations that are kept besides the published one."""

_BUILDING = ".building-"
_PRUNED = ".pruned-"


class Store:
    """A folder of generations.

    Parameters
    ----------
    path : Path
        The folder; made by the first build.
    access : ServerAccess, optional
        How a graph server that mirrors it is found; by default as the store remembers.

    Attributes
    ----------
    progress : Progress
        Is told how far the filling of a graph server is.
    """

    def __init__(self, path: Path, *, access: ServerAccess | None = None):
        self.path = Path(path)
        self.access = access or ServerAccess()
        self.progress: Progress = NoProgress()

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

    def folder(self, number: int) -> Path:
        """Return the folder of a whole generation."""
        return self._generations / str(number)

    def published_number(self) -> int | None:
        """Return the number of the published generation, None if nothing is published yet."""
        try:
            return int(self._current.read_text("ascii"))
        except FileNotFoundError:
            return None
        except (ValueError, UnicodeDecodeError) as error:
            kept = self.generation_numbers()
            wrong = f"{self._current} does not hold a generation's number"
            raise StoreError(f"{wrong}; write one of {kept} into it.") from error
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
            raise self._nothing_built()
        return Generation.open(self.folder(number))

    def require_any(self) -> None:
        """Refuse a folder that keeps no generation.

        Raises
        ------
        StoreError
            If nothing was ever built in it.
        """
        if not self.generation_numbers():
            raise self._nothing_built()

    def _nothing_built(self) -> StoreError:
        return StoreError(f"Nothing is built in {self.path}; run `trialkin build` first.")

    def before(self, generation: Generation) -> Generation | None:
        """Open the generation kept before another one, None if there is none."""
        earlier = [n for n in self.generation_numbers() if n < generation.manifest.generation]
        return Generation.open(self.folder(earlier[-1])) if earlier else None

    @contextmanager
    def lock(self) -> Iterator[None]:
        """Hold the store for writing; a dead holder's lock falls to the next.

        What a dead holder left half done is cleared away.

        Raises
        ------
        StoreLockedError
            If another process holds it; the message says which, and since when.
        StoreError
            If the folder cannot be made or written, or its graph server is not there.
        """
        self._make(self._generations)
        try:
            with store_lock.hold(self.path):
                self._clear()
                find_server(self)
                yield
        except PermissionError as error:
            raise StoreError(f"{self.path} cannot be written: {error.strerror}.") from error

    def holder(self) -> Holder | None:
        """Return which process is writing the store, None if none is."""
        return store_lock.holder(self.path)

    @contextmanager
    def next_generation(self, *, keep: int = KEPT, number: int | None = None) -> Iterator[Path]:
        """Give a folder to build a generation in; it is published when the block ends well.

        The caller holds the lock.

        Parameters
        ----------
        keep : int
            How many published generations to keep besides the new one, for rollback.
        number : int, optional
            Its number, for a copy of another store's; one that is not here. By default the next.
        """
        if number is None:
            number = max([0, *self.generation_numbers()]) + 1
        folder = self._generations / f"{_BUILDING}{number}"
        self._make(folder)
        try:
            yield folder
            list_if_offered(self, folder)
            _sync_tree(folder)
            os.rename(folder, self.folder(number))
        except BaseException:
            shutil.rmtree(folder, ignore_errors=True)
            raise
        self.publish(number)
        self._prune(keep)

    def rollback(self, number: int | None = None) -> int:
        """Publish an earlier generation again.

        Parameters
        ----------
        number : int, optional
            Which; the one before the published one by default.

        Returns
        -------
        int
            The generation that is published now.

        Raises
        ------
        StoreError
            If there is no such generation, it is damaged or of another format, or the disk
            cannot be written.
        """
        self.require_any()  # before the lock, which would make a folder of what is no store
        with disk_failures(StoreError, "rollback"), self.lock():
            now = self.published_number()
            kept = self.generation_numbers()
            earlier = [one for one in kept if now is None or one < now]
            listed = ", ".join(map(str, kept))
            if number is None:
                if not earlier:
                    raise StoreError(
                        f"{self.path} keeps no generation before {now}; it keeps {listed}."
                    )
                number = earlier[-1]
            elif number not in kept:
                raise StoreError(f"{self.path} has no generation {number}; it keeps {listed}.")
            Generation.open(self.folder(number))  # refuses what cannot be read
            self.publish(number)
            return number

    def generations(self) -> list[Generation]:
        """Open the kept generations that can be read, the oldest first."""
        found = []
        for number in self.generation_numbers():
            try:
                found.append(Generation.open(self.folder(number)))
            except StoreError:
                continue
        return found

    def settle(self) -> None:
        """Have the graph server, if any, hold what is published; the caller has the lock."""
        settle(self)

    def publish(self, number: int) -> None:
        """Make a whole generation the published one, in one atomic step.

        Raises
        ------
        EngineError
            If the store has a graph server that cannot hold it; nothing has changed then.
        """
        with on_server(self, number):
            self._publish(number)

    def _publish(self, number: int) -> None:
        _sync(self._generations)
        waiting = self.path / "current.new"
        with open(waiting, "w", encoding="ascii") as file:
            file.write(f"{number}\n")
            file.flush()
            os.fsync(file.fileno())
        os.replace(waiting, self._current)
        _sync(self.path)
        keep_offered(self)

    def _clear(self) -> None:
        """Take away what a run left that did not end; keep what it told of itself."""
        for begun in (_BUILDING, _PRUNED):
            for left in self._generations.glob(f"{begun}*"):
                shutil.rmtree(left)
        forget_answers(self.path, self.generation_numbers())

    def _prune(self, keep: int) -> None:
        published = self.published_number()
        kept = [number for number in self.generation_numbers() if number != published]
        for old in kept[: max(0, len(kept) - keep)]:
            self.discard(old)

    def discard(self, number: int) -> None:
        """Take away a generation that is not the published one; what its run told stays.

        The caller holds the lock.
        """
        self._keep_run(number)
        # Under another name first: a generation is there as a whole or not at all.
        pruned = self._generations / f"{_PRUNED}{number}"
        os.rename(self.folder(number), pruned)
        shutil.rmtree(pruned)
        forget_answers(self.path, self.generation_numbers())

    def _keep_run(self, number: int) -> None:
        """Keep what is told of the run that made a generation, should it have died since."""
        run = read_run(self.folder(number) / RUN_FILE)
        if run is not None:
            kept = self.path / RUNS_FOLDER / f"{run.id}.json"
            if not kept.exists():
                write_run(run, kept)

    @staticmethod
    def _make(folder: Path) -> None:
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise StoreError(f"{folder} cannot be made: {error.strerror}.") from error


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
