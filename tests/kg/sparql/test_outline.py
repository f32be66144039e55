"""The outline of a query: its groups and patterns, and where it stops being SPARQL."""

from __future__ import annotations

import contextlib
from pathlib import Path

import pyoxigraph as ox
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.sparql.messages import syntax_error
from kg.sparql.outlines import Block, Group, NotOutlinedError, Outline
from kg.sparql.syntax import outline
from kg.sparql.tokens import tokens_of
from ontology.vocabulary import PREFIXES

QUERIES = sorted((Path(__file__).parents[3] / "kg/queries").glob("*.rq"))


def patterns_of(read: Outline) -> list[list[str] | None]:
    assert read.where is not None
    return [
        None if part.patterns is None else [pattern.text for pattern in part.patterns]
        for group in read.where.groups()
        for part in group.parts
        if isinstance(part, Block)
    ]


@pytest.mark.parametrize(
    ("body", "patterns"),
    [
        ("?s ?p ?o", [["?s ?p ?o"]]),
        ("?s a tk:Trial ; tk:kin ?a , ?b . ?a ^tk:kin/tk:to* ?b .",
         [["?s a tk:Trial", "?s tk:kin ?a", "?s tk:kin ?b", "?a ^tk:kin/tk:to* ?b"]]),
        ("?s tk:score 0.5 . FILTER(?s<?t) ?s tk:x -1 , 'a'@en , '1'^^xsd:integer , true .",
         [["?s tk:score 0.5"],
          ["?s tk:x -1", "?s tk:x 'a'@en", "?s tk:x '1'^^xsd:integer", "?s tk:x true"]]),
        ("?s ?p [] . ?a ?b ?c", [None]),
        ("?s ?p ?o OPTIONAL { ?o ?q ?r } { ?a ?b ?c } UNION { ?d ?e (1 2) }",
         [["?s ?p ?o"], ["?o ?q ?r"], ["?a ?b ?c"], None]),
        ("{ SELECT (COUNT(*) AS ?n) { ?s ?p ?o } GROUP BY ?s HAVING(COUNT(*) > 1) LIMIT 1 }",
         [["?s ?p ?o"]]),
        ("FILTER NOT EXISTS { ?a ?b ?c } FILTER(EXISTS { ?d ?e ?f } && 1 < 2)",
         [["?a ?b ?c"], ["?d ?e ?f"]]),
        ("GRAPH ?g { ?s !(tk:a|^tk:b) ?o } VALUES (?x ?y) { (1 UNDEF) } BIND((1+2) AS ?z)",
         [["?s !(tk:a|^tk:b) ?o"]]),
    ],
)  # fmt: skip
def test_patterns_are_found(body: str, patterns: list[list[str] | None]) -> None:
    read = outline(f"SELECT * WHERE {{ {body} }} ORDER BY ?s")
    assert patterns_of(read) == patterns
    ox.Store().query(f"SELECT * WHERE {{ {body} }}", prefixes=PREFIXES)  # it is SPARQL


@pytest.mark.parametrize("path", QUERIES, ids=lambda path: path.stem)
def test_the_shipped_queries_are_understood(path: Path) -> None:
    read = outline(path.read_text("utf-8"))
    assert any(patterns is not None for patterns in patterns_of(read))


def test_prologue_dataset_and_values_are_read() -> None:
    read = outline(
        "BASE <http://b/> PREFIX x: <http://x/> prefix : <#> DESCRIBE ?s FROM <g> FROM NAMED x:h "
        "{ VALUES ?s { x:a 'b'@en UNDEF } ?s ?p ?o }"
    )
    assert (read.form, read.base) == ("DESCRIBE", "http://b/")
    assert read.prefixes == {"x": "http://x/", "": "#"}
    assert (read.default_graphs, read.named_graphs) == (["<g>"], ["x:h"])
    assert isinstance(read.where, Group)
    assert read.where.values == {"s": ["x:a", "'b'@en", "UNDEF"]}


@pytest.mark.parametrize(
    ("query", "place", "says"),
    [
        ("SELECT * {\n  ?s ?p\n}", (3, 1), "unexpected '}'"),
        ("SELEC ?x { ?x ?y ?z }", (1, 1), "unexpected 'SELEC'"),
        ("SELECT * { ?s no:where ?o }", (1, 15), "prefix 'no:' is not declared"),
        ("SELECT * { ?s ?p ?o FILTER(?o > ) }", (1, 33), "unexpected ')'"),
        ("SELECT * { ?s ?p ?o FILTER(STR(?o) }", (1, 36), "unexpected '}'"),
        ("SELECT * { ?s ?p 'open }", (1, 18), 'unexpected "\'"'),
        ("SELECT * { ?s ?p ?o } }", (1, 23), "unexpected '}'"),
        ("SELECT ?x (COUNT(?y) AS ?n) { ?x ?p ?y }", (1, 41), "variable that is unbound"),
        ("", (1, 1), "ends too early"),
        ("SELECT ?n {\n { ?s ?p ?n }\n", (3, 1), "ends too early"),
    ],
)
def test_a_syntax_error_is_short_and_says_where(
    query: str, place: tuple[int, int], says: str
) -> None:
    with pytest.raises(SyntaxError) as caught:
        ox.Store().query(query, prefixes=PREFIXES)
    found = syntax_error(query, str(caught.value))
    assert (found.line, found.column) == place
    assert says in str(found)
    assert f"line {place[0]}, column {place[1]}" in str(found)
    assert len(str(found)) < 200


def test_a_message_of_another_kind_is_cut_to_its_first_line() -> None:
    found = syntax_error("ASK { ?s ?p ?o }", "Something new.\nAnd more of it")
    assert (str(found), found.line) == ("The query is not SPARQL: Something new.", None)


_PIECES = st.sampled_from(
    ["SELECT", "*", "{", "}", "(", ")", "[", "]", "?x", "tk:kin", "<u>", "'s'", ".", ";", ",", "a",
     "FILTER", "OPTIONAL", "UNION", "VALUES", "EXISTS", "GRAPH", "1", "-", "^", "/", "FROM",
     "NAMED", "BIND", "AS", "@en", "^^", "_:b", "<<", ">>", "PREFIX", "WHERE"]
)  # fmt: skip


@given(st.lists(_PIECES, max_size=40).map(" ".join))
def test_any_row_of_tokens_is_outlined_or_refused(query: str) -> None:
    with contextlib.suppress(NotOutlinedError):
        assert outline(query).form in ("SELECT", "ASK", "CONSTRUCT", "DESCRIBE")


@given(st.text(max_size=80))
def test_tokens_stand_where_they_say(query: str) -> None:
    for token in tokens_of(query):
        assert query[token.start : token.end] == token.text
