"""`KeptAnswers`: whole answers to queries, kept as long as the generation that they are of.

A generation never changes, so a query has one answer there. What took long is kept in memory,
as much as fits; of the queries that come with TrialKin the answers are kept in files too, beside
the generations: other processes and later ones find them there. A file is written under another
name and renamed when it is whole, and one that does not match its checksum counts for nothing,
so that nobody needs a lock.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import tempfile
import threading
from collections import OrderedDict
from collections.abc import Collection
from pathlib import Path

import msgspec

from kg.sparql.limits import QueryAnswer

ANSWERS_FOLDER = "answers"
"""Holds, in a store's folder, a folder for each generation."""
MEMORY_BYTES = 32_000_000
LARGEST_BYTES = 2_000_000
"""A larger answer is not kept."""
ENTRY_BYTES = 500
"""What an answer takes beside its body: many answers are a word, or nothing at all."""
_VERSION = "1"
"""Of how answers are written: what another version has kept is another key."""


class _Head(msgspec.Struct):
    """The first line of a file; the body follows it."""

    form: str
    media_type: str
    rows: int
    digest: str


class KeptAnswers:
    """Answers to queries over one generation; safe to use from many threads and processes.

    Parameters
    ----------
    folder : Path, optional
        Where files are, see `answers_folder`; by default there are none.
    writes : bool
        Whether files are written, not only read.
    memory_bytes : int
        What may be kept in memory.
    """

    def __init__(
        self,
        folder: Path | None = None,
        *,
        writes: bool = False,
        memory_bytes: int = MEMORY_BYTES,
    ):
        self._folder, self._writes, self._most = folder, writes, memory_bytes
        self._lock = threading.Lock()
        self._answers: OrderedDict[str, QueryAnswer] = OrderedDict()
        self._bytes = 0

    def get(self, key: str) -> QueryAnswer | None:
        """Return what is kept under a key, None if nothing is; `seconds` tells nothing here."""
        with self._lock:
            found = self._answers.get(key)
            if found is not None:
                self._answers.move_to_end(key)
                return found
        found = self._read(key)
        if found is not None:
            self._remember(key, found)
        return found

    def put(self, key: str, answer: QueryAnswer, *, in_file: bool = False) -> None:
        """Keep an answer that is whole and not too large, in a file too where those are written."""
        if answer.truncated or len(answer.body) > LARGEST_BYTES:
            return
        self._remember(key, answer)
        if in_file and self._writes and self._folder is not None:
            # A store that may only be read is asked anew by each process.
            with contextlib.suppress(OSError):
                self._write(self._folder, key, answer)

    def _remember(self, key: str, answer: QueryAnswer) -> None:
        with self._lock:
            before = self._answers.pop(key, None)
            self._bytes -= 0 if before is None else _size(before)
            self._answers[key] = answer
            self._bytes += _size(answer)
            while self._bytes > self._most:
                _, oldest = self._answers.popitem(last=False)
                self._bytes -= _size(oldest)

    def _read(self, key: str) -> QueryAnswer | None:
        if self._folder is None:
            return None
        try:
            head, _, body = (self._folder / key).read_bytes().partition(b"\n")
            said = msgspec.json.decode(head, type=_Head)
        except (OSError, msgspec.DecodeError):
            return None
        if said.digest != _digest(body):
            return None
        return QueryAnswer(said.form, said.media_type, body, said.rows, False, 0.0)

    @staticmethod
    def _write(folder: Path, key: str, answer: QueryAnswer) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        head = _Head(answer.form, answer.media_type, answer.rows, _digest(answer.body))
        descriptor, waiting = tempfile.mkstemp(prefix=".", dir=folder)
        try:
            with open(descriptor, "wb") as file:
                file.write(msgspec.json.encode(head) + b"\n" + answer.body)
            os.chmod(waiting, 0o644)  # others may serve the same store
            os.replace(waiting, folder / key)
        except BaseException:
            os.unlink(waiting)
            raise


def answers_folder(store_path: Path, number: int, manifest: bytes) -> Path:
    """Return the folder of the answers of one generation.

    Parameters
    ----------
    store_path : Path
    number : int
        Of the generation.
    manifest : bytes
        Its manifest as it is written: a number may be given again, a manifest is not.
    """
    return store_path / ANSWERS_FOLDER / str(number) / _digest(manifest)


def forget_answers(store_path: Path, kept: Collection[int]) -> None:
    """Take away the answers of all generations but some."""
    folder = store_path / ANSWERS_FOLDER
    numbers = {str(number) for number in kept}
    for entry in folder.iterdir() if folder.is_dir() else ():
        if entry.name not in numbers:
            shutil.rmtree(entry, ignore_errors=True)


def answer_key(*parts: object) -> str:
    """Return the key of a query with all that its answer depends on, beside the generation."""
    return _digest("\0".join([_VERSION, *map(str, parts)]).encode())


def _size(answer: QueryAnswer) -> int:
    return len(answer.body) + ENTRY_BYTES


def _digest(data: bytes) -> str:
    return hashlib.blake2b(data, digest_size=16).hexdigest()
