"""The vocabulary as a page: every term with its meaning, at the place that its IRI names."""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

import pyoxigraph as ox
from flask import Blueprint, render_template

from ontology.vocabulary import PREFIXES, RDFS, SD, SKOS, TK_BASE
from web.described import ontology_triples
from web.result_table import compact

blueprint = Blueprint("ontology", __name__)

_ONTOLOGY = TK_BASE.rstrip("#")
_OWL = PREFIXES["owl"]
_GROUPS = (
    ("Classes", (f"{_OWL}Class",)),
    (
        "Properties",
        (f"{_OWL}ObjectProperty", f"{_OWL}DatatypeProperty", f"{PREFIXES['rdf']}Property"),
    ),
    ("Functions in SPARQL", (SD.Function,)),
)
_RELATIONS = {
    str(RDFS) + "subClassOf": "A kind of",
    str(RDFS) + "subPropertyOf": "A kind of",
    str(RDFS) + "domain": "Said of",
    str(RDFS) + "range": "Leads to",
    f"{_OWL}inverseOf": "Inverse of",
    f"{_OWL}equivalentClass": "The same as",
    f"{_OWL}equivalentProperty": "The same as",
    str(SKOS) + "exactMatch": "The same as",
    str(SKOS) + "closeMatch": "Close to",
}
_FORMS = (("ttl", "Turtle"), ("rdf", "RDF/XML"), ("jsonld", "JSON-LD"), ("nt", "N-Triples"))


class Term(NamedTuple):
    """A term of ours; `relations` are words with the names and links that follow them."""

    name: str
    label: str
    definition: str
    relations: tuple[tuple[str, tuple[tuple[str, str | None], ...]], ...]


@blueprint.get("/ontology")
def ontology() -> str:
    """Show the vocabulary; each term stands at the anchor of its name."""
    title, comment, groups = vocabulary()
    return render_template(
        "ontology.html", title=title, comment=comment, groups=groups, forms=_FORMS
    )


@cache
def vocabulary() -> tuple[str, str, tuple[tuple[str, tuple[Term, ...]], ...]]:
    """Return title, comment and the terms of the vocabulary by kind."""
    said: dict[str, dict[str, list[str]]] = {}
    for triple in ontology_triples():
        if isinstance(triple.subject, ox.NamedNode):
            values = said.setdefault(triple.subject.value, {})
            text = getattr(triple.object, "value", str(triple.object))
            values.setdefault(triple.predicate.value, []).append(text)
    groups = []
    for heading, types in _GROUPS:
        terms = [
            _term(iri, values)
            for iri, values in sorted(said.items())
            if iri.startswith(TK_BASE)
            and not set(types).isdisjoint(values.get(f"{PREFIXES['rdf']}type", ()))
        ]
        groups.append((heading, tuple(terms)))
    whole = said.get(_ONTOLOGY, {})
    return _first(whole, RDFS.label), _first(whole, RDFS.comment), tuple(groups)


def _term(iri: str, values: dict[str, list[str]]) -> Term:
    relations = tuple(
        (words, tuple((compact(one), _link(one)) for one in sorted(values[predicate])))
        for predicate, words in _RELATIONS.items()
        if predicate in values
    )
    return Term(
        iri.removeprefix(TK_BASE),
        _first(values, RDFS.label),
        _first(values, SKOS.definition),
        relations,
    )


def _first(values: dict[str, list[str]], predicate: str) -> str:
    return min(values.get(predicate, [""]))


def _link(iri: str) -> str | None:
    """Return where a term is explained: on this page, or at its own address on the web."""
    if iri.startswith(TK_BASE):
        return f"#{iri.removeprefix(TK_BASE)}"
    return iri if iri.startswith(("http://", "https://")) else None
