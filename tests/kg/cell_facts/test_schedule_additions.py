"""Schedules told by additions, phases and names of the product, as records write them."""

from __future__ import annotations

import pytest

from kg.cell_facts.dosing import extract_dosing_facts
from kg.cell_facts.model import CellFacts
from tests.kg.cell_facts.conftest import make_study


def counts(arm: str = "", **texts: str) -> list[str | int | float]:
    arms = (("EXPERIMENTAL", "A", arm),) if arm else ()
    study = make_study("Mesenchymal stem cells", arms=arms, **texts)
    return CellFacts(study.nct_id, extract_dosing_facts(study)).values("administrations")


@pytest.mark.parametrize(
    ("arm", "wanted"),
    [
        ("One injection of MSC. Up to 2 additional administrations will be given.", [3]),
        ("MSC at day 1. Patients have the option to receive an additional 3 infusions.", [1, 4]),
        ("MSC on days 1, 2, 3, and a fourth, optional dose may be given on day 7", [3, 4]),
        (("MSC once a week for 4 weeks. Participants with partial response will have 2 additional "
          "infusions administered on Day 29 and 36."), [4, 6]),
        (("An initial injection of MSC; subjects are eligible for re-injection at 3 months and/or "
          "6 months"), [1, 2, 3]),
        ("Injection of MSC 2 million cells in NaCl and booster with MSC in 3 weeks", [2]),
        ("Injection of MSC at baseline and again after 3 months if not completely healed", [1, 2]),
        ("Four doses of MSC, the first at birth, then the three additional doses", [4]),
        ("MSC, with an additional alternative treatment", []),
        ("MSC, an additional 4 weeks of treatment", []),
        (("2 infusions of MSC at interval of 7 days. Infusions will be repeated every 3 months "
          "for 1 year."), [8]),
        ("MSC twice per week in weeks 1-2 and once a week in weeks 3-4", [6]),
        ("MSC weekly (n=6) by IV infusion", [6]),
        ("MSC intravenously at surgery and day 4 post-transplant", [2]),
        ("MSC weekly for the first 8 infusions, followed by 4 infusion 2 weeks apart", [12]),
        ("one IC infusion of MSC followed by one IV infusion", [1]),
        ("MSC every other day for a period of 5 days", [3]),
        ("MSC once a week by the 4 consecutive therapies", [4]),
        ("exosome eye drops four times a day for 14 days", [56]),
        ("5-flucytosine orally 4 times a day for 7 days after MSC", []),
        ("MSC undergoing 2 treatment with 6 months interval", [2]),
        ("at least two fixed doses of MSC with 5 to 7 days of interval", [2]),
        ("MSC, 1-6 times treatment", [1, 6]),
        ("a total of 9 administrations of MSC divided into three administrations per cycle", [9]),
        ("MSC 1 one time intra-arterially, then IV 3 times/monthly -> Total four times", [4]),
        ("MSC injected divided in 2-3 injections around the lesion", []),
        ("MSC single IV, 1.106 cells/kg", [1]),
        ("Total number of MSC on Study Day 1", [1]),
        ("MSC once a day for three days and then placebo once a day for the next three days", [3]),
        ("Cohort 1 low dose of MSC, 20 million cells", []),
        ("One or two cord blood transplants with co-infusion of MSC", []),
        ("MSC intravenously, IN 6 divided doses, at interval of 1 week", [6]),
        ("MSC at a frequency of once a month (which may be changed if needed) for 6-9 months",
         [6, 9]),
        (("UC-MSCs by infusion, patients treated once a week. Each course of treatment lasted 3 "
         "weeks."), [3]),
        ("MSC injections twice in a 26-day interval followed by three times comparator injections",
         [2]),
        ("patients get one of three infusions; the MSC will only be dosed on day=1", [1]),
        ("nasal drop of MSC secretome 0.5 ml/day (secretome) for 30 days", [30]),
    ],
)  # fmt: skip
def test_arms(arm: str, wanted: list[int]) -> None:
    assert counts(arm) == wanted


