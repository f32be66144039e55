"""What a fact quotes: whole words, near each other, and bearable on hostile texts."""

from __future__ import annotations

import pytest

from kg.cell_facts.dosing import extract_dosing_facts
from kg.cell_facts.dosing_text import Passage, names_product
from kg.cell_facts.extraction import extract_cell_facts
from kg.cell_facts.hostile import LONGEST_TEXT, tamed
from kg.cell_facts.model import CellFacts
from tests.kg.cell_facts.conftest import make_study


def dosing(arm: str, **texts: str) -> CellFacts:
    study = make_study("Stem cells", arms=(("EXPERIMENTAL", "A", arm),), **texts)
    return CellFacts(study.nct_id, extract_dosing_facts(study))


@pytest.mark.parametrize(
    ("arm", "field", "value", "words"),
    [
        ("MSC at 2.0 x 10^6 cells per kilogram", "dose_per_kg", 2e6,
         "2.0 x 10^6 cells per kilogram"),
        ("MSC, 1x10^8 cells/3mL, once", "dose_total", 1e8, "1x10^8 cells/3mL"),
        ("MSC, 1x10^8 cells / 2.5 ml, once", "dose_total", 1e8, "1x10^8 cells / 2.5 ml"),
        ("about 1x10^7 cells of ASC per 1cm^2 of the fistula", "dose_other", "1e7 cells per cm2",
         "1x10^7 cells of ASC per 1cm^2"),
        ("stabilization with saline 2 ml + MSC 30 million unit", "dose_total", 3e7, "30 million"),
    ],
)  # fmt: skip
def test_a_dose_is_quoted_with_its_unit(
    arm: str, field: str, value: str | float, words: str
) -> None:
    (fact,) = (fact for fact in dosing(arm).facts if fact.field.startswith("dose"))
    assert (fact.field, fact.value) == (field, value)
    assert [evidence.words for evidence in fact.evidence] == [words]


def test_units_without_cells_before_them_are_no_dose() -> None:
    assert dosing("MSC and heparin 30 million units").values("dose_total") == []


def test_a_power_whose_factor_cannot_be_read_is_no_dose() -> None:
    assert dosing("MSC (2.5-.4.0 x106/kg)").values("dose_per_kg") == []


def test_what_is_done_to_a_lesion_is_quoted_as_a_word() -> None:
    study = make_study(
        "Injection of mesenchymal stem cells in tendinopathy",
        interventions=(("BIOLOGICAL", "Mesenchymal stem cells", ""),),
    )
    (route,) = extract_cell_facts(study).of("routes")
    assert (route.value, route.rule) == ("intralesional", "route.lesion")
    assert [evidence.words for evidence in route.evidence] == ["Injection"]


def test_courses_far_from_the_doses_are_quoted_alone() -> None:
    said = "MSC are infused on days 1, 4 and 10. " + "Patients rest. " * 60
    facts = dosing(said + "Patients are treated with 2 courses.")
    (fact,) = facts.of("administrations")
    assert fact.value == 6
    assert [evidence.words for evidence in fact.evidence] == ["treated with 2 courses"]


@pytest.mark.parametrize(
    ("said", "wanted"),
    [
        ("Visits 2 to 6 (Infusions 1, 2, 3*, 4 and 5) of MSC.", [5]),
        ("MSC infusion #1 at baseline, then MSC infusion #2.", [2]),
        ("MSC at doses 1, 2 and 3.", []),
    ],
)
def test_numbered_infusions(said: str, wanted: list[int]) -> None:
    facts = dosing("", description=said)
    assert facts.values("administrations") == wanted


def test_a_name_of_the_product_counts_as_a_word_only() -> None:
    said = "They {} once per week for 4 weeks, administered by nurses and with vitamins."
    for words, named in (("wait for ait", True), ("wait", False)):
        text = said.format(words)
        passage = Passage("brief_summary", text, text, "prose", names=("ait",))
        assert names_product(passage, text) is named


def test_a_marker_that_other_cells_have_is_not_called_negative() -> None:
    facts = dosing("MSC with CD73+, CD90+ and CD45-, and CD34+ blood cells")
    assert facts.values("isct_criteria") == ["CD45 negative", "CD73", "CD90"]


@pytest.mark.parametrize("run", [" " * 9_000, "a" * 9_000, "x1" * 4_500, "\n" * 9_000])
def test_endless_runs_are_replaced_at_their_length(run: str) -> None:
    text = f"stem cells {run} into the knee"
    calm = tamed(text)
    assert len(calm) == len(text)
    assert calm.startswith("stem cells")
    assert calm.endswith("into the knee")
    assert set(calm[12:-15]) <= set("_; ")


def test_texts_are_read_as_far_as_the_registry_admits() -> None:
    text = "Stem cells are given. " * 9_000
    assert tamed(text) == text[:LONGEST_TEXT]
    assert tamed(text[:30_000]) == text[:30_000]
