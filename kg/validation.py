"""Check trials of a generation against the SHACL shapes, a batch at a time."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, NamedTuple

import pyoxigraph as ox

from kg.generation import Generation
from kg.iris import TRIAL_BASE, trial_graph_iri

if TYPE_CHECKING:
    from rdflib import Graph

BATCH_TRIALS = 100
"""Trials checked at once: enough to spread the cost of a run of pyshacl, small in memory."""

_SHACL = "http://www.w3.org/ns/shacl#"


class Finding(NamedTuple):
    """One thing that is not as the shapes want it.

    Attributes
    ----------
    nct_id : str
    severity : str
        ``Violation`` or ``Warning``.
    message : str
        What is wrong.
    focus : str
        IRI of the node that it is wrong of.
    path : str
        IRI of the property, empty if the whole node is meant.
    value : str
        The value in question, empty if one is missing.
    """

    nct_id: str
    severity: str
    message: str
    focus: str
    path: str
    value: str


def validate(generation: Generation, nct_ids: Iterable[str]) -> Iterator[list[Finding]]:
    """Check trials and yield the findings of each batch, sorted.

    Parameters
    ----------
    generation : Generation
    nct_ids : iterable of str
        Which trials; the store is never read as a whole.

    Yields
    ------
    list of Finding
        Of up to `BATCH_TRIALS` trials, empty where all is well.
    """
    yield from validate_graph(generation.read_graph(), nct_ids)


def validate_graph(store: ox.Store, nct_ids: Iterable[str]) -> Iterator[list[Finding]]:
    """Check trials of any graph, see `validate`."""
    iterator = iter(nct_ids)
    while batch := list(itertools.islice(iterator, BATCH_TRIALS)):
        yield _check(_as_rdflib(store, batch))


def warm_up() -> None:
    """Load what a check needs, before there is anything to check."""
    import pyshacl  # noqa: F401 - takes a second

    _shapes()


def changed_nct_ids(generation: Generation, before: Generation | None) -> list[str]:
    """Return the trials whose records are new or other than in an earlier generation."""
    known = {} if before is None else before.records.fingerprints()
    now = generation.records.fingerprints()
    return [nct_id for nct_id, fingerprint in now.items() if known.get(nct_id) != fingerprint]


def _as_rdflib(store: ox.Store, nct_ids: list[str]) -> Graph:
    import rdflib

    graph = rdflib.Graph()
    for nct_id in nct_ids:
        name = ox.NamedNode(trial_graph_iri(nct_id))
        triples = (quad.triple for quad in store.quads_for_pattern(None, None, None, name))
        graph.parse(data=ox.serialize(triples, format=ox.RdfFormat.N_TRIPLES), format="ox-nt")
    return graph


def _check(graph: Graph) -> list[Finding]:
    import pyshacl
    from rdflib.namespace import SH

    _, results, _ = pyshacl.validate(graph, shacl_graph=_shapes(), advanced=False)
    found = []
    for result in results.subjects(SH.resultSeverity, None):
        focus = str(results.value(result, SH.focusNode))
        found.append(
            Finding(
                nct_id=focus.removeprefix(TRIAL_BASE).partition("#")[0],
                severity=str(results.value(result, SH.resultSeverity)).removeprefix(_SHACL),
                message=str(results.value(result, SH.resultMessage)),
                focus=focus,
                path=str(results.value(result, SH.resultPath) or ""),
                value=_shown(results.value(result, SH.value)),
            )
        )
    return sorted(found)


def _shown(value: object) -> str:
    return "" if value is None else str(value)[:200]


@cache
def _shapes() -> Graph:
    import rdflib

    turtle = files("ontology").joinpath("shapes.ttl").read_text("utf-8")
    return rdflib.Graph().parse(data=turtle, format="ox-turtle")
