"""Single JSON values: decoding, and the cleaning that every record goes through.

Rule for characters that no XML 1.0 document can hold, and so no SPARQL XML result either (NUL
and the other control characters but tab, line feed and carriage return; halves of surrogate
pairs; U+FFFE and U+FFFF): each is replaced with U+FFFD, one for one, so that the spans of
evidence keep counting. All other characters are kept as they are.
"""

from __future__ import annotations

import json
import math
import re
from typing import Any, NoReturn

import msgspec

from kg.sources.limits import SourceLimits

_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
REPLACEMENT = "\ufffd"
# Raw bytes that may decode to such a character; all others need no second look.
_MAY_NEED_CLEANING = re.compile(
    rb"\\u(?:00[01]|[dD][89a-fA-F]|[fF]{3}[eEfF])|\\[bf]|\xef\xbf[\xbe\xbf]"
)
_SIGNS = (b"\\u", b"\\b", b"\\f", b"\xef\xbf")
_LONE_SURROGATE = re.compile(rb"\\u[dD][89a-fA-F]")
_CUT_SHORT = "the text ends before the value does"
_NCT_ID = re.compile(rb'"(?:nctId|NCTId)"\s*:\s*\[?\s*"\s*(NCT\d{8})\s*"')


class JsonError(ValueError):
    """A piece of text is no JSON value that can be used."""

    @property
    def is_cut_short(self) -> bool:
        """Whether the text only ends too early."""
        return str(self) == _CUT_SHORT


def decode_json(raw: bytes, limits: SourceLimits) -> Any:
    """Return the value of a JSON text, cleaned.

    Raises
    ------
    JsonError
        If the text is no JSON (with the reason), is nested too deeply or has too many values.
    """
    max_nesting = limits.max_nesting
    if len(raw) > limits.max_record_parts and _count_parts(raw) > limits.max_record_parts:
        raise JsonError(f"it has more than {limits.max_record_parts:,} values (max_record_parts)")
    try:
        value = msgspec.json.decode(raw)
    except RecursionError:
        raise JsonError(_too_deep(max_nesting)) from None
    except UnicodeDecodeError as error:
        raise JsonError(
            f"a text is not UTF-8 (byte 0x{error.object[error.start]:02x}); save the file as UTF-8"
        ) from None
    except msgspec.DecodeError as error:
        value = _decode_leniently(raw, str(error))
    if _is_deeper(value, max_nesting):
        raise JsonError(_too_deep(max_nesting))
    return _cleaned(value) if _may_need_cleaning(raw) else value


def clean_text(text: str) -> str:
    r"""Replace the characters that no XML document can hold with U+FFFD.

    Examples
    --------
    >>> clean_text("a\x00b")
    'a�b'
    """
    return _NOT_XML.sub(REPLACEMENT, text)


def stated_nct_id(raw: bytes) -> str | None:
    """Return the first NCT id that a piece of text states as a field, even if it is no JSON."""
    found = _NCT_ID.search(raw)
    return None if found is None else found[1].decode()


def kept(value: Any) -> Any:
    """Leave out what is absent or empty (``None``, no text, no items), at every depth.

    Examples
    --------
    >>> kept({"a": None, "b": [{}, {"c": ""}], "d": 0, "e": False})
    {'d': 0, 'e': False}
    """
    if isinstance(value, dict):
        pairs = ((key, kept(item)) for key, item in value.items())
        return {key: item for key, item in pairs if not _is_empty(item)}
    if isinstance(value, list):
        return [item for item in map(kept, value) if not _is_empty(item)]
    return value


def _is_empty(value: Any) -> bool:
    return value is None or (isinstance(value, str | list | dict) and len(value) == 0)


def _decode_leniently(raw: bytes, reason: str) -> Any:
    """Decode what only a half of a surrogate pair makes unreadable to msgspec."""
    if _LONE_SURROGATE.search(raw) is None:
        if reason == "Input data was truncated":
            reason = _CUT_SHORT
        raise JsonError(reason.removeprefix("JSON is malformed: "))
    try:
        return json.loads(raw, parse_constant=_refuse_constant, parse_float=_finite)
    except RecursionError:
        raise JsonError("it is nested too deeply") from None
    except ValueError as error:
        raise JsonError(str(error)) from None


def _finite(digits: str) -> float:
    number = float(digits)
    return number if math.isfinite(number) else _refuse_constant(digits)


def _refuse_constant(name: str) -> NoReturn:
    raise JsonError(f"{name} is no JSON")


def _too_deep(max_nesting: int) -> str:
    return f"it is nested more than {max_nesting} deep (max_nesting)"


def _may_need_cleaning(raw: bytes) -> bool:
    # Four plain searches cost a tenth of the pattern, and mostly find nothing.
    return any(sign in raw for sign in _SIGNS) and _MAY_NEED_CLEANING.search(raw) is not None


def _count_parts(raw: bytes) -> int:
    """Count the values of a JSON text, a few too many for the commas in its texts."""
    return sum(map(raw.count, (b",", b"[", b"{")))


def _is_deeper(value: Any, max_nesting: int) -> bool:
    level = [value]
    for _ in range(max_nesting + 1):
        level = [
            child
            for node in level
            if type(node) is dict or type(node) is list
            for child in (node.values() if type(node) is dict else node)
            if type(child) is dict or type(child) is list
        ]
        if not level:
            return False
    return True


def _cleaned(value: Any) -> Any:
    if isinstance(value, str):
        return clean_text(value)
    if isinstance(value, dict):
        return {clean_text(key): _cleaned(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_cleaned(item) for item in value]
    return value
