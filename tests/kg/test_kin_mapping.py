"""Kin links as quads: what must be asked of the graph, and no more."""

from __future__ import annotations

import pyoxigraph as ox
import pytest

from kg.iris import KIN_GRAPH, TRIALKIN_BASE, trial_iri
from kg.mapping.kin_mapping import kin_quads, method_quads
from ontology.vocabulary import RDF, TK
from similarity.kin import Fact, Kin

ASKED, KIN = "NCT00000001", "NCT00000002"
NODE = f"{TRIALKIN_BASE}kin/{ASKED}/{KIN}"


def link(**changed: object) -> Kin:
    values: dict[str, object] = {
        "nct_id": KIN,
        "score": 0.8,
        "rank": 3,
        "contributions": (("condition", 0.5), ("cell_source", 0.08), ("text", 0.0799)),
        "shared": (Fact("condition", "same", ("lupus",), ("lupus",)),),
        "differing": (),
        "reason": 'Both study "lupus".',
    }
    return Kin(**{**values, **changed})  # type: ignore[arg-type]


def quads(kin: Kin) -> list[ox.Quad]:
    return list(ox.parse("".join(kin_quads(ASKED, [kin])), format=ox.RdfFormat.N_QUADS))


def said_of_link(kin: Kin) -> dict[str, str]:
    return {q.predicate.value: q.object.value for q in quads(kin) if q.subject.value == NODE}


def test_a_link_tells_its_ends_rank_score_and_reason() -> None:
    said = said_of_link(link())
    assert said[RDF.type] == TK.Kin
    assert (said[TK.from_], said[TK.to]) == (trial_iri(ASKED), trial_iri(KIN))
    assert (said[TK.rank], said[TK.score]) == ("3", "0.8")
    assert said[TK.reason] == 'Both study "lupus".'


def test_a_plain_edge_goes_with_it_in_the_same_graph() -> None:
    found = quads(link())
    edge = [q for q in found if q.predicate.value == TK.kin]
    assert [(q.subject.value, q.object.value) for q in edge] == [(trial_iri(ASKED), trial_iri(KIN))]
    assert {q.graph_name.value for q in found} == {KIN_GRAPH}


def test_only_what_carries_the_link_stands_with_it() -> None:
    said = said_of_link(link())
    assert said[TK.conditionContribution] == "0.5"
    assert said[TK.cellSourceContribution] == "0.08"  # exactly a tenth of the score
    assert TK.textContribution not in said


def test_nothing_contributes_to_a_score_of_nothing() -> None:
    said = said_of_link(link(score=0.0, contributions=(("condition", 0.0),)))
    assert not any(name.endswith("Contribution") for name in said)


@pytest.mark.parametrize("name", ["encoder model 1", 'of "many"\nlines'])
def test_the_graph_tells_once_what_made_all_links(name: str) -> None:
    found = list(ox.parse("".join(method_quads(name)), format=ox.RdfFormat.N_QUADS))
    assert {(q.subject.value, q.graph_name.value) for q in found} == {(KIN_GRAPH, KIN_GRAPH)}
    said = {q.predicate.value: q.object.value for q in found}
    assert said == {RDF.type: TK.KinGraph, TK.method: name}
