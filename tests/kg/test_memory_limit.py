"""Nothing that serves or refreshes reads the whole store: it works in less memory than that takes.

The limit is on what a process may hold for itself (RLIMIT_DATA: heap, stacks, anonymous maps);
files that are mapped do not count, as the system takes their pages back. That reading the whole
graph would break the limit is tried too.
"""

from __future__ import annotations

import copy
import json
import os
import resource
import subprocess
import sys

import pytest

from kg.build import build
from kg.store import Store
from similarity.encoders import load_encoder
from tests.conftest import ROOT
from tests.registry_server import FakeRegistry, serving

pytestmark = pytest.mark.slow

LIMIT_BYTES = 400 * 2**20
QUERY = "SELECT ?status (COUNT(*) AS ?n) { ?t tk:overallStatus ?status } GROUP BY ?status"
EVERYTHING = """
import sys
from pathlib import Path
from kg.store import Store
print(len(list(Store(Path(sys.argv[1])).published().read_graph())))
"""
PAGES = """
import sys
from pathlib import Path
from kg.store import Store
from web.app import create_app
client = create_app(Store(Path(sys.argv[1])), query_workers=1).test_client()
for path in sys.argv[2:]:
    answer = client.get(path, headers={"Accept": "text/html"})
    print(answer.status_code, path)
    assert answer.status_code == 200, answer.get_data(as_text=True)
"""


def limited(*command: str) -> subprocess.CompletedProcess[str]:
    """Run Python in a process that may not hold more than the limit."""
    return subprocess.run(
        [sys.executable, *command],
        cwd=ROOT,
        env=os.environ | {"OPENBLAS_NUM_THREADS": "1"},  # each thread would take a buffer
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_DATA, (LIMIT_BYTES, LIMIT_BYTES)),
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    store = Store(tmp_path_factory.mktemp("memory") / "store")
    build(store, [ROOT / "data/msc_trials.ndjson.gz"], load_encoder("trialkin"))
    return store


def test_the_whole_graph_would_not_fit(store: Store) -> None:
    assert limited("-c", EVERYTHING, str(store.path)).returncode != 0


@pytest.mark.parametrize(
    "command",
    [
        ["related", "NCT04356287"],
        ["related", "NCT04356287", "--country", "Spain", "-k", "50"],
        ["show", "NCT04356287"],
        ["search", "systemic sclerosis"],
        ["sparql", QUERY],
        ["graph", "neighbourhood", "NCT04356287"],
        ["validate"],
    ],
    ids=" ".join,
)
def test_a_command_reads_no_more_than_it_shows(store: Store, command: list[str]) -> None:
    done = limited("trialkin.py", *command, "--store", str(store.path))
    assert done.returncode == 0, done.stderr
    assert done.stdout


def test_pages_are_made_of_what_they_show(store: Store) -> None:
    paths = ["/", "/trial/NCT04356287", "/trial/NCT04356287/kin", "/search?q=lupus", "/concept/"]
    done = limited("-c", PAGES, str(store.path), *paths)
    assert done.returncode == 0, done.stderr
    assert len(done.stdout.splitlines()) == len(paths)


def test_a_refresh_holds_what_changed(store: Store) -> None:
    registry = FakeRegistry()
    registry.load(ROOT / "data/msc_trials.ndjson.gz")
    for record in [*registry.records.values()][:20]:
        changed = copy.deepcopy(record)
        protocol = changed["protocolSection"]
        protocol["identificationModule"]["briefTitle"] += " (amended)"
        protocol["statusModule"]["lastUpdatePostDateStruct"] = {"date": "2026-11-01"}
        registry.put(changed)
    with serving(registry) as url:
        done = limited(
            "trialkin.py", "refresh", "--registry", url, "--store", str(store.path),
            "--everything", "--since", "2026-10-31", "--format", "json",
        )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["counts"]["changed_trials"] == 20
