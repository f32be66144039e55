"""How fast the HTTP API and linked data answer, over a real store.

``TRIALKIN_BENCH_STORE`` names the store (of the MSC trials, say); without it one is built from
``data/``. Run by ``make bench``; prints a line of JSON with the median, the 95th percentile and the
processor time of every address, and the median of asking again with its tag.
"""

from __future__ import annotations

import json
import os
import statistics
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest
from flask import Flask

from kg.store import Store
from tests.conftest import ROOT
from web.api.openapi import API_BASE
from web.api.routes import example_paths
from web.app import create_app
from web.http_server import HttpServer
from web.served import EXTENSION, ServedStore

pytestmark = pytest.mark.bench

ROUNDS = 30
MOST_MS = 50.0
"""What the median of an answer may take."""
TEXT = (
    "Umbilical cord mesenchymal stromal cells in systemic sclerosis\n"
    "Two intravenous infusions of allogeneic cells in adults with diffuse cutaneous disease."
)
ADDRESSES = {
    "search of all words": f"{API_BASE}/search?q=stem+cells+in+patients",
    "trials with facets": f"{API_BASE}/trials?facets=true&page_size=100",
    "record": "/trial/NCT04356287.json",
    "turtle": "/trial/NCT04356287.ttl",
    "fhir": "/trial/NCT04356287.fhir.json",
    "openapi": f"{API_BASE}/openapi.json",
}


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    named = os.environ.get("TRIALKIN_BENCH_STORE")
    if named:
        store = Store(Path(named))
    else:
        from kg.build import build
        from similarity.encoders import load_encoder

        store = Store(tmp_path_factory.mktemp("bench") / "store")
        build(store, [ROOT / "data/msc_trials.ndjson.gz"], load_encoder("trialkin"))
    app = create_app(store, query_workers=1)
    held: ServedStore = app.extensions[EXTENSION]
    held.current().warm()
    yield app
    held.close()


@pytest.fixture(scope="module")
def url(app: Flask) -> Iterator[str]:
    server = HttpServer(app, host="127.0.0.1", port=0, threads=4)
    thread = threading.Thread(target=server.run)
    thread.start()
    yield f"http://127.0.0.1:{server.addresses[0][1]}"
    server.stop()
    thread.join()
    server.close()


def timed(ask: Callable[[], httpx.Response], status: int) -> dict[str, float]:
    """Return median, 95th percentile and processor time (client's too), after one warm round."""
    assert ask().status_code == status
    seconds: list[float] = []
    used = time.process_time()
    for _ in range(ROUNDS):
        started = time.perf_counter()
        ask()
        seconds.append(time.perf_counter() - started)
    used = time.process_time() - used
    seconds.sort()
    return {
        "cpu_ms": round(1000 * used / ROUNDS, 2),
        "median_ms": round(1000 * statistics.median(seconds), 2),
        "p95_ms": round(1000 * seconds[int(0.95 * ROUNDS)], 2),
    }


def test_every_answer_is_quick(app: Flask, url: str) -> None:
    found: dict[str, dict[str, float]] = {}
    held: ServedStore = app.extensions[EXTENSION]
    addresses = example_paths(held.current()) | ADDRESSES
    with httpx.Client(base_url=url, timeout=60, trust_env=False) as http:
        for name, path in addresses.items():
            found[name] = timed(lambda path=path: http.get(path), 200)  # type: ignore[misc]
            tag = {"If-None-Match": http.get(path).headers["ETag"]}
            again = timed(lambda path=path, tag=tag: http.get(path, headers=tag), 304)  # type: ignore[misc]
            found[name]["unchanged_median_ms"] = again["median_ms"]
        body = {"text": TEXT, "k": 10}
        found["kin_of_text"] = timed(lambda: http.post(f"{API_BASE}/kin", json=body), 200)
    print("\n" + json.dumps({"api": found, "rounds": ROUNDS, "cores": os.cpu_count()}))
    slow = {name: one["median_ms"] for name, one in found.items() if one["median_ms"] >= MOST_MS}
    assert not slow