@pytest.mark.parametrize(
    ("description", "wanted"),
    [
        ("Once treatment with MSC is indicated and accepted, patients sign the consent.", []),
        ("In this single-dose, two-arm study of MSC patients are graded (Crues et al.).", [1]),
        ("A. and colleagues gave MSC in two intravenous infusions [21].", []),
        ("Cells are followed every 6 weeks for 6 months (4 visits) after infusion of MSC.", []),
        ("Visit 2 - Infusion 1 (baseline). Visit 3 - Infusion 2. Visit 4 - Infusion 3.", [3]),
        ("Visit 2 - Infusion 1 (baseline). Visits 3 to 12 - Infusions 2 to 11.", [11]),
        (("Patients of the case group receive cell injection 1 and 4 months after bone marrow "
         "aspiration. Radiology 1 and 4 months after the injection."), [2]),
        (("Saline group: up to 2 additional treatments are applied at weeks 3 and 6 if needed. MSC "
         "group: at Day 1 MSC are delivered. Up to 2 additional treatments of MSC are applied at "
         "Weeks 3 & 6 if the wound is not healed."), [1, 3]),
        ("Each group was treated for two cycles.", [2]),
        (("Patients pass screening tests.The treatment will accept MSC at the first and fourth "
          "week."), [2]),
    ],
)  # fmt: skip
def test_descriptions(description: str, wanted: list[int]) -> None:
    assert counts(description=description) == wanted


def test_the_product_is_known_by_its_own_name_in_prose() -> None:
    study = make_study(
        "Mesenchymal trophic factor (MTF) in asthma",
        interventions=(("BIOLOGICAL", "ABC-42", "vesicles of mesenchymal stem cells"),),
        description="Each patient will receive intra-nasal MTF once per week for 4 weeks. "
        "Others received a single IV dose of ABC-42, or placebo.",
    )
    facts = CellFacts(study.nct_id, extract_dosing_facts(study))
    assert facts.values("administrations") == [1, 4]


def test_a_point_in_time_counts_for_the_intervention_that_names_the_cells() -> None:
    study = make_study(
        "Allogeneic transplantation in a skin disease",
        interventions=(
            ("PROCEDURE", "Mesenchymal stem cell transplantation", "infused on Day 0"),
            ("DRUG", "Cyclosporine", "on days -3, 0 and 7"),
        ),
    )
    facts = CellFacts(study.nct_id, extract_dosing_facts(study))
    assert facts.values("administrations") == [1]


def test_a_total_in_prose_goes_before_the_single_dose_of_an_arm() -> None:
    arm = "MSC at a single dose. Subsequent doses may be reduced."
    said = "MSC are given every 3 months for a total of 4 injections over 12 months."
    assert counts(arm, description=said) == [4]


def test_numbers_of_infusions_yield_to_a_count() -> None:
    summary = "The patient will receive 14 infusions of MSC."
    said = "Infusion 1 at baseline. Infusion 2 through Infusion 13 follow."
    assert counts(summary=summary, description=said) == [14]


def test_points_open_the_description_of_an_infusion() -> None:
    study = make_study(
        "Correction of a skin disease",
        interventions=(
            ("BIOLOGICAL", "Donor mesenchymal stem cell infusions", "Day 60, 100 and 180"),
            ("DRUG", "Fludarabine", "days -6, -5 and -2"),
        ),
    )
    facts = CellFacts(study.nct_id, extract_dosing_facts(study))
    assert facts.values("administrations") == [3]


def test_prose_that_counts_tells_whether_both_ends_of_a_span_count() -> None:
    arm = "MSC intravenously once per 4 week for 8 weeks"
    assert counts(arm) == [2]
    assert counts(arm, description="Three times MSC treatment at 4-week intervals.") == [3]
    assert counts(arm, description="Patients got MSC 5 times.") == [2]
