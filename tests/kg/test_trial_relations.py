"""Typed relations as they are read back from a graph, seen from either trial."""

from __future__ import annotations

import pytest

from kg.generation import Generation
from kg.relations import RELATION_KINDS, SYMMETRIC_KINDS, RelationEvidence
from kg.trial_relations import (
    DIRECTIONS,
    RELATION_WORDS,
    relation_rows,
    relations_between,
    relations_of,
)
from ontology.errors import RecordError, UnknownTrialError
from tests.kg.test_graph_views import CHAIN, made, nct

RELATIONS = [
    ("mentions", "A", "B"),
    ("extension_of", "B", "A"),
    ("same_product", "A", "C"),
    ("same_product", "A", "B"),
    ("shares_publication", "C", "D"),
]


@pytest.fixture
def generation() -> Generation:
    return made(CHAIN, RELATIONS)


def test_a_relation_is_seen_from_both_ends(generation: Generation) -> None:
    assert [(one.words, one.nct_id) for one in relations_of(generation, nct("A"))] == [
        ("extended or followed up by", nct("B")),
        ("tries the same product as", nct("B")),
        ("tries the same product as", nct("C")),
        ("mentions", nct("B")),
    ]
    assert [(one.words, one.nct_id) for one in relations_of(generation, nct("B"))] == [
        ("extension or follow-up of", nct("A")),
        ("tries the same product as", nct("A")),
        ("mentioned by", nct("A")),
    ]
    assert relations_of(generation, nct("E")) == []


def test_evidence_comes_back_as_it_was_written(generation: Generation) -> None:
    (one,) = relations_of(generation, nct("C"), kinds=["same_product"])
    assert one.evidence == (RelationEvidence(nct("A"), "brief_title", "w", 0, 1),)
    assert (one.kind, one.direction, one.confidence) == ("same_product", "both", 1.0)


def test_relations_of_two_trials_alone(generation: Generation) -> None:
    assert [one.kind for one in relations_between(generation, nct("C"), nct("D"))] == [
        "shares_publication"
    ]
    assert relations_between(generation, nct("A"), nct("D")) == []


def test_rows_have_the_title_of_the_other_trial(generation: Generation) -> None:
    (row,) = relation_rows(generation, nct("D"))
    assert row == {
        "nct_id": nct("C"),
        "title": "Trial C",
        "kind": "shares_publication",
        "direction": "both",
        "words": "shares a publication with",
        "confidence": 1.0,
        "evidence": [
            {"nct_id": nct("C"), "path": "brief_title", "words": "w", "start": 0, "end": 1}
        ],
    }


def test_every_kind_and_direction_has_words() -> None:
    expected = {
        (kind, direction)
        for kind in RELATION_KINDS
        for direction in DIRECTIONS
        if (direction == "both") == (kind in SYMMETRIC_KINDS)
    }
    assert RELATION_WORDS.keys() == expected
    assert len(set(RELATION_WORDS.values())) == len(RELATION_WORDS)


def test_unknown_trials_and_kinds_are_refused(generation: Generation) -> None:
    with pytest.raises(UnknownTrialError):
        relations_of(generation, "NCT09999999")
    with pytest.raises(UnknownTrialError):
        relations_between(generation, nct("A"), "NCT09999999")
    with pytest.raises(RecordError, match=r"'friend'.*extension_of"):
        relations_of(generation, nct("A"), kinds=["friend"])
