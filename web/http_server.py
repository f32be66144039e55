"""Waitress, with our shape of errors, and with an end that loses no answer.

Waitress parses requests in one thread and answers in several. What it refuses by itself (a body
that is too large, headers that make no sense) never reaches the application, so that our shape of
errors is written here.
"""

from __future__ import annotations

import logging
import resource
import socket
import time
import uuid
from collections.abc import Callable
from typing import Any

from waitress.channel import HTTPChannel
from waitress.server import MultiSocketServer, TcpWSGIServer, create_server
from waitress.task import ErrorTask

from web.config import (
    MAX_BODY_BYTES,
    SECURITY_HEADERS,
    SERVER_CONNECTIONS,
    SLOW_CLIENT_SECONDS,
    STOP_SECONDS,
)
from web.errors import PROBLEM_TYPE, problem_body

_log = logging.getLogger(__name__)

_LINGER_SECONDS = 2.0
_LINGER_BYTES = 64_000_000
_PROXY_HEADERS = {"x-forwarded-for", "x-forwarded-host", "x-forwarded-proto"}
_OTHER_FILES = 200
"""Files besides connections: those of two generations' graphs, and pipes to their workers."""
_DETAILS = {
    400: "The request is no HTTP that this server understands.",
    413: f"The body is larger than {MAX_BODY_BYTES:,} bytes, which is all that this server reads.",
    431: "The headers are larger than this server reads.",
    500: "Something went wrong on the server. It has been logged.",
    501: "The body comes in a coding that this server does not read.",
}


class ProblemTask(ErrorTask):  # type: ignore[misc]
    """Answers what Waitress refuses, as a problem (RFC 9457)."""

    def execute(self) -> None:
        """Write the answer, and close the connection after it."""
        error = self.request.error
        status = int(error.code)
        body = problem_body(status, _DETAILS.get(status, error.reason))
        self.status = f"{status} {error.reason}"
        self.response_headers = [
            ("Content-Type", PROBLEM_TYPE),
            ("Cache-Control", "no-store"),
            ("Access-Control-Allow-Origin", "*"),
            ("X-Request-ID", uuid.uuid4().hex),
            *SECURITY_HEADERS.items(),
        ]
        self.set_close_on_finish()
        self.channel.refused = True
        self.content_length = len(body)
        self.write(body)


class PatientChannel(HTTPChannel):  # type: ignore[misc]
    """A connection that lets a refused client read why.

    Closing a socket with unread bytes in it resets the connection, and the client may lose the
    answer while it is still sending (RFC 9112, section 9.6). So a refused body is read to its end
    and thrown away, for a moment.
    """

    error_task_class = ProblemTask
    refused = False
    _lingers_until: float | None = None
    _thrown_away = 0

    def check_client_disconnected(self) -> bool:
        """Whether the client has closed its end, also while its request is being answered.

        Waitress by itself does not look before it has answered. It is asked in the thread that
        answers, so nothing is taken from what the client may still send.
        """
        try:
            return not self.connected or not self.socket.recv(
                1, socket.MSG_PEEK | socket.MSG_DONTWAIT
            )
        except BlockingIOError:
            return False
        except OSError:
            return True

    def handle_close(self) -> None:
        """Close, or begin to wait for the client to end."""
        if self.refused and self._lingers_until is None and self.connected:
            try:
                self.socket.shutdown(socket.SHUT_WR)
            except OSError:
                super().handle_close()
                return
            self._lingers_until = time.monotonic() + _LINGER_SECONDS
            self.will_close = self.close_when_flushed = False
            return
        super().handle_close()

    def readable(self) -> bool:
        """Whether to read: requests, or what is thrown away."""
        if self._lingers_until is not None:
            return True
        return bool(super().readable())

    def writable(self) -> bool:
        """Whether there is anything to write, or it is time to close."""
        if self._lingers_until is not None:
            return time.monotonic() >= self._lingers_until
        return bool(super().writable())

    def handle_write(self) -> None:
        """Write, or close after the wait."""
        if self._lingers_until is not None:
            super().handle_close()
        else:
            super().handle_write()

    def handle_read(self) -> None:
        """Read requests, or throw away what still comes of a refused one."""
        if self._lingers_until is None:
            super().handle_read()
            return
        try:
            data = self.recv(65_536)
        except OSError:
            data = b""
        self._thrown_away += len(data)
        if not data or self._thrown_away > _LINGER_BYTES:
            super().handle_close()


