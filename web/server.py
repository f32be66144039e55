"""`run_server`: the pages over HTTP, until told to stop."""

from __future__ import annotations

import logging
import signal
import threading
from types import FrameType
from typing import NoReturn

import click
from flask import Flask
from waitress.server import create_server

from kg.store import Store
from web.app import create_app
from web.config import MAX_BODY_BYTES, SERVER_THREADS
from web.served import EXTENSION, ServedStore

_WILDCARDS = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104


def run_server(store: Store, *, host: str, port: int, query_workers: int) -> None:
    """Serve the pages until SIGTERM or SIGINT.

    Parameters
    ----------
    store : Store
    host : str
        Address or name to listen on.
    port : int
        0 for any free one; the address is printed to standard error.
    query_workers : int
        SPARQL queries that run at once.

    Raises
    ------
    click.ClickException
        If the address cannot be listened on.
    """
    app = create_app(store, query_workers=query_workers)
    served_store: ServedStore = app.extensions[EXTENSION]
    # Waitress says how many requests wait; that is no news for the one who started it.
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)
    try:
        server = _listen(app, host, port)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise click.ClickException(
            f"Cannot listen on {host} port {port}: {reason}; choose another --host or --port."
        ) from error
    try:
        served_store.current().warm()
        _stop_on_signals()
        for address in _addresses(server):
            click.echo(f"Serving on {address} (stop with Ctrl-C)", err=True)
        server.run()
    except KeyboardInterrupt:
        pass
    finally:
        server.close()
        served_store.close()
    click.echo("Stopped.", err=True)


def _listen(app: Flask, host: str, port: int):  # type: ignore[no-untyped-def]
    return create_server(
        app,
        host=host,
        port=port,
        threads=SERVER_THREADS,
        ident=None,
        max_request_body_size=MAX_BODY_BYTES,
        clear_untrusted_proxy_headers=True,
    )


def _addresses(server: object) -> list[str]:
    several = getattr(server, "effective_listen", None)
    pairs = several or [(getattr(server, "effective_host"), getattr(server, "effective_port"))]  # noqa: B009
    found = []
    for host, port in pairs:
        shown = _WILDCARDS.get(host, host)
        found.append(f"http://{f'[{shown}]' if ':' in shown else shown}:{port}/")
    return found


def _stop_on_signals() -> None:
    if threading.current_thread() is not threading.main_thread():
        return  # only the main thread may set handlers; others are stopped by their caller

    def stop(number: int, frame: FrameType | None) -> NoReturn:
        raise KeyboardInterrupt

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
