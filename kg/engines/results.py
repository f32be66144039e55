"""Reads what servers answer, and tells an answer that is whole from one that is not."""

from __future__ import annotations

import re
from typing import Any

import pyoxigraph as ox

from kg.engines.answers import JsonResults, JsonTerm, ServerAnswer, read_json
from ontology.errors import EngineError, QueryBusyError, QueryError, QueryTimeoutError
from ontology.vocabulary import XSD

Row = list[Any]

_TRUTH = {"1": "true", "0": "false"}
_BLANK = re.compile(r"[^A-Za-z0-9]")
_TOO_LONG = re.compile(
    r"S1T00|S1TAT|timed? ?out|has been cancelled|execution time .* exceeds", re.IGNORECASE
)
"""How servers say that a query took too long: Virtuoso's states and words, and Oxigraph's."""
_TRIPLES_TYPES = ("application/n-triples", "text/plain")
_NOT_UNDERSTOOD = re.compile(r"^Virtuoso (\w{5} Error S[PQ]\d+|22023 Error \w+):")
"""Virtuoso's compilers, of SPARQL and of SQL, fail on some queries that are well formed; and
where a function gets a value of another type, or many rows are to be sorted, it gives up."""


def is_not_understood(answer: ServerAnswer) -> bool:
    """Tell whether a server could not make sense of a query, be it the query's fault or its own.

    Also if it, or a proxy before it, takes no query so long (413, 414).
    """
    return answer.status in (400, 413, 414) or (
        answer.status == 500 and _NOT_UNDERSTOOD.search(answer.said) is not None
    )


def check_answer(answer: ServerAnswer) -> None:
    """Refuse an answer that is none, or not whole.

    Raises
    ------
    QueryTimeoutError, QueryBusyError, QueryError
    EngineError
        If no query whatever would be answered so.
    """
    # Virtuoso's answers that a time limit has cut come with status 200 and this header.
    state = answer.headers.get("x-sql-state", "")
    if answer.status == 200 and not state and not answer.is_page:
        return
    said = f"{state} {answer.headers.get('x-sql-message', '')} {answer.said}".strip()
    if _TOO_LONG.search(said) or answer.status == 504:
        raise _too_long()
    if answer.status in (429, 503):
        raise QueryBusyError("The graph server is busy; try again later.")
    if answer.status in (404, 405, 501, 502) or (answer.status < 400 and not state):
        raise EngineError(
            f"What answers in place of the graph server is none: status {answer.status} "
            f"({answer.said}); see that its address is right (--graph)."
        )
    raise QueryError(f"The graph server cannot answer this query: {said[:300]}")


def may_be_cut(answer: ServerAnswer) -> bool:
    """Tell whether a graph may have lost its end on the way, and nothing would show it.

    N-Triples has no end of its own, so HTTP has to tell it.
    """
    type_ = answer.headers.get("content-type", "").partition(";")[0].strip().lower()
    return not answer.is_measured or type_ not in _TRIPLES_TYPES


def announced_cap(answer: ServerAnswer) -> int | None:
    """Return the rows after which a server says that it has cut its answer; None if it has not."""
    said = answer.headers.get("x-sparql-maxrows", "")
    return int(said) if said.isdecimal() else None


def read_rows(answer: ServerAnswer) -> tuple[list[str], list[Row]]:
    """Return the variables and rows of a SELECT.

    Raises
    ------
    QueryTimeoutError, QueryError
        If the answer breaks off.
    """
    read = _read(answer)
    if read.results is None:
        raise QueryError("The graph server did not answer with rows.")
    names = read.head.vars
    try:
        return names, [
            [_term(row[name]) if name in row else None for name in names]
            for row in read.results.bindings
        ]
    except ValueError as error:
        raise QueryError(f"The graph server answered with a term that is none: {error}") from error


def read_count(answer: ServerAnswer) -> int | None:
    """Return the number that a SELECT has answered with, None if it has not.

    Raises
    ------
    QueryTimeoutError, QueryError
    """
    rows = read_rows(answer)[1]
    value = getattr(rows[0][0], "value", "") if rows and rows[0] else ""
    return int(value) if value.isdecimal() else None


def read_truth(answer: ServerAnswer) -> bool:
    """Return the answer to an ASK; Virtuoso gives it as a row, or as none for no."""
    read = _read(answer)
    if read.boolean is not None:
        return read.boolean
    rows = [] if read.results is None else read.results.bindings
    return any(term.value in ("1", "true") for row in rows for term in row.values())


def read_triples(answer: ServerAnswer, most: int) -> list[ox.Triple]:
    """Return the triples of a graph, each once; at most so many and one more.

    Raises
    ------
    QueryTimeoutError, QueryError
    """
    triples: dict[ox.Triple, None] = {}
    try:
        for quad in ox.parse(answer.body, format=ox.RdfFormat.N_TRIPLES):
            triples[quad.triple] = None
            if len(triples) > most:
                break
    except SyntaxError as error:
        raise _broken(answer) from error
    return list(triples)


def _read(answer: ServerAnswer) -> JsonResults:
    try:
        return read_json(answer)
    except ValueError as error:
        raise _broken(answer) from error


def _broken(answer: ServerAnswer) -> QueryError:
    # Oxigraph sends status 200 and what it has, and says at the end that time ran out.
    if _TOO_LONG.search(answer.body[-1000:].decode("utf-8", "replace")):
        return _too_long()
    return QueryError("The answer of the graph server breaks off; narrow the query, or try again.")


def _too_long() -> QueryTimeoutError:
    return QueryTimeoutError(
        "The graph server stopped the query at its own time limit; narrow it, or begin with what "
        "is rarest in a sub-select."
    )


def _term(found: JsonTerm) -> Any:
    if found.type == "uri":
        return ox.NamedNode(found.value)
    if found.type == "bnode":
        return ox.BlankNode("b" + _BLANK.sub("", found.value))
    if found.lang:
        return ox.Literal(found.value, language=found.lang)
    if found.datatype is None:
        return ox.Literal(found.value)
    value = found.value
    if found.datatype == XSD.boolean:
        value = _TRUTH.get(value, value)  # Virtuoso keeps them as numbers
    return ox.Literal(value, datatype=ox.NamedNode(found.datatype))
