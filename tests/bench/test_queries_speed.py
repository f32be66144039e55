"""How long the shipped queries take on the MSC corpus; ``make bench`` prints the medians."""

from __future__ import annotations

from pathlib import Path

import pyoxigraph as ox
import pytest

from kg.build import build
from kg.store import Store
from ontology.vocabulary import PREFIXES
from tests.bench.timing import median_seconds
from tests.conftest import ROOT, WordEncoder

pytestmark = pytest.mark.bench
QUERIES = sorted((ROOT / "kg/queries").glob("*.rq"))
RUNS = 7
LIMIT_MS = {"share_condition_and_route": 50}
MOST_MS = 100


@pytest.fixture(scope="module")
def graph(tmp_path_factory: pytest.TempPathFactory, word_encoder: WordEncoder) -> ox.Store:
    store = Store(tmp_path_factory.mktemp("msc") / "store")
    # the whole records where they are at hand: facts alone give no doses and few routes
    whole = ROOT.parent / "shared/data/msc_trials.ndjson.gz"
    build(store, [whole if whole.is_file() else ROOT / "data/msc_trials.ndjson.gz"], word_encoder)
    return store.published().read_graph()


@pytest.mark.parametrize("path", QUERIES, ids=lambda path: path.stem)
def test_query_time(path: Path, graph: ox.Store) -> None:
    query = path.read_text("utf-8")

    def run() -> int:
        result = graph.query(query, prefixes=PREFIXES, use_default_graph_as_union=True)
        return sum(1 for _ in result)  # type: ignore[union-attr]

    rows = run()
    taken_ms = 1000 * median_seconds(run, RUNS)
    print(f"\n{path.stem}: {rows} rows, median {taken_ms:.1f} ms", end="")
    assert rows > 0 or not (ROOT.parent / "shared").is_dir()
    assert taken_ms < LIMIT_MS.get(path.stem, MOST_MS)
