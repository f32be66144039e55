"""Byte streams that can be looked into before they are read, packed or not.

A stream never reads more than it is asked for, so that memory stays flat however large a file
is, and it reports trouble (`StreamError`) only after everything before the trouble was read.
"""

from __future__ import annotations

import codecs
import os
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Protocol

from kg.sources.limits import SourceLimits
from ontology.errors import SourceError, TrialKinError

CHUNK_BYTES = 256 * 1024


class StreamError(TrialKinError):
    """The rest of a stream cannot be read; what came before it could."""


class DamagedError(StreamError):
    """The data are damaged or cut short: fetch the file again."""


class LimitError(StreamError):
    """A limit of `SourceLimits` was hit: raise it if the file is trusted."""


class Readable(Protocol):
    """Anything that gives bytes in order."""

    def read(self, size: int, /) -> bytes:
        """Return up to `size` bytes, and none at the end."""
        ...


@dataclass(frozen=True, slots=True)
class ArchiveMember:
    """One member of an archive: its name, its kind and its content.

    `kind` is ``file``, ``folder``, ``link`` or ``special``; only of a file the content is to
    be read, and before the next member is asked for.
    """

    name: str
    kind: str
    content: Readable


class Meter:
    """Counts what one file unpacks to, over all its layers, and stops a bomb.

    Parameters
    ----------
    packed_bytes : int or None
        The size of the file on disk; ``None`` if it is not known (a pipe): then the bytes
        read so far stand for it.
    """

    def __init__(self, packed_bytes: int | None, limits: SourceLimits) -> None:
        self._packed_bytes = packed_bytes
        self._limits = limits
        self._read_bytes = 0
        self._unpacked_bytes = 0

    def count_read(self, size: int) -> None:
        """Note that `size` bytes of the file itself were read."""
        self._read_bytes += size

    def count_unpacked(self, size: int) -> None:
        """Note that `size` bytes were unpacked.

        Raises
        ------
        LimitError
            If the file unpacks to more than its size allows.
        """
        self._unpacked_bytes += size
        if self._unpacked_bytes <= self._limits.max_unchecked_bytes:
            return
        packed = self._read_bytes if self._packed_bytes is None else self._packed_bytes
        if self._unpacked_bytes > packed * self._limits.max_archive_ratio:
            raise LimitError(
                f"unpacks to more than {self._limits.max_archive_ratio} times its own size of "
                f"{packed:,} bytes; it was not read further. If the file is trusted, raise "
                "max_archive_ratio."
            )


class FileStream:
    """A file on disk."""

    def __init__(self, path: Path, limits: SourceLimits) -> None:
        self._path = path
        try:
            self.file: BinaryIO = open(path, "rb")  # noqa: SIM115 - closed by `close`
            status = os.fstat(self.file.fileno())
        except OSError as error:
            raise unreadable(path, error) from error
        self.is_seekable = self.file.seekable()
        self.meter = Meter(status.st_size if self.is_seekable else None, limits)

    def read(self, size: int) -> bytes:
        """Return up to `size` bytes of the file."""
        try:
            data = self.file.read(size)
        except OSError as error:
            raise unreadable(self._path, error) from error
        self.meter.count_read(len(data))
        return data

    def close(self) -> None:
        """Close the file."""
        self.file.close()


class PeekStream:
    """A stream that can be looked into without being read."""

    def __init__(self, inner: Readable) -> None:
        self._inner = inner
        self._buffer = bytearray()
        self._fault: StreamError | None = None
        self._is_ended = False

    def peek(self, size: int) -> bytes:
        """Return the next `size` bytes, fewer at the end, and leave them unread."""
        while len(self._buffer) < size and not self._is_ended:
            try:
                data = self._inner.read(CHUNK_BYTES)
            except StreamError as fault:
                self._fault, self._is_ended = fault, True
                break
            if not data:
                self._is_ended = True
            self._buffer += data
        return bytes(self._buffer[:size])

    def read(self, size: int) -> bytes:
        """Return up to `size` bytes, and none at the end.

        Raises
        ------
        StreamError
            If the stream is damaged here.
        """
        if self._buffer:
            data = bytes(self._buffer[:size])
            del self._buffer[:size]
            return data
        if self._fault is not None:
            raise self._fault
        return b"" if self._is_ended else self._inner.read(size)

    def read_exactly(self, size: int) -> bytes:
        """Return `size` bytes; fewer only at the end of the stream."""
        data = self.read(size)
        if len(data) == size or not data:
            return data
        parts = bytearray(data)
        while len(parts) < size and (data := self.read(size - len(parts))):
            parts += data
        return bytes(parts)

    def skip_space(self) -> None:
        """Leave out white space at the start, however much there is of it."""
        while window := self.peek(CHUNK_BYTES):
            kept = len(window.lstrip())
            if kept == len(window):
                return
            self.read_exactly(len(window) - kept)
            if kept:
                return


class TranscodedStream:
    """A stream of another Unicode encoding, given out as UTF-8.

    What is no character in that encoding (half a surrogate pair, half a code unit) becomes
    U+FFFD, as everywhere in the readers.
    """

    def __init__(self, inner: Readable, encoding: str) -> None:
        self._inner = inner
        self._decoder = codecs.getincrementaldecoder(encoding)(errors="replace")
        self._is_ended = False

    def read(self, size: int) -> bytes:
        """Return about `size` bytes of UTF-8."""
        while not self._is_ended:
            data = self._inner.read(size)
            self._is_ended = not data
            text = self._decoder.decode(data, final=self._is_ended)
            if text:
                return text.encode("utf-8", "replace")
        return b""


class LimitedStream:
    """A stream that may hold only so many bytes (an archive member)."""

    def __init__(self, inner: Readable, max_bytes: int) -> None:
        self._inner = inner
        self._left = max_bytes
        self._max_bytes = max_bytes

    def read(self, size: int) -> bytes:
        """Return up to `size` bytes."""
        data = self._inner.read(size)
        self._left -= len(data)
        if self._left < 0:
            raise LimitError(
                f"is larger than {self._max_bytes:,} bytes; it was not read further. If the "
                "file is trusted, raise max_member_bytes."
            )
        return data


def unreadable(path: Path, error: OSError) -> SourceError:
    """Return the error for a file that the system does not let us read."""
    reason = error.strerror or str(error)
    return SourceError(f"{path} cannot be read: {reason}. Check its path and rights.")
