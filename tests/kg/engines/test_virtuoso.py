"""Which shapes of query Virtuoso is trusted with, and that it deserves it."""

from __future__ import annotations

import random
from collections import Counter
from pathlib import Path

import pyoxigraph as ox
import pytest

from kg.engines.address import read_address
from kg.engines.answers import ServerAnswer
from kg.engines.results import check_answer, is_not_understood, read_rows, read_truth
from kg.engines.server import ROWS_TYPE, GraphServer
from kg.engines.standard import standard_query
from kg.engines.virtuoso import is_trusted
from ontology.errors import QueryTimeoutError
from ontology.vocabulary import XSD
from tests.conftest import ROOT
from tests.kg.engines.servers import RunningServer

GRAPH = "urn:random"
NODES = [f"<urn:n{number}>" for number in range(6)]
VARIABLES = ["?a", "?b", "?c", "?d"]
PREDICATES = [f"<urn:{name}>" for name in ("p0", "p1", "p2", "v", "d", "l", "b", "x")]
PREDICATES += ["<urn:p0>/<urn:p1>", "^<urn:p0>", "<urn:p0>|<urn:p1>", "<urn:p1>+", "?q"]
TYPED = [
    "?a <urn:v> ?e . FILTER(?e > 15)",
    '?b <urn:d> ?f . FILTER(?f < "2020-03-01"^^xsd:date)',
    "?c <urn:x> ?g . FILTER(?g >= 2.5) BIND(?g * 2 + 1 AS ?h)",
    '?d <urn:l> ?i . FILTER(STRSTARTS(?i, "name")) BIND(STRLEN(?i) AS ?j)',
    "OPTIONAL { ?a <urn:b> ?k } FILTER(!BOUND(?k) || ?k = true)",
    'OPTIONAL { ?b <urn:l> ?l FILTER(LANG(?l) = "en") }',
    "FILTER(COALESCE(?zz, ?a) != <urn:n1>)",
    "FILTER(IF(isIRI(?a), true, false))",
    "FILTER(?a != ?b)",
    'FILTER(REGEX(STR(?c), "[1-3]"))',
    "FILTER(?a IN (<urn:n1>, <urn:n2>))",
    'FILTER(CONTAINS(STR(?a), "é"))',
]


def graph_lines(choose: random.Random) -> bytes:
    def literal(value: str, kind: str) -> str:
        return f'"{value}"^^<{kind}>'

    lines = {
        f"{choose.choice(NODES)} {choose.choice(PREDICATES[:3])} {choose.choice(NODES)} .\n"
        for _ in range(30)
    }
    for number, node in enumerate(NODES):
        tag = "" if number % 3 else "@en"
        lines |= {
            f"{node} <urn:v> {literal(str(number * 10), XSD.integer)} .\n",
            f"{node} <urn:d> {literal(f'2020-0{number + 1}-15', XSD.date)} .\n",
            f'{node} <urn:l> "name {"é" if number % 2 else "e"} {number}"{tag} .\n',
            f"{node} <urn:x> {literal(f'{number}.5', XSD.decimal)} .\n",
        }
        if number % 2:
            lines.add(f"{node} <urn:b> {literal('true', XSD.boolean)} .\n")
    return "".join(sorted(lines)).encode()


