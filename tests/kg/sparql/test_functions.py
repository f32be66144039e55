"""Functions for what is not stored; what goes wrong in one fails the query, never a row."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pyoxigraph as ox
import pytest

from kg.sparql.functions import SIGNATURES, Functions
from kg.sparql.pool import QueryPool
from kg.store import Store
from ontology.errors import QueryError

CONDITIONS = "https://w3id.org/trialkin/concept/conditions/"


@pytest.fixture(scope="module")
def pool(tiny_store: Store) -> Iterator[QueryPool]:
    with QueryPool(tiny_store.published().graph_path, workers=1) as opened:
        yield opened


def rows(pool: QueryPool, query: str) -> list[dict[str, str]]:
    found = json.loads(pool.run(query).body)["results"]["bindings"]
    return [{name: term["value"] for name, term in row.items()} for row in found]


def test_similarity_is_the_score_that_kin_have(pool: QueryPool) -> None:
    found = rows(
        pool,
        "SELECT ?score ?forth ?back { ?l tk:from ?a ; tk:to ?b ; tk:score ?score ; tk:rank ?r . "
        "BIND(tk:similarity(?a, ?b) AS ?forth) BIND(tk:similarity(?b, ?a) AS ?back) }",
    )
    assert len(found) > 50
    for row in found:
        assert float(row["forth"]) == pytest.approx(float(row["score"]), abs=1e-6)
        assert row["forth"] == row["back"]


def test_one_trial_against_all_gives_what_pairs_give(tiny_store: Store) -> None:
    generation = tiny_store.published()
    index = generation.kin_index
    functions = Functions(generation.read_graph(), generation.path)
    terms = [ox.NamedNode(f"https://clinicaltrials.gov/study/{one}") for one in index.nct_ids]
    found = [float(functions.similarity(term, terms[0]).value) for term in terms]
    expected = [index.explain(one, index.nct_ids[0]).score for one in index.nct_ids]
    assert found == pytest.approx(expected, abs=1e-6)


def test_matches_is_the_search(pool: QueryPool, tiny_store: Store) -> None:
    words = "multiple sclerosis"
    hits = tiny_store.published().records.search(words, 100)
    expected = sorted(hit.card.nct_id for hit in hits)
    assert expected
    query = f'SELECT ?id {{ ?t tk:nctId ?id FILTER(tk:matches(?t, "{words}")) }} ORDER BY ?id'
    assert [row["id"] for row in rows(pool, query)] == expected


def test_within_follows_broader_and_holds_of_itself(pool: QueryPool) -> None:
    ancestor = f"<{CONDITIONS}autoimmune_disease>"
    by_function = rows(
        pool,
        f"SELECT ?c {{ ?c skos:inScheme <{CONDITIONS[:-1]}> FILTER(tk:within(?c, {ancestor})) }} "
        "ORDER BY ?c",
    )
    by_path = rows(pool, f"SELECT DISTINCT ?c {{ ?c skos:broader* {ancestor} }} ORDER BY ?c")
    assert by_function == by_path
    assert len(by_path) > 3
    assert {"c": f"{CONDITIONS}autoimmune_disease"} in by_function


@pytest.mark.parametrize(
    ("expression", "message"),
    [
        ("tk:similarity(?t, trial:NCT00000000)", "NCT00000000"),
        ("tk:similarity(?t, ?title)", "takes trials of this graph"),
        ("tk:similarity(?t)", "takes trial and trial, 2 arguments, not 1"),
        ("tk:similarity(?t, trial:)", "takes trials of this graph"),
        ("tk:matches(trial:NCT00000000, 'x')", "NCT00000000, which is not in this graph"),
        ("tk:matches(?t, ?t)", "takes words as a string"),
        ('tk:matches(?t, "...")', "given no words"),
        ("tk:matches(tk:kin, 'x')", "takes trials of this graph"),
        ("tk:within(?t, ?t)", "takes concepts of this graph"),
        (f"tk:within(<{CONDITIONS}autoimmune_disease>, tkc:typo)", "takes concepts of this graph"),
        ("tk:nothing(?t)", "nothing"),
    ],
)
@pytest.mark.parametrize(
    "shape", ["FILTER({})", "BIND({} AS ?x)", "OPTIONAL {{ ?t tk:nctId ?id FILTER({}) }}"]
)
def test_what_goes_wrong_fails_the_query_and_says_why(
    pool: QueryPool, expression: str, message: str, shape: str
) -> None:
    query = f"SELECT * {{ ?t a tk:Trial ; tk:briefTitle ?title {shape.format(expression)} }}"
    with pytest.raises(QueryError, match=message):
        pool.run(query)
    assert rows(pool, "SELECT (1 AS ?x) {}") == [{"x": "1"}]  # and the next one is not harmed


def test_errors_within_coalesce_are_not_hidden_either(pool: QueryPool) -> None:
    with pytest.raises(QueryError, match="takes trials"):
        pool.run("ASK { FILTER(COALESCE(tk:similarity(tk:kin, tk:kin) > 0, true)) }")


def test_an_unbound_argument_gives_no_value_as_the_standard_has_it(pool: QueryPool) -> None:
    found = rows(pool, "SELECT ?x { BIND(1 AS ?one) BIND(tk:similarity(?none, ?none) AS ?x) }")
    assert found == [{}]


def test_what_every_function_takes_and_does_is_said() -> None:
    assert [signature.name for signature in SIGNATURES] == ["similarity", "matches", "within"]
    assert all(len(signature.arguments) == 2 and signature.does for signature in SIGNATURES)
