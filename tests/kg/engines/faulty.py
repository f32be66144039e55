"""A server that answers as it is told to, and notes what it was asked; and one between others."""

from __future__ import annotations

import json
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs

Answer = Callable[["Handler"], None]


@dataclass
class FaultyServer:
    """What it answers next, and what it was asked.

    Attributes
    ----------
    url : str
    answers : list of callable
        Each writes one answer; the last one all further ones.
    asked : list of dict
        The parameters of each request, first values only.
    authorizations : list of str
    hung_up : threading.Event
        Set once a client has closed its connection while it waited.
    """

    url: str = ""
    answers: list[Answer] = field(default_factory=list)
    asked: list[dict[str, str]] = field(default_factory=list)
    authorizations: list[str] = field(default_factory=list)
    hung_up: threading.Event = field(default_factory=threading.Event)
    ended: threading.Event = field(default_factory=threading.Event)


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    faulty: FaultyServer

    def do_POST(self) -> None:
        self._answer()

    def do_GET(self) -> None:
        self._answer()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        pass

    def send(self, body: bytes, *, status: int = 200, **headers: str) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        if "Content_Length" not in headers:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def wait_for_the_end(self) -> None:
        """Wait until the client has gone, or the test is over."""
        self.connection.settimeout(0.05)
        while not self.faulty.ended.is_set():
            with suppress(TimeoutError):
                if not self.connection.recv(1):
                    self.faulty.hung_up.set()
                    break
        self.close_connection = True

    def _answer(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", "0"))).decode()
        asked = {name: values[0] for name, values in parse_qs(body).items()}
        faulty = self.faulty
        faulty.asked.append(asked)
        faulty.authorizations.append(self.headers.get("Authorization", ""))
        answer = faulty.answers.pop(0) if len(faulty.answers) > 1 else faulty.answers[0]
        with suppress(BrokenPipeError, ConnectionResetError):
            answer(self)


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64


@contextmanager
def faulty_server(*answers: Answer, tls: ssl.SSLContext | None = None) -> Iterator[FaultyServer]:
    """Serve answers on a free port of 127.0.0.1."""
    faulty = FaultyServer(answers=list(answers))
    handler = type("BoundHandler", (Handler,), {"faulty": faulty})
    server = _Server(("127.0.0.1", 0), handler)
    faulty.url = f"http://127.0.0.1:{server.server_address[1]}?kind=oxigraph"
    if tls is not None:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
        faulty.url = faulty.url.replace("http:", "https:")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield faulty
    finally:
        faulty.ended.set()
        server.shutdown()
        server.server_close()
        thread.join()


def says(body: object, status: int = 200, **headers: str) -> Answer:
    """Answer with JSON, or with bytes as they are."""
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    headers.setdefault("Content_Type", "application/sparql-results+json")
    return lambda handler: handler.send(raw, status=status, **headers)


def rows(*values: dict[str, str]) -> dict[str, object]:
    """Return rows of plain literals as JSON has them."""
    bindings = [{n: {"type": "literal", "value": v} for n, v in row.items()} for row in values]
    return {"head": {"vars": ["n"]}, "results": {"bindings": bindings}}


def silent(handler: Handler) -> None:
    """Say nothing for as long as the client waits."""
    handler.wait_for_the_end()


def dripping(handler: Handler) -> None:
    """Begin an answer, and go on for ever, a little at a time."""
    handler.send_response(200)
    handler.send_header("Content-Length", "1000000")
    handler.end_headers()
    while not handler.faulty.ended.is_set():
        handler.wfile.write(b" ")
        time.sleep(0.05)


def breaking_off(handler: Handler) -> None:
    """Promise more than comes."""
    handler.send(b'{"head": {', Content_Length="500")
    handler.close_connection = True
    handler.connection.shutdown(socket.SHUT_RDWR)
