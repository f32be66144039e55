"""A reverse proxy as one puts before replicas: in turn, and on to the next if one is gone."""

from __future__ import annotations

import http.client
import itertools
import threading
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

_HOP = {"connection", "keep-alive", "transfer-encoding", "date", "server"}


@dataclass
class Proxy:
    """What the proxy did: answers by port, and requests that had to go to another one."""

    ports: Sequence[int]
    answered: Counter[int] = field(default_factory=Counter)
    retried: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)


@contextmanager
def proxying(ports: Sequence[int]) -> Iterator[tuple[str, Proxy]]:
    """Stand before servers of this machine; gives the address and what was done."""
    state, turns = Proxy(ports), itertools.count()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            self._pass_on(tries=len(ports))

        def do_POST(self) -> None:
            self._pass_on(tries=1)  # it need not be idempotent

        def _pass_on(self, tries: int) -> None:
            turn = next(turns)
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            for at in range(tries):
                port = ports[(turn + at) % len(ports)]
                try:
                    answer, content = self._ask(port, body)
                except (OSError, http.client.HTTPException):
                    with state.lock:
                        state.retried += 1
                    continue
                with state.lock:
                    state.answered[port] += 1
                self._send(answer.status, answer.getheaders(), content)
                return
            self._send(502, [], b"No server answers.")

        def _ask(self, port: int, body: bytes) -> tuple[http.client.HTTPResponse, bytes]:
            upstream = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
            try:
                headers = {n: v for n, v in self.headers.items() if n.lower() not in _HOP}
                upstream.request(self.command, self.path, body, headers)
                answer = upstream.getresponse()
                return answer, answer.read()
            finally:
                upstream.close()

        def _send(self, status: int, headers: list[tuple[str, str]], content: bytes) -> None:
            self.send_response(status)
            for name, value in headers:
                if name.lower() not in _HOP | {"content-length"}:
                    self.send_header(name, value)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            with suppress(OSError):
                self.wfile.write(content)

        def log_message(self, *args: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", state
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
