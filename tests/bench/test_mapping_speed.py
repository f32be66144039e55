"""How fast records become quads and quads a store, beside what a user would take instead.

``make bench`` prints the figures. Medians, one process, one core each; ratios are from one run
on one machine. morph-kgc pins older libraries, so it runs in an environment of its own:
``TRIALKIN_MORPH_PYTHON`` names its python, else it is installed for the run.
"""

from __future__ import annotations

import gzip
import json
import os
import subprocess
import sys
import venv
from pathlib import Path
from typing import Any

import pyoxigraph as ox
import pytest
import rdflib

from kg.build import build
from kg.mapping.study_mapping import map_study
from kg.store import Store
from kg.study import Study, parse_study
from similarity.encoders import load_encoder
from tests.bench.morph_kgc_peer import only_mapped
from tests.bench.timing import median_seconds
from tests.conftest import ROOT

pytestmark = pytest.mark.bench
PEER_RUNS = 3
LEAST_RATIO_TO_MORPH_KGC = 15


@pytest.fixture(scope="module")
def payloads(shared_dir: Path) -> list[dict[str, Any]]:
    with gzip.open(shared_dir / "data/msc_trials.ndjson.gz", "rt", encoding="utf-8") as file:
        return [json.loads(line) for line in file]


@pytest.fixture(scope="module")
def studies(payloads: list[dict[str, Any]]) -> list[Study]:
    return [parse_study(payload) for payload in payloads]


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


def mapping_rate(studies: list[Study]) -> float:
    """Return quads a second of one core."""
    quads = sum(len(map_study(study)) for study in studies)
    return quads / median_seconds(lambda: [map_study(study) for study in studies])


def load_into(folder: Path, file: Path) -> ox.Store:
    store = ox.Store(str(folder))
    store.bulk_load(path=str(file), format=ox.RdfFormat.N_QUADS)
    return store


def test_mapping_beside_morph_kgc(
    payloads: list[dict[str, Any]], studies: list[Study], morph_python: str, tmp_path: Path
) -> None:
    reduced = [only_mapped(payload) for payload in payloads]
    records = tmp_path / "records.json"
    records.write_text(json.dumps(reduced))
    peer = ROOT / "tests/bench/morph_kgc_peer.py"
    rates = []
    for _ in range(PEER_RUNS):
        done = subprocess.run(
            [morph_python, str(peer), str(records)], capture_output=True, text=True, check=True
        )
        said = json.loads(done.stdout.splitlines()[-1])
        rates.append(said["triples"] / said["seconds"])
    peer_rate = sorted(rates)[PEER_RUNS // 2]
    same = mapping_rate([parse_study(payload) for payload in reduced])
    whole = mapping_rate(studies)
    print(f"\n{len(reduced):,} records of 19 fields: mapping {same:,.0f} triples/s", end="")
    print(f", morph-kgc {peer_rate:,.0f}, ratio {same / peer_rate:.1f}")
    print(f"whole records: mapping {whole:,.0f} triples/s, {whole / peer_rate:.1f} times")
    assert same > LEAST_RATIO_TO_MORPH_KGC * peer_rate


def test_loading_beside_rdflib_and_bulk_load(studies: list[Study], tmp_path: Path) -> None:
    lines = [line for study in studies for line in map_study(study)]
    file = tmp_path / "graph.nq"
    file.write_text("".join(lines), "utf-8")
    number = iter(range(100))
    load_rate = len(lines) / median_seconds(lambda: load_into(tmp_path / f"{next(number)}", file))
    sample = "".join(lines[:20_000])
    rdflib_rate = 20_000 / median_seconds(
        lambda: rdflib.Dataset().parse(data=sample, format="nquads"), runs=3
    )
    map_rate = mapping_rate(studies)
    both = 1 / (1 / map_rate + 1 / load_rate)
    print(f"\nbulk_load {load_rate:,.0f} quads/s; rdflib memory {rdflib_rate:,.0f}", end="")
    print(f"; mapping and bulk_load {both:,.0f}, {both / load_rate:.2f} of bulk_load alone")
    print(f"python {sys.version.split()[0]}, pyoxigraph {ox.__version__}, {len(lines):,} quads")
    assert load_rate > rdflib_rate


def test_a_whole_build_beside_bulk_load(shared_dir: Path, tmp_path: Path) -> None:
    store = Store(tmp_path / "store")
    report = build(store, [shared_dir / "data/msc_trials.ndjson.gz"], load_encoder("trialkin"))
    file = tmp_path / "graph.nq"
    graph = store.published().read_graph()
    with open(file, "wb") as out:
        graph.dump(out, format=ox.RdfFormat.N_QUADS)
    number = iter(range(100))
    alone = median_seconds(lambda: load_into(tmp_path / f"{next(number)}", file), runs=3)
    total = sum(report.seconds.values())
    quads = report.counts["quads"]
    print(
        f"\nwhole build {quads / total:,.0f} quads/s, bulk_load alone {quads / alone:,.0f}", end=""
    )
    print(f": {alone / total:.2f} of it")
    for stage, seconds in report.seconds.items():
        print(f"  {stage}: {seconds:.1f} s")
    assert alone < total
