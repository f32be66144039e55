from __future__ import annotations

import pytest

from similarity.concepts import ConceptTable
from similarity.kin import Fact
from similarity.profile import Design, Profile
from similarity.reasons import compare_facts, reason_sentence


@pytest.fixture
def tables(schemes):
    return {name: ConceptTable.from_scheme(scheme) for name, scheme in schemes.items()}


def profile(nct_id: str, *phases: str, **concepts: tuple[str, ...]) -> Profile:
    return Profile(nct_id=nct_id, concepts=concepts, design=Design(phases=phases))


def test_the_sentence_names_what_is_shared_and_what_differs(tables):
    query = profile(
        "a",
        "PHASE1",
        conditions=("systemic_sclerosis",),
        cell_sources=("umbilical_cord",),
        routes=("intravenous",),
    )
    other = profile(
        "b",
        "PHASE1",
        "PHASE2",
        conditions=("systemic_sclerosis",),
        cell_sources=("umbilical_cord",),
        donors=("allogeneic",),
        routes=("intravenous", "intrathecal"),
    )
    facts = compare_facts(query, other, tables)
    assert reason_sentence(facts) == (
        "Same disease (systemic sclerosis), source (umbilical cord) and route (intravenous); "
        "allogeneic against not stated; phase 1/2 against phase 1."
    )
    assert Fact("donor", "not stated", (), ("allogeneic",)) in facts


def test_an_akin_disease_comes_first_and_names_both(tables, schemes):
    akin = [("lupus", "systemic_sclerosis", 0.7)]
    tables["conditions"] = ConceptTable.from_scheme(schemes["conditions"], akin)
    query = profile("a", conditions=("lupus",), routes=("intravenous",))
    other = profile("b", conditions=("systemic_sclerosis",), routes=("intravenous",))
    assert reason_sentence(compare_facts(query, other, tables)) == (
        "Akin disease (systemic sclerosis to lupus); same route (intravenous)."
    )


def test_facts_that_neither_states_are_left_out(tables):
    assert compare_facts(profile("a"), profile("b"), tables) == ()
    assert reason_sentence(()) == "Alike in their texts only."


def test_names_that_the_scheme_lacks_are_shown_readably(tables):
    query, other = profile("a", routes=("by_moonlight",)), profile("b", routes=("by_moonlight",))
    (fact,) = compare_facts(query, other, tables)
    assert fact == Fact("route", "same", ("by moonlight",), ("by moonlight",))


def test_long_lists_are_cut_with_a_count(tables):
    names = tuple(f"r{n}" for n in range(5))
    facts = compare_facts(profile("a", routes=names), profile("b", routes=names), tables)
    assert "(r0, r1, r2 and 2 more)" in reason_sentence(facts)


def test_the_same_phase_is_said_last(tables):
    facts = compare_facts(profile("a", "PHASE2"), profile("b", "PHASE2"), tables)
    assert reason_sentence(facts) == "Alike in their texts only; both phase 2."
    facts = compare_facts(profile("a", "NA"), profile("b", "PHASE2"), tables)
    assert reason_sentence(facts).endswith("phase 2 against no phase.")
    facts = compare_facts(profile("a", "PHASE2"), profile("b"), tables)
    assert reason_sentence(facts).endswith("phase not stated against phase 2.")
