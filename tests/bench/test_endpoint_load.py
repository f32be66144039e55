"""Many clients at once, while generations change, and beside ``oxigraph serve``.

`TRIALKIN_LOAD_SECONDS` says for how long (20 by default, 600 for the whole measurement), and
`TRIALKIN_OXIGRAPH` where the program ``oxigraph`` (PyPI package of that name) is, if it is to
be measured too.
"""

from __future__ import annotations

import json
import os
import shutil
import socket
import statistics
import subprocess
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import quote

import pytest

from kg.build import build
from kg.generation import MANIFEST_FILE
from kg.store import Store
from ontology.vocabulary import PREFIXES
from tests.conftest import ROOT, WordEncoder
from tests.web.endpoint import asking, endpoint, raw

pytestmark = pytest.mark.bench

SECONDS = float(os.environ.get("TRIALKIN_LOAD_SECONDS", "20"))
CLIENTS = 50
TRIAL = "<https://clinicaltrials.gov/study/NCT04356287>"
QUERIES = [
    f"SELECT ?p ?o {{ {TRIAL} ?p ?o }}",
    f"SELECT ?t ?s {{ ?l tk:from {TRIAL} ; tk:to ?k ; tk:score ?s . ?k tk:briefTitle ?t }}",
    f"SELECT DISTINCT ?o {{ {TRIAL} tk:condition ?c . ?o tk:condition ?c ; tk:briefTitle ?t }}",
    "SELECT ?c (COUNT(?t) AS ?n) { ?t tk:condition ?c } GROUP BY ?c ORDER BY DESC(?n) LIMIT 10",
    (
        "SELECT ?o { ?c skos:broader* <https://w3id.org/trialkin/concept/conditions/"
        "autoimmune_disease> . ?o tk:condition ?c } LIMIT 100"
    ),
    f"ASK {{ {TRIAL} tk:kin ?k }}",
]
GENERATION = "SELECT ?n { <urn:generation> <urn:number> ?n }"


@dataclass
class Tally:
    """What clients got."""

    statuses: Counter[int] = field(default_factory=Counter)
    seconds: list[float] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def line(self, name: str, taken: float) -> str:
        """Return the figures in a line."""
        ordered = sorted(self.seconds)
        return (
            f"{name}: {len(ordered) / taken:.0f} queries/s, median "
            f"{1000 * statistics.median(ordered):.1f} ms, 95 % under "
            f"{1000 * ordered[int(0.95 * len(ordered))]:.1f} ms, statuses {dict(self.statuses)}"
        )


@pytest.fixture(scope="module")
def msc(tmp_path_factory: pytest.TempPathFactory, word_encoder: WordEncoder) -> Store:
    """A store of the MSC trials of our own, as generations are added to it."""
    folder = tmp_path_factory.mktemp("load") / "store"
    ready = os.environ.get("TRIALKIN_LOAD_STORE")
    if ready:
        shutil.copytree(ready, folder)
    else:
        build(Store(folder), [ROOT / "data/msc_trials.ndjson.gz"], word_encoder)
    return Store(folder)


def publish_again(store: Store, change: Callable[[Path], None] | None = None) -> int:
    """Publish the same records as another generation, and return its number."""
    current = store.path / "generations" / str(store.published_number())
    with store.lock(), store.next_generation() as folder:
        shutil.copytree(current, folder, dirs_exist_ok=True)
        manifest = json.loads((folder / MANIFEST_FILE).read_bytes())
        manifest["generation"] = number = max(store.generation_numbers()) + 1
        (folder / MANIFEST_FILE).write_text(json.dumps(manifest), "utf-8")
        if change is not None:
            change(folder)
    return number


def mark(folder: Path, number: int) -> None:
    """Write a generation's number into its graph, so that answers can be told apart."""
    import pyoxigraph as ox

    graph = ox.Store(str(folder / "graph"))
    graph.update("DELETE WHERE { GRAPH <urn:mark> { ?s ?p ?o } }")
    graph.update(f"INSERT DATA {{ GRAPH <urn:mark> {{ <urn:generation> <urn:number> {number} }} }}")
    graph.flush()
    del graph


