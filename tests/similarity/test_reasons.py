from __future__ import annotations

from dataclasses import replace

import pytest

from ontology.concepts import ConceptScheme
from similarity.concepts import ConceptTable
from similarity.kin import Fact
from similarity.profile import Design, Doses, Profile, Stated
from similarity.reasons import Reasons, reason_sentence
from tests.similarity.conftest import scheme


@pytest.fixture
def tables(schemes):
    return {name: ConceptTable.from_scheme(scheme) for name, scheme in schemes.items()}


def compare_facts(
    query: Profile, other: Profile, tables: dict[str, ConceptTable]
) -> tuple[Fact, ...]:
    return Reasons(tables).facts(Stated.of(query), Stated.of(other))


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
        "phase 1/2 vs phase 1; donor (allogeneic) stated by the kin only."
    )
    assert Fact("donor", "not stated", (), ("allogeneic",)) in facts
    other_way = reason_sentence(compare_facts(other, query, tables))
    assert other_way.endswith("; donor (allogeneic) not stated by the kin.")


def test_what_only_one_states_is_said_once_for_all_and_of_whom(tables):
    query = profile("a", "PHASE2", cell_sources=("umbilical_cord",), routes=("intravenous",))
    other = profile("b", conditions=("lupus",), donors=("allogeneic",))
    assert reason_sentence(compare_facts(query, other, tables)) == (
        "Alike in their texts only; disease (lupus) and donor (allogeneic) stated by the kin only; "
        "source (umbilical cord), route (intravenous) and phase 2 not stated by the kin."
    )


def test_a_similar_disease_comes_first_and_names_both(tables):
    plain = scheme("conditions")
    near = [
        replace(plain[name], related=("lupus",) * (name == "multiple_sclerosis")) for name in plain
    ]
    near = [replace(one, broader=()) for one in near]
    tables["conditions"] = ConceptTable.from_scheme(ConceptScheme("conditions", near))
    query = profile("a", conditions=("lupus",), routes=("intravenous",))
    other = profile("b", conditions=("multiple_sclerosis",), routes=("intravenous",))
    assert reason_sentence(compare_facts(query, other, tables)) == (
        "Similar disease (multiple sclerosis vs lupus); same route (intravenous)."
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
    assert reason_sentence(facts).endswith("phase 2 vs no phase.")
    facts = compare_facts(profile("a", "PHASE2"), profile("b"), tables)
    assert reason_sentence(facts).endswith("phase 2 not stated by the kin.")
    facts = compare_facts(profile("a"), profile("b", "NA"), tables)
    assert reason_sentence(facts) == "Alike in their texts only."


@pytest.mark.parametrize(
    ("ours", "theirs", "said"),
    [
        ({"dose_per_kg": (2e6,)}, {"dose_per_kg": (2e6,)}, "Same dose (2 million cells per kg)."),
        (
            {"dose_per_kg": (2e6,)},
            {"dose_per_kg": (1e6,)},
            "About the same dose: 1 vs 2 million cells per kg.",
        ),
        (
            {"dose_total": (2e6, 8e6)},
            {"dose_total": (1e8,)},
            "Alike in their texts only; dose 100 vs 2 to 8 million cells.",
        ),
        (
            {"dose_total": (5e5,)},
            {"dose_total": (2e7, 1.5e9)},
            "Alike in their texts only; dose 20 million to 1.5 billion vs 500,000 cells.",
        ),
        (
            {"dose_total": (1e7, 3e7)},
            {"dose_total": (2.5e5, 6e6)},
            "About the same dose: 0.25 to 6 vs 10 to 30 million cells.",
        ),
        (
            {"dose_total": (2e9,)},
            {"dose_total": (6e8, 1.2e9)},
            "About the same dose: 600 million to 1.2 billion vs 2 billion cells.",
        ),
        (
            {"dose_total": (2e9,)},
            {"dose_total": (5e5, 1.2e9)},
            "About the same dose: 0.5 million to 1.2 billion vs 2 billion cells.",
        ),
        (
            {"dose_per_kg": (1e6,)},
            {"dose_total": (7e7,)},
            "Alike in their texts only; dose 70 million cells vs 1 million cells per kg.",
        ),
        ({"dose_per_kg": (1e6,)}, {}, "Alike in their texts only."),
        ({"dose_per_kg": (0.0,)}, {"dose_per_kg": (1e6,)}, "Alike in their texts only."),
    ],
)
def test_doses_are_told_as_people_read_them(ours, theirs, said, tables):
    query = Profile(nct_id="a", doses=Doses(**ours))
    other = Profile(nct_id="b", doses=Doses(**theirs))
    assert reason_sentence(compare_facts(query, other, tables)) == said


def test_how_often_it_is_given_is_a_fact(tables):
    query = Profile(nct_id="a", doses=Doses(administrations=(1, 3)))
    other = Profile(nct_id="b", doses=Doses(administrations=(1, 3)))
    (fact,) = compare_facts(query, other, tables)
    assert fact == Fact(
        "dose", "same", ("given once", "given 3 times"), ("given once", "given 3 times")
    )
    assert compare_facts(query, profile("c"), tables)[0].relation == "not stated"


def test_an_explanation_is_the_same_first_and_when_it_is_kept(tables):
    pairs = [
        (profile("a", "PHASE1", conditions=("lupus",)), profile("b", conditions=("lupus",))),
        (profile("a", "PHASE1", conditions=("lupus",)), profile("b", donors=("allogeneic",))),
        (profile("a"), Profile(nct_id="b", doses=Doses(dose_total=(7e7,)))),
        (profile("a"), profile("b")),
    ]
    reasons = Reasons(tables)
    for query, other in pairs * 2:
        asked = Stated.of(query), Stated.of(other)
        facts, told = compare_facts(query, other, tables), reasons.explain(*asked)
        assert told == Reasons(tables).explain(*asked)
        assert told.reason == reason_sentence(facts)
        assert all(fact.relation in ("same", "akin") for fact in told.shared)
        assert sorted((*told.shared, *told.differing), key=facts.index) == list(facts)
