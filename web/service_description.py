"""What the endpoint says of itself: the service, and the data behind it.

References
----------
.. [1] SPARQL 1.1 Service Description, W3C Recommendation, 2013.
.. [2] Describing Linked Datasets with the VoID Vocabulary, 2011; section 7.2
   (``/.well-known/void``).
"""

from __future__ import annotations

from collections.abc import Iterable

import pyoxigraph as ox
from flask import url_for

from kg.iris import ENTITIES_GRAPH, KIN_GRAPH, ONTOLOGY_GRAPH, RUNS_GRAPH
from kg.mapping import terms
from kg.mapping.partition_counts import VOID_GRAPH
from kg.mapping.void_mapping import DATASET
from kg.sparql.formats import write_graph
from kg.sparql.functions import SIGNATURES
from ontology.vocabulary import DCTERMS, RDF, RDFS, SD, VOID
from web.served import Served

_SHARED_GRAPHS = (ONTOLOGY_GRAPH, ENTITIES_GRAPH, KIN_GRAPH, RUNS_GRAPH, VOID_GRAPH)
_FORMATS = {
    "json": "SPARQL_Results_JSON",
    "xml": "SPARQL_Results_XML",
    "csv": "SPARQL_Results_CSV",
    "tsv": "SPARQL_Results_TSV",
    "turtle": "Turtle",
    "ntriples": "N-Triples",
    "jsonld": "JSON-LD",
    "rdfxml": "RDF_XML",
}
_FORMAT_BASE = "http://www.w3.org/ns/formats/"


def describe_service(now: Served, format_: str) -> bytes:
    """Return the description of the endpoint in one of `kg.sparql.formats.GRAPH_TYPES`.

    Parameters
    ----------
    now : Served
        The generation whose numbers are given.
    format_ : str
    """
    return write_graph(format_, _parsed(_service(now)))


def describe_data(now: Served, format_: str) -> bytes:
    """Return the VoID description of the data, and where they can be asked."""
    graph = ox.NamedNode(VOID_GRAPH)
    triples = [q.triple for q in now.graph.quads_for_pattern(None, None, None, graph)]
    return write_graph(format_, [*triples, *_parsed(_place())])


def _service(now: Served) -> Iterable[tuple[str, str, str]]:
    endpoint = _endpoint()
    dataset, default = f"{endpoint}#dataset", f"{endpoint}#default-graph"
    yield endpoint, RDF.type, f"<{SD.Service}>"
    yield endpoint, SD.endpoint, f"<{endpoint}>"
    yield endpoint, SD.supportedLanguage, f"<{SD.SPARQL11Query}>"
    yield endpoint, SD.feature, f"<{SD.UnionDefaultGraph}>"
    for format_ in _FORMATS.values():
        yield endpoint, SD.resultFormat, f"<{_FORMAT_BASE}{format_}>"
    for signature in SIGNATURES:
        yield endpoint, SD.extensionFunction, f"<{signature.iri}>"
        yield signature.iri, RDF.type, f"<{SD.Function}>"
        shown = f"tk:{signature.name}({', '.join(signature.arguments)})"
        yield signature.iri, RDFS.label, terms.text(shown)
        yield signature.iri, RDFS.comment, terms.english(signature.does)
    yield endpoint, SD.defaultDataset, f"<{dataset}>"
    yield dataset, RDF.type, f"<{SD.Dataset}>"
    yield dataset, DCTERMS.source, f"<{DATASET}>"
    yield dataset, SD.defaultGraph, f"<{default}>"
    yield default, RDF.type, f"<{SD.Graph}>"
    yield (
        default,
        RDFS.comment,
        terms.english(
            "All named graphs together: one of each trial's record, and those that are listed."
        ),
    )
    triples = now.generation.manifest.counts.get("quads")
    if triples is not None:
        yield default, VOID.triples, terms.integer(triples)
    for name in _SHARED_GRAPHS:
        node = f"{endpoint}#graph-{name.rpartition('/')[2]}"
        yield dataset, SD.namedGraph, f"<{node}>"
        yield node, RDF.type, f"<{SD.NamedGraph}>"
        yield node, SD.name, f"<{name}>"


def _place() -> Iterable[tuple[str, str, str]]:
    yield DATASET, VOID.sparqlEndpoint, f"<{_endpoint()}>"


def _endpoint() -> str:
    return url_for("sparql.sparql", _external=True)


def _parsed(statements: Iterable[tuple[str, str, str]]) -> list[ox.Triple]:
    lines = "".join(f"<{s}> <{p}> {o} .\n" for s, p, o in statements)
    return [q.triple for q in ox.parse(lines.encode(), format=ox.RdfFormat.N_TRIPLES)]
