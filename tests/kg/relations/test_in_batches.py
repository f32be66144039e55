"""All relations, some records at a time: those that a search among all keys at once finds."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kg.manifest import RECORDS_FILE
from kg.records import Records
from kg.relations import RelationKey, find_relations, rules
from kg.relations.stored_keys import RelationKeys
from kg.store import Store
from tests.kg.relations.conftest import Make
from tests.kg.relations.random_keys import KEYS


@pytest.fixture(autouse=True)
def one_seed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Begin batches with single records, so that few records make several batches."""
    monkeypatch.setattr("kg.relations.stored_keys._SEEDS", 1)


def stored(keys: list[RelationKey]) -> RelationKeys:
    connection = sqlite3.connect(":memory:")
    connection.executescript(RelationKeys.SCHEMA)
    made = RelationKeys(connection)
    for key in keys:
        made.put(key)
    return made


def in_batches(keys: RelationKeys, size: int) -> list[str]:
    return sorted(map(repr, keys.relations(batch_records=size)))


@pytest.mark.usefixtures("small_limits")
def test_batches_of_any_size_give_what_a_full_search_gives() -> None:
    found: list[int] = []

    @settings(max_examples=300, deadline=None)
    @given(st.lists(KEYS, max_size=12), st.integers(1, 5))
    def check(given_keys: list[RelationKey], size: int) -> None:
        keys = stored(given_keys)
        every = list(find_relations(keys))
        assert in_batches(keys, size) == sorted(map(repr, every))
        assert list(keys.relations(batch_records=20)) == every
        keys._connection.close()
        found.append(len(every))

    check()
    # The examples are of use only if there are relations in them.
    assert sum(map(bool, found)) > 100


@pytest.fixture
def shared_number(make_key: Make) -> Iterator[RelationKeys]:
    """One number more trials share than may."""
    ids = [("2010-023368-42", "EUDRACT_NUMBER")]
    numbers = range(11, 12 + rules.SHARED_ID_LIMIT)
    keys = stored([make_key(f"NCT{number:08d}", secondary_ids=ids) for number in numbers])
    yield keys
    keys._connection.close()


def test_what_too_many_share_tells_nothing_in_small_batches_too(
    shared_number: RelationKeys,
) -> None:
    assert in_batches(shared_number, 4) == []
    shared_number.remove("NCT00000011")
    wanted = rules.SHARED_ID_LIMIT * (rules.SHARED_ID_LIMIT - 1) // 2
    assert len(in_batches(shared_number, 4)) == wanted


def test_a_title_of_fewer_words_that_folds_alike_does_not_count_against_the_limit(
    make_key: Make,
) -> None:
    title = "A trial of cells in seven or more words"
    numbers = range(11, 11 + rules.SHARED_TITLE_LIMIT)
    keys = [make_key(f"NCT{number:08d}", title=title) for number in numbers]
    keys.append(make_key("NCT00000099", title=title.replace(" ", "")))
    every = list(find_relations(keys))
    held = stored(keys)
    assert len(every) >= len(numbers) * (len(numbers) - 1) // 2
    assert in_batches(held, 3) == sorted(map(repr, every))
    assert held.relations_within([key.nct_id for key in keys]) == every
    held._connection.close()


def test_real_records_give_the_same(tiny_store: Store) -> None:
    path = tiny_store.published().path / RECORDS_FILE
    with Records(path) as records:
        keys = RelationKeys(records.connection)
        assert in_batches(keys, 3) == sorted(map(repr, find_relations(keys)))
