"""`open_store`: the published graph as an rdflib dataset, for scripts and notebooks."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from kg.store import Store
from ontology.vocabulary import PREFIXES

if TYPE_CHECKING:
    from rdflib import Dataset


def open_store(path: Path | str) -> Dataset:
    """Open the published graph, read-only.

    Parameters
    ----------
    path : Path or str
        The store's folder, as given to ``trialkin build --store``.

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

    Examples
    --------
    >>> import kg  # doctest: +SKIP
    >>> graph = kg.open_store("store")  # doctest: +SKIP
    >>> rows = graph.query("SELECT ?t { ?t tk:acronym 'CARE-SSc' }")  # doctest: +SKIP
    """
    import rdflib
    from oxrdflib import OxigraphStore

    store = OxigraphStore(store=Store(Path(path)).published().read_graph())
    dataset = rdflib.Dataset(store=store, default_union=True)
    for prefix, namespace in PREFIXES.items():
        dataset.bind(prefix, namespace, replace=True)
    return dataset
