"""What the graph says of a trial, a concept, a scheme, the vocabulary: triples, and RDF of them.

Read by patterns, not by queries: a description costs milliseconds, and no worker.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from importlib.resources import files

import pyoxigraph as ox
from werkzeug.exceptions import NotFound

from kg.iris import KIN_GRAPH, trial_graph_iri, trial_iri
from kg.sparql.formats import write_graph
from ontology.concepts import CONCEPT_BASE
from ontology.schemes import SCHEME_NAMES
from ontology.vocabulary import SKOS, TK
from web.served import Served

Triples = list[ox.Triple]

_FORMATS = {"ttl": "turtle", "jsonld": "jsonld", "nt": "ntriples", "rdf": "xml"}
"""Ending -> one of `kg.sparql.formats.GRAPH_TYPES`."""
_KIN = ox.NamedNode(KIN_GRAPH)


def trial_triples(now: Served, nct_id: str) -> Triples:
    """Return the record of a trial, its links to its kin, and its relations.

    Parameters
    ----------
    now : Served
    nct_id : str
        Of a trial that is there.
    """
    graph = now.graph
    trial = ox.NamedNode(trial_iri(nct_id))

    def found() -> Iterator[ox.Quad]:
        record = ox.NamedNode(trial_graph_iri(nct_id))
        yield from graph.quads_for_pattern(None, None, None, record)
        yield from graph.quads_for_pattern(trial, None, None, _KIN)
        for link in graph.quads_for_pattern(None, ox.NamedNode(TK.from_), trial, _KIN):
            for quad in graph.quads_for_pattern(link.subject, None, None, _KIN):
                yield quad
                words = quad.object
                if quad.predicate.value == TK.evidence and isinstance(words, ox.NamedNode):
                    yield from graph.quads_for_pattern(words, None, None, _KIN)

    return _sorted(quad.triple for quad in found())


def concept_triples(now: Served, path: str) -> Triples:
    """Return what is said of a concept, and which concepts are right below it.

    Parameters
    ----------
    now : Served
    path : str
        Scheme and name, ``/`` between them.

    Raises
    ------
    NotFound
        If nothing is said of it.
    """
    try:
        node = ox.NamedNode(CONCEPT_BASE + path)
    except ValueError:  # an address may hold what no IRI can
        raise NotFound("There is no such concept.") from None
    triples = [quad.triple for quad in now.graph.quads_for_pattern(node, None, None, None)]
    if not triples:
        raise NotFound(f"There is no concept {path[:100]!r}.")
    below = now.graph.quads_for_pattern(None, ox.NamedNode(SKOS.broader), node, None)
    return _sorted([*triples, *(quad.triple for quad in below)])


def scheme_triples(name: str) -> Triples:
    """Return a whole concept scheme.

    Raises
    ------
    NotFound
        If there is none of this name.
    """
    if name not in SCHEME_NAMES:
        raise NotFound(f"There is no scheme {name[:60]!r}; there are {', '.join(SCHEME_NAMES)}.")
    return _file_triples(f"schemes/{name}.ttl")


def ontology_triples() -> Triples:
    """Return the vocabulary."""
    return _file_triples("trialkin.ttl")


def written(ending: str, triples: Triples) -> bytes:
    """Return triples as RDF; the same triples give the same bytes.

    Parameters
    ----------
    ending : {'ttl', 'jsonld', 'nt', 'rdf'}
    triples : list of Triple
        Sorted.
    """
    return write_graph(_FORMATS[ending], triples)


def _file_triples(name: str) -> Triples:
    turtle = files("ontology").joinpath(name).read_bytes()
    return _sorted(quad.triple for quad in ox.parse(turtle, format=ox.RdfFormat.TURTLE))


def _sorted(triples: Iterable[ox.Triple]) -> Triples:
    return sorted(set(triples), key=str)
