"""The order of a search on the shipped records, most of which have the field's own words."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from kg.cards import make_card
from kg.cell_facts.model import CellFacts
from kg.record_schema import SCHEMA, nct_number
from kg.record_search import read_words, search_numbers, searchable_texts
from kg.shipped.data_set import read_records
from kg.study import parse_study

DATA = Path(__file__).resolve().parents[2] / "data" / "msc_trials.ndjson.gz"
_COLUMNS = "nct_id, title, ids, conditions, interventions, facts, summary, description"


@pytest.fixture(scope="module")
def connection() -> Iterator[sqlite3.Connection]:
    """The full text of all shipped records."""
    found = sqlite3.connect(":memory:")
    found.executescript(SCHEMA)
    for record in read_records(DATA):
        study = parse_study(record)
        texts = searchable_texts(study, make_card(study, CellFacts(study.nct_id), ()))
        marks = ",".join("?" * (len(texts) + 1))
        insert = f"INSERT INTO study_text (rowid, {_COLUMNS}) VALUES ({marks})"
        found.execute(insert, (nct_number(study.nct_id), *texts))
    yield found
    found.close()


def numbers_of(connection: sqlite3.Connection, words: str) -> list[int]:
    match = read_words(connection, words)
    return [number for number, _ in search_numbers(connection, match, 5_000)]


def in_title(connection: sqlite3.Connection, *words: str) -> set[int]:
    query = "SELECT rowid FROM study_text WHERE study_text MATCH ?"
    match = f"title : ({' '.join(words)})"
    return {number for (number,) in connection.execute(query, (match,))}


@pytest.mark.parametrize("words", ["stem cells", "mesenchymal", "mesenchymal stem cells"])
def test_of_the_fields_own_words_titles_come_first_and_the_newest_of_them(
    connection: sqlite3.Connection, words: str
) -> None:
    found, titles = numbers_of(connection, words), in_title(connection, *words.split())
    assert len(found) > 1_000
    assert found[: len(titles)] == sorted(titles, reverse=True)
    assert len(titles) > 20


def test_with_a_word_that_few_have_it_alone_ranks(connection: sqlite3.Connection) -> None:
    found = numbers_of(connection, "stem cells lupus")
    both = set(numbers_of(connection, "stem cells"))
    assert found == [number for number in numbers_of(connection, "lupus") if number in both]
    titles = in_title(connection, "lupus")
    assert set(found[:10]) <= titles
    assert found != sorted(found)
