"""Search results as CSV: codes for programs, or the words of the page, under the same names."""

from __future__ import annotations

import re

from flask.testing import FlaskClient

from kg.cards import StudyCard
from tests.web.reading import read_page, rows_of
from tests.web.records import BARE, FULL
from web.search_table import CSV_COLUMNS, csv_rows


def test_columns_are_fields_of_a_card_and_of_its_facts(client: FlaskClient) -> None:
    item = client.get(f"/api/v1/trials/{FULL}").get_json()
    assert set(CSV_COLUMNS) - set(item) == {"cell_sources", "cell_types", "donor", "routes"}
    assert set(item["facts"]) >= {"cell_sources", "routes"}


def test_values_are_codes_unless_words_are_asked_for(client: FlaskClient) -> None:
    codes = rows_of(client, f"/search.csv?q={FULL}")[0]
    words = rows_of(client, f"/search.csv?q={FULL}&values=words")[0]
    assert list(codes) == list(words) == list(CSV_COLUMNS)
    said = {name: (codes[name], words[name]) for name in CSV_COLUMNS if codes[name] != words[name]}
    assert said == {
        "overall_status": ("RECRUITING", "Recruiting"),
        "study_type": ("INTERVENTIONAL", "Interventional"),
        "phases": ("PHASE1; PHASE2", "Phase 1/2"),
        "cell_sources": ("umbilical_cord", "umbilical cord"),
        "cell_types": ("mesenchymal_stromal_cell", "mesenchymal stromal cell"),
    }
    explicit = client.get(f"/search.csv?q={FULL}&values=codes").text
    assert explicit == client.get(f"/search.csv?q={FULL}").text


def test_the_words_are_those_of_the_page(client: FlaskClient) -> None:
    page = read_page(client, "/search?q=cord+sclerosis")
    card = next(one for one in page.select("li.card") if FULL in one.text)
    chips = [chip.text for chip in card.select(".chips li")]
    link = page.find("a", string=re.compile("in words, not codes"))
    assert link is not None
    row = next(row for row in rows_of(client, link["href"]) if row["nct_id"] == FULL)
    for name in ("overall_status", "phases", "condition_labels", "cell_sources", "routes"):
        for value in row[name].split("; "):
            assert any(value in chip for chip in chips), (name, value, chips)


BARE_FACTS = ("cell_sources", "cell_types", "donor", "routes")


def test_what_is_not_stated() -> None:
    bare = StudyCard(BARE, "Bare")
    codes, words = csv_rows([bare])[0], csv_rows([bare], in_words=True)[0]
    assert (codes["overall_status"], codes["phases"], codes["donor"]) == (None, (), ["not stated"])
    # In words as in codes: what is not registered is an empty cell, whatever the column.
    for name in CSV_COLUMNS[3:]:
        assert words[name] == codes[name], name
        assert (words[name] == ["not stated"]) == (name in BARE_FACTS), name


def test_the_file_says_by_its_name_what_it_holds(client: FlaskClient) -> None:
    for asked, name in (
        ("", "trialkin-search.csv"),
        ("&all=yes", "trialkin-search-all.csv"),
        ("&all=yes&values=words", "trialkin-search-all-in-words.csv"),
    ):
        response = client.get(f"/search.csv?q=knee{asked}")
        assert response.headers["Content-Disposition"] == f'attachment; filename="{name}"'
        assert "TrialKin-Ignored" not in response.headers
    odd = client.get("/search.csv?q=knee&values=labels")
    assert odd.headers["TrialKin-Ignored"] == "values"
