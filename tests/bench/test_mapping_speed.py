"""How fast records become quads and quads a store, beside what a user would take instead.

``make bench`` prints the figures. Medians of five runs, one process, one core each; ratios are
from one run on one machine. morph-kgc pins older libraries, so it runs in an environment of
its own: ``TRIALKIN_MORPH_PYTHON`` names its python, else it is installed for the run.
"""

from __future__ import annotations

import gzip
import json
import os
import statistics
import subprocess
import sys
import time
import venv
from collections.abc import Callable
from pathlib import Path

import pyoxigraph as ox
import pytest
import rdflib

from kg.mapping.study_mapping import map_study
from kg.study import Study, parse_study
from tests.conftest import ROOT

pytestmark = pytest.mark.bench
TRIALS = 1500
RUNS = 5


def median_seconds(work: Callable[[], object], runs: int = RUNS) -> float:
    work()  # warm-up
    taken = []
    for _ in range(runs):
        started = time.perf_counter()
        work()
        taken.append(time.perf_counter() - started)
    return statistics.median(taken)


@pytest.fixture(scope="module")
def payloads(shared_dir: Path) -> list[dict[str, object]]:
    with gzip.open(shared_dir / "data/msc_trials.ndjson.gz", "rt", encoding="utf-8") as file:
        return [json.loads(line) for _, line in zip(range(TRIALS), file, strict=False)]


@pytest.fixture(scope="module")
def studies(payloads: list[dict[str, object]]) -> list[Study]:
    return [parse_study(payload) for payload in payloads]


@pytest.fixture(scope="module")
def mapping_rate(studies: list[Study]) -> float:
    quads = sum(len(map_study(study)) for study in studies)
    return quads / median_seconds(lambda: [map_study(study) for study in studies])


@pytest.fixture(scope="module")
def morph_python(tmp_path_factory: pytest.TempPathFactory) -> str:
    given = os.environ.get("TRIALKIN_MORPH_PYTHON")
    if given:
        return given
    folder = tmp_path_factory.mktemp("morph")
    venv.create(folder, with_pip=True)
    python = str(folder / "bin/python")
    subprocess.run([python, "-m", "pip", "install", "--quiet", "morph-kgc==2.10.0"], check=True)
    return python


def test_mapping_beside_morph_kgc(
    payloads: list[dict[str, object]], mapping_rate: float, morph_python: str, tmp_path: Path
) -> None:
    records = tmp_path / "records.json"
    records.write_text(json.dumps(payloads))
    peer = ROOT / "tests/bench/morph_kgc_peer.py"
    rates = []
    for _ in range(3):
        done = subprocess.run(
            [morph_python, str(peer), str(records)], capture_output=True, text=True, check=True
        )
        said = json.loads(done.stdout.splitlines()[-1])
        rates.append(said["triples"] / said["seconds"])
    peer_rate = statistics.median(rates)
    print(f"\nmapping: {mapping_rate:,.0f} triples/s, morph-kgc {peer_rate:,.0f}", end="")
    print(f", ratio {mapping_rate / peer_rate:.1f}")
    assert mapping_rate > peer_rate


def test_loading_beside_rdflib_and_bulk_load(
    studies: list[Study], mapping_rate: float, tmp_path: Path
) -> None:
    lines = [line for study in studies for line in map_study(study)]
    file = tmp_path / "graph.nq"
    file.write_text("".join(lines), "utf-8")
    number = iter(range(100))

    def load() -> None:
        store = ox.Store(str(tmp_path / f"store{next(number)}"))
        store.bulk_load(path=str(file), format=ox.RdfFormat.N_QUADS)

    load_rate = len(lines) / median_seconds(load)
    sample = "".join(lines[:20_000])
    rdflib_rate = 20_000 / median_seconds(
        lambda: rdflib.Dataset().parse(data=sample, format="nquads"), runs=3
    )
    both = 1 / (1 / mapping_rate + 1 / load_rate)
    print(f"\nbulk_load {load_rate:,.0f} quads/s; rdflib memory {rdflib_rate:,.0f}", end="")
    print(f"; mapping and bulk_load {both:,.0f}, {both / load_rate:.2f} of bulk_load alone")
    print(f"python {sys.version.split()[0]}, pyoxigraph {ox.__version__}, {len(lines):,} quads")
    assert load_rate > rdflib_rate
