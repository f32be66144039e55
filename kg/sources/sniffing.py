"""What a file holds, told by its first bytes and never by its name."""

from __future__ import annotations

import codecs
import re
from enum import Enum

from kg.sources.tar_stream import is_tar_header

WINDOW_BYTES = 64 * 1024


class Kind(Enum):
    """What a stream holds."""

    EMPTY = "nothing"
    GZIP = "gzip"
    XZ = "xz"
    BZIP2 = "bzip2"
    ZIP = "zip"
    TAR = "tar"
    XML = "XML"
    JSON = "JSON"
    PAGE = "a trial page"
    UNKNOWN = "no known format"


_MAGIC = (
    (b"\x1f\x8b", Kind.GZIP),
    (b"\xfd7zXZ\x00", Kind.XZ),
    (b"BZh", Kind.BZIP2),
    (b"PK\x03\x04", Kind.ZIP),
    (b"PK\x05\x06", Kind.ZIP),
)
# Longest first: the mark of UTF-32 begins with that of UTF-16.
_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# RFC 4627, section 3: JSON begins with two ASCII characters, so zeros betray the encoding.
_ZEROS = (
    (re.compile(rb"[^\0]\0\0\0", re.DOTALL), "utf-32-le"),
    (re.compile(rb"\0\0\0[^\0]", re.DOTALL), "utf-32-be"),
    (re.compile(rb"[^\0]\0[^\0]\0", re.DOTALL), "utf-16-le"),
    (re.compile(rb"\0[^\0]\0[^\0]", re.DOTALL), "utf-16-be"),
)
_PAGE = re.compile(r"\A(?:[^\n]*\n){0,20}?\s*NCT ID:[ \t]*NCT\d", re.ASCII)
_RECORD_MARK = re.compile(
    r'"(?:protocolSection|ProtocolSection|NCTId|nctId|studies|FullStudies|StudyFields)"'
    r"|<clinical_study\b"
)
_JSON_LINE = re.compile(r'^\{\s*"', re.MULTILINE)
_HYPERTEXT = re.compile(r"<(?:!doctype\s+html|html|svg|rss|feed)\b", re.IGNORECASE)


def encoding_of(window: bytes) -> str | None:
    """Return the Unicode encoding that the first bytes betray, or ``None`` (UTF-8 or older)."""
    for mark, encoding in _MARKS:
        if window.startswith(mark):
            return encoding
    for zeros, encoding in _ZEROS:
        if zeros.match(window):
            return encoding
    return None


def sniff(window: bytes) -> Kind:
    """Return what a stream holds, from its first `WINDOW_BYTES` bytes.

    Examples
    --------
    >>> sniff(b' [{"protocolSection": {}}]')
    <Kind.JSON: 'JSON'>
    """
    for magic, kind in _MAGIC:
        if window.startswith(magic):
            return kind
    if is_tar_header(window[:512]):
        return Kind.TAR
    text = _as_text(window)
    start = text.lstrip("\ufeff \t\r\n\f\v")[:1]
    if not start:
        return Kind.EMPTY
    if start in "{[":
        return Kind.JSON
    if start == "<":
        return Kind.UNKNOWN if _HYPERTEXT.search(text[:1024]) else Kind.XML
    if _PAGE.match(text):
        return Kind.PAGE
    if _JSON_LINE.search(text) and _RECORD_MARK.search(text):
        return Kind.JSON  # lines of records whose first line is damaged
    return Kind.UNKNOWN


def has_record_mark(window: bytes) -> bool:
    """Say whether the first bytes of a text hold a name that only trial records have."""
    return _RECORD_MARK.search(_as_text(window)) is not None


def _as_text(window: bytes) -> str:
    return window.decode(encoding_of(window) or "utf-8", "replace")