def load(port: int, path: str, seconds: float, queries: list[str], *, own_address: bool) -> Tally:
    """Ask from many clients, each on a connection and, if told, an address of its own."""
    tally, end = Tally(), time.monotonic() + seconds

    def client(number: int) -> None:
        source = (f"127.0.1.{number + 1}", 0) if own_address else None
        connection = HTTPConnection("127.0.0.1", port, timeout=60, source_address=source)
        place = number
        while time.monotonic() < end:
            query = queries[place % len(queries)]
            place += 1
            started = time.monotonic()
            connection.request(
                "GET", f"{path}?query={quote(query)}",
                headers={"Accept": "application/sparql-results+json"},
            )  # fmt: skip
            response = connection.getresponse()
            body = response.read()
            taken = time.monotonic() - started
            with tally.lock:
                tally.statuses[response.status] += 1
                tally.seconds.append(taken)
                if response.status == 200 and query == GENERATION:
                    rows = json.loads(body)["results"]["bindings"]
                    found = [row["n"]["value"] for row in rows]
                    if found != [response.headers["TrialKin-Generation"]]:
                        tally.wrong.append(f"{found} in {response.headers['TrialKin-Generation']}")
                elif response.status >= 400 and "Retry-After" not in response.headers:
                    tally.wrong.append(f"{response.status} {body[:200]!r}")
        connection.close()

    threads = [threading.Thread(target=client, args=(number,)) for number in range(CLIENTS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return tally


def test_fifty_clients_during_two_flips(msc: Store) -> None:
    publish_again(msc, lambda folder: mark(folder, int(folder.name.rpartition("-")[2])))
    with endpoint(msc, workers=2) as port:
        done = Tally()

        def ask() -> None:
            nonlocal done
            done = load(port, "/sparql", SECONDS, [*QUERIES, GENERATION], own_address=True)

        thread = threading.Thread(target=ask)
        started = time.monotonic()
        thread.start()
        for _ in range(2):
            time.sleep(SECONDS / 3)
            publish_again(msc, lambda folder: mark(folder, int(folder.name.rpartition("-")[2])))
        thread.join()
        print("\n" + done.line(f"{CLIENTS} clients, 2 flips", time.monotonic() - started), end="")
        served = json.loads(raw(port, asking(GENERATION)).partition(b"\r\n\r\n")[2])
    assert served["results"]["bindings"][0]["n"]["value"] == str(msc.published_number())
    assert done.wrong == []
    assert set(done.statuses) <= {200, 503}
    assert done.statuses[503] < 0.05 * done.statuses[200]


def test_a_well_behaved_client_beside_a_hostile_one(msc: Store) -> None:
    bomb = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"

    def timed(port: int, count: int) -> list[float]:
        taken = []
        for place in range(count):
            started = time.monotonic()
            answer = raw(port, asking(QUERIES[place % 3]), source="127.0.0.5")
            assert answer.startswith(b"HTTP/1.1 200"), answer[:300]
            taken.append(time.monotonic() - started)
            time.sleep(0.02)
        return taken

    with endpoint(msc, workers=2, deadline_s=5.0) as port:
        timed(port, 12)
        idle = statistics.median(timed(port, 60))
        ended = threading.Event()

        def attack() -> None:
            while not ended.is_set():
                raw(port, asking(bomb), source="127.0.0.66")

        threads = [threading.Thread(target=attack) for _ in range(8)]
        for thread in threads:
            thread.start()
        time.sleep(1)
        beside = statistics.median(timed(port, 60))
        ended.set()
        for thread in threads:
            thread.join()
    print(f"\nmedian alone {1000 * idle:.1f} ms, beside bombs {1000 * beside:.1f} ms", end="")
    assert beside <= 2 * idle


def test_throughput_beside_oxigraph_serve(msc: Store) -> None:
    prologue = "".join(f"PREFIX {name}: <{base}> " for name, base in PREFIXES.items())
    queries = [prologue + query for query in QUERIES]
    seconds = min(SECONDS, 20)
    with endpoint(msc, workers=2, workers_per_client=2) as port:
        load(port, "/sparql", 3, queries, own_address=True)
        ours = load(port, "/sparql", seconds, queries, own_address=True)
    print("\n" + ours.line("trialkin", seconds), end="")
    assert set(ours.statuses) == {200}
    program = os.environ.get("TRIALKIN_OXIGRAPH") or shutil.which("oxigraph")
    if program is None:
        pytest.skip("TRIALKIN_OXIGRAPH is not set: no peer to measure")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    peer = subprocess.Popen(
        [program, "serve-read-only", "--location", str(msc.published().graph_path),
         "--bind", f"127.0.0.1:{port}", "--union-default-graph"],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        _wait_for(port)
        load(port, "/query", 3, queries, own_address=False)
        theirs = load(port, "/query", seconds, queries, own_address=False)
    finally:
        peer.terminate()
        peer.wait(timeout=20)
    print("\n" + theirs.line("oxigraph serve", seconds), end="")
    assert set(theirs.statuses) == {200}


def _wait_for(port: int) -> None:
    end = time.monotonic() + 30
    while time.monotonic() < end:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            time.sleep(0.1)
    raise AssertionError("the peer did not start")
