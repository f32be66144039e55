"""Each rule: what it must find, and the near miss that it must leave."""

from __future__ import annotations

import itertools

import pytest

from kg.relations import RELATION_KINDS, SYMMETRIC_KINDS, find_relations
from kg.relations.rules import SHARED_ID_LIMIT, SHARED_PAPER_LIMIT
from tests.kg.relations.conftest import Make, Relate

A, B, C = "NCT00000011", "NCT00000012", "NCT00000013"
PAPER = ("31072380", "DERIVED", "Someone A. A protocol (MESEMX): a randomised trial. 2019.")


def test_an_id_in_a_text_is_a_mention_with_its_place(make_key: Make, relate: Relate) -> None:
    summary = f"Cells as in the other trial ({A})."
    found = relate(make_key(A), make_key(B, summary=summary, sponsor="Beta"))
    (relation,) = found.values()
    assert (relation.kind, relation.from_nct_id, relation.to_nct_id) == ("mentions", B, A)
    (evidence,) = relation.evidence
    assert (evidence.nct_id, evidence.path, evidence.words) == (B, "brief_summary", A)
    assert summary[evidence.start : evidence.end] == A


@pytest.mark.parametrize(
    "written", ["NCT 00000011", "nct00000011", "NCT: 00000011", "#NCT00000011"]
)
def test_ids_are_read_as_people_write_them(make_key: Make, relate: Relate, written: str) -> None:
    assert ("mentions", B, A) in relate(make_key(A), make_key(B, description=f"See {written}."))


def test_former_ids_lead_to_the_trial_and_unknown_ids_to_nothing(
    make_key: Make, relate: Relate
) -> None:
    old = make_key(A, aliases=["NCT00000099"])
    keys = old, make_key(B, summary="As NCT00000099."), make_key(C, summary="As NCT00000098.")
    assert list(relate(*keys)) == [("mentions", B, A)]


def test_eligibility_and_links_are_read_too(make_key: Make, relate: Relate) -> None:
    link = f"http://clinicaltrials.gov/ct2/show/{A}?rank=1"
    keys = make_key(A), make_key(B, links=[link]), make_key(C, eligibility=f"Was in {A}.")
    assert {("mentions", B, A), ("mentions", C, A)} <= relate(*keys).keys()


def test_a_follow_up_that_names_its_trial_is_its_extension(make_key: Make, relate: Relate) -> None:
    later = make_key(
        B,
        title="Follow-up Study of Cells",
        summary=f"Subjects who participated in and completed the trial ({A}) will be followed.",
        phases=[],
        start="2018-01",
    )
    found = relate(make_key(A), later)
    assert found["extension_of", B, A].confidence == 0.95
    assert not any(kind == "predecessor_of" for kind, _, _ in found)


def test_excluded_earlier_participants_make_no_extension(make_key: Make, relate: Relate) -> None:
    text = f"Inclusion Criteria: adults\n\nExclusion Criteria: enrolled in the trial {A}"
    assert list(relate(make_key(A), make_key(B, eligibility=text))) == [("mentions", B, A)]


def test_a_trial_with_a_follow_up_of_its_own_is_no_extension(
    make_key: Make, relate: Relate
) -> None:
    given = {"interventions": ["ABC-123"], "sponsor": "Beta Ltd"}
    later = make_key(B, title="Phase 2 trial with a one-year follow-up", start="2019", **given)
    found = relate(make_key(A, **given), later)
    assert ("extension_of", B, A) not in found


@pytest.mark.parametrize("mark", ["-FU", "-E", "_EXT", "-F/U-5y", " LTFU", "-LTFU"])
def test_a_marked_study_number_points_at_its_parent(
    make_key: Make, relate: Relate, mark: str
) -> None:
    found = relate(make_key(A, org_id="CS10-MSA101"), make_key(B, org_id=f"CS10-MSA101{mark}"))
    assert ("extension_of", B, A) in found


def test_a_study_number_in_a_text_needs_people_in_common(make_key: Make, relate: Relate) -> None:
    summary = "Only subjects previously enrolled in protocol ABCD-2002 take part."
    first = make_key(A, org_id="ABCD-2002")
    assert ("extension_of", B, A) in relate(first, make_key(B, summary=summary))
    assert not relate(first, make_key(B, summary=summary, sponsor="Somebody Else"))