class HttpServer:
    """Serves a WSGI application until `stop`, and then ends the answers it is at.

    Parameters
    ----------
    app : WSGI application
    host : str
    port : int
    threads : int
        Requests that are answered at once.
    trusted_proxy : str, optional
        Address of a reverse proxy that is believed when it says who asks, and by which name.

    Raises
    ------
    OSError, ValueError
        If the address cannot be listened on.
    """

    def __init__(
        self,
        app: Callable[..., Any],
        *,
        host: str,
        port: int,
        threads: int,
        trusted_proxy: str | None = None,
    ):
        # An answer is handed over whole and kept in memory, then in a file, until its client has
        # taken it: with the usual mark a few slow readers of large answers would hold all threads.
        self._most = _connection_limit()
        self._server = create_server(
            app,
            host=host,
            port=port,
            threads=threads,
            ident=None,
            max_request_body_size=MAX_BODY_BYTES,
            clear_untrusted_proxy_headers=True,
            **_trust(trusted_proxy),
            connection_limit=self._most,
            channel_timeout=SLOW_CLIENT_SECONDS,
            outbuf_high_watermark=1 << 30,
            # select() fails for good on the first file number above 1,023, and a thousand
            # connections beside the graph's files reach that.
            asyncore_use_poll=True,
        )
        self._stopping = False
        for one in self._listeners():
            one.channel_class = PatientChannel

    @property
    def addresses(self) -> list[tuple[str, int]]:
        """Hosts and ports that are listened on."""
        pairs = getattr(self._server, "effective_listen", None) or [
            (self._server.effective_host, self._server.effective_port)
        ]
        return [(str(host), int(port)) for host, port in pairs]

    def stop(self) -> None:
        """Let `run` come to its end; may be called from a signal handler or another thread."""
        self._stopping = True
        for one in self._listeners():
            one.pull_trigger()

    def run(self) -> None:
        """Serve until `stop`; then take no more requests, end those begun, and return."""
        while not self._stopping:
            self._make_room()
            self._turn(1.0)
        for one in self._listeners():
            one.accepting = False
            one.socket.close()  # the next to start may have the port, and no one waits in vain
            one.del_channel()
        deadline = time.monotonic() + STOP_SECONDS
        while self._busy() and time.monotonic() < deadline:
            self._turn(0.05)
        if self._busy():
            _log.warning("stopped with %d answers unfinished", self._busy())

    def close(self) -> None:
        """Stop all threads and close all connections."""
        self._server.task_dispatcher.shutdown(timeout=1)
        for channel in self._channels():
            channel.refused = False
            channel.handle_close()
        self._server.asyncore.close_all(self._map, ignore_all=True)

    def _turn(self, seconds: float) -> None:
        self._server.asyncore.loop(
            timeout=seconds, map=self._map, use_poll=self._server.adj.asyncore_use_poll, count=1
        )

    def _make_room(self) -> None:
        """Where no connection is left for others, close some that have stood still longest."""
        if len(self._map) < self._most:
            return
        still = [one for one in self._channels() if not (one.requests or one.total_outbufs_len)]
        still.sort(key=lambda channel: channel.last_activity)
        for channel in still[: max(1, self._most // 10)]:
            channel.refused = False
            channel.handle_close()

    def _busy(self) -> int:
        """Return how many connections have a request or an answer under way."""
        return sum(
            bool(channel.requests or channel.total_outbufs_len or channel.request is not None)
            for channel in self._channels()
        )

    def _channels(self) -> list[PatientChannel]:
        return [channel for one in self._listeners() for channel in one.active_channels.values()]

    @property
    def _map(self) -> dict[int, Any]:
        found: dict[int, Any] = getattr(self._server, "map", None) or self._server._map
        return found

    def _listeners(self) -> list[TcpWSGIServer]:
        if isinstance(self._server, MultiSocketServer):
            return [one for one in self._server.map.values() if isinstance(one, TcpWSGIServer)]
        return [self._server]


def _trust(proxy: str | None) -> dict[str, Any]:
    if proxy is None:
        return {}
    return {
        "trusted_proxy": proxy,
        "trusted_proxy_count": 1,
        "trusted_proxy_headers": _PROXY_HEADERS,
    }


def _connection_limit() -> int:
    """Return how many connections may be open, so that files are left for graph and workers."""
    allowed, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    if allowed == resource.RLIM_INFINITY:
        return SERVER_CONNECTIONS
    return min(SERVER_CONNECTIONS, max(allowed - _OTHER_FILES, allowed // 2))
