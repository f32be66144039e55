"""Columns of ``SELECT *`` stand as the query brings them in, in every format."""

from __future__ import annotations

import csv
import io
import json

import pyoxigraph as ox
import pytest

from kg.sparql.columns import column_order
from kg.sparql.worker import Answering
from kg.store import Store
from tests.kg.sparql.test_worker import request


@pytest.mark.parametrize(
    ("query", "names", "shown"),
    [
        ("SELECT * { ?z ?b ?a }", ["a", "b", "z"], ["z", "b", "a"]),
        ("select distinct * where { ?z ?b ?a }", ["a", "b", "z"], ["z", "b", "a"]),
        ("SELECT REDUCED * { $z ?b ?a }", ["a", "b", "z"], ["z", "b", "a"]),
        ("PREFIX x: <http://select.org/*> # SELECT *\nSELECT ?b ?a { ?a ?b ?c }", ["b", "a"],
         ["b", "a"]),
        ("SELECT (COUNT(*) AS ?n) ?a { ?a ?b ?c } GROUP BY ?a", ["n", "a"], ["n", "a"]),
        ("SELECT * { { SELECT ?y ?x { ?x ?p ?y } } ?x ?q ?r }", ["q", "r", "x", "y"],
         ["y", "x", "q", "r"]),
        ("SELECT * { FILTER('?a' = '?a') ?b ?c ?a }", ["a", "b", "c"], ["b", "c", "a"]),
        ("ASK { ?a ?b ?c }", ["b"], ["b"]),
        ("SELECT", [], []),
    ],
)  # fmt: skip
def test_columns_stand_as_written(query: str, names: list[str], shown: list[str]) -> None:
    assert [names[place] for place in column_order(query, names)] == shown


def test_answers_keep_values_with_their_names(tiny_store: Store) -> None:
    query = "SELECT * { ?trial tk:overallStatus ?status ; tk:briefTitle ?name } ORDER BY ?trial"
    path = tiny_store.published().graph_path
    answering = Answering(ox.Store.read_only(str(path)), path.parent)
    answer = json.loads(answering.answer(request(query))[1])
    assert answer["head"]["vars"] == ["trial", "status", "name"]
    first = {name: term["value"] for name, term in answer["results"]["bindings"][0].items()}
    _, body = answering.answer(request(query, select_format="csv"))
    row = next(csv.DictReader(io.StringIO(body.decode())))
    assert list(row) == ["trial", "status", "name"]
    assert row == first
    assert row["trial"].startswith("https://clinicaltrials.gov/study/NCT")
