"""How typed words become a query, and what is found where words are common."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator

import pytest

from kg import record_search
from kg.record_schema import SCHEMA
from kg.record_search import matching_numbers, read_words, search_numbers

TITLES = {
    1: ("Cells of the Cord", ""),
    2: ("Marrow", "cells of the cord and more cells"),
    3: ("Cells for Crohn's Disease", "umbilical"),
    4: ("Umbilical Cells", "cord"),
    5: ("Cord Cells, Umbilical", ""),
    6: ("Diabetes Type 2 in 20 Adults", "cells"),
    7: ("Diabetes Type 1, 2005 to 2020", "cells"),
}


@pytest.fixture
def connection() -> Iterator[sqlite3.Connection]:
    found = sqlite3.connect(":memory:")
    found.executescript(SCHEMA)
    found.executemany(
        "INSERT INTO study_text (rowid, nct_id, title, conditions, description) "
        "VALUES (?, ?, ?, '', ?)",
        [(number, f"NCT{number:08d}", *texts) for number, texts in TITLES.items()],
    )
    yield found
    found.close()


def found(connection: sqlite3.Connection, words: str, limit: int = 100) -> list[int]:
    return [
        number for number, _ in search_numbers(connection, read_words(connection, words), limit)
    ]


@pytest.mark.parametrize(
    ("words", "numbers"),
    [
        ("umbilical cord", {4, 5}),
        ("cells umbil", {3, 4, 5}),
        # Small words need not occur, unless there are no others or they stand in capitals.
        ("cells of the umbilical", {3, 4, 5}),
        ("of the", {1, 2}),
        ("cells OF cord", {1, 2}),
        # A short last word is whole where a record has it, else the beginning of one.
        ("diabetes type 2", {6}),
        ("type 200", {7}),
        ("cells co", {1, 2, 4, 5}),
        # If no record has all words, those with any.
        ("umbilical zebra", {3, 4, 5}),
        ("zebra", set()),
        ("", set()),
        ('" * (', set()),
    ],
)
def test_what_words_find(connection: sqlite3.Connection, words: str, numbers: set[int]) -> None:
    match = read_words(connection, words)
    assert set(found(connection, words)) == numbers
    assert matching_numbers(connection, match).tolist() == sorted(numbers)
    assert (0 if match is None else match.found) == len(numbers)


def test_some_record_has_all_words_or_none_has(connection: sqlite3.Connection) -> None:
    for words, every in (("umbilical cord", True), ("umbilical zebra", False), ("zebra", False)):
        match = read_words(connection, words)
        assert match is not None
        assert match.every is every


def test_common_words_are_looked_for_in_titles_first_then_the_newest(
    connection: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(record_search, "RANKED_MOST", 3)
    match = read_words(connection, "cells")
    assert match is not None
    assert (match.found, match.ranked_by, match.every) == (4, "", True)
    assert found(connection, "cells") == [5, 4, 3, 1, 7, 6, 2]
    assert search_numbers(connection, match, 3, offset=2) == [(3, 0.0), (1, 0.0), (7, 0.0)]
    # A word that is common alone is taken whole, as it finds enough; a rarer one may go on.
    assert found(connection, "cell") == found(connection, "cells")


def test_what_most_records_have_does_not_count_for_the_rank(
    connection: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    exact = found(connection, "cells umbilical")
    monkeypatch.setattr(record_search, "RANKED_MOST", 3)
    match = read_words(connection, "cells umbilical")
    assert match is not None
    assert (match.ranked_by, match.among) == ('"umbilical"*', frozenset([3, 4, 5]))
    ranked = search_numbers(connection, match, 10)
    assert sorted(number for number, _ in ranked) == sorted(exact)
    assert ranked == sorted(ranked, key=lambda hit: (-round(hit[1], 6), hit[0]))
    assert search_numbers(connection, match, 1, offset=1) == ranked[1:2]


def test_of_many_words_that_no_record_has_together_the_rarest_are_looked_for(
    connection: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(record_search, "RANKED_MOST", 3)
    match = read_words(connection, "crohn marrow cells zebra")
    assert match is not None
    assert (match.text, match.every, match.found) == ('"crohn" OR "marrow"', False, 2)
    assert set(found(connection, "crohn marrow cells zebra")) == {2, 3}
    common = read_words(connection, "cells zebra")
    assert common is not None
    assert (common.every, common.ranked_by) == (False, "")
    assert found(connection, "cells zebra") == [5, 4, 3, 1, 7, 6, 2]


def test_words_that_half_of_all_have_are_looked_for_in_titles_first(
    connection: sqlite3.Connection,
) -> None:
    connection.execute("UPDATE study_text SET interventions = 'cells' WHERE rowid = 2")
    match = read_words(connection, "cells")
    assert match is not None
    assert (match.found, match.ranked_by) == (7, "")
    # In the title, then as intervention, then anywhere; in each the newest first.
    order = [5, 4, 3, 1, 2, 7, 6]
    assert search_numbers(connection, match, 100) == [(number, 0.0) for number in order]
    pages = [search_numbers(connection, match, 2, offset=start) for start in range(0, 8, 2)]
    assert [number for page in pages for number, _ in page] == order


def test_half_of_all_is_too_common_and_fewer_is_not(connection: sqlite3.Connection) -> None:
    few = read_words(connection, "umbilical")
    assert few is not None
    assert (few.found, few.ranked_by) == (3, '"umbilical"*')
    connection.execute("DELETE FROM study_text WHERE rowid = 7")
    half = read_words(connection, "umbilical")
    assert half is not None
    assert (half.found, half.ranked_by) == (3, "")
    assert found(connection, "umbilical") == [5, 4, 3]


def test_common_words_leave_the_rank_to_the_others(connection: sqlite3.Connection) -> None:
    assert found(connection, "cells umbilical") == found(connection, "umbilical")
    match = read_words(connection, "cells of the umbilical")
    assert match is not None
    assert match.ranked_by == '"umbilical"*'


def test_what_has_only_common_words_follows_what_has_a_rarer_one(
    connection: sqlite3.Connection,
) -> None:
    match = read_words(connection, "diabetes crohn cells zebra")
    assert match is not None
    assert (match.every, match.ranked_by) == (False, '"diabetes" OR "crohn"')
    hits = search_numbers(connection, match, 100)
    assert {number for number, score in hits if score > 0} == {3, 6, 7}
    assert [number for number, score in hits[3:]] == [5, 4, 1, 2]
    assert {score for _, score in hits[3:]} == {0.0}
    pages = [search_numbers(connection, match, 2, offset=start) for start in range(0, 8, 2)]
    assert [hit for page in pages for hit in page] == hits


def test_what_fewer_than_half_have_counts_as_bm25_has_it(connection: sqlite3.Connection) -> None:
    weights = "bm25(study_text, 0, 10, 10, 8, 5, 5, 2, 1)"
    for words in ("umbilical", "diabetes type", "diabetes adults", "diabetes umbilical"):
        match = read_words(connection, words)
        assert match is not None
        rows = connection.execute(
            f"SELECT rowid, {weights} FROM study_text WHERE study_text MATCH ?",
            (match.text,),
        ).fetchall()
        expected = sorted(rows, key=lambda row: (round(row[1], 6), row[0]))
        assert search_numbers(connection, match, 10) == [(row, -score) for row, score in expected]
