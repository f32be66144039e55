"""Records in JSON text: one study, a list, a page of the API, lines, or several of these.

The text is never held as a whole: the reader goes down into the lists of a page and takes out
one record after another. A record that is no JSON is refused and the next is looked for: by its
place in the list, by its line, or, where the damage hides the end of the record, by the name
with which its fellows begin.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from kg.sources.json_scanner import JsonBuffer, ValueScan
from kg.sources.json_values import JsonError, decode_json, stated_nct_id
from kg.sources.limits import SourceLimits
from kg.sources.records import Refusal
from kg.sources.streams import PeekStream

# What wraps a list of records: API v2 pages, and both kinds of v1 answer.
_WRAPPERS = frozenset(
    {"studies", "StudyFieldsResponse", "StudyFields", "FullStudiesResponse", "FullStudies"}
)
_KEY = re.compile(rb'[\s,]*+"([^"\\]{0,100})"\s*+:\s*+')
_SCALAR = re.compile(rb"[^,\[\]{}\"]++")
# How records begin; inside a sound record of one kind no other of its kind begins.
_STARTS = {
    name: re.compile(rb'\{\s{0,200}"' + name.encode() + rb'"\s{0,200}:')
    for name in ("protocolSection", "Rank", "Study", "NCTId", "ProtocolSection")
}
_ANY_START = re.compile(rb'\{\s{0,200}"(?:protocolSection|Rank|Study|NCTId)"\s{0,200}:')
_LONGEST_START = 1000
_FIRST_STEP_BYTES = 512
_MAX_WRAPPER_DEPTH = 8
_WINDOW_BYTES = 64 * 1024
_FIRST_LINE_BYTES = 4 * 1024 * 1024
_OPEN_LIST, _CLOSE_LIST, _OPEN, _CLOSE, _QUOTE = b'[]{}"'

Item = tuple[str, dict[str, Any]] | Refusal
"""A locator and a decoded object, or a refusal."""


def read_json_values(stream: PeekStream, limits: SourceLimits) -> Iterator[Item]:
    """Yield every record of a JSON text, decoded but unchecked.

    Parameters
    ----------
    stream : PeekStream
        UTF-8 text without a byte order mark.
    limits : SourceLimits

    Yields
    ------
    tuple of (str, dict), or Refusal
        The locator and the object of each record; a refusal for whatever is none, and, last,
        for the damage at which the stream breaks off, if it does.
    """
    yield from _JsonReader(JsonBuffer(stream), limits).read()


class _JsonReader:
    def __init__(self, buffer: JsonBuffer, limits: SourceLimits) -> None:
        self._buffer = buffer
        self._limits = limits
        self._prefix = ""
        self._is_broken_off = False

    def read(self) -> Iterator[Item]:
        """Yield the records of the text."""
        buffer = self._buffer
        if buffer.skip() is not None:
            yield from self._read_lines() if self._is_in_lines() else self._read_values()
        if buffer.fault is not None and not self._is_broken_off:
            yield self._broken_off(f"line {buffer.line}")

    def _read_values(self) -> Iterator[Item]:
        buffer = self._buffer
        while not self._is_broken_off and (byte := buffer.skip(b",")) is not None:
            line = buffer.line
            if byte not in b"{[":
                yield Refusal(_NO_OBJECT, f"line {line}")
                buffer.skip_line()
                continue
            self._prefix = "" if line == 1 else f"line {line}: "
            yield from self._value("", f"line {line}", 0)
            if byte == _OPEN and buffer.line == line and buffer.is_line_end():
                yield from self._read_lines()
                return
            buffer.compact()

    # Lines ------------------------------------------------------------------------------------

    def _is_in_lines(self) -> bool:
        """Say whether each line is a value of its own, going by the first two lines."""
        buffer = self._buffer
        if buffer.data[buffer.at] != _OPEN:
            return buffer.data[buffer.at] != _OPEN_LIST
        end = buffer.line_end(min(self._limits.max_record_bytes, _FIRST_LINE_BYTES))
        if end is None:
            return False
        first = bytes(buffer.data[buffer.at : end]).strip()
        try:
            decode_json(first, self._limits)
        except JsonError:
            # A damaged first line shows by the second, which no JSON text could go on with.
            buffer.fill_to(end - buffer.at + _WINDOW_BYTES)
            following = bytes(buffer.data[end : end + _WINDOW_BYTES]).lstrip()
            return len(first) > 1 and not first.endswith(b"[") and following.startswith(b"{")
        return True

    def _read_lines(self) -> Iterator[Item]:
        buffer, limits = self._buffer, self._limits
        while buffer.skip() is not None:
            buffer.compact()
            line = buffer.line
            self._prefix = "" if line == 1 else f"line {line}: "
            end = buffer.line_end(limits.max_record_bytes)
            if end is None:
                yield from self._long_line(f"line {line}")
                continue
            raw = bytes(buffer.data[buffer.at : end])
            buffer.at = end
            try:
                value = decode_json(raw, limits)
            except JsonError as error:
                is_last = end == len(buffer.data)
                if is_last and (error.is_cut_short or buffer.fault is not None):
                    yield self._broken_off(f"line {line}", raw)
                else:
                    yield _no_json(error, f"line {line}", raw)
            else:
                yield from self._unwrapped(value, "", f"line {line}", 0)

    def _long_line(self, place: str) -> Iterator[Item]:
        """Read a line that is larger than a record may be: a page, or a refusal."""
        buffer = self._buffer
        byte = buffer.data[buffer.at]
        if byte == _OPEN_LIST or (byte == _OPEN and self._first_wrapper() is not None):
            yield from self._value("", place, 0)
        else:
            yield self._too_large(place)
            buffer.skip_line()

    def _unwrapped(self, value: Any, path: str, place: str, depth: int) -> Iterator[Item]:
        """Go down into a value that is decoded already."""
        if isinstance(value, list) and depth < _MAX_WRAPPER_DEPTH:
            for index, item in enumerate(value):
                inner = f"{path}[{index}]"
                yield from self._unwrapped(item, inner, self._prefix + inner, depth + 1)
        elif not isinstance(value, dict):
            yield Refusal(_NO_OBJECT, place)
        elif wrapped := [k for k in value if k in _WRAPPERS and isinstance(value[k], dict | list)]:
            for key in wrapped:
                inner = f"{path}.{key}" if path else key
                yield from self._unwrapped(value[key], inner, self._prefix + inner, depth + 1)
        else:
            yield place, value

    # Values -----------------------------------------------------------------------------------

    def _value(self, path: str, place: str, depth: int) -> Iterator[Item]:
        """Read the list or object at hand; `place` names it if it is itself a record."""
        buffer = self._buffer
        is_list = buffer.data[buffer.at] == _OPEN_LIST
        if depth < _MAX_WRAPPER_DEPTH and is_list:
            yield from self._list(path, place, depth)
        elif depth < _MAX_WRAPPER_DEPTH and (start := self._first_wrapper()) is not None:
            buffer.at = start
            yield from self._wrapper(path, place, depth)
        else:
            yield from self._record(place)

    def _list(self, path: str, place: str, depth: int) -> Iterator[Item]:
        buffer = self._buffer
        buffer.at += 1
        index = 0
        while not self._is_broken_off:
            byte = buffer.skip(b",")
            inner = f"{path}[{index}]"
            item_place = self._prefix + inner
            if byte is None:
                yield self._broken_off(place)
                return
            if byte == _CLOSE_LIST:
                buffer.at += 1
                return
            if byte == _CLOSE:
                # More was closed than was open: go on with whatever looks like a record.
                yield Refusal("is no JSON: a } without its {. Correct the text.", item_place)
                if not buffer.skip_to(_ANY_START, _LONGEST_START):
                    self._is_broken_off = True
                continue
            if byte in b"{[":
                yield from self._value(inner, item_place, depth + 1)
            else:
                yield Refusal(_NO_OBJECT, item_place)
                buffer.skip_value()
            index += 1
            buffer.compact()

    def _first_wrapper(self) -> int | None:
        """Return the offset of the first key that wraps records, if the object has one.

        Looked for in the first 64 KiB of the object, past other keys (counts, tokens, the
        query); a record shows by its own first key.
        """
        buffer = self._buffer
        buffer.fill_to(_WINDOW_BYTES)
        data = buffer.data
        at = buffer.at + 1
        end = min(len(data), buffer.at + _WINDOW_BYTES)
        while (found := _KEY.match(data, at, end)) is not None:
            at = found.end()
            opens = bytes(data[at : at + 1])
            name = found[1].decode("utf-8", "replace")
            if name in _WRAPPERS and opens in (b"[", b"{"):
                return found.start()
            if name in _STARTS:
                return None
            if opens in (b"[", b"{", b'"'):
                scan = ValueScan(at)
                if not scan.go_on(data, end):
                    return None
                at = scan.at
            elif (scalar := _SCALAR.match(data, at, end)) is not None:
                at = scalar.end()
        return None

    def _wrapper(self, path: str, place: str, depth: int) -> Iterator[Item]:
        """Read the rest of an object that wraps records; all else in it is left out."""
        buffer = self._buffer
        is_damaged = False
        while not self._is_broken_off:
            byte = buffer.skip(b",:")
            if byte is None:
                yield self._broken_off(place)
                return
            if byte == _CLOSE:
                buffer.at += 1
                return
            buffer.fill_to(_WINDOW_BYTES)
            found = _KEY.match(buffer.data, buffer.at) if byte == _QUOTE else None
            if found is not None:
                buffer.at = found.end()
                name = found[1].decode("utf-8", "replace")
                byte = buffer.skip()
                if name in _WRAPPERS and byte is not None and byte in b"[{":
                    inner = f"{path}.{name}" if path else name
                    yield from self._value(inner, self._prefix + inner, depth + 1)
                elif byte is not None and byte not in b",}":
                    buffer.skip_value()
            elif byte in b"{[":  # only after damage: the list was closed too early
                if not is_damaged:
                    is_damaged = True
                    yield Refusal(
                        "is no JSON: a list is closed before its end. Correct the text.",
                        f"line {buffer.line}",
                    )
                yield from self._value(path, f"line {buffer.line}", depth + 1)
            else:
                buffer.skip_value()
            buffer.compact()

    def _record(self, place: str) -> Iterator[Item]:
        """Read the object at hand as a record, and find the next one if it is damaged."""
        buffer, limits = self._buffer, self._limits
        begin = buffer.at
        sought = begin + 1
        key = _KEY.match(buffer.data, begin + 1)
        starts = _STARTS.get(key[1].decode("utf-8", "replace") if key else "", _ANY_START)
        scan = ValueScan(begin)
        following: re.Match[bytes] | None = None
        # In growing steps, so that neither many records nor many damaged ones take the time
        # of the whole buffer each.
        step = _FIRST_STEP_BYTES
        while True:
            stop = min(len(buffer.data), begin + step)
            if scan.go_on(buffer.data, stop):
                break
            following = starts.search(buffer.data, sought, stop)
            if following is not None:
                break
            sought = max(sought, stop - _LONGEST_START)
            if scan.at - begin > limits.max_record_bytes:
                break
            if stop == len(buffer.data) and not buffer.fill():
                break
            step *= 2
        if scan.at - begin > limits.max_record_bytes:
            yield self._too_large(place)
            self._skip_record(scan, starts)
            return
        end = scan.at if scan.is_done else len(buffer.data)
        end = end if following is None else following.start()
        raw = bytes(buffer.data[begin:end])
        try:
            value = decode_json(raw, limits)
        except JsonError as error:
            if following is None and (inside := starts.search(raw, 1)) is not None:
                end = begin + inside.start()
                raw = raw[: inside.start()]
            buffer.at = end
            is_whole = scan.is_done or end < len(buffer.data)
            yield _no_json(error, place, raw) if is_whole else self._broken_off(place, raw)
        else:
            buffer.at = end
            yield from self._unwrapped(value, "", place, _MAX_WRAPPER_DEPTH)

    def _skip_record(self, scan: ValueScan, starts: re.Pattern[bytes]) -> None:
        """Move over the rest of a record that is too large, without holding it."""
        buffer = self._buffer
        while True:
            buffer.at = scan.at
            buffer.compact()
            scan.at = buffer.at
            following = starts.search(buffer.data, scan.at)
            stop = len(buffer.data) if following is None else following.start()
            if scan.go_on(buffer.data, stop) or following is not None or not buffer.fill():
                buffer.at = scan.at if scan.is_done else stop
                return

    # Refusals ---------------------------------------------------------------------------------

    def _broken_off(self, place: str, raw: bytes = b"") -> Refusal:
        self._is_broken_off = True
        fault = self._buffer.fault
        reason = "the text ends before the JSON does: the file is cut short. Fetch it again."
        if fault is not None:
            reason = str(fault)
        return Refusal(
            f"{reason} The records before this place were read.", place, stated_nct_id(raw)
        )

    def _too_large(self, place: str) -> Refusal:
        buffer = self._buffer
        limit = self._limits.max_record_bytes
        return Refusal(
            f"the record is larger than {limit:,} bytes (max_record_bytes); it was left out.",
            place,
            stated_nct_id(bytes(buffer.data[buffer.at : buffer.at + limit])),
        )


_NO_OBJECT = "is no record: a record is a JSON object, {...}. Correct or remove it."


def _no_json(error: JsonError, place: str, raw: bytes) -> Refusal:
    return Refusal(f"is no JSON: {error}. Correct the record.", place, stated_nct_id(raw))