class Queries:
    """Makes queries at random."""

    def __init__(self, choose: random.Random):
        self._choose = choose

    def make(self) -> str:
        kind, group, choice = self._choose.random(), self._group(0), self._choose.choice
        if kind < 0.6:
            shown = choice(["?a ?b ?c ?d", "?a ?c", "*"])
            return f"SELECT {choice(['', 'DISTINCT'])} {shown} {{ {group} }}"
        if kind < 0.75:
            return f"ASK {{ {group} }}"
        counted = choice(["*", "DISTINCT ?c", "?d"])
        return f"SELECT ?a (COUNT({counted}) AS ?n) {{ {group} }} GROUP BY ?a"

    def _counts(self, depth: int) -> str:
        return f"SELECT ?a (COUNT(*) AS ?n{depth}) {{ {self._group(depth)} }} GROUP BY ?a"

    def _pattern(self) -> str:
        ends = [
            self._choose.choice(VARIABLES if self._choose.random() < 0.8 else NODES)
            for _ in range(2)
        ]
        return f"{ends[0]} {self._choose.choice(PREDICATES)} {ends[1]} ."

    def _group(self, depth: int) -> str:
        parts = [self._pattern() for _ in range(self._choose.randint(1, 2))]
        parts += [self._part(depth) for _ in range(self._choose.randint(0, 2))]
        return " ".join(parts)

    def _part(self, depth: int) -> str:
        choice = self._choose.choice
        nested = [
            lambda: f"OPTIONAL {{ {self._group(depth + 1)} }}",
            lambda: f"{{ {self._group(depth + 1)} }} UNION {{ {self._group(depth + 1)} }}",
            lambda: f"MINUS {{ {self._group(depth + 1)} }}",
            lambda: f"{{ SELECT DISTINCT ?a ?b {{ {self._group(depth + 1)} }} }}",
            lambda: f"{{ {self._counts(depth + 1)} }}",
        ]
        plain = [
            lambda: f"VALUES {choice(VARIABLES)} {{ {choice(NODES)} {choice(NODES)} }}",
            lambda: choice(TYPED),
            lambda: choice(TYPED),
            lambda: f"FILTER NOT EXISTS {{ {self._pattern()} }}",
            lambda: f"FILTER EXISTS {{ {self._pattern()} {self._pattern()} }}",
        ]
        return choice(plain if depth > 1 else nested + plain)()


def rows_of(names: list[str], rows: list[list[object]]) -> Counter[tuple[str, ...]]:
    order = sorted(range(len(names)), key=lambda place: names[place])
    return Counter(tuple(str(row[place]) for place in order) for row in rows)


def test_random_queries_have_the_same_answer_everywhere(server: RunningServer) -> None:
    choose = random.Random(11)
    address, credentials = read_address(server.url)
    lines = graph_lines(choose)
    own = ox.Store()
    own.load(lines, format=ox.RdfFormat.N_TRIPLES)
    queries, asked_there, asked_in_all = Queries(choose), 0, 1_500
    with GraphServer(address, credentials) as there:
        there.add(GRAPH, lines)
        for _ in range(asked_in_all):
            query = queries.make()
            try:
                found = own.query(query, prefixes={"xsd": str(XSD)})
            except SyntaxError:
                continue
            asked = standard_query(query)
            if asked is None or (server.kind == "virtuoso" and not is_trusted(asked.text)):
                continue
            answer = there.ask(asked.text, GRAPH, accept=ROWS_TYPE, deadline_s=30, max_bytes=10**8)
            if is_not_understood(answer):
                continue
            check_answer(answer)
            asked_there += 1
            if isinstance(found, ox.QueryBoolean):
                assert read_truth(answer) == bool(found), query
            else:
                assert isinstance(found, ox.QuerySolutions)
                names = [variable.value for variable in found.variables]
                expected = rows_of(names, [list(row) for row in found])
                assert rows_of(*read_rows(answer)) == expected, query
    assert asked_there > asked_in_all * (0.1 if server.kind == "virtuoso" else 0.5)


