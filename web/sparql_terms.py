"""The words that the SPARQL editor completes, as JSON."""

from __future__ import annotations

from functools import cache
from typing import Any

from flask import Blueprint, Response, jsonify

from kg.sparql.functions import SIGNATURES
from ontology import vocabulary as known
from ontology.schemes import SCHEME_NAMES, load_scheme
from ontology.vocabulary import CONCEPT_BASE, PREFIXES, ClosedNamespace
from web.ontology_view import vocabulary
from web.presentation import shortened

blueprint = Blueprint("sparql_terms", __name__)

_FOREIGN = {
    "rdf": known.RDF,
    "rdfs": known.RDFS,
    "skos": known.SKOS,
    "prov": known.PROV,
    "dcterms": known.DCTERMS,
    "geo": known.WGS84,
    "xsd": known.XSD,
    "void": known.VOID,
}
_KINDS = {"Classes": "class", "Properties": "property", "Functions in SPARQL": "function"}


@blueprint.get("/sparql/terms.json")
def terms() -> Response:
    """Give prefixes, terms with their meaning, functions, and concepts by their labels."""
    return jsonify(_terms())


@cache
def _terms() -> dict[str, Any]:
    _, _, groups = vocabulary()
    own = [
        {"name": f"tk:{term.name}", "kind": _KINDS[heading], "info": shortened(said, 300)}
        for heading, terms in groups
        if heading != "Functions in SPARQL"
        for term in terms
        if (said := term.definition or term.label) is not None
    ]
    functions = [
        {
            "name": f"tk:{one.name}",
            "kind": "function",
            "info": f"({', '.join(one.arguments)}): {one.does}",
        }
        for one in SIGNATURES
    ]
    foreign = [
        {"name": f"{prefix}:{name}", "kind": _foreign_kind(name), "info": ""}
        for prefix, namespace in _FOREIGN.items()
        for name in _names(namespace)
    ]
    concepts = [
        [concept.pref_label, f"{CONCEPT_BASE}{scheme}/{concept.name}", scheme.replace("_", " ")]
        for scheme in SCHEME_NAMES
        for concept in load_scheme(scheme).concepts.values()
    ]
    return {"prefixes": PREFIXES, "terms": own + functions + foreign, "concepts": concepts}


def _names(namespace: ClosedNamespace) -> list[str]:
    return [name.removeprefix(str(namespace)) for name in namespace]


def _foreign_kind(name: str) -> str:
    return "class" if name[:1].isupper() else "property"
