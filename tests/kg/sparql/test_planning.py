"""A planned query has the answer of the query as it came, and takes less time."""

from __future__ import annotations

import random
from collections import Counter

import pyoxigraph as ox
import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st

from kg.sparql import planning
from kg.sparql.planning import plan
from ontology.vocabulary import PREFIXES

EX = {"e": "http://e/"}


def graph_of(triples: list[tuple[int, int, int]]) -> ox.Store:
    """A graph over a few nodes, its triples spread over three named graphs."""
    store = ox.Store()
    for place, (subject, predicate, object_) in enumerate(sorted(set(triples))):
        terms = (f"http://e/n{subject}", f"http://e/p{predicate}", f"http://e/n{object_}")
        store.add(ox.Quad(*map(ox.NamedNode, terms), ox.NamedNode(f"http://e/g{place % 3}")))
    return store


def answers(store: ox.Store, query: str) -> Counter[tuple[tuple[str, str], ...]]:
    found = store.query(query, prefixes=EX, use_default_graph_as_union=True)
    assert isinstance(found, ox.QuerySolutions)
    names = [variable.value for variable in found.variables]
    return Counter(
        tuple(sorted((name, str(row[name])) for name in names if row[name] is not None))
        for row in found
    )


_NODE = st.integers(0, 5)
_TRIPLES = st.lists(st.tuples(_NODE, st.integers(0, 2), _NODE), min_size=1, max_size=25)
_VARIABLE = st.sampled_from(["?a", "?b", "?c", "?d"])
_TERM = st.one_of(_VARIABLE, _NODE.map(lambda node: f"e:n{node}"))
_PREDICATE = st.sampled_from(
    ["e:p0", "e:p1", "e:p2", "e:p0", "e:p1", "?p", "^e:p0", "e:p0/e:p1", "e:p0*", "e:p1+",
     "e:p2?", "(e:p0|e:p1)", "e:p0/^e:p1", "!e:p0"]
)  # fmt: skip
_PATTERN = st.tuples(_TERM, _PREDICATE, _TERM).map(" ".join)
_FILTER = st.sampled_from(
    [
        "FILTER(?a != ?b)",
        "FILTER EXISTS { ?a e:p0 ?x }",
        "FILTER NOT EXISTS { ?b e:p1 ?c }",
        "",
        "FILTER NOT EXISTS { ?a e:p0 ?x . ?x e:p1 ?b }",
        "BIND(EXISTS { ?a ?q ?b . ?b e:p1 ?c } AS ?k)",
        "FILTER(EXISTS { ?c e:p1* ?x . ?x e:p0 ?y . ?a e:p2 ?y FILTER(?y != ?b) } || ?a = ?b)",
    ]
)
_VALUES = st.sampled_from(
    ["", "", "VALUES ?a { e:n0 e:n1 }", "VALUES ?b { e:n2 e:nowhere UNDEF }", "VALUES ?c { 1 }"]
)
_AFTER = st.sampled_from(
    ["", "OPTIONAL { ?a e:p0 ?y . ?y e:p1 ?z }", "MINUS { ?a e:p2 ?b }", "BIND(1 AS ?w)",
     "{ ?a e:p0 ?v } UNION { ?b e:p1 ?v }", "?d e:p1 ?u ; e:p2 ?t ."]
)  # fmt: skip


@settings(max_examples=400, deadline=None)
@given(_TRIPLES, _VALUES, st.lists(_PATTERN, min_size=1, max_size=4),
       _FILTER, st.lists(_PATTERN, min_size=1, max_size=3), _AFTER)  # fmt: skip
def test_a_plan_never_changes_the_answer(
    triples: list[tuple[int, int, int]],
    values: str,
    first: list[str],
    filter_: str,
    second: list[str],
    after: str,
) -> None:
    store = graph_of(triples)
    query = (
        f"SELECT * {{ {values} {' . '.join(first)} . {filter_} {' . '.join(second)} . {after} }}"
    )
    planned = plan(query, store, EX)
    event("planned" if planned != query else "as it came")
    assert answers(store, planned) == answers(store, query), planned


