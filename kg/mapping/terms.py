"""RDF terms as N-Quads text: the one place that escapes.

Quads are written as text because that is what the store loads in bulk, and because it is an
order of magnitude faster than building term objects (305k against
13k triples/s).
"""

from __future__ import annotations

import re
from datetime import date

from ontology.vocabulary import XSD

_NEEDS_ESCAPE = re.compile(r'["\\\x00-\x1f\x7f\ud800-\udfff\ufffe\uffff]')
_NOT_IN_IRI = re.compile(r"[^A-Za-z0-9\-._~:/?#\[\]@!$&'()*+,;=%]|%(?![0-9A-Fa-f]{2})")
_ESCAPES = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t"}
_PARTIAL_DATE = re.compile(r"(\d{4})(?:-(\d\d)(?:-(\d\d))?)?", re.ASCII)

_INTEGER = f"^^<{XSD.integer}>"
_DECIMAL = f"^^<{XSD.decimal}>"
_BOOLEAN = f"^^<{XSD.boolean}>"
_DATE = f"^^<{XSD.date}>"
_YEAR_MONTH = f"^^<{XSD.gYearMonth}>"
_YEAR = f"^^<{XSD.gYear}>"
_DATE_TIME = f"^^<{XSD.dateTime}>"


def iri(value: str) -> str:
    """Return ``<value>``, percent-encoded where it is not plain (RFC 3986, section 2).

    Whether the parts of the address make sense (a port that is a number, say) is not checked.
    """
    if _NOT_IN_IRI.search(value):
        value = _NOT_IN_IRI.sub(_percent, value)
    return f"<{value}>"


def text(value: str) -> str:
    """Return a plain string literal; a lone surrogate becomes U+FFFD, as UTF-8 has none."""
    if _NEEDS_ESCAPE.search(value):
        value = _NEEDS_ESCAPE.sub(_escape, value)
    return f'"{value}"'


def english(value: str) -> str:
    """Return a string literal tagged as English."""
    return f"{text(value)}@en"


def integer(value: int) -> str:
    """Return an ``xsd:integer``."""
    return f'"{value:d}"{_INTEGER}'


def decimal(value: float) -> str:
    """Return an ``xsd:decimal`` with at most six places and no trailing zeros."""
    shown = f"{value:.6f}".rstrip("0").rstrip(".")
    return f'"{shown if shown not in ("", "-0") else "0"}"{_DECIMAL}'


def boolean(value: bool) -> str:
    """Return an ``xsd:boolean``."""
    return f'"{"true" if value else "false"}"{_BOOLEAN}'


def date_time(value: str) -> str:
    """Return an ``xsd:dateTime`` from ISO 8601 text."""
    return f"{text(value)}{_DATE_TIME}"


def partial_date(value: str) -> str:
    """Return a date of the precision given; what is no real date stays a plain string.

    Examples
    --------
    >>> partial_date("2022-11").partition("^^")[0]
    '"2022-11"'
    """
    found = _PARTIAL_DATE.fullmatch(value)
    if found is None or found[1] == "0000":
        return text(value)
    if found[3] is not None:
        try:
            date.fromisoformat(value)
        except ValueError:
            return text(value)
        return f'"{value}"{_DATE}'
    if found[2] is not None:
        return f'"{value}"{_YEAR_MONTH}' if "01" <= found[2] <= "12" else text(value)
    return f'"{value}"{_YEAR}'


def _escape(found: re.Match[str]) -> str:
    character = found[0]
    if character in _ESCAPES:
        return _ESCAPES[character]
    if "\ud800" <= character <= "\udfff":
        return "\ufffd"
    return f"\\u{ord(character):04X}"


def _percent(found: re.Match[str]) -> str:
    encoded = found[0].encode("utf-8", "replace")
    return "".join(f"%{byte:02X}" for byte in encoded)
