"""`Rows`: records by NCT id, however many, in little memory."""

from __future__ import annotations

import errno
import os
import tempfile
import weakref
import zlib
from collections.abc import Iterator, MutableMapping
from pathlib import Path
from typing import Any

import msgspec

from kg.records import StudyRow
from kg.study import canonical_json, parse_study

_OPEN = 1000
"""Records that are held as they are used; further ones are packed into a file: the whole registry
would not fit in memory."""
_Packed = tuple[str, str, dict[str, Any]]
_LENGTH_BYTES = 4


class Rows(MutableMapping[str, StudyRow]):
    """Records by NCT id.

    Parameters
    ----------
    folder : Path
        Where room for many of them is taken; nothing is to be seen there, and nothing is left
        when the process ends, however it does.
    """

    def __init__(self, folder: Path):
        self._folder = folder
        self._open: dict[str, StudyRow] = {}
        self._packed: dict[str, int] = {}
        self._file: int | None = None
        self._end = 0

    def __getitem__(self, nct_id: str) -> StudyRow:
        """Return a record; raises KeyError."""
        if (row := self._open.get(nct_id)) is not None:
            return row
        at = self._packed[nct_id]
        length = int.from_bytes(os.pread(self._descriptor(), _LENGTH_BYTES, at))
        raw = os.pread(self._descriptor(), length, at + _LENGTH_BYTES)
        packed = msgspec.json.decode(zlib.decompress(raw), type=_Packed)
        fingerprint, source_format, payload = packed
        return StudyRow(parse_study(payload), payload, fingerprint, source_format)

    def __setitem__(self, nct_id: str, row: StudyRow) -> None:
        """Put a record in place of any of the same id."""
        if nct_id in self:
            del self[nct_id]
        if len(self._open) < _OPEN:
            self._open[nct_id] = row
            return
        payload = msgspec.Raw(canonical_json(row.payload))
        raw = zlib.compress(msgspec.json.encode((row.fingerprint, row.source_format, payload)), 1)
        block = len(raw).to_bytes(_LENGTH_BYTES) + raw
        if os.pwrite(self._descriptor(), block, self._end) < len(block):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(self._folder))
        self._packed[nct_id] = self._end
        self._end += len(block)

    def __delitem__(self, nct_id: str) -> None:
        """Take a record out; raises KeyError."""
        if nct_id in self._open:
            del self._open[nct_id]
        else:
            del self._packed[nct_id]

    def __contains__(self, nct_id: object) -> bool:
        """Return whether there is such a record, without unpacking it."""
        return nct_id in self._open or nct_id in self._packed

    def __iter__(self) -> Iterator[str]:
        """Yield the ids."""
        yield from self._open
        yield from self._packed

    def __len__(self) -> int:
        """Return the number of records."""
        return len(self._open) + len(self._packed)

    def _descriptor(self) -> int:
        if self._file is None:
            self._folder.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryFile(dir=self._folder) as file:
                self._file = os.dup(file.fileno())
            weakref.finalize(self, os.close, self._file)
        return self._file
