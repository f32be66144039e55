"""Quads of typed relations: a node a relation with its evidence, and a plain edge."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from kg.iris import KIN_GRAPH, TRIALKIN_BASE, trial_iri
from kg.mapping import terms
from kg.relations.model import SYMMETRIC_KINDS, Relation
from ontology.vocabulary import RDF, TK

_GRAPH = f" <{KIN_GRAPH}> .\n"


def relation_quads(relations: Iterable[Relation]) -> Iterator[str]:
    """Yield the quads of relations as lines of N-Quads.

    The plain edge of a symmetric kind is written both ways, its node once.
    """
    for relation in relations:
        first, second = relation.from_nct_id, relation.to_nct_id
        one, other = f"<{trial_iri(first)}>", f"<{trial_iri(second)}>"
        edge = TK[relation_term(relation.kind)]
        yield f"{one} <{edge}> {other}{_GRAPH}"
        if relation.kind in SYMMETRIC_KINDS:
            yield f"{other} <{edge}> {one}{_GRAPH}"
        iri = relation_iri(relation)
        node = f"<{iri}>"
        yield f"{node} <{RDF.type}> <{TK.Relation}>{_GRAPH}"
        yield f"{node} <{TK.from_}> {one}{_GRAPH}"
        yield f"{node} <{TK.to}> {other}{_GRAPH}"
        yield f"{node} <{TK.relationKind}> <{edge}>{_GRAPH}"
        yield f"{node} <{TK.confidence}> {terms.decimal(relation.confidence)}{_GRAPH}"
        # A node of the relation's own: a record's evidence nodes stand in the record's graph,
        # and a triple lives in one graph only.
        for place, evidence in enumerate(relation.evidence):
            words = f"<{iri}/evidence/{place}>"
            yield f"{node} <{TK.evidence}> {words}{_GRAPH}"
            yield f"{words} <{RDF.type}> <{TK.Evidence}>{_GRAPH}"
            yield f"{words} <{TK.inRecord}> <{trial_iri(evidence.nct_id)}>{_GRAPH}"
            yield f"{words} <{TK.sectionPath}> {terms.text(evidence.path)}{_GRAPH}"
            yield f"{words} <{TK.spanStart}> {terms.integer(evidence.start)}{_GRAPH}"
            yield f"{words} <{TK.spanEnd}> {terms.integer(evidence.end)}{_GRAPH}"
            yield f"{words} <{TK.words}> {terms.text(evidence.words)}{_GRAPH}"


def relation_iri(relation: Relation) -> str:
    """Return the IRI of a relation's node."""
    kind = relation.kind.replace("_", "-")
    return f"{TRIALKIN_BASE}relation/{kind}/{relation.from_nct_id}/{relation.to_nct_id}"


def relation_term(kind: str) -> str:
    """Return the local name of the property of a kind of relation.

    Examples
    --------
    >>> relation_term("re_registration_of")
    'reRegistrationOf'
    """
    first, *rest = kind.split("_")
    return first + "".join(word.capitalize() for word in rest)
