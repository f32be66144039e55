"""Files hold numbers, units and dates beside the words, and leave them empty where unknown."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient
from msgspec.structs import replace

from kg.cards import StudyCard
from kg.cell_facts.model import CellFacts
from kg.study import parse_study
from tests.web.reading import read_page, rows_of
from tests.web.records import ADIPOSE, BARE, FULL, study_json
from tests.web.test_pages_tables import sheet_rows
from web.compare import QUESTIONS
from web.evidence_table import COLUMNS
from web.figures import FIGURES_OF, PER_KG
from web.study_answers import Entry

_COLUMNS = "columns=n,dose,infusions,start,completion"


def test_a_csv_has_numbers_and_units_beside_the_words(client: FlaskClient) -> None:
    full, bare = rows_of(client, f"/evidence.csv?nct_id={FULL},{BARE}&{_COLUMNS}")
    assert full["n"] == "18 (estimated)"
    assert (full["n_number"], full["n_kind"]) == ("18", "estimated")
    assert full["dose"] == "1 × 10⁶ cells per kg"
    held = {name: full[f"dose_per_kg_{name}"] for name in ("least", "most", "unit")}
    assert held == {"least": "1000000", "most": "1000000", "unit": PER_KG}
    assert full["dose_total_least"] == full["dose_total_unit"] == ""
    assert full["doses_given_least"] == full["doses_given_most"] == "1"
    assert (full["start"], full["start_date"]) == ("November 2022 (estimated)", "2022-11")
    assert (full["completion"], full["completion_date"]) == ("2025", "2025")
    words = [name for name in bare if bare[name] == "not stated"]
    assert words == ["n", "dose", "infusions", "start", "completion"]
    assert [bare[name] for name in bare if name not in ("nct_id", *words)] == [""] * 12


def test_figures_stand_right_after_their_words_and_only_then(client: FlaskClient) -> None:
    row = rows_of(client, f"/evidence.csv?nct_id={FULL}&columns=route,dose")[0]
    assert list(row) == [
        "nct_id", "dose", "dose_per_kg_least", "dose_per_kg_most", "dose_per_kg_unit",
        "dose_total_least", "dose_total_most", "dose_total_unit", "route",
    ]  # fmt: skip


def test_a_workbook_has_them_as_numbers(client: FlaskClient) -> None:
    header, full, bare = sheet_rows(
        client.get(f"/evidence.xlsx?nct_id={FULL},{BARE}&{_COLUMNS}").data
    )
    own = dict(zip(map(str, header), full, strict=True))
    assert own["n, number"] == 18.0
    assert own["Dose per kg, least"] == own["Dose per kg, most"] == 1e6
    assert own["Dose per kg, unit"] == PER_KG
    assert own["Dose"] == "1 × 10⁶ cells per kg"
    other = dict(zip(map(str, header), bare, strict=True))
    assert (other["n"], other["n, number"], other["Dose, total, unit"]) == ("not stated", "", "")


def entry(**design: object) -> Entry:
    study = parse_study(study_json(FULL, design=design))
    return Entry(study, StudyCard(FULL, ""), CellFacts(FULL, ()))


def test_conditions_that_no_concept_matches_are_told_in_the_record_s_words() -> None:
    study = parse_study(study_json(FULL))
    card = StudyCard(FULL, "", conditions=("Surgical Leak Fistula",))
    asked = Entry(study, card, CellFacts(FULL, ()))
    compared = next(ask for name, _, ask, _ in QUESTIONS if name == "conditions")
    tabled = next(column.read for column in COLUMNS if column.name == "disease")
    assert compared(asked) == tabled(asked) == ("Surgical Leak Fistula",)
    matched = Entry(study, replace(card, condition_labels=("fistula",)), asked.facts)
    assert compared(matched) == ("fistula",)


def test_a_number_that_stands_for_none_has_no_kind() -> None:
    number, kind = (figure.read for figure in FIGURES_OF["enrollment"])
    silent = entry(enrollmentInfo={"count": 99_999_999, "type": "ACTUAL"})
    assert (number(silent), kind(silent)) == (None, None)
    known = entry(enrollmentInfo={"count": 0, "type": "ACTUAL"})
    assert (number(known), kind(known)) == (0, "actual")


def test_a_single_group_has_no_comparator_that_could_be_stated() -> None:
    comparator = next(column.read for column in COLUMNS if column.name == "comparator")
    alone = entry(designInfo={"interventionModel": "SINGLE_GROUP"})
    assert comparator(alone) == ("none (single group)",)
    assert comparator(entry(designInfo={"interventionModel": "PARALLEL"})) == ()
    assert comparator(entry()) == ()


def test_a_comparison_as_csv_has_them_too(client: FlaskClient) -> None:
    full, adipose = rows_of(client, f"/compare.csv?nct_id={FULL},{ADIPOSE}")
    assert full["dose_per_kg_least"] == "1000000"
    assert adipose["dose_per_kg"] == "not stated"
    assert adipose["dose_per_kg_least"] == ""
    # Dates are the registry's own there, not words.
    assert (full["start_date"], full["completion_date"]) == ("2022-11", "2025")
    assert adipose["completion_date"] == "not stated"


@pytest.mark.parametrize("path", ["/evidence?columns=all&nct_id=", "/compare?nct_id="])
def test_pages_keep_to_the_words(client: FlaskClient, path: str) -> None:
    assert "dose_per_kg" not in read_page(client, path + FULL).select_one("table").text
