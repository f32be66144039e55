"""A registry on the loopback: API v2 as its OpenAPI description says, with faults on demand.

It serves records from memory, pages them with opaque tokens that belong to one state of its
data, answers errors in plain text, and sends one on from an old id to a new one.
"""

from __future__ import annotations

import base64
import gzip
import json
import random
import re
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from werkzeug.serving import WSGIRequestHandler, make_server
from werkzeug.wrappers import Request, Response

Record = dict[str, Any]
FAULTS = ("429", "500", "timeout", "reset", "truncated", "html", "packed")
_RANGE = re.compile(r"AREA\[LastUpdatePostDate\]RANGE\[(\d{4}-\d\d-\d\d),MAX\]")
_ID = re.compile(r"[Nn][Cc][Tt]0*([1-9]\d{0,7})")


def nct_id_of(record: Record) -> str:
    return str(record["protocolSection"]["identificationModule"]["nctId"])


def updated_of(record: Record) -> str:
    status = record["protocolSection"].get("statusModule", {})
    return str(status.get("lastUpdatePostDateStruct", {}).get("date", ""))


@dataclass
class FakeRegistry:
    """The registry's data and manners; change them while it serves.

    `faults` of `FAULTS` befall a share of the requests, `fault_share`, by the seeded `chance`.
    `before` is called with each request before it is answered.
    """

    records: dict[str, Record] = field(default_factory=dict)
    moved: dict[str, str] = field(default_factory=dict)
    data_timestamp: str = "2026-11-20T09:00:06"
    page_size_limit: int = 1000
    faults: tuple[str, ...] = ()
    fault_share: float = 0.0
    retry_after: str | None = None
    timeout_seconds: float = 1.0
    repeat_pages: bool = False
    swap_pages: bool = False
    expire_tokens: int = 0
    false_next_page: bool = True
    endless: bool = False
    counts: bool = True
    requests: list[str] = field(default_factory=list)
    before: Callable[[Request], None] | None = None
    chance: random.Random = field(default_factory=lambda: random.Random(0))
    lock: threading.Lock = field(default_factory=threading.Lock)

    def put(self, *records: Record) -> None:
        for record in records:
            self.records[nct_id_of(record)] = record

    def load(self, *paths: Path) -> None:
        for path in paths:
            opened = gzip.open if path.suffix == ".gz" else open
            with opened(path, "rt", encoding="utf-8") as file:
                self.put(*map(json.loads, file))

    # Answers ----------------------------------------------------------------------------------

    def answer(self, request: Request) -> Response:
        with self.lock:
            self.requests.append(request.full_path.rstrip("?"))
            if self.before is not None:
                self.before(request)
            path = request.path.removeprefix("/api/v2")
            if path == "/version":
                return _json({"apiVersion": "2.0.5", "dataTimestamp": self.data_timestamp})
            if path == "/studies":
                return self._page(request)
            if path.startswith("/studies/"):
                return self._study(path.removeprefix("/studies/"))
            return _text("Not found", 404)

    def _study(self, asked: str) -> Response:
        found = _ID.fullmatch(asked)
        if found is None:
            return _text("Incorrect NCT number format", 400)
        nct_id = f"NCT{int(found[1]):08d}"
        if nct_id in self.moved:
            response = _text("Moved", 301)
            response.headers["Location"] = f"/api/v2/studies/{self.moved[nct_id]}"
            return response
        record = self.records.get(nct_id)
        return _text("NCT number not found", 404) if record is None else _json(record)

    def _page(self, request: Request) -> Response:
        try:
            found = list(self._matching(request))
            size = min(int(request.args.get("pageSize") or 10) or 10, self.page_size_limit)
            start = self._start(request.args.get("pageToken"), request)
        except ValueError as error:
            return _text(str(error), 400)
        page = found[start : start + size]
        answer: dict[str, Any] = {"studies": page}
        end = start + size
        # As the real one does: a page that is just full has a next one, though it is empty.
        has_next = end < len(found) or (self.false_next_page and end == len(found))
        if has_next or self.endless:
            answer["nextPageToken"] = self._token(end, request)
        if start == 0 and request.args.get("countTotal") == "true" and self.counts:
            answer["totalCount"] = len(found)
        if self.repeat_pages and start and self.chance.random() < 0.5:
            answer["studies"] = found[start - size : start] + page
        if self.swap_pages:
            answer["studies"] = answer["studies"][::-1]
        return _json(answer)

    def _matching(self, request: Request) -> Iterator[Record]:
        args = request.args
        since = None
        if (advanced := args.get("filter.advanced")) is not None:
            window = _RANGE.fullmatch(advanced)
            if window is None:
                raise ValueError("Error parsing query in filter.advanced: no viable alternative")
            since = window[1]
        ids = None
        if (listed := args.get("filter.ids")) is not None:
            ids = set()
            for one in re.split(r"[,|]", listed):
                number = _ID.fullmatch(one)
                if number is None:
                    raise ValueError("`filter.ids` contains an id of a wrong form")
                nct_id = f"NCT{int(number[1]):08d}"
                ids.add(self.moved.get(nct_id, nct_id))
        for nct_id in sorted(self.records):
            record = self.records[nct_id]
            if ids is not None and nct_id not in ids:
                continue
            if since is not None and updated_of(record) < since:
                continue
            if all(
                args.get(name, "").lower() in _text_of(record, module)
                for name, module in (
                    ("query.cond", "conditionsModule"),
                    ("query.intr", "armsInterventionsModule"),
                    ("query.term", None),
                )
            ):
                yield record

    def _token(self, start: int, request: Request) -> str:
        question = {k: v for k, v in request.args.items() if k not in ("pageToken", "countTotal")}
        held = json.dumps([start, self.data_timestamp, sorted(question.items())])
        return base64.urlsafe_b64encode(held.encode()).decode().rstrip("=")

    def _start(self, token: str | None, request: Request) -> int:
        if token is None:
            return 0
        start, timestamp, _ = json.loads(base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)))
        if token != self._token(start, request) or timestamp != self.data_timestamp:
            raise ValueError("`pageToken` is not valid")
        if self.expire_tokens > 0:
            self.expire_tokens -= 1
            raise ValueError("`pageToken` has expired")
        return int(start)

    # Faults -----------------------------------------------------------------------------------

    def __call__(self, environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        response = self.answer(Request(environ))
        with self.lock:
            is_hit = bool(self.faults) and self.chance.random() < self.fault_share
            fault = self.chance.choice(self.faults) if is_hit else ""
        if fault == "429":
            response = _text("Too many requests", 429)
            if self.retry_after is not None:
                response.headers["Retry-After"] = self.retry_after
        elif fault == "500":
            response = _text("Internal error", 500)
        elif fault == "timeout":
            time.sleep(self.timeout_seconds)
        elif fault == "reset":
            # Closing with unsent data pending makes the kernel send a reset.
            connection = environ["werkzeug.socket"]
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            connection.close()
        elif fault == "truncated":
            response.set_data(response.get_data()[: max(1, len(response.get_data()) // 2)])
        elif fault == "packed":  # in a way that cannot be unpacked
            packed = gzip.compress(response.get_data())
            response.set_data(b"\x1f\x8c" + packed[2:])
            response.headers["Content-Encoding"] = "gzip"
        elif fault == "html":
            response = Response("<!doctype html><title>Busy</title>", mimetype="text/html")
        return response(environ, start)


@contextmanager
def serving(registry: FakeRegistry) -> Iterator[str]:
    """Serve a registry on the loopback; gives the base of its API."""
    server = make_server("127.0.0.1", 0, registry, threaded=True, request_handler=_Quiet)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/api/v2"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class _Quiet(WSGIRequestHandler):
    protocol_version = "HTTP/1.1"

    def log(self, type: str, message: str, *args: Any) -> None:  # noqa: A002
        """Say nothing."""

    def handle(self) -> None:
        with suppress(OSError):  # a connection that we reset
            super().handle()


def _text_of(record: Record, module: str | None) -> str:
    protocol = record["protocolSection"]
    return json.dumps(protocol if module is None else protocol.get(module, {})).lower()


def _json(value: Any) -> Response:
    return Response(json.dumps(value), mimetype="application/json")


def _text(text: str, status: int) -> Response:
    return Response(text, status, mimetype="text/plain")
