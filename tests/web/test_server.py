"""`run_server` in a process of its own: it says where it listens, and stops when told."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest

from kg.store import Store

ROOT = Path(__file__).resolve().parents[2]
CODE = (
    "import sys; from pathlib import Path; from kg.store import Store;"
    "from web.server import run_server;"
    "run_server(Store(Path(sys.argv[1])), host=sys.argv[2], port=int(sys.argv[3]), query_workers=1)"
)


def start(store: Store, host: str, port: int) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", CODE, str(store.path), host, str(port)],
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_the_address_is_printed_and_a_signal_stops_it(store: Store, number: int) -> None:
    process = start(store, "127.0.0.1", 0)
    assert process.stderr is not None
    with process.stderr:
        line = process.stderr.readline()
        found = re.fullmatch(r"Serving on (http://127\.0\.0\.1:\d+/) \(stop with Ctrl-C\)\n", line)
        assert found is not None, line
        with urllib.request.urlopen(f"{found[1]}health", timeout=20) as answer:
            assert answer.status == 200
            assert "Server" not in answer.headers or "waitress" not in answer.headers["Server"]
        query = urllib.request.Request(
            f"{found[1]}sparql",
            data=b"ASK {}",
            headers={"Content-Type": "application/sparql-query"},
        )
        with urllib.request.urlopen(query, timeout=20) as answer:
            assert b"true" in answer.read()
        process.send_signal(number)
        assert process.stderr.read() == "Stopped.\n"
    assert process.wait(timeout=20) == 0


def test_a_taken_port_is_said(store: Store) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        process = start(store, "127.0.0.1", taken.getsockname()[1])
        _, said = process.communicate(timeout=30)
    assert process.returncode == 1
    assert "Cannot listen on 127.0.0.1 port" in said
