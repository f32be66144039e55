"""From paths to records: which reader a stream needs, layer by layer."""

from __future__ import annotations

import tempfile
from collections.abc import Generator, Iterable, Iterator
from pathlib import Path
from typing import Any, BinaryIO

from kg.sources import tar_stream, zip_stream
from kg.sources.compression import UnpackedStream
from kg.sources.conversion import to_api_v2
from kg.sources.json_records import read_json_values
from kg.sources.legacy_xml import read_legacy_studies
from kg.sources.limits import SourceLimits
from kg.sources.paths import check_path, files_in, is_hidden
from kg.sources.records import Found, Refusal, RejectedRecord, SourceRecord
from kg.sources.sniffing import WINDOW_BYTES, Kind, encoding_of, has_record_mark, sniff
from kg.sources.streams import (
    CHUNK_BYTES,
    ArchiveMember,
    FileStream,
    LimitedStream,
    LimitError,
    PeekStream,
    Readable,
    StreamError,
    TranscodedStream,
)
from kg.sources.trial_page import read_trial_page
from kg.study import parse_study
from ontology.errors import RecordError

_PACKED = {Kind.GZIP: "gzip", Kind.XZ: "xz", Kind.BZIP2: "bzip2"}
_NO_RECORD = "holds no trial record. Check that it is the right file."
_UNKNOWN = (
    "is in no form that is read: API v2 or v1 JSON, lines of it, legacy XML, a trial page, or "
    "gzip, xz, bzip2, zip and tar of these."
)

Item = Found | Refusal
Items = Generator[Item, None, bool]
"""Items of a stream; returns whether the stream is in a known form."""


def read_sources(
    paths: Iterable[Path | str], *, limits: SourceLimits | None = None
) -> Iterator[SourceRecord | RejectedRecord]:
    """Read the trial records in files and folders of any known form.

    Parameters
    ----------
    paths : iterable of Path or str
        Files in any form (told by their content, not by their name), packed or not, and
        folders, which are gone through in sorted order. Hidden files, and files in folders and
        archives that are plainly no records (images, notes), are left out.
    limits : SourceLimits, optional
        What a source may ask of the machine.

    Returns
    -------
    iterator of SourceRecord or RejectedRecord
        In the order of the paths, files and records. Memory does not grow with the files. A
        file that holds no record at all gives one `RejectedRecord`. Repeated NCT ids are not
        looked for.

    Raises
    ------
    SourceError
        At once, if a path does not exist or cannot be read; later, if reading from it fails.

    Examples
    --------
    >>> import json, pathlib, tempfile
    >>> record = {"protocolSection": {"identificationModule": {"nctId": "NCT04356287"}}}
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     _ = (pathlib.Path(folder) / "one.json").write_text(json.dumps(record))
    ...     [found.study.nct_id for found in read_sources([folder])]
    ['NCT04356287']
    """
    checked = [Path(path) for path in paths]
    for path in checked:
        check_path(path)
    return _read_all(checked, limits or SourceLimits())


def _read_all(paths: list[Path], limits: SourceLimits) -> Iterator[SourceRecord | RejectedRecord]:
    for path in paths:
        if not path.is_dir():
            yield from _read_file(path, limits, is_given=True)
            continue
        is_empty = True
        for file in files_in(path):
            if isinstance(file, RejectedRecord):
                yield file
                continue
            for record in _read_file(file, limits, is_given=False):
                is_empty = False
                yield record
        if is_empty:
            yield RejectedRecord(str(path), "", None, None, f"the folder {_NO_RECORD}")


def _read_file(
    path: Path, limits: SourceLimits, *, is_given: bool
) -> Iterator[SourceRecord | RejectedRecord]:
    source = str(path)
    stream = FileStream(path, limits)
    try:
        items = _StreamReader(stream, limits).read(PeekStream(stream), "", 0, is_given)
        for item in items:
            yield _checked(item, source)
    finally:
        stream.close()


def _checked(item: Item, source: str) -> SourceRecord | RejectedRecord:
    if isinstance(item, Refusal):
        return RejectedRecord(source, item.locator, item.nct_id, item.field, item.message)
    try:
        study = parse_study(item.payload)
    except RecordError as error:
        return RejectedRecord(source, item.locator, error.nct_id, error.field, str(error))
    return SourceRecord(study, item.payload, source, item.locator, item.format)


