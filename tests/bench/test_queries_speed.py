"""How long the shipped queries take on the MSC corpus; ``make bench`` prints the medians."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pyoxigraph as ox
import pytest

from kg.build import build
from kg.engines.opening import open_queries
from kg.sparql.examples import example_texts
from kg.sparql.keeping import KeepingQueries
from kg.sparql.limits import QueryLimits
from kg.sparql.policy import check_query
from kg.store import Store
from ontology.vocabulary import PREFIXES
from tests.bench.timing import median_seconds
from tests.conftest import ROOT, WordEncoder

pytestmark = pytest.mark.bench
QUERIES = sorted((ROOT / "kg/queries").glob("*.rq"))
RUNS = 7
LIMIT_MS = {"share_condition_and_route": 50}
MOST_MS = 100


KEPT_MS = 5
"""For an answer that is kept, its bytes written in the form that is asked for."""


@pytest.fixture(scope="module")
def msc_store(tmp_path_factory: pytest.TempPathFactory, word_encoder: WordEncoder) -> Store:
    store = Store(tmp_path_factory.mktemp("msc") / "store")
    # the whole records where they are at hand: facts alone give no doses and few routes
    whole = ROOT.parent / "shared/data/msc_trials.ndjson.gz"
    build(store, [whole if whole.is_file() else ROOT / "data/msc_trials.ndjson.gz"], word_encoder)
    return store


@pytest.fixture(scope="module")
def graph(msc_store: Store) -> ox.Store:
    return msc_store.published().read_graph()


@pytest.fixture(scope="module")
def kept(msc_store: Store) -> Iterator[KeepingQueries]:
    """What a server has once it has answered the shipped queries in the background."""
    opened = open_queries(
        msc_store, msc_store.published(), workers=1, limits=QueryLimits(), keeps_answers=True
    )
    with closing(opened) as queries:
        assert isinstance(queries, KeepingQueries)
        started = time.perf_counter()
        queries.prepare(example_texts())
        print(f"\nall answered in the background in {time.perf_counter() - started:.1f} s")
        yield queries


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


@pytest.mark.parametrize("path", QUERIES, ids=lambda path: path.stem)
def test_query_time_once_it_is_answered(path: Path, kept: KeepingQueries) -> None:
    query = path.read_text("utf-8")
    if check_query(query).form != "SELECT":
        pytest.skip("only rows are kept")
    taken_ms = 1000 * median_seconds(lambda: kept.run(query, select_format="json"), RUNS)
    print(f"\n{path.stem}: kept, median {taken_ms:.2f} ms", end="")
    assert taken_ms < KEPT_MS
