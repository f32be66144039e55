"""A server in a process of its own: large bodies, slow readers, a graceful end, logs, metrics."""

from __future__ import annotations

import json
import os
import signal
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from kg.store import Store
from tests.web.records import FULL
from tests.web.running import Running, running

SLOW_QUERY = """SELECT (COUNT(*) AS ?n) WHERE {
  { SELECT ?a { ?a ?b ?c } LIMIT 2000 } { SELECT ?d { ?d ?e ?f } LIMIT 2000 } }"""


@pytest.fixture(scope="module")
def server(store: Store) -> Iterator[Running]:
    with running(store, threads=2) as found:
        yield found


@pytest.mark.parametrize("size", [1_000_000, 3_000_000, 20_000_000])
def test_a_large_body_is_refused_in_our_shape(server: Running, size: int) -> None:
    response = httpx.post(f"{server.url}/sparql", content=b"x" * size, timeout=20)
    assert response.status_code == 413
    assert response.headers["Content-Type"] == "application/problem+json"
    assert response.json()["status"] == 413
    assert "1,000,000" in response.json()["detail"]
    assert response.headers["X-Content-Type-Options"] == "nosniff"


def test_a_large_body_in_chunks_is_refused_too(server: Running) -> None:
    chunks = (b"x" * 100_000 for _ in range(40))
    response = httpx.post(f"{server.url}/sparql", content=chunks, timeout=20)
    assert response.status_code == 413
    assert response.json()["status"] == 413


@pytest.mark.parametrize(
    ("raw", "status"),
    [
        (b"GET / HTTP/1.1\r\nHost: x\r\nBroken header\r\n\r\n", 400),
        (b"POST /sparql HTTP/1.1\r\nHost: x\r\nContent-Length: -5\r\n\r\n", 400),
        (b"POST /sparql HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip\r\n\r\n", 501),
        (b"GET / HTTP/1.1\r\nHost: x\r\nA: " + b"a" * 300_000 + b"\r\n\r\n", 431),
        (b"GET / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n", 400),
    ],
)
def test_what_is_no_http_is_refused_in_our_shape(server: Running, raw: bytes, status: int) -> None:
    with socket.create_connection(("127.0.0.1", server.port), timeout=10) as wire:
        wire.sendall(raw)
        answer = b""
        while chunk := wire.recv(65_536):
            answer += chunk
    head, _, body = answer.partition(b"\r\n\r\n")
    assert head.split()[1] == str(status).encode()
    assert json.loads(body)["status"] == status


def test_slow_readers_do_not_hold_the_others(server: Running) -> None:
    asked = b"GET /api/v1/trials?page_size=200&facets=true HTTP/1.1\r\nHost: x\r\n\r\n"
    wires = []
    try:
        for _ in range(12):  # six times as many as there are threads
            wire = socket.create_connection(("127.0.0.1", server.port), timeout=10)
            wire.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1024)
            wire.sendall(asked * 20)  # and never read
            wires.append(wire)
        for _ in range(5):
            response = httpx.get(f"{server.url}/api/v1/trials/{FULL}", timeout=10)
            assert response.status_code == 200
    finally:
        for wire in wires:
            wire.close()


def test_metrics_count_requests_by_route(server: Running) -> None:
    for _ in range(3):
        httpx.get(f"{server.url}/api/v1/trials/{FULL}")
    httpx.get(f"{server.url}/no/such/place")
    found = {
        (sample.name, sample.labels.get("route"), sample.labels.get("status")): sample.value
        for family in text_string_to_metric_families(httpx.get(f"{server.url}/metrics").text)
        for sample in family.samples
    }
    route = "/api/v1/trials/<nct_id>"
    assert found["trialkin_requests_total", route, "200"] >= 3
    assert found["trialkin_requests_total", "other", "404"] == 1
    assert found["trialkin_request_seconds_count", route, None] >= 3
    assert found["trialkin_generation", None, None] == 1
    assert found["trialkin_generation_age_seconds", None, None] > 0
    assert found["trialkin_trials", None, None] == 51
    assert found["trialkin_requests_in_progress", None, None] == 1  # this one


def test_ready_names_the_generation(server: Running) -> None:
    response = httpx.get(f"{server.url}/ready")
    assert response.status_code == 200
    said = response.json()
    assert (said["ok"], said["generation"], said["trials"], said["wrong"]) == (True, 1, 51, [])
    assert httpx.get(f"{server.url}/health").json()["ok"] is True


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_answers_that_were_begun_are_ended(store: Store, number: int) -> None:
    answers: list[int] = []
    with running(store, threads=2) as server:
        query = {"query": SLOW_QUERY}
        asker = threading.Thread(
            target=lambda: answers.append(
                httpx.get(f"{server.url}/sparql", params=query, timeout=30).status_code
            )
        )
        asker.start()
        wait_for_worker(server.process.pid)
        said = server.stop(number)
        asker.join()
        assert said.endswith("Stopped.\n")
        assert server.process.returncode == 0
    assert answers == [200]
    with pytest.raises(httpx.ConnectError):
        httpx.get(f"{server.url}/health")


def wait_for_worker(pid: int) -> None:
    """Wait until a server's query worker is at work: it has used the processor for a moment."""
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        for child in children_of(pid):
            try:
                fields = Path(f"/proc/{child}/stat").read_text().rpartition(")")[2].split()
            except FileNotFoundError:
                continue
            if int(fields[11]) > 0.3 * os.sysconf("SC_CLK_TCK"):
                return
        time.sleep(0.02)
    raise AssertionError("no query worker is at work")


def children_of(pid: int) -> list[int]:
    """Return the processes that a process has started."""
    found = []
    for task in os.listdir(f"/proc/{pid}/task"):
        with suppress(FileNotFoundError, ProcessLookupError):  # a thread that has ended since
            children = Path(f"/proc/{pid}/task/{task}/children").read_text("ascii")
            found += [int(one) for one in children.split()]
    return found


def test_no_process_is_left(store: Store) -> None:
    with running(store) as server:
        httpx.get(f"{server.url}/sparql", params={"query": "ASK {}"}, timeout=30)
        workers = children_of(server.process.pid)
        assert workers
    for pid in workers:
        assert not os.path.exists(f"/proc/{pid}")


def test_log_lines_are_json_with_the_id_of_their_request(store: Store) -> None:
    with running(store, access_log=True, log_format="json") as server:
        mine = httpx.get(f"{server.url}/api/v1/status?x=1", headers={"X-Request-ID": "abc-1"})
        assert mine.status_code == 400
        assert mine.headers["X-Request-ID"] == "abc-1"
        odd = httpx.get(f"{server.url}/health", headers={"X-Request-ID": "a b;{}"})
        said = server.stop()
    lines = [json.loads(line) for line in said.splitlines() if line.startswith("{")]
    by_path = {line["path"]: line for line in lines if line["logger"] == "web.access"}
    line = by_path["/api/v1/status?x=1"]
    assert (line["request_id"], line["status"], line["method"]) == ("abc-1", 400, "GET")
    assert line["seconds"] > 0
    assert by_path["/health"]["request_id"] == odd.headers["X-Request-ID"] != "a b;{}"


def test_without_an_access_log_nothing_is_said(store: Store) -> None:
    with running(store) as server:
        httpx.get(f"{server.url}/health")
        assert server.stop() == "Stopped.\n"
