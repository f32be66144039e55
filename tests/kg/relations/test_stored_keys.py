"""Keys in a database: whatever changes, what is found anew is what a full search finds."""

from __future__ import annotations

import dataclasses
import sqlite3
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import kg.relations.rules_programme as programme
import kg.relations.rules_shared as shared
import kg.relations.rules_succession as succession
from kg.relations import RelationKey, decode_key, encode_key, find_relations, rules
from kg.relations.keys import Citation, Mention, Number, Place
from kg.relations.products import ProductName, ProductNames
from kg.relations.stored_keys import RelationKeys
from kg.relations.tokens import AFFECTS, RESTS_ON, tokens_of
from tests.kg.relations.conftest import Make

IDS = [f"NCT{number:08d}" for number in range(11, 21)]
PRODUCTS = ("ABC-123", "Zetastem", "QRS-77", "Cellaron")
HERE = Place("brief_summary", "w", 0, 1)
SMALL_LIMIT = 3


def place(words: str) -> Place:
    return Place("org_study_id_info.id", words, 0, len(words))


NUMBERS = st.builds(
    lambda words, kind: Number(words.casefold().replace("-", ""), kind, place(words)),
    st.sampled_from(["ABCD-2002", "ABCD-2003", "2010-023368-42", "R01HL134558"]),
    st.sampled_from(["ORG", "GRANT", "REGISTRY"]),
)
NAMES = st.builds(
    lambda name, own, form: ProductName(name.casefold(), "brief_title", name, 0, 1, own, form),
    st.sampled_from(PRODUCTS),
    st.booleans(),
    st.sampled_from([1, 2, 3]),
)
NCT_MENTIONS = st.builds(
    Mention, st.sampled_from(IDS), st.just(HERE), st.booleans(), st.booleans(), st.booleans()
)
NUMBER_MENTIONS = st.builds(
    lambda words, follows: Mention(words, place(words), follows, False, False),
    st.sampled_from(["abcd2002", "abcd2003"]),
    st.booleans(),
)
CITATIONS = st.builds(
    lambda pmid, derived: Citation(pmid, derived, derived, "MESEMX: a trial.", HERE),
    st.sampled_from(["1", "2", "3"]),
    st.booleans(),
)
PRODUCT_NAMES = st.builds(
    lambda names, common, joined: ProductNames(
        tuple(sorted({one.name: one for one in names}.values(), key=lambda one: one.name)),
        frozenset(one.name for one in names[:common]),
        (tuple(sorted({one.name for one in names})),) if joined and len(names) > 1 else (),
    ),
    st.lists(NAMES, max_size=3),
    st.integers(0, 1),
    st.booleans(),
)
TITLES = st.sampled_from(
    ["", "A trial of cells in seven or more words", "Another trial of cells in just as many words"]
)
KEYS = st.builds(
    RelationKey,
    nct_id=st.sampled_from(IDS),
    aliases=st.lists(st.sampled_from(IDS), max_size=1).map(tuple),
    sponsor=st.sampled_from(["alpha", "beta"]),
    parties=st.sampled_from([frozenset({"alpha"}), frozenset({"alpha", "beta"})]),
    conditions=st.sampled_from([frozenset({"ms"}), frozenset({"stroke"})]),
    phases=st.sampled_from([frozenset(), frozenset({1}), frozenset({2})]),
    start=st.sampled_from(["2012", "2014-05", ""]),
    status=st.sampled_from(["COMPLETED", "WITHDRAWN"]),
    enrollment=st.sampled_from([20, None]),
    brief_title=TITLES,
    acronym=st.sampled_from(["", "MESEMX", "MESEMX2", "TRIBECQ"]),
    follow_up=st.booleans(),
    numbers=st.lists(NUMBERS, max_size=2).map(tuple),
    parent_number=st.sampled_from(["", "abcd2002"]),
    nct_mentions=st.lists(NCT_MENTIONS, max_size=1).map(tuple),
    number_mentions=st.lists(NUMBER_MENTIONS, max_size=1).map(tuple),
    citations=st.lists(CITATIONS, max_size=2).map(tuple),
    products=PRODUCT_NAMES,
)


@pytest.fixture
def keys() -> Iterator[RelationKeys]:
    connection = sqlite3.connect(":memory:")
    connection.executescript(RelationKeys.SCHEMA)
    yield RelationKeys(connection)
    connection.close()


@pytest.fixture
def small_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let ten records be enough to pass every limit."""
    limits = ("SHARED_ID_LIMIT", "SHARED_NAME_LIMIT", "SHARED_PAPER_LIMIT", "SHARED_TITLE_LIMIT")
    for module in (rules, programme, shared, succession):
        for limit in limits:
            if hasattr(module, limit):
                monkeypatch.setattr(module, limit, SMALL_LIMIT)


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
