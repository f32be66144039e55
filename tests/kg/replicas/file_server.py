"""A file server on the loopback: gives parts of files or not, and has faults on demand."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import NamedTuple


class Asked(NamedTuple):
    """A request: path without its slash, `Range`, and bytes of the body that was sent."""

    path: str
    range: str | None
    sent: int


@dataclass
class Answer:
    """What is to be sent; a fault changes it.

    `length` goes into the header as it is; None leaves the header out. After `breaks_after` bytes
    of the body the connection is closed.
    """

    status: int
    body: bytes
    headers: dict[str, str] = field(default_factory=dict)
    length: str | None = ""
    breaks_after: int | None = None


Fault = Callable[[str, int, Answer], None]
"""Is given the path, how often it was asked for before, and the answer to change."""


@dataclass
class FileServer:
    """Serves a folder.

    Attributes
    ----------
    folder : Path
    gives_parts : bool
        Whether it heeds `Range`.
    fault : callable, optional
    asked : list of Asked
    """

    folder: Path
    gives_parts: bool = True
    fault: Fault | None = None
    asked: list[Asked] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def answer(self, path: str, range_: str | None) -> Answer:
        file = self.folder / path
        try:
            whole = file.read_bytes()
        except OSError:
            found = Answer(404, b"There is no such file.")
        else:
            found = self._part(whole, range_)
        with self.lock:
            before = sum(one.path == path for one in self.asked)
            self.asked.append(Asked(path, range_, 0))
            at = len(self.asked) - 1
        if self.fault is not None:
            self.fault(path, before, found)
        sent = len(found.body) if found.breaks_after is None else found.breaks_after
        self.asked[at] = Asked(path, range_, sent)
        return found

    def _part(self, whole: bytes, range_: str | None) -> Answer:
        match = re.fullmatch(r"bytes=(\d+)-(\d+)", range_ or "")
        if match is None or not self.gives_parts:
            return Answer(200, whole)
        start, last = int(match[1]), int(match[2])
        if start >= len(whole):
            return Answer(416, b"")
        part = whole[start : last + 1]
        about = f"bytes {start}-{start + len(part) - 1}/{len(whole)}"
        return Answer(206, part, {"Content-Range": about})

    def sent(self, path: str = "") -> int:
        """Bytes that were sent of files whose path has this in it."""
        return sum(one.sent for one in self.asked if path in one.path)


@contextmanager
def serving(server: FileServer) -> Iterator[str]:
    """Serve; gives the address of the folder."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            answer = server.answer(self.path.lstrip("/"), self.headers.get("Range"))
            self.send_response(answer.status)
            for name, value in answer.headers.items():
                self.send_header(name, value)
            if answer.length is None:
                self.send_header("Connection", "close")
                self.close_connection = True
            else:
                self.send_header("Content-Length", answer.length or str(len(answer.body)))
            self.end_headers()
            with suppress(OSError):  # a client that has seen enough
                self.wfile.write(answer.body[: answer.breaks_after])
            if answer.breaks_after is not None or answer.length:
                self.close_connection = True

        def log_message(self, *args: object) -> None:
            """Say nothing."""

        def handle(self) -> None:
            with suppress(OSError):
                super().handle()

    http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield f"http://127.0.0.1:{http.server_port}"
    finally:
        http.shutdown()
        thread.join()
        http.server_close()
