"""Places from which a store can be fetched: a file server, a folder, an object store.

A place is only read, and never believed: it gives bytes, which are checked by whoever asked.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import BinaryIO, Protocol
from urllib.parse import urlsplit, urlunsplit

from kg.patience import Patience
from kg.replicas.failures import MissingFileError, PassingReadError
from ontology.errors import InvalidIdentifierError, ReplicaError

PATIENCE = Patience(
    seconds_between=0.0, attempts=6, first_wait=1.0, longest_wait=20.0, timeout=30.0
)
"""With a file server or an object store; several files at once, so no seconds between."""
NO_PATIENCE = Patience(attempts=1)
"""With a folder of this machine."""

CHUNK_BYTES = 256 << 10
_PART_BYTES = 8 << 20
"""Asked of an object store at once, each by a request of its own."""

Pieces = tuple[int, int, Iterator[bytes]]
"""Where in the file the pieces begin, where they end, and the pieces."""


class Place(Protocol):
    """Where the folder of a store, or a copy of it, can be read.

    Attributes
    ----------
    shown : str
        Its address, without a password.
    patience : Patience
        How often a reading that failed in a passing way is worth trying.
    """

    shown: str
    patience: Patience

    def read(self, name: str, limit: int) -> bytes:
        """Return a small file.

        Raises
        ------
        MissingFileError
        PassingReadError
        ReplicaError
            If it has more than `limit` bytes, or cannot be read.
        """
        ...

    def open(self, name: str, start: int, stop: int, size: int) -> AbstractContextManager[Pieces]:
        """Open the bytes from `start` to before `stop` of a file of `size` bytes.

        A place that gives no parts of files begins at 0 and goes to the end.

        Raises
        ------
        MissingFileError
        PassingReadError
        DamagedFileError
            If the place says that the file has another size.
        ReplicaError
        """
        ...

    def close(self) -> None:
        """Close all connections."""
        ...


def open_place(url: str, patience: Patience = PATIENCE) -> Place:
    """Return the place of a path or URL.

    Parameters
    ----------
    url : str
        Of the folder of a store: ``http(s)://...``, a path, ``file://...``, or what fsspec knows.
    patience : Patience, optional
        With what is not a folder of this machine.

    Raises
    ------
    InvalidIdentifierError
        If it is no address.
    ReplicaError
        If there is no such folder, or no library for it.
    """
    scheme, separator, _ = url.partition("://")
    if scheme in ("http", "https") and separator:
        from kg.replicas.http_place import HttpPlace

        return HttpPlace(url, patience)
    if not url.strip() or "\0" in url:
        raise InvalidIdentifierError(f"{url!r} is no address of a store.")
    if separator and scheme != "file":
        return FsspecPlace(url, patience)
    return FolderPlace(Path(url.removeprefix("file://")))


def without_password(url: str) -> str:
    """Return a URL as it may be shown and kept: without user and password."""
    parts = urlsplit(url)
    return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))


class FolderPlace:
    """A folder of this machine."""

    patience = NO_PATIENCE

    def __init__(self, path: Path):
        self._path = path.absolute()
        self.shown = str(self._path)
        if not path.is_dir():
            raise ReplicaError(f"{path} is no folder.")

    def read(self, name: str, limit: int) -> bytes:
        """Return a small file."""
        with _failures(self.shown, name), open(self._path / name, "rb") as file:
            content = file.read(limit + 1)
        check_limit(len(content), limit, self.shown, name)
        return content

    @contextmanager
    def open(self, name: str, start: int, stop: int, size: int) -> Iterator[Pieces]:
        """Open a part of a file."""
        with _failures(self.shown, name):
            file = open(self._path / name, "rb")  # noqa: SIM115
        with file:
            file.seek(start)
            yield start, stop, self._pieces(file, name, stop - start)

    def close(self) -> None:
        """Do nothing: nothing is open."""

    def _pieces(self, file: BinaryIO, name: str, count: int) -> Iterator[bytes]:
        while count > 0:
            with _failures(self.shown, name):
                piece = file.read(min(count, CHUNK_BYTES))
            if not piece:
                return
            count -= len(piece)
            yield piece


class FsspecPlace:
    """A folder on a file system that fsspec reaches, such as an object store."""

    def __init__(self, url: str, patience: Patience = PATIENCE):
        self.patience = patience
        self.shown = without_password(url).rstrip("/")
        try:
            import fsspec
        except ImportError as error:
            raise ReplicaError(
                f"{self.shown} needs fsspec: pip install 'trialkin[cluster]'."
            ) from error
        try:
            self._files, root = fsspec.core.url_to_fs(url)
        except ImportError as error:
            raise ReplicaError(f"{self.shown} needs another library: {error}.") from error
        except ValueError as error:
            raise InvalidIdentifierError(f"{self.shown} cannot be read: {error}.") from error
        self._root = str(root).rstrip("/")

    def read(self, name: str, limit: int) -> bytes:
        """Return a small file."""
        content = self._part(name, 0, limit + 1)
        check_limit(len(content), limit, self.shown, name)
        return content

    @contextmanager
    def open(self, name: str, start: int, stop: int, size: int) -> Iterator[Pieces]:
        """Open a part of a file."""
        parts = range(start, stop, _PART_BYTES)
        yield start, stop, (self._part(name, at, min(stop, at + _PART_BYTES)) for at in parts)

    def close(self) -> None:
        """Do nothing: fsspec keeps its connections."""

    def _part(self, name: str, start: int, stop: int) -> bytes:
        with _failures(self.shown, name):
            content: bytes = self._files.cat_file(f"{self._root}/{name}", start=start, end=stop)
            return content


@contextmanager
def _failures(shown: str, name: str) -> Iterator[None]:
    """Tell of a failed reading in our words; what is done with the bytes is not in it."""
    try:
        yield
    except (FileNotFoundError, NotADirectoryError, IsADirectoryError) as error:
        raise MissingFileError(f"{shown} has no {name}.") from error
    except PermissionError as error:
        raise ReplicaError(f"{shown}/{name} may not be read ({error}).") from error
    except OSError as error:
        raise PassingReadError(f"{shown}/{name} cannot be read ({error}).") from error


def check_limit(count: int, limit: int, place: str, name: str) -> None:
    """Refuse to read more than is allowed.

    Raises
    ------
    ReplicaError
    """
    if count > limit:
        raise ReplicaError(f"{place}/{name} has more than {limit:,} bytes.")
