"""HTTP in which all of a request ends in time, and when nobody waits for it any more.

The time limits of httpx count from one piece of an answer to the next, so a server that drips
never meets them. And while it is silent nothing looks whether its answer is still wanted. Here
each wait is cut into short ones; whatever ends them closes the connection, by which a server
that looks learns that it may stop.
"""

from __future__ import annotations

import math
import ssl
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

import httpcore
import httpx

from kg.sparql.leaving import check_asker

_LOOK_S = 0.2
"""How often it is looked whether an answer is still wanted."""
_PIECE_BYTES = 256 << 10
_KEPT = 64
_KEPT_S = 5.0
"""Idle connections and how long they are kept: Virtuoso closes them after ten seconds."""
_ENDS: ContextVar[float] = ContextVar("ends", default=math.inf)


@contextmanager
def within(seconds: float) -> Iterator[None]:
    """Have all that is asked of servers in a block end after so many seconds, or earlier."""
    before = _ENDS.set(min(_ENDS.get(), time.monotonic() + seconds))
    try:
        yield
    finally:
        _ENDS.reset(before)


class TimedTransport(httpx.HTTPTransport):
    """Keeps to `within`, and stops for those who have left (`kg.sparql.leaving`).

    Parameters
    ----------
    tls : bool
        Whether any address that it is given begins with ``https``.
    """

    def __init__(self, *, tls: bool = True) -> None:
        # Certificates take a while to load, and a command is to be quick; one that trusts nobody
        # stands in where none is needed. SSL_CERT_FILE names an authority of one's own.
        context = httpx.create_ssl_context() if tls else ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        super().__init__(verify=context, trust_env=False)
        # Its own pool, in which nothing is open yet, takes no backend.
        self._pool = httpcore.ConnectionPool(
            ssl_context=context,
            max_connections=None,
            max_keepalive_connections=_KEPT,
            keepalive_expiry=_KEPT_S,
            network_backend=_Backend(),
        )


class _Backend(httpcore.SyncBackend):
    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        timeout = _at_most(timeout, httpcore.ConnectTimeout)
        return _Stream(super().connect_tcp(host, port, timeout, local_address, socket_options))


class _Stream(httpcore.NetworkStream):
    def __init__(self, inner: httpcore.NetworkStream):
        self._inner = inner

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        with within(math.inf if timeout is None else timeout):
            while True:
                check_asker()
                wait = _at_most(_LOOK_S, httpcore.ReadTimeout)
                try:
                    return self._inner.read(max_bytes, wait)
                except httpcore.ReadTimeout:
                    continue

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        for start in range(0, len(buffer), _PIECE_BYTES):
            check_asker()
            piece = buffer[start : start + _PIECE_BYTES]
            self._inner.write(piece, _at_most(timeout, httpcore.WriteTimeout))

    def close(self) -> None:
        self._inner.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.NetworkStream:
        timeout = _at_most(timeout, httpcore.ConnectTimeout)
        return _Stream(self._inner.start_tls(ssl_context, server_hostname, timeout))

    def get_extra_info(self, info: str) -> Any:
        return self._inner.get_extra_info(info)


def _at_most(seconds: float | None, late: type[httpcore.TimeoutException]) -> float | None:
    """Return how long a step may take; None for as long as it likes."""
    left = _ENDS.get() - time.monotonic()
    if left <= 0:
        raise late("the time is up")
    wait = left if seconds is None else min(seconds, left)
    return None if math.isinf(wait) else wait
