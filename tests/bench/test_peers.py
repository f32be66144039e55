"""Beside what a user would take instead: rdflib in memory, scikit-learn's nearest neighbours.

Each in the same run as TrialKin's own way; what a peer could not do at all is said with it.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pyoxigraph as ox
import pytest
from numpy.typing import NDArray
from sklearn.neighbors import NearestNeighbors

from kg.build import build
from kg.generation import Generation
from kg.store import Store
from ontology.vocabulary import PREFIXES
from similarity.encoders import load_encoder
from similarity.index import KinIndex
from tests.bench.timing import median_seconds
from tests.conftest import ROOT

pytestmark = [pytest.mark.bench, pytest.mark.shared]

STORED = 20
MEMORY_BYTES = 24 * 2**30
QUERY = """
SELECT (COUNT(DISTINCT ?other) AS ?trials) WHERE {
  <https://clinicaltrials.gov/study/NCT04356287> tk:condition ?condition .
  ?other tk:condition ?condition ; tk:route ?route ; tk:overallStatus ?status .
}"""
"""What a user of either engine would ask; without paths or sub-selects that favour one."""


@pytest.fixture(scope="module")
def generation(shared_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> Generation:
    store = Store(tmp_path_factory.mktemp("peers") / "store")
    build(store, [shared_dir / "data/msc_trials.ndjson.gz"], load_encoder("trialkin"))
    return store.published()


def test_rdflib_in_memory(generation: Generation, tmp_path: Path) -> None:
    file = tmp_path / "graph.nq"
    graph = generation.read_graph()
    with open(file, "wb") as out:
        graph.dump(out, format=ox.RdfFormat.N_QUADS)

    def ask() -> None:
        list(graph.query(QUERY, prefixes=PREFIXES, use_default_graph_as_union=True))  # type: ignore[arg-type]

    ours = median_seconds(ask)
    done = subprocess.run(
        [sys.executable, "-m", "tests.bench.test_peers", str(file)],
        cwd=ROOT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    peer = json.loads(done.stdout)
    per_quad = peer["bytes"] / len(graph)
    per_trial = peer["bytes"] / generation.manifest.counts["trials"]
    print(
        f"\nrdflib in memory: {len(graph):,} quads in {peer['load']:.0f} s, {per_quad:,.0f} bytes"
        f" each: {MEMORY_BYTES / per_trial:,.0f} trials fill 24 GiB, and every start loads anew."
        f" The query: {1000 * peer['query']:.1f} ms, here {1000 * ours:.1f} ms"
        f" ({peer['query'] / ours:.0f} times)"
    )
    assert ours < peer["query"]


def test_nearest_neighbours_of_scikit_learn(generation: Generation) -> None:
    index = generation.kin_index
    started = time.perf_counter()
    lists = {nct_id: [kin.nct_id for kin in found] for nct_id, found in index.rank_all(STORED)}
    ours = time.perf_counter() - started

    vectors = _texts_of(index)
    started = time.perf_counter()
    peer = NearestNeighbors(n_neighbors=STORED + 1, algorithm="brute", metric="cosine").fit(vectors)
    _, rows = peer.kneighbors(vectors)
    theirs = time.perf_counter() - started

    shared = [
        len({index.nct_ids[near] for near in rows[at] if near != at} & set(lists[nct_id]))
        for at, nct_id in enumerate(index.nct_ids)
    ]
    print(
        f"\nall pairs of {len(index):,} trials, {STORED} kin each: {ours:.1f} s with facts and"
        f" reasons; NearestNeighbors {theirs:.2f} s over the texts' vectors alone"
        f" ({ours / theirs:.0f} times as quick): no conditions, sources, routes or words, no"
        f" reasons. {np.mean(shared) / STORED:.2f} of its neighbours are among the kin"
    )
    assert np.mean(shared) / STORED < 0.9  # else the facts would add nothing to the texts


def _texts_of(index: KinIndex) -> NDArray[np.float32]:
    """Return one vector a trial: those of its texts, each of unit length, side by side."""
    vectors = index.table.vectors.astype(np.float32)
    lengths = np.linalg.norm(vectors, axis=2, keepdims=True)
    unit = np.divide(vectors, lengths, out=np.zeros_like(vectors), where=lengths > 0)
    return np.concatenate(list(unit), axis=1)


def _load_with_rdflib(file: Path) -> None:
    import rdflib

    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    started = time.perf_counter()
    dataset = rdflib.Dataset(default_union=True)
    dataset.parse(str(file), format="nquads")
    load = time.perf_counter() - started
    held = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    query = median_seconds(lambda: list(dataset.query(QUERY, initNs=PREFIXES)), runs=3)
    print(json.dumps({"load": load, "bytes": 1024 * held, "query": query}))


if __name__ == "__main__":
    _load_with_rdflib(Path(sys.argv[1]))
