"""`open_store`: the published graph as an rdflib dataset, for scripts and notebooks."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from kg.engines.access import ServerAccess, open_server
from kg.store import Store
from ontology.vocabulary import PREFIXES

if TYPE_CHECKING:
    from rdflib import Dataset


def open_store(
    path: Path | str, *, graph: str | None = None, credentials: tuple[str, str] | None = None
) -> Dataset:
    """Open the published graph, read-only.

    Parameters
    ----------
    path : Path or str
        The store's folder, as given to ``trialkin build --store``.
    graph : str, optional
        Address of a graph server that mirrors it and answers queries (docs/engines.md), or
        ``none``; by default the one that the store remembers, if any.
    credentials : tuple of str, optional
        Name and password for that server, should it ask.

    Returns
    -------
    rdflib.Dataset
        Its default graph is the union of all named graphs, and prefixes such as ``tk`` and
        ``trial`` are bound. It stays at the generation that was published when it was opened.

    Raises
    ------
    StoreError
        If nothing is built there.

    Notes
    -----
    Give queries as strings: rdflib runs a prepared query itself, hundreds of times slower than
    Oxigraph. A query has no deadline here; for text of others use `kg.sparql.pool.QueryPool`.
    Patterns (``graph.triples``) are looked up in the store itself, also beside a graph server.

    Examples
    --------
    >>> import kg  # doctest: +SKIP
    >>> graph = kg.open_store("store")  # doctest: +SKIP
    >>> rows = graph.query("SELECT ?t { ?t tk:acronym 'CARE-SSc' }")  # doctest: +SKIP
    """
    import rdflib
    from oxrdflib import OxigraphStore

    user, password = credentials or (None, None)
    access = ServerAccess(graph, user, password)
    generation = Store(Path(path)).published()
    how: dict[str, Any] = {"store": generation.read_graph()}
    server = open_server(Path(path), access, patience_s=60.0)
    if server is None:
        store = OxigraphStore(**how)
    else:
        from kg.engines.rdflib_store import MirroredStore

        store = MirroredStore(generation, server, **how)
    dataset = rdflib.Dataset(store=store, default_union=True)
    for prefix, namespace in PREFIXES.items():
        dataset.bind(prefix, namespace, replace=True)
    return dataset
