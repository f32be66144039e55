"""Which graph server a store has, and how it is opened; light, as every command asks."""

from __future__ import annotations

import logging
import uuid
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from ontology.errors import EngineError

if TYPE_CHECKING:
    from kg.engines.server import GraphServer

_log = logging.getLogger(__name__)

SERVER_FILE = "graph_server.json"
"""In the store's folder: the server that holds its mirror. No secret stands in it."""
NO_SERVER = "none"
"""In place of an address: the store's own engine, from now on."""


@dataclass(frozen=True, slots=True)
class ServerAccess:
    """How a caller wants the graph server to be found.

    Attributes
    ----------
    url : str or None
        Its address (see `kg.engines.address.read_address`), `NO_SERVER`, or None for the one
        that the store remembers.
    user, password : str or None
        Sent if the server asks; those in the address count more.
    """

    # It may hold name and password, as people give it.
    url: str | None = field(default=None, repr=False)
    user: str | None = None
    password: str | None = field(default=None, repr=False)


class Attachment(msgspec.Struct, frozen=True):
    """What a store remembers of its graph server.

    Attributes
    ----------
    url : str
        Without name and password.
    id : str
        Of the store, by which the server's mirror knows its own.
    """

    url: str
    id: str


def read_attachment(store_path: Path) -> Attachment | None:
    """Return what a store remembers of its graph server, None if it has none.

    Raises
    ------
    EngineError
        If the file is damaged.
    """
    path = store_path / SERVER_FILE
    try:
        return msgspec.json.decode(path.read_bytes(), type=Attachment)
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        raise EngineError(f"{path} cannot be read ({error}); give --graph again.") from error


def attachment_to(store_path: Path, url: str) -> Attachment:
    """Return what a store is to remember of the server at an address: its id stays.

    A file that is damaged is made anew, with another id.
    """
    try:
        known = read_attachment(store_path)
    except EngineError as error:
        _log.warning("%s Its mirror will not know the store again.", error)
        known = None
    return Attachment(url, uuid.uuid4().hex if known is None else known.id)


def attach(store_path: Path, attachment: Attachment) -> None:
    """Have a store remember its server."""
    path = store_path / SERVER_FILE
    written = msgspec.json.format(msgspec.json.encode(attachment), indent=2) + b"\n"
    if path.exists() and path.read_bytes() == written:
        return
    waiting = path.with_suffix(".new")
    waiting.write_bytes(written)
    waiting.replace(path)


def detach(store_path: Path) -> None:
    """Have a store forget its graph server; what is on the server stays there."""
    (store_path / SERVER_FILE).unlink(missing_ok=True)


def open_server(
    store_path: Path, access: ServerAccess, *, patience_s: float | None = None
) -> GraphServer | None:
    """Open a store's graph server, None if it has none.

    Parameters
    ----------
    store_path : Path
    access : ServerAccess
    patience_s : float, optional
        For readers, who would rather be told than wait and try again: how long one step may
        take.

    Raises
    ------
    EngineError
        If its address cannot be read.
    """
    url = access.url
    if url is None:
        attachment = read_attachment(store_path)
        url = NO_SERVER if attachment is None else attachment.url
    if url == NO_SERVER:
        return None
    from kg.engines.address import Credentials, read_address
    from kg.engines.server import PATIENCE, GraphServer

    address, credentials = read_address(url)
    if credentials is None and access.user is not None:
        credentials = Credentials(access.user, access.password or "")
    patience = PATIENCE
    if patience_s is not None:
        patience = replace(patience, attempts=1, longest_answer=patience_s)
    return GraphServer(address, credentials, patience=patience)