def crowded_graph() -> ox.Store:
    """Trials that all share a route, of which few share a rare condition: two hops each."""
    chance, store, quads = random.Random(7), ox.Store(), list[ox.Quad]()
    named = ox.NamedNode("http://e/g")

    def add(subject: str, predicate: str, object_: str) -> None:
        terms = (ox.NamedNode(f"http://e/{name}") for name in (subject, predicate, object_))
        quads.append(ox.Quad(*terms, named))

    for trial in range(6_000):
        condition = 0 if trial in (0, 4_000) else chance.randrange(1, 400)
        add(f"t{trial}", "condition", f"c{condition}")
        add(f"t{trial}", "part", f"x{trial}")
        add(f"x{trial}", "route", "iv")
    store.extend(quads)
    return store


def test_two_hops_start_from_what_is_named() -> None:
    store = crowded_graph()
    query = (
        "SELECT DISTINCT ?o { e:t0 e:condition ?c ; e:part ?x . ?x e:route ?r . "
        "?o e:condition ?c ; e:part ?y . ?y e:route ?r }"
    )
    planned = plan(query, store, EX)
    assert planned != query
    rows = answers(store, planned)
    assert {dict(row)["o"] for row in rows} == {"<http://e/t0>", "<http://e/t4000>"}
    # the route that all share is looked up last, never from the route to all of its trials
    assert planned.index("?y e:route ?r") > planned.index("?o e:condition ?c")


@pytest.mark.parametrize(
    "query",
    [
        "SELECT * { ?a e:p0 ?b . ?b e:p1 ?c . ?c e:p2 ?d }",  # nothing is named
        "SELECT * { e:n0 e:p0 ?b . ?b e:p1 [] . ?b e:p2 ?d }",
        "SELECT * { e:n0 e:p0 _:b . _:b e:p1 ?c . ?c e:p2 ?d }",
        "SELECT * { e:n0 e:p0 (1 2) . ?b e:p1 ?c . ?c e:p2 ?d }",
        "CONSTRUCT WHERE { e:n0 e:p0 ?b . ?b e:p1 ?c . ?c e:p2 ?d }",
        "SELECT * { BIND(e:n0 AS ?a) ?a e:p0 ?b . ?b e:p1 ?c . ?c e:p2 ?d }",
        "SELECT * { GRAPH ?g { e:n0 e:p0 ?b . ?b e:p1 ?c . ?c e:p2 ?d } }",
        "SELECT * FROM <http://e/g0> { e:n0 e:p0 ?b . ?b e:p1 ?c . ?c e:p2 ?d }",
        "SELECT * { e:n0 e:p0 ?b . ?b e:p1 ?c . ?c zz:p2 ?d }",
        "SELEC * { e:n0 e:p0 ?b . ?b e:p1 ?c . ?c e:p2 ?d }",
    ],
)
def test_what_is_not_understood_is_left_as_it_came(query: str) -> None:
    store = graph_of([(a, b, (a + b) % 6) for a in range(6) for b in range(3)])
    assert plan(query, store, EX) == query


def test_sub_selects_and_branches_are_planned_each() -> None:
    store = graph_of([(a, b, (a + b) % 6) for a in range(6) for b in range(3)])
    body = "e:n0 e:p0 ?b . ?b e:p1 ?c . ?c e:p2 ?d"
    query = f"SELECT ?b {{ {{ SELECT ?b {{ {body} }} }} {{ {body} }} UNION {{ {body} }} }}"
    planned = plan(query, store, EX)
    assert planned.count("LATERAL") == 6
    assert answers(store, planned) == answers(store, query)


def test_a_plan_that_would_let_too_much_pass_is_not_made(monkeypatch: pytest.MonkeyPatch) -> None:
    store = graph_of([(a, b, c) for a in range(6) for b in range(3) for c in range(6)])
    query = "SELECT * { e:n0 e:p0 ?b . ?b e:p1 ?c . ?c e:p2 ?d }"
    assert plan(query, store, EX) != query
    monkeypatch.setattr(planning, "MAX_ROWS", 10)
    assert plan(query, store, EX) == query


def test_prefixes_of_ours_need_no_declaration() -> None:
    store = ox.Store()
    query = "SELECT * { trial:NCT1 tk:kin ?k . ?k tk:kin ?l . ?l tk:kin trial:NCT2 }"
    assert "LATERAL" in plan(query, store, PREFIXES)
