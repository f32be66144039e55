"""A real server with limits of a test's own, in a process of its own, and raw requests to it."""

from __future__ import annotations

import contextlib
import json
import os
import re
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

from kg.store import Store

ROOT = Path(__file__).resolve().parents[2]
_CODE = """
import json, signal, sys
from pathlib import Path
from kg.sparql.limits import QueryLimits
from kg.store import Store
from web.app import create_app
from web.http_server import HttpServer
from web.served import EXTENSION
options = json.loads(sys.argv[2])
app = create_app(Store(Path(sys.argv[1])), query_workers=options.pop("workers", 2),
                 limits=QueryLimits(**options))
server = HttpServer(app, host="127.0.0.1", port=0, threads=64)
signal.signal(signal.SIGTERM, lambda number, frame: server.stop())
app.extensions[EXTENSION].current().queries.warm()
print(server.addresses[0][1], flush=True)
server.run()
server.close()
app.extensions[EXTENSION].close()
"""


@contextmanager
def endpoint(store: Store, **options: float) -> Iterator[int]:
    """Serve a store with ``workers`` and limits of `QueryLimits`; gives the port."""
    process = subprocess.Popen(
        [sys.executable, "-c", _CODE, str(store.path), json.dumps(options)],
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert process.stdout is not None
    with process.stdout:
        try:
            yield int(process.stdout.readline())
        finally:
            process.terminate()
            process.wait(timeout=40)


def raw(port: int, request: bytes, *, source: str = "127.0.0.1", timeout: float = 60) -> bytes:
    """Send bytes from an address of the loopback and return all that comes back."""
    with socket.create_connection(
        ("127.0.0.1", port), timeout=timeout, source_address=(source, 0)
    ) as connection:
        with contextlib.suppress(OSError):  # refused while sending
            connection.sendall(request)
        received = b""
        with contextlib.suppress(ConnectionResetError):
            while part := connection.recv(1 << 16):
                received += part
        return received


def asking(query: str, *headers: str) -> bytes:
    """Return a request for a query as bytes."""
    lines = [f"GET /sparql?query={quote(query)} HTTP/1.1", "Host: localhost", "Connection: close"]
    return "\r\n".join([*lines, *headers, "", ""]).encode("utf-8", "surrogateescape")


def posting(body: bytes, content_type: str, *headers: str) -> bytes:
    """Return a request with a body as bytes."""
    lines = ["POST /sparql HTTP/1.1", "Host: localhost", "Connection: close",
             f"Content-Type: {content_type}", f"Content-Length: {len(body)}"]  # fmt: skip
    return "\r\n".join([*lines, *headers, "", ""]).encode() + body


def plain(target: str, method: str = "GET", host: str = "x") -> bytes:
    """Return a request without a body as bytes, its target as it stands."""
    return f"{method} {target} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode()


def status_of(received: bytes) -> int:
    """Return the status of an answer, 0 for a closed connection."""
    found = re.match(rb"HTTP/1\.[01] (\d{3})", received)
    return int(found[1]) if found else 0
