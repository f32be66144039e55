"""How long a query takes through `kg.open_store` beside the store underneath."""

from __future__ import annotations

from pathlib import Path

import pyoxigraph as ox
import pytest

import kg
from kg.build import build
from kg.store import Store
from ontology.vocabulary import PREFIXES
from tests.bench.timing import median_seconds
from tests.conftest import ROOT, WordEncoder

pytestmark = pytest.mark.bench
QUERIES = {
    "one trial": "SELECT ?p ?o { trial:NCT04356287 ?p ?o }",
    "all titles": "SELECT ?trial ?title { ?trial tk:briefTitle ?title }",
    "a count": "SELECT (COUNT(*) AS ?n) { ?trial tk:condition ?c ; tk:country ?country }",
}
MOST_SECONDS_A_ROW = 50e-6
"""What rdflib's own terms may cost on top, each row; and a millisecond a query."""


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory, word_encoder: WordEncoder) -> Store:
    built = Store(tmp_path_factory.mktemp("library") / "store")
    build(built, [ROOT / "data/msc_trials.ndjson.gz"], word_encoder)
    return built


@pytest.mark.parametrize("name", QUERIES)
def test_queries_through_rdflib_are_oxigraphs(name: str, store: Store) -> None:
    query = QUERIES[name]
    graph = kg.open_store(Path(store.path))
    direct = store.published().read_graph()

    def ask_directly() -> int:
        result = direct.query(query, prefixes=PREFIXES, use_default_graph_as_union=True)
        assert isinstance(result, ox.QuerySolutions)
        return sum(1 for _ in result)

    rows = ask_directly()
    assert sum(1 for _ in graph.query(query)) == rows > 0
    beneath = median_seconds(ask_directly)
    above = median_seconds(lambda: sum(1 for _ in graph.query(query)))
    print(f"\n{name}: {rows:,} rows, open_store {1000 * above:.2f} ms, ", end="")
    print(f"pyoxigraph {1000 * beneath:.2f} ms, ratio {above / beneath:.2f}")
    assert above < 3 * beneath + rows * MOST_SECONDS_A_ROW + 0.001
