"""`Exchange`: the files through which a build and its workers exchange shards and results.

A shard is gzipped NDJSON: a line that says what the file is, then one record a line. A result is
a zip archive of the files that `kg.shards.deriving` makes. Whoever wrote a file tells its sha256 by
another way (the scheduler), and the reader checks it: a store that several machines see may show
one of them an older file.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import uuid
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import TypeVar

import fsspec
import msgspec

from kg.shards.deriving import RESULT_FILES
from kg.shards.shard import Shard, ShardRecord
from ontology.errors import BuildError

T = TypeVar("T")
SHARD_FORMAT = 1
_FAST = 1  # of the levels of deflate: a tenth of the size at a twentieth of a shard's work


class _Head(msgspec.Struct, frozen=True):
    format: int
    shard: str
    records: int


class _Line(msgspec.Struct, frozen=True):
    nct_id: str
    fingerprint: str
    record: msgspec.Raw


class Exchange:
    """A folder for one build, on any file system that fsspec reaches.

    Parameters
    ----------
    url : str
        A path, or a URL such as ``s3://bucket/folder`` with fsspec's library for it installed.
    """

    def __init__(self, url: str):
        self.url = url
        try:
            self._files, self._root = fsspec.core.url_to_fs(url)
        except (ImportError, ValueError) as error:
            raise BuildError(f"Shards cannot be kept at {url}: {error}.") from error

    @classmethod
    def new(cls, url: str) -> Exchange:
        """Return an exchange in a folder of its own below `url`.

        Raises
        ------
        BuildError
            If nothing can be kept there.
        """
        is_local = "://" not in url
        base = str(Path(url).resolve()) if is_local else url.rstrip("/")
        exchange = cls(f"{base}/trialkin-build-{uuid.uuid4().hex}")
        try:
            exchange._files.makedirs(exchange._root, exist_ok=True)
        except OSError as error:
            raise BuildError(f"Shards cannot be kept at {url}: {error}.") from error
        return exchange

    def put_shard(self, shard: Shard) -> str:
        """Write a shard; return its sha256."""
        head = _Head(SHARD_FORMAT, shard.name, len(shard.records))
        lines = [
            head,
            *(
                _Line(one.nct_id, one.fingerprint, msgspec.Raw(one.payload))
                for one in shard.records
            ),
        ]
        plain = b"\n".join(map(msgspec.json.encode, lines)) + b"\n"
        return self._write(_shard_file(shard.name), gzip.compress(plain, _FAST, mtime=0))

    def get_shard(self, name: str, sha256: str) -> Shard:
        """Read a shard.

        Raises
        ------
        BuildError
            If the file is missing, is not the one that was written, or has another format.
        """
        raw = self._read(_shard_file(name), sha256)
        head, *lines = gzip.decompress(raw).splitlines()
        found = msgspec.json.decode(head, type=_Head)
        if found != _Head(SHARD_FORMAT, name, len(lines)):
            raise BuildError(f"{self.url}: the shard {name} has a form that is not known here.")
        return Shard(name, tuple(map(_record, lines)))

    def put_result(self, name: str, folder: Path) -> str:
        """Pack the files of a result; return the sha256 of the archive."""
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED, compresslevel=_FAST) as archive:
            for file in RESULT_FILES:
                archive.write(folder / file, file)
        return self._write(_result_file(name), packed.getvalue())

    def get_result(self, name: str, sha256: str, folder: Path) -> None:
        """Unpack the files of a result into a new folder.

        Raises
        ------
        BuildError
            If the file is missing or is not the one that was written.
        """
        raw = self._read(_result_file(name), sha256)
        folder.mkdir(parents=True)
        with zipfile.ZipFile(io.BytesIO(raw)) as archive:
            for file in RESULT_FILES:
                archive.extract(file, folder)

    def put_note(self, name: str, note: object) -> None:
        """Note what is to be known of a result that is there."""
        self._write(_note_file(name), msgspec.json.encode(note))

    def get_note(self, name: str, kind: type[T]) -> T | None:
        """Read the note of a result; None if there is none."""
        (path,) = self._paths(_note_file(name))
        if not self._files.exists(path):
            return None
        return msgspec.json.decode(self._files.cat_file(path), type=kind)

    def drop(self, name: str) -> None:
        """Take the files of a shard away."""
        for path in self._paths(_shard_file(name), _result_file(name), _note_file(name)):
            if self._files.exists(path):
                self._files.rm_file(path)

    def close(self) -> None:
        """Take the whole folder away."""
        if self._files.exists(self._root):
            self._files.rm(self._root, recursive=True)

    def _write(self, file: str, content: bytes) -> str:
        (path,) = self._paths(file)
        self._files.pipe_file(path, content)
        return hashlib.sha256(content).hexdigest()

    def _read(self, file: str, sha256: str) -> bytes:
        (path,) = self._paths(file)
        try:
            content: bytes = self._files.cat_file(path)
        except FileNotFoundError:
            raise BuildError(
                f"{self.url} has no {file}: workers and the build do not see the same folder."
            ) from None
        found = hashlib.sha256(content).hexdigest()
        if found != sha256:
            raise BuildError(f"{self.url}: {file} has sha256 {found}, not {sha256} as written.")
        return content

    def _paths(self, *files: str) -> Iterator[str]:
        return (f"{self._root}/{file}" for file in files)


def _shard_file(name: str) -> str:
    return f"{name}.ndjson.gz"


def _result_file(name: str) -> str:
    return f"{name}.result.zip"


def _note_file(name: str) -> str:
    return f"{name}.done.json"


def _record(line: bytes) -> ShardRecord:
    read = msgspec.json.decode(line, type=_Line)
    return ShardRecord(read.nct_id, read.fingerprint, bytes(read.record))
