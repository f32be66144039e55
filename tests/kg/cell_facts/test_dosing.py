from __future__ import annotations

from typing import Any

import pytest

from kg.cell_facts.dosing import extract_dosing_facts
from kg.cell_facts.model import CellFact
from kg.study import parse_study

M = 10**6


def study_with(
    arm: str = "",
    *,
    arm_type: str = "EXPERIMENTAL",
    title: str = "Mesenchymal stem cells",
    summary: str = "",
    criteria: str = "",
    more_arms: tuple[dict[str, str], ...] = (),
    interventions: tuple[dict[str, Any], ...] = (),
) -> Any:
    arms = [{"label": "A", "type": arm_type, "description": arm}, *more_arms]
    return parse_study(
        {
            "protocolSection": {
                "identificationModule": {"nctId": "NCT00000001", "briefTitle": title},
                "descriptionModule": {"briefSummary": summary},
                "eligibilityModule": {"eligibilityCriteria": criteria},
                "armsInterventionsModule": {
                    "armGroups": arms,
                    "interventions": list(interventions),
                },
            }
        }
    )


def values(field: str, arm: str = "", **more: Any) -> list[Any]:
    facts = extract_dosing_facts(study_with(arm, **more))
    return [fact.value for fact in facts if fact.field == field]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2 million cells/kg; 5 million cells/kg", [2 * M, 5 * M]),
        ("0.5×10^6, 1.0×10^6, or 1.5×10^6 cells/kg", [500000, M, 1500000]),
        ("1x 10^6 allogeneic adipose-derived mesenchymal stem cells/kg body weight", [M]),
        ("1.5 million (aMBMC) per kg", [1500000]),
        ("10^6 (1 million) /Kg/person cells", [M]),
        ("1*10E6 UC-MSCs/kg body weight/100mL", [M]),
        ("a single dose of 1 x 10^6 cells/kg or a maximum dose of 1 x 10^8 total cells", [M]),
        ("doses of 5x10^6~1x10^7 per kilogram of body weight", [5 * M, 10 * M]),
    ],
)
def test_cells_per_kilogram(text: str, expected: list[int]) -> None:
    assert values("dose_per_kg", text) == expected
    assert values("dose_total", text) == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("injection of 15,000,000 mesenchymal stem cells", [15 * M]),
        ("5×106/0.5ml MSC was injected", [5 * M]),
        ("lowest dose (94x106 cells), then 141x106 and 188x106 cells", [94 * M, 141 * M, 188 * M]),
        ("Single injection of stem cells at dose of 100M", [100 * M]),
        ("2 x 10^7 cells in each knee", [20 * M]),
        ("100-300 million allogeneic stem cells were infused", [100 * M, 300 * M]),
        ("Total dose of 300 x 106 CME, given in 3 injections of 100 x 106 CME", [100 * M]),
        ("5-Flucytosine 150m per kilogram, stem cells", []),
        ("stem cells infused at a rate of 5.0 x 10^6 hMSC/minute", []),
        ("bone marrow harvested with 1x10^9 cells", []),
        ("CD4+ count < 200 x 10^6 cells/L", []),
        ("ANC > 2.5 x 109/L after stem cells", []),
    ],
)
def test_cells_in_all(text: str, expected: list[int]) -> None:
    assert values("dose_total", text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("dose group: 1 x 10e6 cells/cm²", ["1e6 cells per cm2"]),
        ("The dosage range of each cm2 ulcer wound is (1～5)×10^6", ["1e6-5e6 cells per cm2"]),
        ("1 million cells/ml of ALLO-ASC will be injected", ["1e6 cells per mL"]),
        ("30 injection sites with 5*10^6 MSCs each", ["5e6 cells per site"]),
        ("inhalation of exosomes (2.0*10^8 nano vesicles/3 ml)", ["2e8 particles"]),
    ],
)
def test_other_units(text: str, expected: list[str]) -> None:
    assert values("dose_other", text) == expected
    assert values("dose_total", text) == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Single intravenous infusion of stem cells", [1]),
        ("receive 2 million cells per Kg via portal vein once.", [1]),
        ("One time IV Infusion of hMSCs", [1]),
        ("once intracavernous injection of stem cells", [1]),
        ("two infusions of stem cells", [2]),
        ("receive one or two injections of cells", [1, 2]),
        ("Once every week，a total of two times.", [2]),
        ("UC-MSC infusions on two occasions at weekly intervals", [2]),
        ("stem cells twice with 2 weeks interval via intra-articular injection", [2]),
        ("cells/kg administered at days 1, 8 and 15", [3]),
        ("infusions of COVI-MSC on Day 0, Day 2, and Day 4", [3]),
        ("MSC infused on days 42-45, 84-87, and 126-129 after first infusion", [3]),
        ("cells infused during kidney transplant operation and on 7, 14, and 21 POD", [4]),
        ("infusion of stem cells once weekly for 4 weeks", [4]),
        ("cells given intravenously twice weekly for 2 weeks", [4]),
        ("MSC, once per 4 week, at a dose of 0.5*10E6 MSC/kg body for 12 weeks", [3]),
        ("cells per week for the first 4 weeks and then every two weeks for 8 weeks infused", [8]),
        ("6 times MSC infusions: once a week for 4 weeks, last two times 2 weeks apart", [6]),
        ("first at baseline, and the second transplantation will be performed after a week", [2]),
        ("If needed a second dose of stem cells will be given", []),
        ("stem cells as single dose (high dose group) or repeated after 48 h", [1, 2]),
        ("repeated infusions of stem cells", []),
        ("patients in two dose levels receive stem cells", []),
        ("at 5 dose levels stem cells", []),
        ("15 intramyocardial injections of stem cells", []),
        ("20 mg prednisone twice daily for 2 weeks", []),
        ("after stem cells patients are evaluated at day 1, 7 and 30", []),
        ("stem cells (20 million) delivered via infusion", []),
    ],
)
def test_number_of_administrations(text: str, expected: list[int]) -> None:
    assert values("administrations", text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Cryopreserved allogeneic MSCs", ["cryopreserved"]),
        ("two doses of thawed UC-MSC product", ["cryopreserved"]),
        ("Fresh, non cryopreserved, autologous MSCs", ["fresh"]),
        ("stem cells in fresh frozen plasma", []),
        ("flasks with fresh media, stem cells", []),
    ],
)
def test_preparation(text: str, expected: list[str]) -> None:
    assert values("preparation", text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("stem cells (passage 3-5) suspension", [3, 5]),
        ("Cells at P3 will be used for transplantation in patients", [3]),
        ("cells were collected after the third passage and injected", [3]),
        ("cells of early passages (up to P5) suspension", [5]),
        ("fistula: an abnormal passage between stem cells", []),
        ("Simon plan, P0=25%, P1=60% of cells", []),
    ],
)
def test_passage(text: str, expected: list[int]) -> None:
    assert values("passage", text) == expected


