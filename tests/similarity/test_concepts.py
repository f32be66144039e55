from __future__ import annotations

import numpy as np
import pytest

from ontology.hierarchy import Hierarchy
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


def test_names_that_the_scheme_lacks_are_left_out(table):
    assert table.encode(["moon_dust", "lupus"]) == [table.codes["lupus"]]


def test_tables_of_one_scheme_are_equal_and_others_are_not(table, schemes):
    assert table == ConceptTable.from_scheme(schemes["conditions"])
    assert table != ConceptTable.from_scheme(schemes["routes"])
    assert table != "conditions"


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
    best, mean, stated = (of_sets[sets.which] for of_sets in sets.likeness([codes["lupus"]]))
    assert best.tolist() == [1, 1, 0, 0]
    # Second row: the query's one concept is met in full; of the row's two, one is.
    assert mean.tolist() == pytest.approx([1, (1 + 0.5) / 2, 0, 0])
    assert stated.tolist() == [True, True, False, True]


def test_an_empty_query_states_nothing(table):
    sets = ConceptSets.from_sets(table, [[0], [1]])
    best, mean, stated = sets.likeness([])
    assert not best.any()
    assert not mean.any()
    assert not stated.any()


def test_likeness_of_sets_agrees_with_the_hierarchy(table, schemes):
    lin = Hierarchy(schemes["conditions"]).lin
    ours = ["lupus", "knee_osteoarthritis"]
    theirs = ["systemic_sclerosis", "joint_disease", "lupus"]
    sets = ConceptSets.from_sets(table, [table.encode(group) for group in (ours, theirs)])
    _, mean, _ = sets.likeness(sets.row(0))
    forth = sum(max(lin(one, other) for other in theirs) for one in ours) / len(ours)
    back = sum(max(lin(one, other) for one in ours) for other in theirs) / len(theirs)
    assert mean[sets.which[1]] == pytest.approx((forth + back) / 2, abs=1e-6)


def test_a_set_is_compared_alike_whichever_others_there_are(table):
    codes = list(table.codes.values())
    pairs = [[code, other] for code in codes for other in codes]
    many = ConceptSets.from_sets(table, [[], *pairs])
    query = [codes[0], codes[3]]
    every = many.likeness(query)
    for at, pair in enumerate(pairs, start=1):
        alone = ConceptSets.from_sets(table, [pair, []])
        for whole, part in zip(every, alone.likeness(query), strict=True):
            assert whole[many.which[at]] == part[alone.which[0]]


@pytest.mark.parametrize("many_sets", [0, 4096])
def test_some_sets_are_compared_as_all_are(table, monkeypatch, many_sets):
    monkeypatch.setattr("similarity.concepts._MANY_SETS", many_sets)
    codes = list(table.codes.values())
    sets = ConceptSets.from_sets(table, [[], *([code, other] for code in codes for other in codes)])
    for query in ([], [codes[1]], [codes[0], codes[3]]):
        every = sets.likeness(query)
        for which in ([], [0], [5, 2, 5], [0, 3, 3, 1]):
            wanted = np.array(which, dtype=np.intp)
            found, places = sets.likeness_of(query, wanted)
            assert (len(found[0]) < len(every[0])) == (many_sets == 0)
            for some, whole in zip(found, every, strict=True):
                assert some.take(places).tolist() == whole.take(wanted).tolist()


def test_what_is_kept_of_a_likeness_cannot_be_changed(table):
    sets = ConceptSets.from_sets(table, [[0], [1]])
    for kept in sets.likeness([0]):
        with pytest.raises(ValueError, match="read-only"):
            kept[0] = 0
    assert sets.likeness((0,))[0] is sets.likeness([0])[0]
