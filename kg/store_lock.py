"""The lock of a store: one writer at a time, and everyone can see which."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from kg.command_line import command_line
from ontology.errors import StoreLockedError

_FILE = "lock"


class Holder(msgspec.Struct, frozen=True):
    """Who holds a store: process, host, since when (UTC), and what it was called with."""

    pid: int
    host: str
    since: str
    command: str

    def __str__(self) -> str:
        """One line for people."""
        return f"process {self.pid} on {self.host} since {self.since} ({self.command})"


@contextmanager
def hold(folder: Path) -> Iterator[None]:
    """Hold the lock of a store's folder.

    The kernel lets go of it when its holder dies, however it dies; what the file says of a dead
    holder counts for nothing.

    Raises
    ------
    StoreLockedError
        If another process holds it; the message says which, and since when.
    """
    # Neither truncated nor made anew: another process may hold it.
    with open(folder / _FILE, "a+", encoding="utf-8") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            known = _read(folder)
            raise StoreLockedError(
                f"{folder} is being written by {known or 'another process'}.",
                holder=None if known is None else msgspec.to_builtins(known),
            ) from error
        file.truncate(0)
        file.write(msgspec.json.encode(_own()).decode() + "\n")
        file.flush()
        try:
            yield
        finally:
            file.truncate(0)


def holder(folder: Path) -> Holder | None:
    """Return who holds the lock of a store's folder, None if nobody does."""
    try:
        with open(folder / _FILE, encoding="utf-8") as file:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return _read(folder)
    except OSError:
        pass
    return None


def _own() -> Holder:
    now = datetime.now(UTC).isoformat(timespec="seconds")
    return Holder(os.getpid(), os.uname().nodename, now, command_line()[:500])


def _read(folder: Path) -> Holder | None:
    try:
        return msgspec.json.decode((folder / _FILE).read_bytes(), type=Holder)
    except (OSError, msgspec.MsgspecError):  # its holder is just about to write it
        return None
