"""What the store's own engine answers, a graph server answers too."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing

import pytest

from kg.engines.queries import ServerQueries
from kg.engines.standard import standard_query
from kg.engines.virtuoso import is_trusted
from kg.mapping.partition_counts import VOID_GRAPH
from kg.sparql.policy import Dataset
from kg.sparql.pool import QueryPool
from kg.sparql.queries import Queries
from kg.store import Store
from ontology.errors import (
    QueryError,
    QueryRefusedError,
    QuerySyntaxError,
    QueryTimeoutError,
    QueryTooLargeError,
)
from ontology.vocabulary import CONCEPT_BASE
from tests.kg.engines.mirroring import held_triples, own_triples, queries_of
from tests.kg.engines.servers import KINDS, ROW_CAP
from tests.kg.test_queries import GOLDEN
from tests.kg.test_queries import QUERIES as SHIPPED

TRIAL = "<https://clinicaltrials.gov/study/NCT90000001>"
ON_SERVER = [
    f"SELECT ?p ?o {{ {TRIAL} ?p ?o }}",
    "SELECT ?t ?n ?e { ?t tk:nctId ?n OPTIONAL { ?t tk:enrollmentCount ?e } }",
    "SELECT ?b { ?t tk:hasResults ?b }",
    "SELECT ?x { ?t tk:startDate ?x }",
    "SELECT ?s { ?l tk:score ?s } ORDER BY DESC(?s) ?l LIMIT 7",
    "SELECT ?c (COUNT(?t) AS ?n) { ?t tk:condition ?c } GROUP BY ?c HAVING (COUNT(?t) > 1)",
    f"SELECT ?k {{ {TRIAL} tk:kin/tk:kin ?k }}",
    f"SELECT ?c {{ ?c skos:broader* <{CONCEPT_BASE}conditions/autoimmune_disease> }}",
    "SELECT (COUNT(?d) AS ?n) { ?c skos:broader+ ?d }",
    "SELECT ?t { ?t a tk:Trial FILTER NOT EXISTS { ?t tk:cellSource ?s } }",
    "SELECT ?t { { ?t tk:route ?r } UNION { ?t tk:donor ?d } MINUS { ?t tk:cellType ?c } }",
    'SELECT ?l { ?c skos:prefLabel ?l FILTER(LANG(?l) = "en" && REGEX(?l, "^a", "i")) }',
    'SELECT ?n (STRLEN(?x) AS ?y) { ?t tk:nctId ?n ; tk:briefTitle ?x } # and "a" comment',
    'SELECT ?t { VALUES ?n { "NCT90000001" "NCT90000013" } ?t tk:nctId ?n }',
    'PREFIX x: <https://w3id.org/trialkin/ontology#> SELECT ?t { ?t x:nctId "NCT90000001" }',
    "SELECT (xsd:integer(?n) AS ?i) { ?t tk:enrollmentCount ?n }",
    "SELECT ?n { { SELECT ?t ?n { ?t tk:nctId ?n } ORDER BY ?n LIMIT 3 } }",
    f"ASK {{ {TRIAL} tk:kin ?k }}",
    "ASK { ?t tk:nctId 'no such id' }",
    "ASK {}",
    "CONSTRUCT { ?t tk:nctId ?n } WHERE { ?t tk:nctId ?n }",
    "CONSTRUCT WHERE { ?t tk:nctId ?n }",
    f"DESCRIBE {TRIAL}",
    "DESCRIBE trial:NCT90000001 trial:NCT90000013",
]
BY_ITSELF = [
    f"SELECT ?p ?o {{ GRAPH <https://w3id.org/trialkin/graph/kin> {{ {TRIAL} ?p ?o }} }}",
    f"SELECT ?p (COUNT(*) AS ?n) FROM <{VOID_GRAPH}> {{ ?s ?p ?o }} GROUP BY ?p",
    'SELECT ?t { ?t a tk:Trial FILTER(tk:matches(?t, "cells")) }',
    "DESCRIBE ?t WHERE { ?t tk:nctId 'NCT90000001' }",
    f"SELECT ?o {{ {TRIAL} tk:condition ?c LATERAL {{ ?o tk:condition ?c }} }}",
]


@pytest.fixture(scope="module")
def own(tiny_store: Store) -> Iterator[QueryPool]:
    with QueryPool(tiny_store.published().graph_path, workers=1) as opened:
        yield opened


@pytest.fixture(params=["own", *KINDS])
def engine(
    request: pytest.FixtureRequest, own: QueryPool, standing: Callable[..., Store]
) -> Iterator[Queries]:
    if request.param == "own":
        yield own
    else:
        with queries_of(standing(request.getfixturevalue(request.param))) as opened:
            yield opened


def is_kept(engine: ServerQueries, query: str) -> bool:
    """Tell whether a query is one that this server would get wrong."""
    asked = standard_query(query)
    assert asked is not None
    return engine._server.address.kind == "virtuoso" and not is_trusted(asked.text)


def lines(queries: Queries, query: str, **how: object) -> tuple[str, list[str]]:
    answer = queries.run(query, select_format="csv", graph_format="ntriples", **how)  # type: ignore[arg-type]
    assert not answer.truncated
    return answer.engine, answer.body.decode().splitlines()


def test_the_mirror_is_the_graph_triple_for_triple(
    server: object, standing: Callable[..., Store]
) -> None:
    store = standing(server)
    assert held_triples(store) == own_triples(store)


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_shipped_queries_give_the_rows_on_record(path: object, engine: Queries) -> None:
    query = path.read_text("utf-8").replace("NCT04356287", "NCT90000001")  # type: ignore[attr-defined]
    query = query.replace("multiple_sclerosis", "systemic_sclerosis")
    answer = engine.run(query, select_format="csv", graph_format="ntriples")
    rows = answer.body.decode().splitlines()
    if answer.form == "CONSTRUCT":
        rows.sort()
    golden = GOLDEN / f"{path.stem}.csv"  # type: ignore[attr-defined]
    assert rows == golden.read_text("utf-8").splitlines()


@pytest.mark.parametrize("query", ON_SERVER)
def test_every_form_of_query(query: str, engine: Queries, own: QueryPool) -> None:
    who, found = lines(engine, query)
    expected = lines(own, query)[1]
    assert sorted(found) == sorted(expected)
    if "ORDER" in query:
        assert found == expected
    assert who == (
        "server" if isinstance(engine, ServerQueries) and not is_kept(engine, query) else "own"
    )


@pytest.mark.parametrize("query", BY_ITSELF)
def test_what_a_server_cannot_do_the_store_does(
    query: str, engine: Queries, own: QueryPool
) -> None:
    who, found = lines(engine, query)
    assert who == "own"
    assert sorted(found) == sorted(lines(own, query)[1])
    assert len(found) > 1


def test_what_a_server_fails_at_the_store_answers(engine: Queries, own: QueryPool) -> None:
    query = 'SELECT ?t { ?t tk:nctId ?n } VALUES ?n { "NCT90000001" }'  # Virtuoso: "No column n"
    assert lines(engine, query)[1] == lines(own, query)[1]
    assert len(lines(engine, query)[1]) == 2


def test_graphs_that_the_protocol_names(engine: Queries, own: QueryPool) -> None:
    dataset = Dataset(("https://w3id.org/trialkin/graph/ontology",), ())
    query = "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }"
    assert lines(engine, query, dataset=dataset) == lines(own, query, dataset=dataset)


@pytest.mark.parametrize("format_", ["json", "xml", "csv", "tsv"])
def test_every_format_of_rows(format_: str, engine: Queries, own: QueryPool) -> None:
    query = f"SELECT * {{ {TRIAL} tk:enrollmentCount ?n ; tk:startDate ?d ; tk:briefTitle ?t }}"
    ours, theirs = (one.run(query, select_format=format_) for one in (own, engine))
    assert (ours.body, ours.media_type, ours.rows) == (theirs.body, theirs.media_type, theirs.rows)
    with pytest.raises(QueryError, match="A SELECT result"):
        engine.run(query, select_format="turtle")


@pytest.mark.parametrize("format_", ["turtle", "ntriples", "jsonld", "xml"])
def test_every_format_of_graphs(format_: str, engine: Queries, own: QueryPool) -> None:
    query = f"CONSTRUCT WHERE {{ {TRIAL} tk:nctId ?n }}"
    ours, theirs = (one.run(query, graph_format=format_) for one in (own, engine))
    assert (ours.body, ours.media_type, ours.rows) == (theirs.body, theirs.media_type, theirs.rows)


def test_a_wrong_query_is_told_alike(engine: Queries) -> None:
    with pytest.raises(QuerySyntaxError, match="line 1, column 15") as told:
        engine.run("SELECT ?x { } }")
    assert told.value.column == 15
    with pytest.raises(QueryRefusedError, match="SERVICE"):
        engine.run("SELECT ?x { SERVICE <http://127.0.0.1/> { ?x ?y ?z } }")
    with pytest.raises(QueryRefusedError, match="update"):
        engine.run("DELETE WHERE { ?s ?p ?o }")


def test_rows_are_cut_and_said_to_be(engine: Queries) -> None:
    answer = engine.run("SELECT ?s ?p ?o { ?s ?p ?o }")
    assert answer.truncated
    assert answer.rows == engine.limits.max_rows
    for count in (5, ROW_CAP):
        answer = engine.run(f"SELECT ?s ?p ?o {{ ?s ?p ?o }} LIMIT {count}")
        assert (answer.rows, answer.truncated) == (count, False)


def test_a_graph_is_whole_or_refused(engine: Queries) -> None:
    # Ten thousand solutions and one triple: nothing in the answer tells of a cut.
    with pytest.raises(QueryTooLargeError):
        engine.run("CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o }")
    answer = engine.run(
        "CONSTRUCT { ?t a tk:Trial } WHERE { ?t tk:nctId ?n }", graph_format="ntriples"
    )
    assert answer.rows == len(set(answer.body.splitlines())) > 5


@pytest.mark.slow
def test_what_a_capped_server_would_leave_out_the_store_answers(
    virtuoso: object, standing: Callable[..., Store], own: QueryPool
) -> None:
    capped = "SELECT ?s { ?s ?p ?o }"
    with queries_of(standing(virtuoso), max_rows=ROW_CAP + 1_000) as queries:
        answer = queries.run(capped)
        assert (answer.engine, answer.rows, answer.truncated) == ("own", ROW_CAP + 1_000, True)
        answer = queries.run(f"{capped} LIMIT {ROW_CAP}")
        assert (answer.engine, answer.rows, answer.truncated) == ("server", ROW_CAP, False)
        # The graph is small, and does not tell of how many solutions it was made.
        built = "CONSTRUCT { ?c a skos:Concept } WHERE { ?t a ?c . ?t ?p ?o }"
        answer = queries.run(built, graph_format="ntriples")
        assert answer.engine == "own"
        assert sorted(answer.body.splitlines()) == sorted(
            own.run(built, graph_format="ntriples").body.splitlines()
        )


def test_own_limits_count_too(standing: Callable[..., Store], server: object) -> None:
    with queries_of(standing(server), max_rows=3) as queries:
        answer = queries.run("SELECT ?n { ?t tk:nctId ?n } ORDER BY ?n")
        assert (answer.rows, answer.truncated) == (3, True)
        with pytest.raises(QueryTooLargeError, match="more than 3 triples"):
            queries.run("CONSTRUCT WHERE { ?t tk:nctId ?n }")
    with queries_of(standing(server), max_bytes=500) as queries:
        assert queries.run("SELECT ?n { ?t tk:nctId ?n }").truncated
        with pytest.raises(QueryTooLargeError, match="bytes"):
            queries.run("SELECT ?s ?p ?o { ?s ?p ?o }")


@pytest.mark.parametrize("deadline_s", [0.4, 30.0])
@pytest.mark.parametrize("kind", KINDS)
def test_a_query_that_takes_too_long_is_stopped_and_never_half_answered(
    kind: str, deadline_s: float, request: pytest.FixtureRequest, standing: Callable[..., Store]
) -> None:
    # Not an aggregate on Oxigraph, which has no end there, whoever has given up waiting for it.
    bomb = {
        "oxigraph": "SELECT ?a { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i FILTER(?c = ?g && ?f = ?a) }",
        "virtuoso": "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i FILTER(?c < ?i) }",
    }[kind]
    store = standing(request.getfixturevalue(kind))
    with closing(queries_of(store, deadline_s=deadline_s)) as queries:
        with pytest.raises(QueryTimeoutError, match="stopped"):
            queries.run(bomb)
        assert queries.run("ASK {}").engine == "server"
