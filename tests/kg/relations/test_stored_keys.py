"""Keys in a database: whatever changes, what is found anew is what a full search finds."""

from __future__ import annotations

import dataclasses
import sqlite3
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kg.relations import RelationKey, decode_key, encode_key, find_relations, rules
from kg.relations.stored_keys import RelationKeys
from kg.relations.tokens import AFFECTS, RESTS_ON, tokens_of
from tests.kg.relations.conftest import Make
from tests.kg.relations.random_keys import IDS, KEYS


@pytest.fixture
def keys() -> Iterator[RelationKeys]:
    connection = sqlite3.connect(":memory:")
    connection.executescript(RelationKeys.SCHEMA)
    yield RelationKeys(connection)
    connection.close()


@pytest.mark.usefixtures("small_limits")
def test_what_is_found_within_the_region_is_what_a_full_search_would_change() -> None:
    replaced: list[int] = []

    @settings(max_examples=150, deadline=None)
    @given(st.lists(KEYS, max_size=10), st.lists(KEYS, max_size=3), st.sets(st.sampled_from(IDS)))
    def check(given_keys: list[RelationKey], new: list[RelationKey], removed: set[str]) -> None:
        removed = set(sorted(removed)[:1]) - {key.nct_id for key in new}
        changed = {key.nct_id for key in new} | removed
        connection = sqlite3.connect(":memory:")
        connection.executescript(RelationKeys.SCHEMA)
        keys = RelationKeys(connection)
        for key in given_keys:
            keys.put(key)
        before = list(find_relations(keys))
        region = keys.region(changed)
        for key in new:
            keys.put(key)
        for nct_id in removed:
            keys.remove(nct_id)
        region |= keys.region(changed)
        found = keys.relations_within(region)
        after = list(find_relations(keys))
        connection.close()
        kept = [one for one in before if not {one.from_nct_id, one.to_nct_id} <= region]
        replaced.append(len(before) - len(kept))
        assert changed <= region
        assert {repr(one) for one in [*kept, *found]} == {repr(one) for one in after}
        assert found == [one for one in after if {one.from_nct_id, one.to_nct_id} <= region]

    check()
    # The examples are of use only if relations come and go in them.
    assert sum(map(bool, replaced)) > 20


def test_a_thirteenth_holder_of_a_number_touches_the_twelve_others(
    make_key: Make, keys: RelationKeys
) -> None:
    def numbered(number: int) -> RelationKey:
        return make_key(f"NCT{number:08d}", secondary_ids=[("2010-023368-42", "EUDRACT_NUMBER")])

    for number in range(11, 11 + rules.SHARED_ID_LIMIT):
        keys.put(numbered(number))
    twelve = {key.nct_id for key in keys}
    last = numbered(50)
    region = keys.region([last.nct_id])
    assert region == {last.nct_id}
    assert len(keys.relations_within(twelve)) == 12 * 11 // 2
    keys.put(last)
    region |= keys.region([last.nct_id])
    assert region == twelve | {last.nct_id}
    assert keys.relations_within(region) == []


def test_far_records_are_left_alone(make_key: Make, keys: RelationKeys) -> None:
    keys.put(make_key(IDS[0], interventions=["ABC-123"]))
    keys.put(make_key(IDS[1], interventions=["ABC-123"]))
    keys.put(make_key(IDS[2], interventions=["QRS-77X"]))
    assert keys.region([IDS[0]]) == {IDS[0], IDS[1]}
    assert keys.region([IDS[2]]) == {IDS[2]}
    assert keys.region(["NCT00000099"]) == {"NCT00000099"}
    assert keys.relations_within([]) == []


def test_a_key_is_replaced_and_forgotten(make_key: Make, keys: RelationKeys) -> None:
    first = make_key(IDS[0], interventions=["ABC-123"])
    keys.put(first)
    keys.put(make_key(IDS[1], interventions=["ABC-123"]))
    assert [key.nct_id for key in keys] == IDS[:2]
    keys.put(make_key(IDS[0], interventions=["QRS-77X"]))
    assert keys.region([IDS[1]]) == {IDS[1]}
    keys.remove(IDS[0])
    keys.remove(IDS[0])
    assert [key.nct_id for key in keys] == [IDS[1]]


@given(KEYS)
def test_keys_survive_writing_and_reading(key: RelationKey) -> None:
    raw = encode_key(key)
    assert decode_key(raw) == key
    assert encode_key(decode_key(raw)) == raw
    turned = dataclasses.replace(key, parties=frozenset(sorted(key.parties, reverse=True)))
    assert encode_key(turned) == raw


@given(KEYS)
def test_every_kind_of_token_is_reached(key: RelationKey) -> None:
    kinds = {token.kind for token in tokens_of(key)}
    assert kinds <= AFFECTS.keys()
    assert AFFECTS.keys() == RESTS_ON.keys()