def test_a_follow_up_by_title_needs_one_parent_only(make_key: Make, relate: Relate) -> None:
    later = make_key(
        C, title="Follow-up Study of Zetastem", interventions=["Zetastem"], start="2019", phases=[]
    )
    first = make_key(A, interventions=["Zetastem"])
    assert relate(first, later)["extension_of", C, A].confidence == 0.85
    second = make_key(B, interventions=["Zetastem"])
    assert ("extension_of", C, A) not in relate(first, second, later)


def test_phases_of_one_product_follow_each_other(make_key: Make, relate: Relate) -> None:
    given = {"interventions": ["ABC-123"], "sponsor": "Beta Ltd"}
    first = make_key(A, phases=["PHASE1"], start="2012", **given)
    second = make_key(B, phases=["PHASE2"], start="2014", **given)
    third = make_key(C, phases=["PHASE3"], start="2016", **given)
    found = {key for key in relate(first, second, third) if key[0] == "predecessor_of"}
    assert found == {("predecessor_of", A, B), ("predecessor_of", B, C)}


def test_earlier_work_of_others_is_no_predecessor(make_key: Make, relate: Relate) -> None:
    summary = f"Based on previous results ({A})."
    own = make_key(B, summary=summary, start="2018")
    assert ("predecessor_of", A, B) in relate(make_key(A), own)
    other = make_key(B, summary=summary, start="2018", sponsor="Beta")
    assert ("predecessor_of", A, B) not in relate(make_key(A), other)


TITLE = "A Study of Umbilical Cord Cells Against Placebo in Adults"


def test_a_withdrawn_trial_registered_anew(make_key: Make, relate: Relate) -> None:
    first = make_key(A, title=TITLE, status="WITHDRAWN", enrollment=0)
    again = make_key(B, title=TITLE, status="RECRUITING", enrollment=60)
    assert ("re_registration_of", B, A) in relate(first, again)


@pytest.mark.parametrize(
    "other",
    [
        {"countries": ["Spain"]},
        {"phases": ["PHASE3"]},
        {"title": f"{TITLE} of Another Disease Altogether With Very Many Further Words"},
        {"sponsor": "Beta Ltd"},
    ],
)
def test_a_sister_trial_is_not_registered_anew(
    make_key: Make, relate: Relate, other: dict[str, object]
) -> None:
    first = make_key(A, title=TITLE, status="WITHDRAWN", enrollment=0)
    found = relate(first, make_key(B, **{"title": TITLE, "status": "RECRUITING"} | other))
    assert ("re_registration_of", B, A) not in found


def test_sites_of_one_protocol_by_a_paper_that_names_it(make_key: Make, relate: Relate) -> None:
    narrower = ["Relapsing Remitting Multiple Sclerosis"]
    keys = [
        make_key(A, sponsor="Alpha", acronym="MESEMX", references=[PAPER]),
        make_key(B, sponsor="Beta", references=[PAPER]),
        make_key(C, sponsor="Gamma", references=[PAPER], conditions=narrower),
    ]
    found = relate(*keys)
    for one, other in itertools.combinations((A, B, C), 2):
        assert ("same_programme", one, other) in found


def test_a_paper_of_background_or_of_two_names_makes_no_programme(
    make_key: Make, relate: Relate
) -> None:
    cited = (PAPER[0], "BACKGROUND", PAPER[2])
    first = make_key(A, acronym="MESEMX", references=[PAPER])
    assert ("same_programme", A, B) not in relate(first, make_key(B, references=[cited]))
    both = (PAPER[0], "DERIVED", "Pooled: MESEMX and OTHERX.")
    first = make_key(A, sponsor="Alpha", acronym="MESEMX", references=[both])
    second = make_key(B, sponsor="Beta", acronym="OTHERX", references=[both])
    assert ("same_programme", A, B) not in relate(first, second)


@pytest.mark.parametrize(
    "junk", ["N/A", "0000", "00000-00000", "IRB", "IRB 001", "2020", "1111", "12"]
)
def test_junk_numbers_join_nothing(make_key: Make, relate: Relate, junk: str) -> None:
    ids = {"secondary_ids": [(junk, "OTHER")], "org_id": junk}
    assert not relate(make_key(A, **ids), make_key(B, **ids))


