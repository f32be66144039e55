"""Paths that the user names: whether they can be read, and what files are in them."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from kg.sources.records import RejectedRecord
from kg.sources.streams import unreadable
from ontology.errors import SourceError


def check_path(path: Path) -> None:
    """Raise `SourceError` if a path does not exist or cannot be read."""
    try:
        if path.is_dir():
            with os.scandir(path):
                return
        if not path.exists():
            raise SourceError(f"{path} does not exist. Check the path.")
        if path.is_file():
            with open(path, "rb"):
                return
    except OSError as error:
        raise unreadable(path, error) from error
    except ValueError as error:  # a NUL in the path
        raise SourceError(f"{str(path)!r} is no path: {error}.") from error


def files_in(folder: Path) -> Iterator[Path | RejectedRecord]:
    """Yield the files of a folder, sorted, without the hidden ones."""

    def fail(error: OSError) -> None:
        raise unreadable(Path(error.filename or folder), error) from error

    for parent, folders, names in os.walk(folder, onerror=fail):
        folders[:] = sorted(name for name in folders if not is_hidden(name))
        for name in sorted(names):
            path = Path(parent, name)
            if is_hidden(name):
                continue
            if path.is_file():
                yield path
            elif path.is_symlink() and not path.exists():
                message = "is a link that leads nowhere. Mend or remove it."
                yield RejectedRecord(str(path), "", None, None, message)


def is_hidden(name: str) -> bool:
    """Say whether a file, folder or archive member is none that the user made."""
    return (name.startswith(".") and name not in (".", "..")) or name == "__MACOSX"
