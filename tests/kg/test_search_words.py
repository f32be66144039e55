"""Words that no record has or hardly one, and what was likely meant."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator

import pytest

from kg import search_words
from kg.record_schema import SCHEMA
from kg.search_words import DoubtfulWord, doubtful_words

TITLES = [
    *("Umbilical Retinopathy Cells of Kilimanjaro",) * 30,
    "Umbillical Cells, a Slip that a Sponsor Made",
    "Étude of Vasculopathies, the Kilimanjari",
]


@pytest.fixture
def connection() -> Iterator[sqlite3.Connection]:
    found = sqlite3.connect(":memory:")
    found.executescript(SCHEMA)
    rows = [(f"NCT{number:08d}", title) for number, title in enumerate(TITLES)]
    found.executemany("INSERT INTO study_text (nct_id, title) VALUES (?, ?)", rows)
    yield found
    found.close()


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("retinopaty", [("retinopaty", 0, ("retinopathy",))]),
        ("kilimanajro cells", [("kilimanajro", 0, ("kilimanjaro", "kilimanjari"))]),
        # Known by the names of concepts where the first letter is wrong.
        ("zmbilical cells", [("zmbilical", 0, ("umbilical",))]),
        # Sponsors misspell too; a slip that a few records share is one nevertheless.
        ("kilimanjari cells", [("kilimanjari", 1, ("kilimanjaro",))]),
        # Plural, accent, case and the beginning of the last word are no slips.
        ("vasculopathy", []),
        ("etude", []),
        ("CELLS kilim", []),
        ("kilim cells", [("kilim", 0, ())]),
        # "cells" would find the same.
        ("cels kilimanjaro", [("cels", 0, ("cell",))]),
        # Names of concepts are understood whether a record has them or not.
        ("scleroderma", []),
        ("zzz qqqq", [("zzz", 0, ()), ("qqqq", 0, ())]),
        ("12345678 cells", [("12345678", 0, ())]),
        ('" OR ( *', []),
        ("", []),
    ],
)
def test_slips_are_told_from_words(
    connection: sqlite3.Connection, typed: str, found: list[tuple[str, int, tuple[str, ...]]]
) -> None:
    assert doubtful_words(connection, typed) == [DoubtfulWord(*one) for one in found]


def test_a_word_typed_twice_is_told_once(connection: sqlite3.Connection) -> None:
    assert len(doubtful_words(connection, "qqqq qqqq qqqq cells")) == 1


def test_stems_are_those_of_the_full_text_table() -> None:
    assert f'tokenize = "{search_words.TOKENIZER}"' in SCHEMA