def test_isct_criteria_named_of_the_product() -> None:
    text = "cells adherent to plastic: CD73+, CD90+, CD105+, CD34-; trilineage differentiation"
    assert values("isct_criteria", text) == [
        "CD105",
        "CD34 negative",
        "CD73",
        "CD90",
        "plastic adherence",
        "trilineage differentiation",
    ]


def test_eligibility_criteria_are_never_read() -> None:
    assert values("dose_total", criteria="Received 5 x 10^6 stem cells in a single dose") == []
    assert values("administrations", criteria="a single dose of stem cells") == []


def test_comparator_arms_are_not_read() -> None:
    placebo = {
        "label": "P",
        "type": "PLACEBO_COMPARATOR",
        "description": "two infusions without 5 x 10^6 cells",
    }
    assert values("administrations", "single dose of stem cells", more_arms=(placebo,)) == [1]
    assert values("dose_total", "stem cells", more_arms=(placebo,)) == []


def test_placebo_and_drugs_among_the_interventions_are_not_read() -> None:
    items = (
        {"type": "BIOLOGICAL", "name": "MSC", "description": "two infusions of MSC"},
        {"type": "DRUG", "name": "Placebo", "description": "three infusions"},
        {"type": "DRUG", "name": "Rituximab", "description": "four doses of rituximab"},
    )
    assert values("administrations", interventions=items) == [2]


def test_background_in_prose_is_not_read() -> None:
    told = "A previous study gave 5 x 10^6 stem cells. Patients will receive 2 x 10^7 stem cells."
    assert values("dose_total", summary=told) == [20 * M]


def test_a_trial_without_cells_has_no_facts() -> None:
    study = study_with("single dose", title="Radiotherapy", summary="Twice daily")
    assert extract_dosing_facts(study) == ()
    named = CellFact("cell_types", "mesenchymal_stromal_cell", (), "x")
    assert [f.value for f in extract_dosing_facts(study, (named,))] == [1]


def test_evidence_cites_the_words_and_the_arms() -> None:
    items = (
        {
            "type": "BIOLOGICAL",
            "name": "MSC",
            "description": "2×10⁷ cells",
            "armGroupLabels": ["B"],
        },
    )
    arms = ({"label": "B", "type": "EXPERIMENTAL", "description": ""},)
    facts = extract_dosing_facts(study_with("cells", more_arms=arms, interventions=items))
    (fact,) = facts
    (evidence,) = fact.evidence
    assert (fact.field, fact.value, fact.rule, fact.arms) == (
        "dose_total",
        20 * M,
        "total_cells",
        (1,),
    )
    assert evidence.path == "interventions[0].description"
    assert "2×10⁷ cells"[evidence.start : evidence.end] == evidence.words == "2×10⁷"
    assert 0 < fact.confidence <= 1
