"""Predecessors by phase, re-treatment, and numbers and names that only look alike."""

from __future__ import annotations

import pytest

from kg.relations.identifiers import without_extension_suffix
from kg.relations.product_words import is_generic
from tests.kg.relations.conftest import Make, Relate

A, B, C, D = "NCT00000011", "NCT00000012", "NCT00000013", "NCT00000014"
PRODUCT = {"interventions": ["ABC-123"], "sponsor": "Beta Ltd"}


def predecessors(relate: Relate, *keys: object) -> set[tuple[str, str]]:
    found = relate(*keys)  # type: ignore[arg-type]
    return {(one, other) for kind, one, other in found if kind == "predecessor_of"}


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        ({}, {}, True),
        ({"ages": ("18 Years", "70 Years")}, {"ages": ("2 Months", "17 Years")}, False),
        ({"ages": ("6 Months", "70 Years")}, {"ages": ("2 Months", "17 Years")}, True),
        ({"ages": (None, "28 Days")}, {"ages": ("23 Weeks", "34 Weeks")}, True),
        ({"ages": ("18 Years", None)}, {"ages": (None, "17 Years")}, False),
        ({"status": "WITHDRAWN"}, {}, False),
        ({"conditions": ["Multiple Sclerosis"]},
         {"conditions": ["Relapsing Remitting Multiple Sclerosis"]}, False),
        ({}, {"conditions": ["Crohn Disease"]}, False),
        ({}, {"sponsor": "Somebody Else"}, False),
        ({}, {"title": "Durability Study of ABC-123"}, False),
    ],
)  # fmt: skip
def test_the_phase_below_is_a_predecessor_for_the_same_people_only(
    make_key: Make,
    relate: Relate,
    first: dict[str, object],
    second: dict[str, object],
    expected: bool,
) -> None:
    one = make_key(A, **PRODUCT | {"phases": ["PHASE1"], "start": "2012"} | first)
    other = make_key(B, **PRODUCT | {"phases": ["PHASE2"], "start": "2014"} | second)
    assert predecessors(relate, one, other) == ({(A, B)} if expected else set())


def test_a_line_of_development_is_followed_in_its_country(make_key: Make, relate: Relate) -> None:
    def trial(nct_id: str, phase: str, start: str, country: str) -> object:
        return make_key(nct_id, **PRODUCT, phases=[phase], start=start, countries=[country])

    korea = trial(A, "PHASE2", "2015", "Korea, Republic of")
    america = trial(B, "PHASE2", "2016", "United States")
    later = trial(C, "PHASE3", "2018", "Korea, Republic of")
    abroad = trial(D, "PHASE3", "2019", "Japan")
    assert predecessors(relate, korea, america, later) == {(A, C)}
    # Where none was at home, all of the phase below count.
    assert predecessors(relate, korea, america, abroad) == {(A, D), (B, D)}


def test_a_retreatment_study_follows_the_trial_of_its_phase(make_key: Make, relate: Relate) -> None:
    given = {"interventions": ["ABC-123"], "phases": ["PHASE3"]}
    first = make_key(A, **given, start="2007")
    again = make_key(
        B, **given, start="2008", title="A Phase III Durability and Retreatment Study of ABC-123"
    )
    assert ("extension_of", B, A) in relate(first, again)


@pytest.mark.parametrize(
    ("number", "expected"),
    [("A533300", False), ("A53330012", True), ("UW-2019-0497", True)],
)
def test_a_short_number_of_no_registry_may_be_an_account(
    make_key: Make, relate: Relate, number: str, expected: bool
) -> None:
    given = {"secondary_ids": [(number, "OTHER")], "phases": []}
    found = relate(make_key(A, **given), make_key(B, **given))
    assert (("same_programme", A, B) in found) == expected


def test_a_short_number_that_is_one_trial_s_own_is_none(make_key: Make, relate: Relate) -> None:
    first = make_key(A, secondary_ids=[("A533300", "OTHER")])
    assert ("same_programme", A, B) in relate(first, make_key(B, org_id="A533300"))


def test_two_titles_with_the_disease_in_capitals_are_no_programme(
    make_key: Make, relate: Relate
) -> None:
    def title(drug: str) -> str:
        return f"A trial of {drug} in gastrointestinal tumours (GISTUM)"

    keys = make_key(A, title=title("one")), make_key(B, title=title("two"))
    named = make_key(C, title="Further work", acronym="GISTUM")
    assert not relate(*keys)
    found = relate(*keys, named)
    assert ("same_programme", A, B) not in found
    assert {("same_programme", A, C), ("same_programme", B, C)} <= found.keys()


def test_one_paper_cited_twice_relates_no_trial_to_itself(make_key: Make, relate: Relate) -> None:
    paper = ("1", "DERIVED", "MESEMX: a trial.")
    found = relate(
        make_key(A, acronym="MESEMX", references=[paper, paper]), make_key(B, references=[paper])
    )
    assert all(one != other for _, one, other in found)
    assert ("same_programme", A, B) in found


@pytest.mark.parametrize("name", ["ucb" * 400 + "zz", "hu" * 40_000, "es" * 40_000 + "q"])
def test_a_long_row_of_pieces_is_no_name_and_takes_no_time(name: str) -> None:
    assert is_generic(name)


def test_hostile_fields_come_to_an_end(make_key: Make) -> None:
    # Minutes and hours where a pattern goes back and forth over them.
    blanks, letters = " " * 200_000, "a" * 200_000
    key = make_key(
        A,
        title=f"X{blanks}1",
        official_title=letters,
        acronym=f"ABC{blanks}X",
        org_id=f"AB12{blanks}X",
        interventions=[f"Zetastem{blanks}x", letters],
        eligibility=f"Exclusion Criteria: {'NCT00000012 ' * 5_000}",
    )
    assert {name.words for name in key.products.names} == {"Zetastem"}
    assert 0 < len(key.nct_mentions) < 1_000
    assert without_extension_suffix(f"AB12{blanks}-FU") is None


@pytest.mark.parametrize("pmid", ["0", "000", "N/A", "none", "1234567890"])
def test_what_is_no_publication_s_number_is_shared_by_nobody(
    make_key: Make, relate: Relate, pmid: str
) -> None:
    given = {"references": [(pmid, "RESULT", "A paper."), ("12", "BACKGROUND", "Another.")]}
    assert not relate(make_key(A, **given), make_key(B, **given))
