"""What a user's query may do: read our graphs, and nothing else.

Judged by the query's tokens, so that a keyword in odd case is one and a keyword inside a
string, a comment, an IRI or a name is none, and by its outline, which tells which graphs FROM
names. It is the first of two guards: the process that runs the query has no network either.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import urljoin

from kg.iris import GRAPH_BASE
from kg.sparql.outlines import FORMS, NotOutlinedError
from kg.sparql.syntax import outline
from kg.sparql.tokens import Token, decoded, place_of, tokens_of
from ontology.errors import QueryRefusedError, QueryTooLargeError
from ontology.vocabulary import PREFIXES

MAX_QUERY_CHARACTERS = 100_000
MAX_NESTING = 200
"""Deepest nesting of brackets: the parser recurses, and must not run out of stack."""
MAX_GRAPHS = 100

_UPDATES = frozenset(
    ["INSERT", "DELETE", "LOAD", "CLEAR", "CREATE", "DROP", "COPY", "MOVE", "ADD", "WITH"]
)
_VOLATILE = frozenset(["NOW", "RAND", "UUID", "STRUUID", "BNODE"])
_ESCAPED = re.compile(r"\\(.)")


@dataclass(frozen=True, slots=True)
class Dataset:
    """The graphs that a query asks instead of all: IRIs of ours."""

    default_graphs: tuple[str, ...] = ()
    named_graphs: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.default_graphs or self.named_graphs)


@dataclass(frozen=True, slots=True)
class CheckedQuery:
    """What is known of a query that may run.

    Attributes
    ----------
    form : str
        ``SELECT``, ``ASK``, ``CONSTRUCT`` or ``DESCRIBE``; an empty string where the text has
        none of these words, which the parser will then report as a syntax error.
    dataset : Dataset
        What its FROM and FROM NAMED name.
    volatile : bool
        Whether it may answer otherwise when asked again (NOW, RAND, UUID, BNODE).
    """

    form: str
    dataset: Dataset
    volatile: bool


@lru_cache(maxsize=64)
def check_query(query: str) -> CheckedQuery:
    """Check a user's query; the last ones are remembered, as page and pool both ask.

    Parameters
    ----------
    query : str
        SPARQL 1.1 query text.

    Raises
    ------
    QueryRefusedError
        If it asks another service, names graphs that are not ours, or is an update.
    QueryTooLargeError
        If it is longer or more deeply nested than allowed.
    """
    if len(query) > MAX_QUERY_CHARACTERS:
        raise QueryTooLargeError(
            f"The query has {len(query):,} characters, {MAX_QUERY_CHARACTERS:,} are allowed."
        )
    plain = decoded(query)
    if plain != query:  # either reading must hold nothing forbidden
        _check_tokens(plain)
    form, words = _check_tokens(query)
    dataset = _dataset(plain) if "FROM" in words else Dataset()
    return CheckedQuery(form, dataset, not _VOLATILE.isdisjoint(words))


def own_graphs(default_graphs: Iterable[str], named_graphs: Iterable[str]) -> Dataset:
    """Return a dataset of graphs that a caller names.

    Raises
    ------
    QueryRefusedError
        If one of them is not ours; nothing is ever fetched.
    QueryTooLargeError
        If they are too many.
    """
    dataset = Dataset(tuple(default_graphs), tuple(named_graphs))
    names = (*dataset.default_graphs, *dataset.named_graphs)
    for iri in names:
        if not iri.startswith(GRAPH_BASE):
            raise QueryRefusedError(
                f"<{iri[:200]}> is no graph of this endpoint, and none is fetched: it is not "
                f"allowed. Graphs here begin with {GRAPH_BASE}; without FROM, all are asked."
            )
    if len(names) > MAX_GRAPHS:
        raise QueryTooLargeError(f"The query names {len(names)} graphs, {MAX_GRAPHS} are allowed.")
    return dataset


def _check_tokens(query: str) -> tuple[str, frozenset[str]]:
    form, depth, words = "", 0, set()
    for token in tokens_of(query):
        if token.kind == "sign":
            depth += (token.text in "([{<<(") - (token.text in ")]}>>)")
            if depth > MAX_NESTING:
                raise QueryTooLargeError(
                    f"The query is nested more than {MAX_NESTING} brackets deep."
                )
        elif token.kind == "word":
            word = token.word
            words.add(word)
            if word == "SERVICE":
                raise QueryRefusedError(
                    f"SERVICE (asking another endpoint) is not allowed here {_at(query, token)}."
                )
            if not form and word in _UPDATES:
                raise QueryRefusedError(
                    f"{word} is an update; this endpoint only answers queries {_at(query, token)}."
                )
            if not form and word in FORMS:
                form = word
    return form, frozenset(words)


def _dataset(query: str) -> Dataset:
    try:
        read = outline(query)
    except NotOutlinedError:
        raise QueryRefusedError(
            "FROM is not allowed in a query that cannot be read well enough to tell which graphs "
            "it names; write SPARQL 1.1, or leave FROM out."
        ) from None
    prefixes = {**PREFIXES, **read.prefixes}
    defaults, named = (
        [_resolved(text, read.base, prefixes) for text in texts]
        for texts in (read.default_graphs, read.named_graphs)
    )
    return own_graphs(defaults, named)


def _resolved(text: str, base: str | None, prefixes: Mapping[str, str]) -> str:
    if text.startswith("<"):
        iri = text[1:-1]
    else:
        prefix, _, local = text.partition(":")
        iri = prefixes.get(prefix, f"{prefix}:") + _ESCAPED.sub(r"\1", local)
    return urljoin(base, iri) if base else iri


def _at(query: str, token: Token) -> str:
    line, column = place_of(query, token.start)
    return f"(line {line}, column {column})"
