"""A query as tokens, by the grammar of SPARQL 1.1 (section 19.8).

A keyword inside a string, a comment, an IRI or a name is no keyword, and one in odd case is.
Nothing here fails: what fits no rule is a token of one character, and the parser of the store
has the last word on what is SPARQL.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

# Longest first where one is the beginning of another. An IRI may not hold blanks, so "<" as
# less-than is told from "<" that opens an IRI as the grammar does it. A query is read in the
# server's own process, where nothing can stop it: so no repetition gives back what it took
# (``*+``), and nothing is looked through again from each of its places, however it is made.
_BLANK = r"(?P<blank>[\x20\t\n\r]+|\#[^\n\r]*)"
_STRINGS = r"""
    | (?P<string>\"\"\"(?:[^"\\]|\\.|"(?!\"\"))*+\"\"\"|'''(?:[^'\\]|\\.|'(?!''))*+''')
    | (?P<open>\"\"\"(?:[^"\\]|\\.|"(?!\"\"))*+|'''(?:[^'\\]|\\.|'(?!''))*+)
    | (?P<short>"(?:[^"\\\n\r]|\\.)*+"|'(?:[^'\\\n\r]|\\.)*+')
    | (?P<unended>"(?:[^"\\\n\r]|\\.)*+|'(?:[^'\\\n\r]|\\.)*+)
"""
_OTHERS = r"""
    | (?P<iri><[^<>"{}|^`\\\x00-\x20]*>)
    | (?P<tag>@[A-Za-z]+(?:-[A-Za-z0-9]+)*)
    | (?P<variable>[?$]\w+)
    | (?P<name>(?:[^\W\d][\w.\-]{0,200}+(?<!\.))?:(?:[\w:%\-]++|\\.|\.++(?=[\w:%\-\\]))*+)
    | (?P<number>(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)
    | (?P<word>[^\W\d]\w*)
    | (?P<sign>\^\^|&&|\|\||!=|<=|>=|<<\(|\)>>|<<|>>|.)
"""
_TOKEN = re.compile(_BLANK + _STRINGS + _OTHERS, re.VERBOSE | re.DOTALL)
_TOKEN_IN_UNENDED = re.compile(_BLANK + _OTHERS, re.VERBOSE | re.DOTALL)

BRACKETS = {"(": ")", "[": "]", "{": "}", "<<": ">>", "<<(": ")>>"}
"""What opens, and what closes it."""
OPERATORS = frozenset(["=", "!=", "<", ">", "<=", ">=", "&&", "||", "+", "-", "/", "!"])
"""Signs that something has to follow in an expression."""

_CODE_POINT = re.compile(r"\\u([0-9A-Fa-f]{4})|\\U([0-9A-Fa-f]{8})")


class Token(NamedTuple):
    """One token: its kind, its text and where it stands.

    `kind` is ``string``, ``iri``, ``tag``, ``variable``, ``name`` (with a prefix; of blank
    nodes too), ``number``, ``word`` or ``sign``.
    """

    kind: str
    text: str
    start: int
    end: int

    @property
    def word(self) -> str:
        """A keyword in capitals; an empty string for what is none."""
        return self.text.upper() if self.kind == "word" else ""

    def is_sign(self, signs: str) -> bool:
        """Tell whether this is a sign of one character, and one of these."""
        return self.kind == "sign" and self.text in signs


def tokens_of(query: str) -> Iterator[Token]:
    """Yield the tokens of a query, without blanks and comments."""
    for found in _TOKEN.finditer(query):
        kind = found.lastgroup or "sign"
        if kind in ("open", "unended"):  # no string: its end is not there
            for inner in _TOKEN_IN_UNENDED.finditer(query, found.start(), found.end()):
                if inner.lastgroup != "blank":
                    yield _token(inner.lastgroup or "sign", inner)
        elif kind != "blank":
            yield _token("string" if kind == "short" else kind, found)


def decoded(query: str) -> str:
    r"""Return a query with its ``\uXXXX`` replaced.

    By the specification (section 19.2) code points may be escaped anywhere, keywords included.
    """
    return _CODE_POINT.sub(_character, query)


def place_of(query: str, offset: int) -> tuple[int, int]:
    """Return line and column of an offset, both from 1."""
    before = query[:offset]
    return before.count("\n") + 1, offset - before.rfind("\n")


def _token(kind: str, found: re.Match[str]) -> Token:
    return Token(kind, found[0], found.start(), found.end())


def _character(found: re.Match[str]) -> str:
    code = int(found[1] or found[2], 16)
    return chr(code) if code < 0x110000 else "\ufffd"
