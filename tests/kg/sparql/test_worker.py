"""The worker process itself: offline, read-only, and able to write every kind of term."""

from __future__ import annotations

import json
import platform
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pyoxigraph as ox
import pytest

from kg.sparql import isolation
from kg.sparql.worker import Answering
from kg.store import Store


def request(query: str, **changed: Any) -> dict[str, Any]:
    return {
        "query": query,
        "select_format": "json",
        "graph_format": "turtle",
        "default_graphs": [],
        "named_graphs": [],
        "max_rows": 10,
        "max_bytes": 10_000,
        "deadline_s": 30.0,
    } | changed


def start(store: Store) -> subprocess.Popen[bytes]:
    graph = str(store.published().graph_path)
    return subprocess.Popen(
        [sys.executable, "-m", "kg.sparql.worker", graph, "2000000000"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )


@pytest.mark.parametrize("silent", ["", "SILENT "])
def test_a_service_that_slips_past_the_policy_finds_no_network(
    tiny_store: Store, silent: str
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(1.0)
        address = f"http://127.0.0.1:{server.getsockname()[1]}/"
        worker = start(tiny_store)
        asked = request(f"SELECT * {{ SERVICE {silent}<{address}> {{ ?s ?p ?o }} }}")
        out, _ = worker.communicate(json.dumps(asked).encode() + b"\n", timeout=60)
        ready, said = (json.loads(line) for line in out.splitlines()[:2])
        if not any(ready["guards"].values()):
            pytest.skip("this system gives a process neither a namespace nor a filter")
        assert said.get("error") == ("QueryError" if not silent else None)
        with pytest.raises(TimeoutError):
            server.accept()


_GIVEN_UP = """
import os, socket, sys
from kg.sparql.isolation import deny_system_calls
if not deny_system_calls():
    print("unfiltered")
for name, act in {
    "socket": lambda: socket.socket(),
    "write": lambda: open(sys.argv[1] + "/new", "w"),
    "append": lambda: open(__import__("kg").__file__, "a"),
    "remove": lambda: os.remove(sys.argv[1] + "/kept"),
    "rename": lambda: os.rename(sys.argv[1] + "/kept", sys.argv[1] + "/other"),
    "run": lambda: os.execv("/bin/true", ["true"]),
    "read": lambda: open(sys.argv[1] + "/kept").read(),
}.items():
    try:
        act()
    except PermissionError:
        continue
    print(name)
"""


def test_the_filter_leaves_nothing_but_reading(tmp_path: Path) -> None:
    if platform.machine() not in isolation._ARCHITECTURES:
        pytest.skip("no filter is written for this machine")
    (tmp_path / "kept").write_text("x")
    found = subprocess.run(
        [sys.executable, "-c", _GIVEN_UP, str(tmp_path)], capture_output=True, check=True, text=True
    )
    if "unfiltered" in found.stdout:
        pytest.skip("this system has no filter of system calls")
    assert found.stdout.split() == ["read"]
    assert [entry.name for entry in tmp_path.iterdir()] == ["kept"]


def test_a_worker_without_a_parent_ends_itself(tiny_store: Store) -> None:
    bomb = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }"
    worker = start(tiny_store)
    assert worker.stdin is not None
    assert worker.stdout is not None
    worker.stdout.readline()
    worker.stdin.write(json.dumps(request(bomb, deadline_s=0.2)).encode() + b"\n")
    worker.stdin.flush()
    started = time.monotonic()
    assert worker.wait(timeout=30) != 0
    assert time.monotonic() - started < 20
    worker.stdin.close()
    worker.stdout.close()


def test_triple_terms_are_written(tmp_path: Path) -> None:
    answering = Answering(ox.Store(), tmp_path)
    query = "SELECT (<<( <http://a> <http://b> 'c' )>> AS ?t) {}"
    _, body = answering.answer(request(query))
    term = json.loads(body)["results"]["bindings"][0]["t"]
    assert term["type"] == "triple"
    assert term["value"]["object"] == {"type": "literal", "value": "c"}
    _, body = answering.answer(request(query, select_format="xml"))
    assert b"<triple><subject><uri>http://a</uri>" in body
