"""Relations as quads."""

from __future__ import annotations

import pyoxigraph as ox
import pytest

from kg.iris import KIN_GRAPH, trial_iri
from kg.mapping.relation_mapping import relation_iri, relation_quads, relation_term
from kg.relations import RELATION_KINDS, SYMMETRIC_KINDS, Relation, RelationEvidence
from ontology.vocabulary import RDF, TK

A, B = "NCT00000011", "NCT00000012"
WORDS = RelationEvidence(B, "brief_summary", 'the "first"\n study', 4, 21)


def triples(kind: str) -> list[ox.Quad]:
    lines = relation_quads([Relation(A, B, kind, (WORDS, WORDS), 0.95)])
    return list(ox.parse("".join(lines).encode(), format=ox.RdfFormat.N_QUADS))


@pytest.mark.parametrize("kind", RELATION_KINDS)
def test_each_kind_has_an_edge_and_a_node_with_its_words(kind: str) -> None:
    quads = triples(kind)
    assert {quad.graph_name.value for quad in quads} == {KIN_GRAPH}
    edge = TK[relation_term(kind)]
    edges = [quad for quad in quads if quad.predicate.value == edge]
    assert len(edges) == (2 if kind in SYMMETRIC_KINDS else 1)
    assert (edges[0].subject.value, edges[0].object.value) == (trial_iri(A), trial_iri(B))
    node = relation_iri(Relation(A, B, kind, (), 1))
    said = {quad.predicate.value: quad.object.value for quad in quads if quad.subject.value == node}
    assert said[RDF.type] == TK.Relation
    assert (said[TK.from_], said[TK.to]) == (trial_iri(A), trial_iri(B))
    assert (said[TK.relationKind], said[TK.confidence]) == (edge, "0.95")
    words = [quad for quad in quads if quad.predicate.value == TK.words]
    assert [quad.object.value for quad in words] == [WORDS.words] * 2
    assert {quad.subject.value for quad in words} == {f"{node}/evidence/{n}" for n in (0, 1)}


def test_every_term_is_in_the_vocabulary() -> None:
    own = str(TK)
    for kind in RELATION_KINDS:
        for quad in triples(kind):
            if quad.predicate.value.startswith(own):
                assert quad.predicate.value.removeprefix(own) in TK
