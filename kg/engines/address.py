"""Where a graph server is: its addresses for queries, updates and whole graphs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import httpx

from kg.iris import TRIALKIN_BASE
from ontology.errors import EngineError

_OWN_PARAMETERS = ("query", "update", "store", "kind", "name")


@dataclass(frozen=True, slots=True)
class Layout:
    """What a kind of server calls its services, relative to its address.

    Attributes
    ----------
    query, update, store : str
        SPARQL 1.1 Query, SPARQL 1.1 Update, and the Graph Store HTTP Protocol.
    graph_parameter : str
        What the latter names a graph by; ``graph`` in the standard.
    limit_parameter : str
        In what a query may say after how many milliseconds to stop; empty if nowhere.
    """

    query: str = "query"
    update: str = "update"
    store: str = "store"
    graph_parameter: str = "graph"
    limit_parameter: str = ""


LAYOUTS: Mapping[str, Layout] = {
    "oxigraph": Layout(),
    # Its open /sparql may not write; the services that may ask for a password (digest).
    "virtuoso": Layout("sparql", "sparql-auth", "sparql-graph-crud-auth", "graph-uri", "timeout"),
    "other": Layout(),
}
"""Kinds of servers; ``other`` is any by the standards, whose services the address names."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """A graph server's address, without secrets.

    Attributes
    ----------
    url : str
        As it is kept and shown.
    base : str
        What the names of services are relative to.
    kind : str
        One of `LAYOUTS`, or empty where the server is to be asked what it is.
    layout : Layout
    name : str
        Of the mirror, where a server holds several.
    """

    url: str
    base: str
    kind: str
    layout: Layout
    name: str

    @property
    def mirror(self) -> str:
        """The IRI of the mirror, and of the graph that tells which of its graphs is current."""
        return f"{TRIALKIN_BASE}mirror" + (f"/{self.name}" if self.name else "")

    def service(self, name: str) -> str:
        """Return the whole address of ``query``, ``update`` or ``store``."""
        path: str = getattr(self.layout, name)
        return str(httpx.URL(f"{self.base}/").join(path) if path else httpx.URL(self.base))

    def of_kind(self, kind: str) -> Address:
        """Return the address as that of a server of a kind."""
        return replace(self, kind=kind, layout=LAYOUTS[kind])


@dataclass(frozen=True, slots=True)
class Credentials:
    """Name and password at a graph server; never written down, and not shown."""

    user: str
    password: str

    def __repr__(self) -> str:
        return "Credentials(...)"


def read_address(text: str) -> tuple[Address, Credentials | None]:
    """Read a graph server's address as a person gives it.

    Parameters
    ----------
    text : str
        ``http(s)://[user:password@]host[:port][/path][?...]``. Parameters name what cannot be
        found out: ``kind`` (one of `LAYOUTS`), ``query``, ``update``, ``store`` (addresses of
        services, relative to the rest) and ``name`` (of the mirror).

    Raises
    ------
    EngineError
        If it is no such address.

    Examples
    --------
    >>> address, secret = read_address("http://me:pw@127.0.0.1:3030/ds?update=write&name=two")
    >>> address.service("update"), address.mirror, secret
    ('http://127.0.0.1:3030/ds/write', 'https://w3id.org/trialkin/mirror/two', Credentials(...))
    """
    try:
        url = httpx.URL(text)
    except httpx.InvalidURL:
        # Why, is not told: that would show what follows a sign that a password may not have.
        raise EngineError(
            "The graph server's address cannot be read; it is http(s)://[user:password@]host"
            "[:port][/path], with %XX for what is special in a password."
        ) from None
    if url.scheme not in ("http", "https") or not url.host:
        raise EngineError("A graph server's address begins with http:// or https:// and a host.")
    unknown = sorted(set(url.params) - set(_OWN_PARAMETERS))
    if unknown:
        raise EngineError(
            f"A graph server's address has no parameter {unknown[0]!r}; "
            f"it may have {', '.join(_OWN_PARAMETERS)}."
        )
    given = {name: url.params[name] for name in _OWN_PARAMETERS if name in url.params}
    services = {name: given[name] for name in ("query", "update", "store") if name in given}
    kind = given.get("kind", "other" if services else "")
    if kind and kind not in LAYOUTS:
        raise EngineError(f"There is no kind of server {kind!r}; there are {', '.join(LAYOUTS)}.")
    name = given.get("name", "")
    if name and not (name.isascii() and name.replace("-", "").replace("_", "").isalnum()):
        raise EngineError(f"The name of a mirror is letters, digits, - and _, not {name!r}.")
    credentials = Credentials(url.username, url.password) if url.username else None
    plain = url.copy_with(userinfo=b"", fragment=None)
    address = Address(
        url=str(plain),
        base=str(plain.copy_with(query=None)).rstrip("/"),
        kind=kind,
        layout=replace(LAYOUTS[kind or "other"], **services),
        name=name,
    )
    for service in ("query", "update", "store"):
        _check_service(address, service)
    return address, credentials


def _check_service(address: Address, service: str) -> None:
    try:
        url = httpx.URL(address.service(service))
    except httpx.InvalidURL as error:
        raise EngineError(f"The address of `{service}` cannot be read: {error}.") from None
    if url.scheme not in ("http", "https") or not url.host or url.userinfo:
        raise EngineError(
            f"The address of `{service}` is relative to the server's, or begins with http:// or "
            "https:// and a host; name and password stand before the server's host."
        )
