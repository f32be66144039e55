"""Classes of phrasing on schedules and doses, each with words from real records."""

from __future__ import annotations

import pytest

from kg.cell_facts.dosing import extract_dosing_facts
from kg.cell_facts.model import CellFacts
from kg.study import parse_study
from tests.kg.cell_facts.conftest import make_study


def of_arm(field: str, arm: str) -> list[str | int | float]:
    study = make_study("Mesenchymal stem cells", arms=(("EXPERIMENTAL", "A", arm),))
    return CellFacts(study.nct_id, extract_dosing_facts(study)).values(field)


@pytest.mark.parametrize(
    ("text", "counts"),
    [
        ("MSC IV at Day 0, Day 2, Day 4, Week 2, Week 6 and every 8 weeks thereafter to week 46",
         [10]),
        ("MSC at Day 0, 2, 4 Week 2, 6", [5]),
        ("doses of MSC at 1st and 3rd day (thawed), 5th-7th and 9th day", [5]),
        ("On D1 and D3, each participant will receive an infusion of MSC", [2]),
        ("Single IV dose of MSC. Joint assessment will be administered at 1, 3 and 6 months.", [1]),
        ("MSC; the scale is given at infusion 1 and 7", []),
        ("injection of menstrual blood stem cells on day 1, day 2, day 3", [3]),
        ("MSC 3000000/kg/d on day 1 to 3", [3]),
        ("exosome ointment of MSC (TID per day, 20 days)", [60]),
        ("MSC injection, infusion number: 8 (once every two weeks)", [8]),
        ("MSC (total # doses = 15)", [15]),
        ("1st transplantation: MSC on Day 0; 2nd transplantation: MSC on Day 7", [2]),
        ("1st dose of 125 million MSC and the 2nd dose only if no improvement", [1, 2]),
        ("one prenatal dose of MSC followed by three postnatal doses", [4]),
        ("MSC injections twice in a 26-day interval followed by three injections", [5]),
        ("MSC in the first and fourth week", [2]),
        ("MSC infused for 3 times in every 2 weeks", [3]),
        ("MSC frequency: twice a week duration: 12 weeks", [24]),
        ("another dose of MSC is administered one week later", [2]),
        ("MSC, another infusion will be performed for cross-over re-treatment", []),
        ("if there is improvement, patients will receive a second dose of MSC", [1, 2]),
        ("MSC at baseline with a possible repeat injection at 3 months", [1, 2]),
        ("a single i.v infusion of MSC", [1]),
        ("single infusion of MSC 1 day after stereotactic aspiration", [1]),
        ("MSC; 3 injection points for each ovary", []),
        ("Rituximab, 100 mg, a total of 4 times; MSC, a total of 2 times", [2]),
        ("MSC infusions every 3 months for a year", [4]),
        ("MSC in the muscle. This injection is repeated every 6 month up to 2 years", [4]),
        ("4 doses of MSC. Each dose will be administered about every 13 weeks within a year", [4]),
        ("MSC once time. If a defect was noted, a second MSC injection was performed.", [1]),
        ("MSC infused on Day 1 and repeated on Day 4", [2]),
        ("MSC infused on Day 1 and repeated on Day 4 provided that there is no recovery", [1, 2]),
        ("MSC infused, repeated on day 4 if ill. MSC infused, repeated on day 4 if ill.", [1, 2]),
        ("MSC injected at baseline and possibly again after 3 months", [1, 2]),
        ("MSC infused once; the visit is repeated on day 7", [1]),
        ("with stem cells 15x10^6 cells in 2 cc saline solution once at baseline", [1]),
        ("MPC infused Intracoronary for 60 min including line flush (2.5x10^5 MPCs/min) on Day 0",
         [1]),
        ("MSC twice a week for two weeks and weekly for the following two weeks(6 doses totally)",
         [6]),
        ("MSC weekly for the first 8 infusions. The total number of infusions will be 12.", [12]),
        ("One Single Bone Marrow Aspirate Hip Injection", [1]),
        ("One bone marrow aspiration by injection needle", []),
        ("TBI patients receive a single IV infusion of BMMNs", [1]),
        ("10 injections of MSC at 4 week intervals for a maximum of 4 treatment sessions", [4]),
    ],
)  # fmt: skip
def test_administrations(text: str, counts: list[int]) -> None:
    assert of_arm("administrations", text) == counts


@pytest.mark.parametrize(("levels", "counts"), [((1, 2, 4), []), ((1, 2), [3])])
def test_as_many_doses_as_levels_in_a_title_are_levels(
    levels: tuple[int, ...], counts: list[int]
) -> None:
    study = make_study(
        "Intravenous administration of the therapy with 3 doses of MSC",
        arms=tuple(("EXPERIMENTAL", "A", f"MSC {level} million cells/kg") for level in levels),
    )
    facts = CellFacts(study.nct_id, extract_dosing_facts(study))
    assert facts.values("administrations") == counts


def test_assays_that_are_repeated_are_no_second_dose() -> None:
    study = make_study(
        "Mesenchymal stem cells",
        description="A single dose of MSC is infused. Post-infusion tests are repeated at Day 7.",
    )
    facts = CellFacts(study.nct_id, extract_dosing_facts(study))
    assert facts.values("administrations") == [1]


def test_a_disinfection_is_no_dose() -> None:
    study = make_study(
        "Mesenchymal stem cells", description="At the injection use povidone iodine 3 times."
    )
    assert extract_dosing_facts(study) == ()


def test_a_total_in_prose_is_believed_before_a_visits_dose() -> None:
    study = make_study(
        "Mesenchymal stem cells",
        description="One infusion of MSC lasts 1 hour. MSC are given for a total of 10 infusions.",
    )
    facts = CellFacts(study.nct_id, extract_dosing_facts(study))
    assert facts.values("administrations") == [10]


@pytest.mark.parametrize(
    ("field", "text", "values"),
    [
        ("dose_total", "injection of 10x10^6 unit of umbilical cord mesenchymal stem cells",
         [10_000_000]),
        ("dose_total", "UC-MSCs 3.3 * 10^7 cells / 50ml / bag, 3 bags each time", [99_000_000]),
        ("dose_total", "10 million cells, 4 doses in total and 40 million of MSC in total",
         [10_000_000]),
        ("dose_total", "total dose of 20 million cells, given in 11 injections of 50 µL",
         [20_000_000]),
        ("dose_total", "P-MMSCs up to 2 x 10^7 cells (target dose up to 6 x 10^7 cells)",
         [20_000_000]),
        ("dose_total", "10 million MSC each time, number of cells per protocol 40 million",
         [10_000_000]),
        ("dose_per_kg", "1x10^6 unit of mesenchymal stem cells (UC-MSCs)/kg", [1_000_000]),
    ],
)  # fmt: skip
def test_doses(field: str, text: str, values: list[int]) -> None:
    assert of_arm(field, text) == values


def test_other_names_of_the_product_may_state_its_dose() -> None:
    study = parse_study(
        {
            "protocolSection": {
                "identificationModule": {"nctId": "NCT00000001", "briefTitle": "Stem cells"},
                "armsInterventionsModule": {
                    "interventions": [
                        {"name": "Stem cells", "otherNames": ["3-5 million autologous MSCs"]}
                    ]
                },
            }
        }
    )
    facts = CellFacts(study.nct_id, extract_dosing_facts(study))
    assert facts.values("dose_total") == [3_000_000, 5_000_000]
    assert facts.of("dose_total")[0].evidence[0].path == "interventions[0].other_names[0]"