def test_numbers_join_a_programme(make_key: Make, relate: Relate) -> None:
    eudract = {"secondary_ids": [("2010-023368-42", "EUDRACT_NUMBER")]}
    found = relate(make_key(A, sponsor="Alpha", **eudract), make_key(B, sponsor="Beta", **eudract))
    assert ("same_programme", A, B) in found
    grant = {"secondary_ids": [("5UM1HL087318", "U.S. NIH Grant/Contract")]}
    found = relate(make_key(A, **grant), make_key(B, **grant, conditions=["Asthma"]))
    assert ("same_programme", A, B) in found
    centre = {"secondary_ids": [("P30CA043703", "NIH")]}
    assert not relate(make_key(A, **centre), make_key(B, **centre))


def test_a_number_of_many_trials_tells_nothing(make_key: Make, relate: Relate) -> None:
    def keys(count: int) -> list[object]:
        return [
            make_key(f"NCT{n:08d}", secondary_ids=[("2010-023368-42", "EUDRACT_NUMBER")])
            for n in range(1, count + 1)
        ]

    assert len(relate(*keys(SHARED_ID_LIMIT))) == SHARED_ID_LIMIT * (SHARED_ID_LIMIT - 1) // 2
    assert not relate(*keys(SHARED_ID_LIMIT + 1))


def test_series_of_one_acronym(make_key: Make, relate: Relate) -> None:
    found = relate(make_key(A, acronym="SCOTX"), make_key(B, acronym="SCOTX2"))
    assert ("same_programme", A, B) in found
    assert not relate(make_key(A, acronym="SCOTX"), make_key(B, acronym="SCOTX2", sponsor="Beta"))
    assert not relate(make_key(A, acronym="UC-MSCs"), make_key(B, acronym="UC-MSCs"))
    asthma = make_key(B, acronym="SCOTX2", conditions=["Asthma"])
    assert not relate(make_key(A, acronym="SCOTX"), asthma)


def test_a_paper_cited_by_many_is_no_relation(make_key: Make, relate: Relate) -> None:
    keys = [
        make_key(f"NCT{n:08d}", references=[("7", "RESULT", "A paper.")])
        for n in range(1, SHARED_PAPER_LIMIT + 2)
    ]
    assert not relate(*keys)
    assert relate(*keys[:2])["shares_publication", "NCT00000001", "NCT00000002"].confidence == 1.0


def test_background_papers_count_in_pairs_only(make_key: Make, relate: Relate) -> None:
    one, two = [("7", "BACKGROUND", "x")], [("7", "BACKGROUND", "x"), ("8", "BACKGROUND", "y")]
    assert not relate(make_key(A, references=one), make_key(B, references=one))
    found = relate(make_key(A, references=two), make_key(B, references=two))
    assert found["shares_publication", A, B].confidence == 0.7


def test_a_pair_has_one_order_only(make_key: Make, relate: Relate) -> None:
    each = "Patients who completed {} are followed up in this extension."
    found = relate(
        make_key(A, title="Extension Study", summary=each.format(B)),
        make_key(B, title="Extension Study", summary=each.format(A)),
    )
    assert sum(kind == "extension_of" for kind, _, _ in found) == 1


def test_the_result_does_not_depend_on_order_and_symmetric_kinds_stand_once(
    make_key: Make,
) -> None:
    keys = [
        make_key(A, interventions=["ABC-123"], acronym="SCOTX", references=[PAPER]),
        make_key(B, interventions=["abc-123 ABC123"], acronym="SCOTX2", summary=f"See {A}."),
        make_key(C, interventions=["ABC-123"], references=[PAPER], phases=["PHASE2"], start="2018"),
    ]
    results = [list(find_relations(order)) for order in itertools.permutations(keys)]
    assert all(result == results[0] for result in results)
    assert results[0]
    for relation in results[0]:
        assert relation.kind in RELATION_KINDS
        assert relation.evidence
        assert relation.from_nct_id != relation.to_nct_id
        if relation.kind in SYMMETRIC_KINDS:
            assert relation.from_nct_id < relation.to_nct_id
    assert list(find_relations([])) == []
