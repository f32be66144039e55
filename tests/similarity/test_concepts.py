from __future__ import annotations

import numpy as np
import pytest

from similarity.concepts import ConceptSets, ConceptTable


@pytest.fixture
def table(schemes) -> ConceptTable:
    return ConceptTable.from_scheme(schemes["conditions"])


def test_a_concept_is_like_itself_and_siblings_are_in_between(table):
    def likeness(one: str, other: str) -> float:
        return float(table.likeness[table.codes[one], table.codes[other]])

    assert likeness("lupus", "lupus") == 1
    assert likeness("lupus", "knee_osteoarthritis") == 0
    assert 0 < likeness("lupus", "systemic_sclerosis") < likeness("lupus", "autoimmune_disease") < 1


def test_pairs_named_akin_are_closer_and_unknown_names_are_passed_over(schemes):
    akin = [("umbilical_cord", "bone_marrow", 0.4), ("umbilical_cord", "moon_dust", 0.9)]
    table = ConceptTable.from_scheme(schemes["cell_sources"], akin)
    one, other = table.codes["umbilical_cord"], table.codes["bone_marrow"]
    assert table.likeness[one, other] == table.likeness[other, one] == np.float32(0.4)
    assert table.encode(["moon_dust", "bone_marrow"]) == [other]


def test_sets_are_compared_by_their_best_pair_and_by_all_of_them(table):
    codes = table.codes
    sets = ConceptSets.from_sets(
        table,
        [
            [codes["lupus"]],
            [codes["lupus"], codes["knee_osteoarthritis"]],
            [],
            [codes["joint_disease"]],
        ],
    )
    best, mean, stated = sets.likeness([codes["lupus"]], np.arange(4))
    assert best.tolist() == [1, 1, 0, 0]
    # Second row: the query's one concept is met in full; of the row's two, one is.
    assert mean.tolist() == pytest.approx([1, (1 + 0.5) / 2, 0, 0])
    assert stated.tolist() == [True, True, False, True]


def test_an_empty_query_states_nothing(table):
    sets = ConceptSets.from_sets(table, [[0], [1]])
    best, mean, stated = sets.likeness([], np.arange(2))
    assert not best.any()
    assert not mean.any()
    assert not stated.any()


def test_likeness_of_sets_agrees_with_the_hierarchy(table, schemes):
    from ontology.hierarchy import Hierarchy

    hierarchy = Hierarchy(schemes["conditions"])
    names = [["lupus", "knee_osteoarthritis"], ["systemic_sclerosis", "joint_disease", "lupus"]]
    sets = ConceptSets.from_sets(table, [table.encode(group) for group in names])
    _, mean, _ = sets.likeness(sets.row(0), np.arange(2))
    assert mean[1] == pytest.approx(hierarchy.best_match_average(*names), abs=1e-6)