class _StreamReader:
    """Reads one file, going down into what is packed in it."""

    def __init__(self, file: FileStream, limits: SourceLimits) -> None:
        self._file = file
        self._meter = file.meter
        self._limits = limits

    def read(self, stream: PeekStream, locator: str, depth: int, is_given: bool) -> Items:
        """Yield the items of a stream; one refusal at least if its form is known.

        Parameters
        ----------
        locator : str
            Where the stream is in the file, empty for the file itself.
        depth : int
            Layers of packing around it.
        is_given : bool
            Whether the user named it, so that even an unknown form is worth a refusal.
        """
        count = 0
        is_known = True
        try:
            items = self._layer(stream, locator, depth, is_given)
            while True:
                try:
                    item = next(items)
                except StopIteration as stop:
                    is_known = stop.value
                    break
                count += 1
                yield item
        except StreamError as fault:
            count += 1
            yield Refusal(str(fault), locator)
        if count == 0 and (is_known or is_given):
            yield Refusal(_NO_RECORD if is_known else _UNKNOWN, locator)
        return is_known

    def _layer(self, stream: PeekStream, locator: str, depth: int, is_given: bool) -> Items:
        window = stream.peek(WINDOW_BYTES)
        if window.isspace():
            stream.skip_space()
            window = stream.peek(WINDOW_BYTES)
        kind = sniff(window)
        if kind is Kind.EMPTY:
            _ = stream.read(1)  # reports why it is empty, if it is damaged
            return True
        if kind is Kind.UNKNOWN:
            return False
        is_packed = kind in _PACKED or kind in (Kind.ZIP, Kind.TAR)
        if is_packed and depth >= self._limits.max_archive_depth:
            raise LimitError(
                f"is packed more than {self._limits.max_archive_depth} times over "
                "(max_archive_depth); it was not read."
            )
        if kind in _PACKED:
            inner = PeekStream(UnpackedStream(stream, _PACKED[kind], self._meter))
            return (yield from self._layer(inner, locator, depth + 1, is_given))
        if kind is Kind.TAR:
            yield from self._members(tar_stream.read_members(stream), locator, depth)
        elif kind is Kind.ZIP:
            with self._seekable(stream, depth) as file:
                members = zip_stream.read_members(file, self._meter)
                yield from self._members(members, locator, depth)
        else:
            is_worth_it = is_given or has_record_mark(window)
            for item in self._records(kind, stream, window, locator):
                yield item
                if isinstance(item, Refusal) and not is_worth_it:
                    break  # some other JSON file: one word about it is enough
        return True

    def _members(
        self,
        members: Iterator[ArchiveMember],
        locator: str,
        depth: int,
    ) -> Iterator[Item]:
        limits = self._limits
        for number, member in enumerate(members, 1):
            if number > limits.max_archive_members:
                raise LimitError(
                    f"has more than {limits.max_archive_members:,} members "
                    "(max_archive_members); the rest was not read."
                )
            if member.kind == "folder" or any(map(is_hidden, member.name.split("/"))):
                continue
            place = f"{locator}: {member.name}" if locator else member.name
            if member.kind != "file":
                yield Refusal(f"is a {member.kind} file, which is not followed.", place)
                continue
            content = PeekStream(LimitedStream(member.content, limits.max_member_bytes))
            yield from self.read(content, place, depth + 1, is_given=False)

    def _seekable(self, stream: PeekStream, depth: int) -> BinaryIO:
        """Return a zip archive as a file that can seek: a copy, unless it is the file itself."""
        if depth == 0 and self._file.is_seekable:
            return open(self._file.file.fileno(), "rb", closefd=False)
        copy = tempfile.TemporaryFile()  # noqa: SIM115 - the caller closes it
        size = 0
        try:
            while data := stream.read(CHUNK_BYTES):
                size += len(data)
                if size > self._limits.max_spooled_bytes:
                    raise LimitError(
                        f"is a zip archive of more than {self._limits.max_spooled_bytes:,} bytes "
                        "inside another (max_spooled_bytes). Unpack the outer one first."
                    )
                copy.write(data)
        except BaseException:  # a damaged outer archive, too: nobody else knows of the copy
            copy.close()
            raise
        return copy

    def _records(
        self, kind: Kind, stream: PeekStream, window: bytes, locator: str
    ) -> Iterator[Item]:
        if kind is Kind.XML:
            for item in read_legacy_studies(stream, self._limits):
                yield _placed(item, locator)
            return
        text = _as_utf8(stream, encoding_of(window))
        if kind is Kind.PAGE:
            yield _placed(read_trial_page(text, self._limits), locator)
            return
        for value in read_json_values(text, self._limits):
            yield _placed(value if isinstance(value, Refusal) else _converted(*value), locator)


def _converted(locator: str, value: dict[str, Any]) -> Item:
    try:
        payload, form = to_api_v2(value)
    except RecordError as error:
        return Refusal(str(error), locator, error.nct_id, error.field)
    return Found(payload, locator, form)


def _placed(item: Item, locator: str) -> Item:
    if not locator:
        return item
    place = f"{locator}: {item.locator}" if item.locator else locator
    if isinstance(item, Found):
        return Found(item.payload, place, item.format)
    return Refusal(item.message, place, item.nct_id, item.field)


def _as_utf8(stream: PeekStream, encoding: str | None) -> PeekStream:
    if encoding is None:
        return stream
    if encoding == "utf-8-sig":
        stream.read_exactly(3)
        return stream
    inner: Readable = TranscodedStream(stream, encoding)
    return PeekStream(inner)
