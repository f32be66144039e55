"""Connections in masses, and a proxy before the server."""

from __future__ import annotations

import contextlib
import resource
import socket
from collections.abc import Iterator

import httpx
import pytest

from kg.store import Store
from tests.web.running import running
from web import http_server
from web.config import SERVER_CONNECTIONS


@contextlib.contextmanager
def many_files() -> Iterator[None]:
    """Let this process, and those that it starts, open more files than select() can count."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY and hard < 2_000:
        pytest.skip("this system lets a process open few files")
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, 2_000), hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def test_connections_that_only_stand_there_keep_nobody_out(store: Store) -> None:
    with many_files(), running(store) as server, contextlib.ExitStack() as open_:
        for _ in range(SERVER_CONNECTIONS + 10):
            open_.enter_context(socket.create_connection(("127.0.0.1", server.port), timeout=10))
        for _ in range(3):
            assert httpx.get(f"{server.url}/health", timeout=20).status_code == 200
        query = {"query": "ASK {}"}  # its pipe has one of the highest numbers
        assert httpx.get(f"{server.url}/sparql", params=query, timeout=20).status_code == 200


@pytest.mark.parametrize(
    ("allowed", "most"),
    [(256, 128), (1_024, 824), (20_000, 1_000), (resource.RLIM_INFINITY, 1_000)],
)
def test_connections_leave_files_for_the_rest(
    monkeypatch: pytest.MonkeyPatch, allowed: int, most: int
) -> None:
    monkeypatch.setattr(resource, "getrlimit", lambda which: (allowed, allowed))
    assert http_server._connection_limit() == most


@pytest.mark.parametrize(
    ("proxy", "place", "client"),
    [
        (None, "http://inside/sparql", "127.0.0.1"),
        ("127.0.0.1", "https://trials.example.org/sparql", "198.51.100.7"),
        ("127.0.0.9", "http://inside/sparql", "127.0.0.1"),
    ],
)
def test_only_a_proxy_that_is_named_is_believed(
    store: Store, proxy: str | None, place: str, client: str
) -> None:
    told = {
        "Host": "inside",
        "Accept": "application/n-triples",
        "X-Forwarded-For": "198.51.100.7",
        "X-Forwarded-Host": "trials.example.org",
        "X-Forwarded-Proto": "https",
    }
    options = {"trusted_proxy": proxy, "access_log": True, "log_format": "json"}
    with running(store, **options) as server:
        description = httpx.get(f"{server.url}/sparql", headers=told).text
        log = server.stop()
    assert f"<{place}> " in description
    assert f'"client": "{client}"' in log
