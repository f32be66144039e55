"""Tar archives, read front to back.

The standard library's reader keeps every member's header in memory and, in the Python versions
that TrialKin supports, can be made to loop for ever by a negative size (CVE-2025-8194). Only
reading is needed here, so this module is small: POSIX and GNU headers, long names, nothing that
writes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from kg.sources.streams import CHUNK_BYTES, ArchiveMember, DamagedError, PeekStream

BLOCK_BYTES = 512
_MAX_NAME_BYTES = 64 * 1024
_REGULAR = frozenset(b"0\x007")
_PAX = re.compile(rb"(\d{1,9}) ([^=\n]+)=")


class _Content:
    """The bytes of one member; must be read before the next member is asked for."""

    def __init__(self, stream: PeekStream, size: int) -> None:
        self._stream = stream
        self.left = size

    def read(self, size: int) -> bytes:
        """Return up to `size` bytes of the member."""
        wanted = min(size, self.left)
        data = self._stream.read(wanted) if wanted else b""
        if wanted and not data:
            raise DamagedError("the tar archive ends inside this member. Fetch the file again.")
        self.left -= len(data)
        return data


def is_tar_header(block: bytes) -> bool:
    """Say whether a block is a tar header, by its checksum."""
    if len(block) < BLOCK_BYTES or not block.strip(b"\0"):
        return False
    try:
        stated = int(block[148:156].strip(b" \0") or b"-", 8)
    except ValueError:
        return False
    return stated == sum(block[:148]) + 8 * 32 + sum(block[156:BLOCK_BYTES])


def read_members(stream: PeekStream) -> Iterator[ArchiveMember]:
    """Yield the members of a tar archive in its order.

    Raises
    ------
    DamagedError
        If a header is damaged or the archive is cut short.
    """
    extended: dict[bytes, bytes] = {}
    while True:
        block = stream.read_exactly(BLOCK_BYTES)
        if not block.strip(b"\0"):
            return  # the end mark, or the end of the file
        if not is_tar_header(block):
            raise DamagedError("a header of the tar archive is damaged. Fetch the file again.")
        size = _size(block[124:136])
        padding = -size % BLOCK_BYTES
        kind = block[156]
        if kind in b"xgLK":
            if size > _MAX_NAME_BYTES:
                raise DamagedError("a name in the tar archive is too long; it was not read on.")
            data = stream.read_exactly(size + padding)[:size]
            if kind == ord("L"):
                extended[b"path"] = data.rstrip(b"\0")
            elif kind == ord("x"):
                extended.update(_pax_fields(data))
            continue
        if b"size" in extended:
            size = _decimal(extended[b"size"])
            padding = -size % BLOCK_BYTES
        content = _Content(stream, size)
        name = (extended.get(b"path") or _name(block)).decode("utf-8", "replace")
        is_sparse = any(key.startswith(b"GNU.sparse") for key in extended)
        extended = {}
        yield ArchiveMember(name, "special" if is_sparse else _kind(kind, name), content)
        _skip(stream, content.left + padding)


def _kind(flag: int, name: str) -> str:
    if flag in b"12":
        return "link"
    if flag == ord("5") or name.endswith("/"):
        return "folder"
    return "file" if flag in _REGULAR else "special"


def _name(block: bytes) -> bytes:
    name = block[:100].split(b"\0", 1)[0]
    if block[257:263] == b"ustar\0":
        prefix = block[345:500].split(b"\0", 1)[0]
        if prefix:
            return prefix + b"/" + name
    return name


def _size(field: bytes) -> int:
    if field[0] == 0x80:  # GNU: a binary number, for files past 8 GiB
        return int.from_bytes(field[1:], "big")
    try:
        size = int(field.strip(b" \0") or b"0", 8)
    except ValueError:
        size = -1
    if size < 0:
        raise DamagedError("a size in the tar archive is no number. Fetch the file again.")
    return size


def _decimal(field: bytes) -> int:
    if not field.isdigit() or len(field) > 18:
        raise DamagedError("a size in the tar archive is no number. Fetch the file again.")
    return int(field)


def _pax_fields(data: bytes) -> dict[bytes, bytes]:
    fields: dict[bytes, bytes] = {}
    at = 0
    while found := _PAX.match(data, at):
        end = at + int(found[1])
        if end <= found.end():
            break
        fields[found[2]] = data[found.end() : end].removesuffix(b"\n")
        at = end
    return fields


def _skip(stream: PeekStream, size: int) -> None:
    while size > 0:
        data = stream.read(min(size, CHUNK_BYTES))
        if not data:
            return
        size -= len(data)
