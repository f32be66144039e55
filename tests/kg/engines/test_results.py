"""An answer of a server is whole, or it is an error."""

from __future__ import annotations

import json

import pyoxigraph as ox
import pytest

from kg.engines.answers import ServerAnswer
from kg.engines.results import (
    announced_cap,
    check_answer,
    is_not_understood,
    read_rows,
    read_triples,
    read_truth,
)
from ontology.errors import QueryBusyError, QueryError, QueryTimeoutError
from ontology.vocabulary import XSD


def answer(body: object, status: int = 200, **headers: str) -> ServerAnswer:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return ServerAnswer(
        status, {name.replace("_", "-"): value for name, value in headers.items()}, raw
    )


def rows_of(*terms: dict[str, str]) -> dict[str, object]:
    return {"head": {"vars": ["x"]}, "results": {"bindings": [{"x": term} for term in terms]}}


def test_terms_of_both_dialects_are_the_same() -> None:
    boolean = {"datatype": XSD.boolean}
    read = read_rows(
        answer(
            rows_of(
                {"type": "uri", "value": "urn:a"},
                {"type": "literal", "value": "b", "xml:lang": "en"},
                {"type": "typed-literal", "value": "1", **boolean},
                {"type": "literal", "value": "true", **boolean},
                {"type": "typed-literal", "value": "2.5", "datatype": XSD.decimal},
                {"type": "bnode", "value": "nodeID://b10"},
            )
        )
    )
    true = ox.Literal("true", datatype=ox.NamedNode(XSD.boolean))
    assert read == (
        ["x"],
        [
            [ox.NamedNode("urn:a")],
            [ox.Literal("b", language="en")],
            [true],
            [true],
            [ox.Literal("2.5", datatype=ox.NamedNode(XSD.decimal))],
            [ox.BlankNode("bnodeIDb10")],
        ],
    )


def test_a_variable_without_a_value_is_none() -> None:
    rows = [{"y": {"type": "uri", "value": "urn:a"}}]
    body = {"head": {"vars": ["x", "y"]}, "results": {"bindings": rows}}
    assert read_rows(answer(body))[1] == [[None, ox.NamedNode("urn:a")]]


@pytest.mark.parametrize(
    ("body", "truth"),
    [
        ({"head": {}, "boolean": True}, True),
        ({"head": {}, "boolean": False}, False),
        (rows_of({"type": "typed-literal", "value": "1", "datatype": XSD.integer}), True),
        (rows_of(), False),
    ],
)
def test_yes_and_no_in_both_dialects(body: object, truth: bool) -> None:
    assert read_truth(answer(body)) is truth


def test_an_answer_that_breaks_off_is_no_answer() -> None:
    whole = json.dumps(rows_of({"type": "uri", "value": "urn:a"})).encode()
    with pytest.raises(QueryError, match="breaks off"):
        read_rows(answer(whole[:-4]))
    cancelled = (
        b'{"head":{"vars":["x"]},"results":{"bindings":[The SPARQL operation has been cancelled'
    )
    with pytest.raises(QueryTimeoutError, match="its own time limit"):
        read_rows(answer(cancelled))
    with pytest.raises(QueryError, match="breaks off"):
        read_triples(answer(b"<urn:a> <urn:b> <urn:"), 10)
    with pytest.raises(QueryTimeoutError):
        read_triples(
            answer(b"<urn:a> <urn:b> <urn:c> .\nThe SPARQL operation has been cancelled"), 10
        )


def test_triples_come_once_and_no_more_than_needed() -> None:
    lines = [b"<urn:a> <urn:b> <urn:%d> .\n" % (number // 2) for number in range(20)]
    assert len(read_triples(answer(b"".join(lines)), 100)) == 10
    assert len(read_triples(answer(b"".join(lines)), 4)) == 5


@pytest.mark.parametrize(
    ("found", "kind"),
    [
        (answer(rows_of(), x_sql_state="S1TAT", x_sql_message="incomplete"), QueryTimeoutError),
        (answer(b"Virtuoso S1T00 Error SR171: Transaction timed out", 500), QueryTimeoutError),
        (answer(b"The estimated execution time 9 (sec) exceeds the limit", 500), QueryTimeoutError),
        (answer(b"", 503), QueryBusyError),
        (answer(b"out of memory", 500), QueryError),
        (answer(rows_of(), x_sql_state="01000", x_sql_message="something"), QueryError),
    ],
)  # fmt: skip
def test_what_is_no_answer_is_an_error(found: ServerAnswer, kind: type[QueryError]) -> None:
    with pytest.raises(QueryError) as told:
        check_answer(found)
    assert type(told.value) is kind


def test_a_good_answer_passes_and_says_if_it_was_cut() -> None:
    check_answer(answer(rows_of()))
    assert announced_cap(answer(rows_of())) is None
    assert announced_cap(answer(rows_of(), x_sparql_maxrows="10000")) == 10_000


def test_a_compiler_that_fails_is_told_from_a_server_that_does() -> None:
    assert is_not_understood(answer(b"error at 1:2", 400))
    assert is_not_understood(answer(b"Virtuoso S0022 Error SQ200: No column n.", 500))
    assert is_not_understood(answer(b"Virtuoso 37000 Error SP031: SPARQL compiler: ...", 500))
    assert not is_not_understood(answer(b"Virtuoso 42000 Error SR185: no permission", 500))
    assert not is_not_understood(answer(b"Virtuoso S0022 Error SQ200: in data", 200))
