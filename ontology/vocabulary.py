"""Closed namespaces: every IRI that the graph uses is an attribute here, a typo is an error.

Our own terms are read from ``trialkin.ttl``, so that the file is their only list. Terms of
other vocabularies are those that we use, spelled as their owners do.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cache
from importlib.resources import files

import pyoxigraph as ox

TK_BASE = "https://w3id.org/trialkin/ontology#"
CONCEPT_BASE = "https://w3id.org/trialkin/concept/"


class ClosedNamespace:
    """A namespace with a fixed set of terms.

    Parameters
    ----------
    base : str
        What every term begins with.
    terms : iterable of str
        Local names.

    Examples
    --------
    >>> ClosedNamespace("http://example.org/", ["name"]).name
    'http://example.org/name'
    """

    def __init__(self, base: str, terms: Iterable[str]):
        self._base = base
        self._terms = frozenset(terms)

    def __getattr__(self, name: str) -> str:
        if name.startswith("_"):
            raise AttributeError(name)
        iri = self[name.rstrip("_")]
        self.__dict__[name] = iri  # found without a call from now on
        return iri

    def __getitem__(self, name: str) -> str:
        if name not in self._terms:
            raise AttributeError(f"{self._base} has no term {name!r}")
        return self._base + name

    def __contains__(self, name: object) -> bool:
        return name in self._terms

    def __iter__(self) -> Iterator[str]:
        return iter(sorted(self._terms))

    def __str__(self) -> str:
        return self._base


RDF = ClosedNamespace("http://www.w3.org/1999/02/22-rdf-syntax-ns#", ["type"])
RDFS = ClosedNamespace(
    "http://www.w3.org/2000/01/rdf-schema#", ["label", "comment", "seeAlso", "subClassOf"]
)
XSD = ClosedNamespace(
    "http://www.w3.org/2001/XMLSchema#",
    [
        "anyURI",
        "boolean",
        "date",
        "dateTime",
        "decimal",
        "double",
        "gYear",
        "gYearMonth",
        "integer",
    ],
)
DCTERMS = ClosedNamespace(
    "http://purl.org/dc/terms/",
    ["description", "identifier", "issued", "license", "rights", "source", "subject", "title"],
)
SKOS = ClosedNamespace(
    "http://www.w3.org/2004/02/skos/core#",
    [
        "Concept", "ConceptScheme", "altLabel", "broadMatch", "broader", "closeMatch",
        "definition", "exactMatch", "hasTopConcept", "hiddenLabel", "inScheme", "narrower",
        "notation", "prefLabel", "scopeNote", "topConceptOf",
    ],
)  # fmt: skip
PROV = ClosedNamespace(
    "http://www.w3.org/ns/prov#",
    [
        "Activity", "Entity", "SoftwareAgent", "endedAtTime", "generatedAtTime",
        "startedAtTime", "used", "wasAssociatedWith", "wasDerivedFrom", "wasGeneratedBy",
    ],
)  # fmt: skip
VOID = ClosedNamespace(
    "http://rdfs.org/ns/void#",
    [
        "Dataset", "Linkset", "class", "classPartition", "classes", "entities", "exampleResource",
        "linkPredicate", "objectsTarget", "properties", "property", "propertyPartition",
        "sparqlEndpoint", "subjectsTarget", "subset", "triples", "uriSpace", "vocabulary",
    ],
)  # fmt: skip
SH = ClosedNamespace(
    "http://www.w3.org/ns/shacl#",
    [
        "SPARQLAskExecutable", "SPARQLConstructExecutable", "SPARQLExecutable",
        "SPARQLSelectExecutable", "ask", "construct", "declare", "namespace", "prefix",
        "prefixes", "select",
    ],
)  # fmt: skip
SD = ClosedNamespace(
    "http://www.w3.org/ns/sparql-service-description#",
    [
        "Dataset", "Function", "Graph", "NamedGraph", "Service", "SPARQL11Query",
        "UnionDefaultGraph", "defaultDataset", "defaultGraph", "endpoint", "extensionFunction",
        "feature", "name", "namedGraph", "resultFormat", "supportedLanguage",
    ],
)  # fmt: skip
WGS84 = ClosedNamespace("http://www.w3.org/2003/01/geo/wgs84_pos#", ["lat", "long"])

PREFIXES = {
    "tk": TK_BASE,
    "tkc": CONCEPT_BASE,
    "trial": "https://clinicaltrials.gov/study/",
    "mesh": "http://id.nlm.nih.gov/mesh/",
    "obo": "http://purl.obolibrary.org/obo/",
    "pubmed": "https://pubmed.ncbi.nlm.nih.gov/",
    "rdf": str(RDF),
    "rdfs": str(RDFS),
    "xsd": str(XSD),
    "skos": str(SKOS),
    "prov": str(PROV),
    "dcterms": str(DCTERMS),
    "geo": str(WGS84),
    "owl": "http://www.w3.org/2002/07/owl#",
    "schema": "https://schema.org/",
    "sh": str(SH),
    "void": str(VOID),
    "sd": str(SD),
}
"""Prefixes that queries may use without declaring them."""


@cache
def _own_terms() -> frozenset[str]:
    turtle = files("ontology").joinpath("trialkin.ttl").read_bytes()
    subjects = (quad.subject for quad in ox.parse(turtle, format=ox.RdfFormat.TURTLE))
    return frozenset(
        subject.value.removeprefix(TK_BASE)
        for subject in subjects
        if isinstance(subject, ox.NamedNode) and subject.value.startswith(TK_BASE)
    )


class _OwnNamespace(ClosedNamespace):
    """Our own terms, read from ``trialkin.ttl`` when the first one is asked for."""

    def __init__(self) -> None:
        self._base = TK_BASE

    @property
    def _terms(self) -> frozenset[str]:  # type: ignore[override]
        return _own_terms()


TK = _OwnNamespace()
