"""Publishing on a graph server, together with the store's own publishing."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from kg.engines.access import (
    NO_SERVER,
    attach,
    attachment_to,
    detach,
    open_server,
    read_attachment,
)
from kg.generation import Generation
from ontology.errors import EngineError

if TYPE_CHECKING:
    from kg.engines.mirror import Mirror
    from kg.store import Store

_log = logging.getLogger(__name__)


def find_server(store: Store) -> None:
    """See, before any work is done, that a store's graph server will do, and remember it.

    The caller holds the store.

    Raises
    ------
    EngineError
        If it does not answer, may not be written, or mirrors another store.
    """
    if store.access.url == NO_SERVER:
        detach(store.path)
        return
    server = open_server(store.path, store.access)
    if server is None:
        return
    from kg.engines.mirror import Mirror

    with server:
        attachment = attachment_to(store.path, server.shown)
        Mirror(server, attachment.id).check_writing()
        attach(store.path, attachment)  # which a server that will not do is not


@contextmanager
def on_server(store: Store, number: int) -> Iterator[None]:
    """Have the server hold a generation, and switch its readers over after the block.

    The caller publishes the generation in the block, and holds the store.

    Raises
    ------
    EngineError
        If the server cannot hold it; the block is not entered then.
    """
    with _mirror(store) as mirror:
        if mirror is None:
            yield
            return
        generation = Generation.open(store.folder(number))
        try:
            _bring(store, mirror, generation)
        except EngineError as error:
            raise EngineError(
                f"{error} Generation {number} is whole and kept, and not published: when "
                f"the server is well, `trialkin rollback {number}` publishes it, or a new run does."
            ) from error
        yield
        try:
            mirror.switch(generation)
        except EngineError as error:  # it is published, and the next run does what is left
            _log.error("generation %d: %s", number, error)


def settle(store: Store) -> None:
    """Have the server hold and show what is published, should it not.

    Raises
    ------
    EngineError
    """
    with _mirror(store) as mirror:
        if mirror is not None:
            generation = store.published()
            _bring(store, mirror, generation)
            mirror.switch(generation)


def _bring(store: Store, mirror: Mirror, generation: Generation) -> None:
    from kg.engines.differences import read_differences
    from kg.engines.state import Key

    folders = map(store.folder, store.generation_numbers())
    known = [one for one in map(read_differences, folders) if one is not None]
    number = store.published_number()
    published = None
    if number is not None and number in store.generation_numbers():
        published = Key.of(store.published())
    mirror.bring(generation, known, published=published, progress=store.progress)


@contextmanager
def _mirror(store: Store) -> Iterator[Mirror | None]:
    server = open_server(store.path, store.access)
    if server is None:
        yield None
        return
    from kg.engines.mirror import Mirror

    with server:
        attachment = read_attachment(store.path)
        if attachment is None:
            raise EngineError(f"{store.path} is written by nobody who holds it (`Store.lock`).")
        yield Mirror(server, attachment.id)
