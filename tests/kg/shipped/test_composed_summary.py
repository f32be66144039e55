"""Composed summaries say what is registered, in words, and nothing else."""

from __future__ import annotations

from typing import Any

import pytest

from kg.shipped.composed_summary import MARK, compose_summary
from kg.study import Study, parse_study


def _study(**modules: Any) -> Study:
    identification = {"identificationModule": {"nctId": "NCT00000001"}}
    return parse_study({"protocolSection": {**identification, **modules}})


def _interventions(*names: str) -> dict[str, Any]:
    return {"interventions": [{"type": "BIOLOGICAL", "name": name} for name in names]}


def _summary(study: Study) -> str:
    text = compose_summary(study)
    assert text.endswith(f" {MARK}")
    return text.removesuffix(f" {MARK}")


def test_a_full_record_is_told_in_full() -> None:
    study = _study(
        designModule={
            "studyType": "INTERVENTIONAL",
            "phases": ["PHASE1", "PHASE2"],
            "designInfo": {
                "allocation": "RANDOMIZED",
                "interventionModel": "PARALLEL",
                "primaryPurpose": "TREATMENT",
                "maskingInfo": {"masking": "QUADRUPLE"},
            },
            "enrollmentInfo": {"count": 18, "type": "ESTIMATED"},
        },
        conditionsModule={"conditions": ["Sclerosis, Systemic", "Mesenchymal Stem Cells"]},
        armsInterventionsModule={
            "armGroups": [
                {"label": "One infusion", "type": "EXPERIMENTAL"},
                {"label": "No infusion", "type": "PLACEBO_COMPARATOR"},
            ],
            **_interventions("UCMSC", "Placebo"),
        },
        eligibilityModule={"minimumAge": "18 Years", "sex": "ALL"},
        sponsorCollaboratorsModule={
            "leadSponsor": {"name": "Example Hospital"},
            "collaborators": [{"name": "A"}, {"name": "B"}],
        },
        contactsLocationsModule={
            "locations": [{"country": "Canada"}, {"country": "Spain"}, {"country": "Canada"}]
        },
    )
    assert _summary(study) == (
        "Phase 1/2 randomized, quadruple-masked, placebo-controlled, parallel-group treatment "
        "trial of UCMSC, compared with Placebo, in Sclerosis, Systemic. "
        "Arms: One infusion (experimental); No infusion (placebo comparator). "
        "18 participants (estimated), aged 18 years or older. "
        "Sponsored by Example Hospital with 2 collaborators; sites in Canada and Spain."
    )


def test_an_empty_record_says_nothing_but_what_it_is() -> None:
    assert _summary(_study()) == "Trial."


def test_a_remark_stands_after_the_first_sentence() -> None:
    text = compose_summary(_study(), "The cells are given by mouth.")
    assert text == f"Trial. The cells are given by mouth. {MARK}"


@pytest.mark.parametrize(
    ("design", "expected"),
    [
        ({"studyType": "EXPANDED_ACCESS"}, "Expanded access of X in Y."),
        (
            {
                "studyType": "OBSERVATIONAL",
                "designInfo": {"observationalModel": "COHORT", "timePerspective": "PROSPECTIVE"},
            },
            "Observational prospective cohort study of X in Y.",
        ),
        ({"studyType": "INTERVENTIONAL", "phases": ["NA"]}, "Interventional trial of X in Y."),
        (
            {
                "studyType": "INTERVENTIONAL",
                "phases": ["EARLY_PHASE1"],
                "designInfo": {"maskingInfo": {"masking": "NONE"}, "primaryPurpose": "OTHER"},
            },
            "Early phase 1 open-label interventional trial of X in Y.",
        ),
        ({"studyType": "SOMETHING_NEW", "phases": ["PHASE9"]}, "Trial of X in Y."),
    ],
)
def test_kinds_of_study(design: dict[str, Any], expected: str) -> None:
    study = _study(
        designModule=design,
        conditionsModule={"conditions": ["Y"]},
        armsInterventionsModule=_interventions("X"),
    )
    assert _summary(study) == expected


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (("A", "a", "A."), "Trial of A."),
        (("A", "B", "C"), "Trial of A, B and C."),
        (("A, with B", "C"), "Trial of A, with B; and C."),
        (tuple("ABCDEFG"), "Trial of A, B, C, D, E, F and G."),
        (tuple("ABCDEFGH"), "Trial of A, B, C, D, E, F and 2 more."),
        (("Placebo",), "Trial of Placebo."),
        (("A", "Sham puncture"), "Trial of A, compared with Sham puncture."),
    ],
)
def test_lists_of_interventions(names: tuple[str, ...], expected: str) -> None:
    assert _summary(_study(armsInterventionsModule=_interventions(*names))) == expected


@pytest.mark.parametrize(
    ("conditions", "expected"),
    [
        (["Stem Cells", "Ataxia"], "Trial in Ataxia."),
        (["Bone Marrow Mesenchymal Stromal Cells"], None),
        (["Limbal Stem-cell Deficiency"], "Trial in Limbal Stem-cell Deficiency."),
        (["Bone Marrow"], "Trial in Bone Marrow."),
    ],
)
def test_a_product_in_the_place_of_a_condition_is_passed_over(
    conditions: list[str], expected: str | None
) -> None:
    study = _study(conditionsModule={"conditions": conditions})
    assert _summary(study) == (expected or f"Trial in {conditions[0]}.")


@pytest.mark.parametrize(
    ("eligibility", "enrollment", "expected"),
    [
        ({"minimumAge": "18 Years", "maximumAge": "65 Years"}, {}, "aged 18 to 65 years."),
        ({"minimumAge": "6 Months", "maximumAge": "1 Year"}, {}, "aged 6 months to 1 year."),
        ({"maximumAge": "75 Years"}, {}, "aged up to 75 years."),
        ({"minimumAge": "N/A"}, {"count": 1}, "1 participant."),
        ({"sex": "FEMALE"}, {"count": 3, "type": "ACTUAL"}, "3 female participants (actual)."),
        ({}, {"count": 0}, "0 participants."),
        ({"sex": "MALE"}, {"count": 99999999}, "Male participants."),
        (
            {"stdAges": ["CHILD", "ADULT"], "healthyVolunteers": True},
            {"count": 9},
            "9 participants: children and adults; healthy volunteers accepted.",
        ),
    ],
)
def test_participants(
    eligibility: dict[str, Any], enrollment: dict[str, Any], expected: str
) -> None:
    study = _study(eligibilityModule=eligibility, designModule={"enrollmentInfo": enrollment})
    assert _summary(study).endswith(expected)
