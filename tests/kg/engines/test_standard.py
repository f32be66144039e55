"""Only queries that are SPARQL 1.1 and nothing besides leave for another server."""

from __future__ import annotations

import pytest

from kg.engines.standard import standard_query

ALLOWED = [
    "SELECT * { ?s ?p ?o }",
    "select distinct ?s where { ?s a tk:Trial ; tk:nctId ?n . optional { ?s tk:donor ?d } }",
    "SELECT (COUNT(?s) AS ?n) { ?s ?p ?o } GROUP BY ?p HAVING (?n > 2) ORDER BY DESC(?n) LIMIT 5",
    'SELECT ?s { ?s ?p ?o FILTER(REGEX(STR(?o), "bif:exec(1)", "i")) } # DEFINE x "y"',
    'ASK { ?s ?p "GRAPH and SERVICE"@en }',
    "SELECT (xsd:decimal(?o) AS ?d) { ?s ^tk:from/!tk:to|tk:kin ?o }",
    "SELECT ?x { BIND(IF(BOUND(?y), ?y, STRUUID()) AS ?x) }",
]
KEPT = [
    'DEFINE get:soft "replace" SELECT ?s FROM <http://example.org/> { ?s ?p ?o }',
    'define input:inference "x" SELECT ?s { ?s ?p ?o }',
    "SELECT (bif:exec('ls') AS ?x) {}",
    "SELECT (sql:anything() AS ?x) {}",
    "PREFIX x: <bif:> SELECT (x:exec('ls') AS ?x) {}",
    "SELECT (<bif:exec>('ls') AS ?x) {}",
    "SELECT ?s { ?s <bif:contains> 'cells' }",
    "PREFIX v: <http://www.openlinksw.com/schemas/virtrdf#> SELECT ?s { ?s v:x ?o }",
    "SELECT ?s { ?s ?p ?o OPTION (TRANSITIVE) }",
    "SELECT `bif:exec('ls')` { ?s ?p ?o }",
    "SELECT ?s { GRAPH ?g { ?s ?p ?o } }",
    "SELECT ?s FROM <https://w3id.org/trialkin/graph/kin> { ?s ?p ?o }",
    "SELECT ?s { ?s ?p ?o FILTER(tk:matches(?s, 'cells')) }",
    "SELECT ?s { ?s unknown:p ?o }",
    "SELECT ?s { ?s ?p ?o LATERAL { ?o ?q ?r } }",
    "SELECT ?s { ?s ?p \\u0022x\\u0022 }",
    "SELECT ?s { \\u0053ERVICE <http://127.0.0.1/> { ?s ?p ?o } }",
    "DESCRIBE ?t { ?t a tk:Trial }",
    "CONSTRUCT { ?p a tk:Trial } WHERE { ?s ?p ?o } GROUP BY ?p",
    "SELECT ?s { ?s ?p <<( ?a ?b ?c )>> }",
    "SELECT ?s {",
    "SELECT",
    "",
]


@pytest.mark.parametrize("query", ALLOWED)
def test_plain_queries_may_go(query: str) -> None:
    found = standard_query(query)
    assert found is not None
    assert found.text.endswith(query)


@pytest.mark.parametrize("query", KEPT)
def test_all_else_stays_here(query: str) -> None:
    assert standard_query(query) is None


def test_known_prefixes_are_declared_where_they_are_used_and_not_declared() -> None:
    found = standard_query("PREFIX tk: <urn:mine#> SELECT ?s { ?s tk:p skos:x }")
    assert found is not None
    assert found.text == (
        "PREFIX skos: <http://www.w3.org/2004/02/skos/core#> "
        "PREFIX tk: <urn:mine#> SELECT ?s { ?s tk:p skos:x }"
    )


@pytest.mark.parametrize(
    ("query", "bounded", "own"),
    [
        ("SELECT ?s { ?s ?p ?o }", "SELECT ?s { ?s ?p ?o }\nLIMIT 9\n", None),
        ("SELECT ?s { ?s ?p ?o } # end", "SELECT ?s { ?s ?p ?o }\nLIMIT 9\n # end", None),
        ("SELECT ?s { ?s ?p ?o } LIMIT 5", "SELECT ?s { ?s ?p ?o } LIMIT 5", 5),
        ("SELECT ?s { ?s ?p ?o } LIMIT 50", "SELECT ?s { ?s ?p ?o } LIMIT 9", 50),
        (
            "SELECT ?s { { SELECT ?s { ?s ?p ?o } LIMIT 50 } } OFFSET 3",
            "SELECT ?s { { SELECT ?s { ?s ?p ?o } LIMIT 50 } } OFFSET 3\nLIMIT 9\n",
            None,
        ),
        (
            "SELECT ?s { ?s ?p ?o } VALUES ?s { <urn:a> }",
            "SELECT ?s { ?s ?p ?o } \nLIMIT 9\nVALUES ?s { <urn:a> }",
            None,
        ),
    ],
)
def test_a_limit_goes_where_the_grammar_has_it(query: str, bounded: str, own: int | None) -> None:
    found = standard_query(query)
    assert found is not None
    assert found.at_most(9) == bounded
    assert found.limit == own


def test_a_construct_comes_with_a_query_that_counts_its_solutions() -> None:
    found = standard_query("BASE <urn:x> CONSTRUCT { ?s a ?c } WHERE { ?s ?p ?c } LIMIT 4")
    assert found is not None
    assert found.count == (
        "BASE <urn:x> SELECT (COUNT(*) AS ?n) WHERE { SELECT * WHERE WHERE { ?s ?p ?c } LIMIT 4\n}"
    ).replace("WHERE WHERE", "WHERE")


def test_to_describe_is_to_ask_for_the_triples_of_what_is_named() -> None:
    found = standard_query("DESCRIBE <urn:a> <urn:b>")
    assert found is not None
    assert found.form == "CONSTRUCT"
    assert found.text.strip() == (
        "CONSTRUCT { ?s ?p ?o } WHERE { VALUES ?s { <urn:a> <urn:b> } ?s ?p ?o }"
    )
