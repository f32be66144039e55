"""Zip archives, member by member, from their directory at the end of the file.

The standard library's reader builds an object for every member before the first can be read
(some 300 MB for the registry's own download of 600,000 records); this one walks the directory
as it goes. It follows the APPNOTE of PKWARE, sections 4.3 and 4.5.3, and reads only.
"""

from __future__ import annotations

import stat
import struct
import zlib
from collections.abc import Iterator
from typing import BinaryIO

from kg.sources.compression import UnpackedStream
from kg.sources.streams import CHUNK_BYTES, ArchiveMember, DamagedError, Meter, Readable

_END = struct.Struct("<4s4H2LH")
_END64_LOCATOR = struct.Struct("<4sLQL")
_END64 = struct.Struct("<4sQ2H2L4Q")
_ENTRY = struct.Struct("<4s4B4HL2L5H2L")
_LOCAL = struct.Struct("<4s5H3L2H")
_MAX_COMMENT_BYTES = 65_535
_MAX32 = 0xFFFF_FFFF
_METHODS = {8: "deflate", 12: "bzip2"}
_STORED = 0
_ENCRYPTED, _UTF8 = 0x1, 0x800


def read_members(file: BinaryIO, meter: Meter) -> Iterator[ArchiveMember]:
    """Yield the members of a zip archive in the order of its directory.

    Parameters
    ----------
    file : binary file that can seek
    meter : Meter
        Where the unpacked bytes are counted.

    Raises
    ------
    DamagedError
        If the directory is damaged or cut short.
    """
    at, end, shift = _directory(file)
    buffer = b""
    start = at
    while at < end:
        entry = buffer[at - start :]
        if len(entry) < _ENTRY.size + 3 * 65_535 and start + len(buffer) < end:
            entry = _read_at(file, at, min(CHUNK_BYTES, end - at))
            start, buffer = at, entry
        if len(entry) < _ENTRY.size or not entry.startswith(b"PK\x01\x02"):
            raise DamagedError("the directory of the zip archive is damaged. Fetch it again.")
        fields = _ENTRY.unpack_from(entry)
        flags, method, crc = fields[5], fields[6], fields[9]
        packed, unpacked, name_size, extra_size, comment_size = fields[10:15]
        mode, offset = fields[17] >> 16, fields[18]
        name_end = _ENTRY.size + name_size
        raw_name = entry[_ENTRY.size : name_end]
        extra = entry[name_end : name_end + extra_size]
        at += name_end + extra_size + comment_size
        unpacked, packed, offset = _zip64_sizes(extra, unpacked, packed, offset)
        name = raw_name.decode("utf-8" if flags & _UTF8 else "cp437", "replace")
        kind = "folder" if name.endswith("/") else "link" if stat.S_ISLNK(mode) else "file"
        is_readable = method in _METHODS or method == _STORED
        content: Readable
        if flags & _ENCRYPTED:
            content = _Unreadable("is encrypted. Unpack it first.")
        elif not is_readable:
            content = _Unreadable(f"is packed by method {method}, which is not read. Repack it.")
        else:
            content = _Content(file, offset + shift, packed, method, crc, meter)
        yield ArchiveMember(name, kind, content)


class _Unreadable:
    """The content of a member that cannot be unpacked."""

    def __init__(self, reason: str) -> None:
        self._reason = reason

    def read(self, size: int) -> bytes:
        raise DamagedError(self._reason)


class _Packed:
    """The packed bytes of one member."""

    def __init__(self, file: BinaryIO, start: int, size: int) -> None:
        self._file, self._at, self._left = file, start, size

    def read(self, size: int) -> bytes:
        data = _read_at(self._file, self._at, min(size, self._left))
        self._at += len(data)
        self._left -= len(data)
        return data


class _Content:
    """The unpacked bytes of one member, checked against its checksum at the end."""

    def __init__(
        self, file: BinaryIO, offset: int, packed: int, method: int, crc: int, meter: Meter
    ) -> None:
        self._file, self._offset, self._packed = file, offset, packed
        self._method, self._meter = method, meter
        self._stated_crc, self._crc = crc, 0
        self._inner: Readable | None = None

    def read(self, size: int) -> bytes:
        if self._inner is None:
            self._inner = self._open()
        data = self._inner.read(size)
        if self._method == _STORED:
            self._meter.count_unpacked(len(data))
        self._crc = zlib.crc32(data, self._crc)
        if not data and self._crc != self._stated_crc:
            raise DamagedError("does not match its checksum: it is damaged. Fetch it again.")
        return data

    def _open(self) -> Readable:
        header = _read_at(self._file, self._offset, _LOCAL.size)
        if len(header) < _LOCAL.size or not header.startswith(b"PK\x03\x04"):
            raise DamagedError("is not where the zip directory says. Fetch the archive again.")
        *_, name_size, extra_size = _LOCAL.unpack(header)
        start = self._offset + _LOCAL.size + name_size + extra_size
        packed = _Packed(self._file, start, self._packed)
        if self._method == _STORED:
            return packed
        return UnpackedStream(packed, _METHODS[self._method], self._meter)


def _directory(file: BinaryIO) -> tuple[int, int, int]:
    """Return where the directory begins and ends, and how far all offsets are shifted."""
    file_end = file.seek(0, 2)
    tail_start = max(0, file_end - _END.size - _MAX_COMMENT_BYTES)
    tail = _read_at(file, tail_start, file_end - tail_start)
    found = tail.rfind(b"PK\x05\x06")
    if found < 0 or len(tail) - found < _END.size:
        raise DamagedError("the zip archive has no directory: it is cut short. Fetch it again.")
    *_, size, offset, _comment = _END.unpack_from(tail, found)
    end = tail_start + found
    locator = _read_at(file, max(0, end - _END64_LOCATOR.size), _END64_LOCATOR.size)
    if locator.startswith(b"PK\x06\x07"):
        record_at = _END64_LOCATOR.unpack(locator)[2]
        record = _read_at(file, record_at, _END64.size)
        if len(record) < _END64.size or not record.startswith(b"PK\x06\x06"):
            raise DamagedError("the directory of the zip archive is damaged. Fetch it again.")
        *_, size, offset = _END64.unpack(record)
        end = record_at
    start = end - size
    # Bytes put before the archive (a self-extractor) shift every offset in it.
    shift = start - offset
    if start < 0 or shift < 0:
        raise DamagedError("the directory of the zip archive is damaged. Fetch it again.")
    return start, end, shift


def _zip64_sizes(extra: bytes, unpacked: int, packed: int, offset: int) -> tuple[int, int, int]:
    """Return the sizes and the offset, from the zip64 field if they need more than 32 bits."""
    values = [unpacked, packed, offset]
    at = 0
    while at + 4 <= len(extra):
        kind, size = struct.unpack_from("<2H", extra, at)
        if kind == 1:
            field = extra[at + 4 : at + 4 + size]
            wide = [value for (value,) in struct.iter_unpack("<Q", field[: len(field) // 8 * 8])]
            for index, value in enumerate(values):
                if value == _MAX32 and wide:
                    values[index] = wide.pop(0)
        at += 4 + size
    return values[0], values[1], values[2]


def _read_at(file: BinaryIO, offset: int, size: int) -> bytes:
    try:
        file.seek(offset)
        return file.read(size)
    except (OSError, ValueError, OverflowError) as error:
        raise DamagedError(f"cannot be read at byte {offset:,} ({error}).") from error
