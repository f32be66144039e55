"""Packed streams (gzip, xz, bzip2, deflate), unpacked as they are read."""

from __future__ import annotations

import bz2
import lzma
import re
import zlib
from collections.abc import Callable, Iterator
from typing import Protocol

from kg.sources.streams import CHUNK_BYTES, DamagedError, Meter, Readable

XZ_MEMORY_BYTES = 256 * 1024 * 1024
"""What an xz stream may ask for; ``xz -9`` asks for 65 MiB, a hostile header for 4 GiB."""


class _Unpacker(Protocol):
    @property
    def eof(self) -> bool: ...
    @property
    def unused_data(self) -> bytes: ...
    @property
    def needs_input(self) -> bool: ...
    def decompress(self, data: bytes, max_length: int, /) -> bytes: ...


class _Zlib:
    """zlib's unpacker with the face of those of bz2 and lzma.

    Where zlib finds damage it drops all that it had unpacked in the same call; this one gives
    out everything before the damage, and reports the damage after it.
    """

    def __init__(self, window_bits: int) -> None:
        self._inner = zlib.decompressobj(window_bits)
        self._before_damage: Iterator[int] | None = None
        self._damage = zlib.error("damaged")
        self.needs_input = True

    @property
    def eof(self) -> bool:
        return self._inner.eof

    @property
    def unused_data(self) -> bytes:
        return self._inner.unused_data

    def decompress(self, data: bytes, max_length: int, /) -> bytes:
        if self._before_damage is not None:
            return self._creep(self._before_damage, max_length)
        packed = self._inner.unconsumed_tail + data
        before = self._inner.copy()
        try:
            unpacked = self._inner.decompress(packed, max_length)
        except zlib.error:
            self._inner, self._before_damage = before, iter(packed)
            self.needs_input = False
            return self._creep(self._before_damage, max_length)
        # A full answer may have more behind it even if all input was taken.
        self.needs_input = not self._inner.unconsumed_tail and len(unpacked) < max_length
        return unpacked

    def _creep(self, packed: Iterator[int], max_length: int) -> bytes:
        """Unpack byte by byte, up to the damage; then raise, with nothing left to give."""
        unpacked = bytearray()
        for byte in packed:
            try:
                unpacked += self._inner.decompress(bytes((byte,)))
            except zlib.error as error:
                self._damage = error
                break
            if len(unpacked) >= max_length:
                break
        if not unpacked:
            raise self._damage
        return bytes(unpacked)


_UNPACKERS: dict[str, Callable[[], _Unpacker]] = {
    "gzip": lambda: _Zlib(31),
    "deflate": lambda: _Zlib(-15),
    "xz": lambda: lzma.LZMADecompressor(format=lzma.FORMAT_XZ, memlimit=XZ_MEMORY_BYTES),
    "bzip2": bz2.BZ2Decompressor,
}
# A raw deflate stream (zip member) ends once; the others may be chained (`cat a.gz b.gz`).
_CHAINED = frozenset({"gzip", "xz", "bzip2"})
_NOT_ZERO = re.compile(rb"[^\0]")
_PIECE_BYTES = 16 * 1024
"""Packed bytes at a time: what follows the end of a stream is copied, and many may follow."""


class UnpackedStream:
    """The unpacked content of a packed stream.

    Parameters
    ----------
    inner : Readable
        The packed bytes.
    method : {"gzip", "deflate", "xz", "bzip2"}
    meter : Meter
        Where the unpacked bytes are counted.
    """

    def __init__(self, inner: Readable, method: str, meter: Meter) -> None:
        self._inner = inner
        self._method = method
        self._meter = meter
        self._unpacker: _Unpacker | None = _UNPACKERS[method]()
        self._packed = b""
        self._at = 0

    def read(self, size: int) -> bytes:
        """Return up to `size` unpacked bytes, and none at the end.

        Raises
        ------
        DamagedError
            If the packed data are damaged or end early.
        LimitError
            If they unpack to more than they may.
        """
        while self._unpacker is not None:
            data = self._unpack(self._unpacker, size)
            if self._unpacker.eof:
                self._at -= len(self._unpacker.unused_data)
                self._unpacker = self._next_unpacker()
            if data:
                self._meter.count_unpacked(len(data))
                return data
        return b""

    def _unpack(self, unpacker: _Unpacker, size: int) -> bytes:
        piece = b""
        if unpacker.needs_input:
            if not self._fill():
                raise DamagedError(
                    f"the {self._method} data end early: the file is cut short. Fetch it again."
                )
            piece = self._packed[self._at : self._at + _PIECE_BYTES]
            self._at += len(piece)
        try:
            return unpacker.decompress(piece, size)
        except (zlib.error, lzma.LZMAError, OSError, EOFError, ValueError) as error:
            raise DamagedError(
                f"the {self._method} data are damaged ({error}). Fetch the file again."
            ) from error

    def _next_unpacker(self) -> _Unpacker | None:
        """Return the unpacker of the next chained stream, if there is one."""
        if self._method not in _CHAINED:
            return None
        while self._fill():
            found = _NOT_ZERO.search(self._packed, self._at)
            if found is not None:
                self._at = found.start()
                return _UNPACKERS[self._method]()
            self._at = len(self._packed)  # padding, as tapes and xz have it
        return None

    def _fill(self) -> bool:
        """Have packed bytes at hand; ``False`` at the end."""
        if self._at >= len(self._packed):
            self._packed, self._at = self._inner.read(CHUNK_BYTES), 0
        return bool(self._packed)
