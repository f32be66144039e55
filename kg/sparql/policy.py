"""What a user's query may do: read our graph, and nothing else.

The check reads the query as tokens (SPARQL 1.1, section 19.8), so that a keyword inside a
string, a comment, an IRI or a name is no keyword, and one in odd case is. It is the first of
two guards: the process that runs the query has no network either.
"""

from __future__ import annotations

import re

from ontology.errors import QueryRefusedError, QueryTooLargeError

MAX_QUERY_CHARACTERS = 100_000
MAX_NESTING = 200
"""Deepest nesting of brackets: the parser recurses, and must not run out of stack."""

_FORMS = ("SELECT", "ASK", "CONSTRUCT", "DESCRIBE")
_UPDATES = frozenset(
    ["INSERT", "DELETE", "LOAD", "CLEAR", "CREATE", "DROP", "COPY", "MOVE", "ADD", "WITH"]
)
_REASONS = {
    "SERVICE": "SERVICE (asking another endpoint) is not allowed here",
    "FROM": "FROM is not allowed: the default graph is already all of our graphs; "
    "use GRAPH to ask one of them",
}
# Longest first where one is the beginning of another. An IRI may not hold blanks, so "<" as
# less-than is told from "<" that opens an IRI as the grammar does it.
_TOKEN = re.compile(
    r"""
      (?P<string>\"\"\"(?:[^"\\]|\\.|"(?!\"\"))*\"\"\"|'''(?:[^'\\]|\\.|'(?!''))*'''
               |"(?:[^"\\\n\r]|\\.)*"|'(?:[^'\\\n\r]|\\.)*')
    | (?P<iri><[^<>"{}|^`\\\x00-\x20]*>)
    | (?P<comment>\#[^\n\r]*)
    | (?P<tag>@[A-Za-z]+(?:-[A-Za-z0-9]+)*)
    | (?P<variable>[?$]\w+)
    | (?P<name>(?:[^\W\d]|[^\W\d][\w.\-]*[\w\-])?:(?:[\w:%\-]|\\.|\.(?=[\w:%\-\\]))*)
    | (?P<word>[^\W\d]\w*)
    | (?P<other>.)
    """,
    re.VERBOSE | re.DOTALL,
)

# By the specification (section 19.2) code points may be escaped anywhere, keywords included;
# Oxigraph takes them in strings and IRIs only. Either reading must hold nothing forbidden.
_CODE_POINT = re.compile(r"\\u([0-9A-Fa-f]{4})|\\U([0-9A-Fa-f]{8})")


def check_query(query: str) -> str:
    """Check a user's query and return its form.

    Parameters
    ----------
    query : str
        SPARQL 1.1 query text.

    Returns
    -------
    str
        ``SELECT``, ``ASK``, ``CONSTRUCT`` or ``DESCRIBE``; an empty string where the text has
        none of these words, which the parser will then report as a syntax error.

    Raises
    ------
    QueryRefusedError
        If it asks another service, names graphs by FROM, or is an update.
    QueryTooLargeError
        If it is longer or more deeply nested than allowed.
    """
    if len(query) > MAX_QUERY_CHARACTERS:
        raise QueryTooLargeError(
            f"The query has {len(query):,} characters, {MAX_QUERY_CHARACTERS:,} are allowed."
        )
    decoded = _CODE_POINT.sub(_decoded, query)
    if decoded != query:
        _check_tokens(decoded)
    return _check_tokens(query)


def _check_tokens(query: str) -> str:
    form, depth = "", 0
    for token in _TOKEN.finditer(query):
        if token.lastgroup == "other":
            depth += (token[0] in "([{") - (token[0] in ")]}")
            if depth > MAX_NESTING:
                raise QueryTooLargeError(
                    f"The query is nested more than {MAX_NESTING} brackets deep."
                )
        elif token.lastgroup == "word":
            word = token[0].upper()
            if word in _REASONS:
                raise QueryRefusedError(f"{_REASONS[word]} ({_place(query, token.start())}).")
            if not form and word in _UPDATES:
                raise QueryRefusedError(
                    f"{word} is an update; this endpoint only answers queries "
                    f"({_place(query, token.start())})."
                )
            if not form and word in _FORMS:
                form = word
    return form


def _decoded(found: re.Match[str]) -> str:
    code = int(found[1] or found[2], 16)
    return chr(code) if code < 0x110000 else "\ufffd"


def _place(query: str, offset: int) -> str:
    before = query[:offset]
    return f"line {before.count(chr(10)) + 1}, column {offset - before.rfind(chr(10))}"
