"""A buffer over a stream of JSON text that finds where values end, without holding the file."""

from __future__ import annotations

import re

from kg.sources.streams import CHUNK_BYTES, PeekStream, StreamError

_SPACE = re.compile(rb"[ \t\r\n\x0b\x0c]*+")
_BRACKET_OR_QUOTE = re.compile(rb'["{}\[\]]')
_STRING_REST = re.compile(rb'[^"\\]*+(?:\\.[^"\\]*+)*+"', re.DOTALL)
_SCALAR_END = re.compile(rb"[,\]}\n]")
_QUOTE, _BACKSLASH = b'"\\'
_OPENING = frozenset(b"{[")


class ValueScan:
    """How far the search for the end of one value has come.

    Brackets are only counted: whether each closes its own kind is left to the decoder, so that
    a damaged record does not hide where it ends.
    """

    __slots__ = ("at", "depth", "in_string", "is_done")

    def __init__(self, at: int) -> None:
        self.at = at
        self.depth = 0
        self.in_string = False
        self.is_done = False

    def go_on(self, data: bytearray, end: int) -> bool:
        """Scan on to the offset `end`; ``True`` when the value has ended before it."""
        at = self.at
        while not self.is_done and at < end:
            if self.in_string:
                string_end = _STRING_REST.match(data, at, end)
                if string_end is None:
                    at = _resume_point(data, at, end)
                    break
                at, self.in_string = string_end.end(), False
            else:
                found = _BRACKET_OR_QUOTE.search(data, at, end)
                if found is None:
                    at = end
                    break
                at = found.end()
                byte = data[at - 1]
                if byte == _QUOTE:
                    self.in_string = True
                    continue
                self.depth += 1 if byte in _OPENING else -1
            self.is_done = self.depth <= 0
        self.at = at
        return self.is_done


class JsonBuffer:
    """The part of the text that is being looked at; `at` is the place in it.

    Offsets stay valid until `compact` or a ``skip`` method is called. Trouble with the stream
    counts as its end, and is kept in `fault`.
    """

    def __init__(self, stream: PeekStream) -> None:
        self._stream = stream
        self.data = bytearray()
        self.at = 0
        self.fault: StreamError | None = None
        self._line = 1
        self._counted_to = 0

    @property
    def line(self) -> int:
        """The number of the line at `at`."""
        self._line += self.data.count(b"\n", self._counted_to, self.at)
        self._counted_to = self.at
        return self._line

    def compact(self) -> None:
        """Let go of what lies before `at`, if it is worth it."""
        if self.at >= CHUNK_BYTES:
            _ = self.line
            del self.data[: self.at]
            self._counted_to = self.at = 0

    def fill(self) -> bool:
        """Read on; ``False`` at the end of the stream."""
        if self.fault is not None:
            return False
        try:
            more = self._stream.read(CHUNK_BYTES)
        except StreamError as fault:
            self.fault = fault
            return False
        self.data += more
        return bool(more)

    def fill_to(self, size: int) -> None:
        """Read on until `size` bytes lie ahead, if there are as many."""
        while len(self.data) - self.at < size and self.fill():
            pass

    def skip(self, extra: bytes = b"") -> int | None:
        """Move over white space and the bytes of `extra`; return the byte there, if any."""
        while True:
            space = _SPACE.match(self.data, self.at)
            if space is not None:
                self.at = space.end()
            if self.at < len(self.data):
                byte = self.data[self.at]
                if byte not in extra:
                    return byte
                self.at += 1
                continue
            self.compact()
            if not self.fill():
                return None

    def skip_value(self) -> None:
        """Move over the value at hand, however large; over one byte at least."""
        scan = ValueScan(self.at)
        if self.data[self.at] not in b'{["':
            self.at += 1
            self._skip_until(_SCALAR_END)
            return
        while not scan.go_on(self.data, len(self.data)):
            self.at = scan.at
            self.compact()
            scan.at = self.at
            if not self.fill():
                self.at = len(self.data)
                return
        self.at = scan.at

    def skip_line(self) -> None:
        """Move to the end of the line."""
        self._skip_until(_LINE_END)

    def line_end(self, max_bytes: int) -> int | None:
        """Return the offset of the end of the line, or ``None`` if it is longer than allowed."""
        sought = self.at
        while (end := self.data.find(b"\n", sought)) < 0:
            sought = len(self.data)
            if sought - self.at > max_bytes:
                return None
            if not self.fill():
                end = len(self.data)
                break
        return None if end - self.at > max_bytes else end

    def is_line_end(self) -> bool:
        """Say whether the line ends here."""
        self.fill_to(1)
        return self.at >= len(self.data) or self.data[self.at] in b"\r\n"

    def skip_to(self, pattern: re.Pattern[bytes], longest: int) -> bool:
        """Move to the next match of a pattern that matches at most `longest` bytes."""
        while (found := pattern.search(self.data, self.at)) is None:
            self.at = max(self.at, len(self.data) - longest)
            self.compact()
            if not self.fill():
                self.at = len(self.data)
                return False
        self.at = found.start()
        return True

    def _skip_until(self, pattern: re.Pattern[bytes]) -> None:
        while (found := pattern.search(self.data, self.at)) is None:
            self.at = len(self.data)
            self.compact()
            if not self.fill():
                return
        self.at = found.start()


_LINE_END = re.compile(rb"\n")


def _resume_point(data: bytearray, at: int, end: int) -> int:
    """Return where to go on in an unfinished string: its end, but not inside an escape."""
    slashes = 0
    while end - slashes > at and data[end - slashes - 1] == _BACKSLASH:
        slashes += 1
    return end - slashes % 2