@pytest.mark.parametrize(
    "query",
    [
        "SELECT ?a { ?a <urn:p> ?a }",
        "SELECT ?a { ?a ?a ?b }",
        "SELECT * { ?a <urn:p> ?b }",
        "SELECT ?a { ?a <urn:p>|<urn:q> ?b }",
        "SELECT ?a { ?a <urn:p>* ?b }",
        "SELECT ?a { ?a <urn:p>? ?b }",
        "SELECT ?a { ?a !<urn:p> ?b }",
        "SELECT ?a { ?a <urn:p> [ <urn:q> ?b ] }",
        "SELECT ?a { ?a <urn:p> ?b OPTIONAL { ?a <urn:q> ?c } ?c <urn:r> ?d }",
        "SELECT ?a { { ?a <urn:p> ?b } UNION { ?c <urn:p> ?b } ?a <urn:q> ?d }",
        "SELECT ?a { ?a <urn:p> ?b MINUS { ?c <urn:q> ?d } }",
        "SELECT ?a { ?a <urn:p> ?b MINUS { ?a <urn:q> ?c } ?b <urn:q> ?c }",
        "SELECT ?a { ?a <urn:p> ?b FILTER(?b != ?c) }",
        "SELECT ?a { ?a <urn:p> ?b OPTIONAL { ?a <urn:q> ?c } FILTER(?c > 3) }",
        "SELECT ?a { ?a <urn:p> ?b BIND(LCASE(?c) AS ?d) }",
        "SELECT ?a { ?a <urn:p> ?b VALUES ?b { UNDEF } }",
        "SELECT ?a { ?a <urn:p> ?b } VALUES ?b { 1 }",
        "SELECT ?c (COUNT(*) AS ?n) { ?a ?p ?c } GROUP BY ?c",
        "SELECT ?c (COUNT(*) AS ?n) { ?a <urn:p> ?b OPTIONAL { ?b <urn:q> ?c } } GROUP BY ?c",
        "SELECT ?a { ?a <urn:p> ?b { SELECT ?b ?c { ?b <urn:q> ?d } } ?c <urn:p> ?b }",
        "SELECT ?a { ?a <urn:p> ?b OPTIONAL { ?b <urn:q> ?c FILTER EXISTS { ?c <urn:p> ?a } } }",
    ],
)
def test_what_it_is_not_asked(query: str) -> None:
    assert not is_trusted(query)


@pytest.mark.parametrize(
    "query",
    [
        "ASK { ?a <urn:p> 3 }",
        "ASK {}",
        "CONSTRUCT { ?a <urn:q> ?b } WHERE { ?a <urn:p>/^<urn:q> ?b } LIMIT 3",
        "SELECT ?a { ?a <urn:p> ?b MINUS { ?a <urn:q> ?c } FILTER(?b > 2) }",
        "SELECT ?a ?c { ?a <urn:p> ?b OPTIONAL { ?a <urn:q> ?c } FILTER(!BOUND(?c)) }",
        "SELECT ?a ?d { ?a <urn:p> ?b OPTIONAL { ?a <urn:q> ?c } BIND(COALESCE(?c, ?b) AS ?d) }",
        "SELECT ?b (COUNT(*) AS ?n) { ?a <urn:p> ?b } GROUP BY ?b HAVING (?n > 1) ORDER BY ?b",
        "SELECT ?a { { SELECT ?a (COUNT(*) AS ?n) { ?a <urn:p> ?b } GROUP BY ?a } ?a <urn:q> ?n }",
    ],
)
def test_what_it_is_asked(query: str) -> None:
    assert is_trusted(query)


def test_most_shipped_queries_are_among_those_it_is_asked() -> None:
    trusted = {
        path.stem
        for path in Path(ROOT / "kg/queries").glob("*.rq")
        if (asked := standard_query(path.read_text("utf-8"))) is not None and is_trusted(asked.text)
    }
    assert {"kin_of_trial", "top_conditions", "share_condition_and_route"} <= trusted
    assert len(trusted) >= 12


@pytest.mark.slow
def test_it_stops_by_itself_when_it_is_told_when_to(virtuoso: RunningServer) -> None:
    # It does not look whether its client has gone, and its own limit is for all queries.
    address, credentials = read_address(virtuoso.url)
    with GraphServer(address, credentials) as there:
        for number in range(0, 20_000, 2_000):
            lines = [f"<urn:{n}> <urn:p> <urn:x{n}> .\n" for n in range(number, number + 2_000)]
            there.add("urn:many", "".join(lines).encode())
        bomb = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f FILTER(STR(?c) < STR(?f)) }"
        fields = {"query": bomb, "default-graph-uri": "urn:many"}
        fields |= {there.address.layout.limit_parameter: "1000"}
        found = there._http.post(there.address.service("query"), data=fields)
        there.drop("urn:many")
    assert found.headers["x-sql-state"] == "S1TAT"
    with pytest.raises(QueryTimeoutError):
        check_answer(ServerAnswer(found.status_code, found.headers, found.content))
