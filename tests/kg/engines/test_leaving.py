"""A query ends on the graph server when whoever asked it at the web server has gone."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable

import pytest

from kg.sparql.limits import QueryLimits
from kg.store import Store
from tests.kg.engines.faulty import faulty_server, says, silent
from tests.kg.engines.test_fallback import believable
from web.app import create_app
from web.http_server import HttpServer
from web.served import EXTENSION

REQUEST = b"GET /sparql?query=ASK%7B%7D HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"


@pytest.fixture
def serve() -> object:
    """Serves a store by an address of a graph server; gives the port."""
    ended: list[Callable[[], None]] = []

    def start(store: Store) -> int:
        app = create_app(store, query_workers=2, limits=QueryLimits(deadline_s=600.0))
        server = HttpServer(app, host="127.0.0.1", port=0, threads=2)
        thread = threading.Thread(target=server.run)
        thread.start()
        ended.extend([server.stop, thread.join, app.extensions[EXTENSION].close])
        return server.addresses[0][1]

    yield start
    for end in ended:
        end()


def test_who_leaves_takes_the_query_along(
    serve: Callable[[Store], int], copied: Callable[[str], Store]
) -> None:
    asked = threading.Event()

    def noted(handler: object) -> None:
        asked.set()
        silent(handler)  # type: ignore[arg-type]

    with faulty_server() as faulty:
        store = copied(faulty.url)
        faulty.answers.append(believable(store, noted))
        port = serve(store)
        with socket.create_connection(("127.0.0.1", port), timeout=20) as client:
            client.sendall(REQUEST)
            assert asked.wait(20)
            assert not faulty.hung_up.wait(1)  # who waits is waited for
        assert faulty.hung_up.wait(20)
        # And the next one is served.
        faulty.answers[:] = [believable(store, says({"head": {}, "boolean": True}))]
        with socket.create_connection(("127.0.0.1", port), timeout=20) as client:
            client.sendall(REQUEST)
            assert client.recv(12) == b"HTTP/1.1 200"
