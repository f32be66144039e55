"""Terms near a word are those that reading every term would find."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rapidfuzz.distance import OSA

from kg.near_terms import terms_near
from kg.record_schema import SCHEMA

LETTERS = "abcé\U0001f600퟿"
WORDS = st.text(alphabet=LETTERS, min_size=1, max_size=8)
SETTINGS = settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60, deadline=None
)


@pytest.fixture
def connection() -> Iterator[sqlite3.Connection]:
    found = sqlite3.connect(":memory:")
    found.executescript(SCHEMA)
    found.execute("CREATE VIRTUAL TABLE term USING fts5vocab('study_text', 'row')")
    yield found
    found.close()


@SETTINGS
@given(words=st.lists(WORDS, max_size=60), asked=WORDS, slips=st.integers(0, 3))
def test_as_if_all_terms_were_read(
    connection: sqlite3.Connection, words: list[str], asked: str, slips: int
) -> None:
    connection.execute("DELETE FROM study_text")
    connection.execute("INSERT INTO study_text (title) VALUES (?)", (" ".join(words),))
    terms = [str(term) for (term,) in connection.execute("SELECT term FROM term")]
    expected = {
        term: OSA.distance(asked, term)
        for term in terms
        if term[0] == asked[0] and OSA.distance(asked, term) <= slips
    }
    assert terms_near(connection, asked, slips) == expected


@pytest.mark.parametrize(
    ("asked", "slips", "found"),
    [
        ("stme", 1, {"stem": 1}),
        ("mesnechym", 1, {"mesenchym": 1}),
        ("mesenchym", 0, {"mesenchym": 0}),
        ("zzz", 2, {}),
    ],
)
def test_letters_that_are_swapped_are_one_slip(
    connection: sqlite3.Connection, asked: str, slips: int, found: dict[str, int]
) -> None:
    connection.execute("INSERT INTO study_text (title) VALUES ('mesenchymal stem safety')")
    assert terms_near(connection, asked, slips) == found
