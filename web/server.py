"""`run_server`: the pages over HTTP, until told to stop."""

from __future__ import annotations

import logging
import signal
import threading
from functools import partial
from types import FrameType

import click

from kg.sparql.limits import QueryLimits
from kg.store import Store
from web.app import create_app
from web.config import SERVER_THREADS
from web.http_server import HttpServer
from web.served import EXTENSION, ServedStore
from web.warming import prepare_pages

_WILDCARDS = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104


def run_server(
    store: Store,
    *,
    host: str,
    port: int,
    query_workers: int,
    threads: int = SERVER_THREADS,
    limits: QueryLimits | None = None,
    access_log: bool = False,
    max_age: float | None = None,
    trusted_proxy: str | None = None,
) -> None:
    """Serve the pages until SIGTERM or SIGINT; answers that were begun are ended.

    Parameters
    ----------
    store : Store
    host : str
        Address or name to listen on.
    port : int
        0 for any free one; the address is printed to standard error.
    query_workers : int
        SPARQL queries that run at once.
    threads : int
        Requests that are answered at once.
    limits : QueryLimits, optional
        What one query may take.
    access_log : bool
        Whether to log a line a request.
    max_age : float, optional
        Seconds after which ``/ready`` says that the data are too old.
    trusted_proxy : str, optional
        Address of a reverse proxy that is believed when it says who asks.

    Raises
    ------
    click.ClickException
        If the address cannot be listened on.
    """
    app = create_app(
        store,
        query_workers=query_workers,
        limits=limits,
        access_log=access_log,
        max_age=max_age,
    )
    served_store: ServedStore = app.extensions[EXTENSION]
    # Waitress says how many requests wait; that is no news for the one who started it.
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)
    try:
        server = HttpServer(app, host=host, port=port, threads=threads, trusted_proxy=trusted_proxy)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise click.ClickException(
            f"Cannot listen on {host} port {port}: {reason}; choose another --host or --port."
        ) from error
    try:
        served_store.prepare_with(partial(prepare_pages, app))
        served_store.current().warm()
        _stop_on_signals(server)
        for listened, number in server.addresses:
            shown = _WILDCARDS.get(listened, listened)
            address = f"[{shown}]" if ":" in shown else shown
            click.echo(f"Serving on http://{address}:{number}/ (stop with Ctrl-C)", err=True)
        server.run()
    finally:
        server.close()
        served_store.close()
    click.echo("Stopped.", err=True)


def _stop_on_signals(server: HttpServer) -> None:
    if threading.current_thread() is not threading.main_thread():
        return  # only the main thread may set handlers; others are stopped by their caller

    def stop(number: int, frame: FrameType | None) -> None:
        server.stop()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
