"""Sets of trials by row number behave as sets of ids, and facets count as sets would."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
import pytest

from kg.cards import StudyCard
from kg.store import Store
from web.facet_index import FacetIndex
from web.facets import FACET_OF, FACETS, NOT_STATED
from web.trial_sets import TrialList, Trials, TrialSet

NUMBERS = np.array([1, 5, 7, 1_000, 99_999_999])
IDS = ["NCT00000001", "NCT00000005", "NCT00000007", "NCT00001000", "NCT99999999"]


@pytest.fixture
def trials() -> Trials:
    return Trials(NUMBERS)


def chosen(trials: Trials, *nct_ids: str) -> TrialSet:
    return TrialSet.of(trials, nct_ids)


def test_a_set_holds_its_ids_and_no_others(trials: Trials) -> None:
    some = chosen(trials, IDS[3], IDS[0], "NCT00000002")
    assert list(some) == [IDS[0], IDS[3]]
    assert len(some) == 2
    assert IDS[0] in some
    for other in (IDS[1], "NCT00000002", "nct00000001", "NCT1", "", "NCT0000000１", None, 1):
        assert other not in some
    assert set(some) == {IDS[0], IDS[3]}
    assert some == chosen(trials, IDS[3], IDS[0])
    assert hash(some) == hash(chosen(trials, IDS[0], IDS[3]))


def test_sets_are_joined_and_cut_as_others_are(trials: Trials) -> None:
    one, two = chosen(trials, *IDS[:3]), chosen(trials, *IDS[2:])
    plain = frozenset(IDS[1:4])
    for other in (two, plain):
        assert set(one & other) == set(IDS[:3]) & set(other)
        assert set(one - other) == set(IDS[:3]) - set(other)
        assert set(one | other) == set(IDS[:3]) | set(other)
        assert set(other & one) == set(other) & set(IDS[:3])
        assert isinstance(one & other, TrialSet)
    assert list(one - dict.fromkeys(IDS[:2]).keys()) == [IDS[2]]


def test_a_list_gives_ids_in_its_order(trials: Trials) -> None:
    listed = TrialList(trials, np.array([3, 0, 4], dtype=np.int32))
    assert list(listed) == [IDS[3], IDS[0], IDS[4]]
    assert (listed[1], listed[-1], listed[1:]) == (IDS[0], IDS[4], [IDS[0], IDS[4]])
    assert (len(listed), listed.index(IDS[4]), IDS[1] in listed) == (3, 2, False)
    assert listed.index(IDS[4], 1) == 2
    for absent in (IDS[1], "nothing"):
        with pytest.raises(ValueError, match="not in the list"):
            listed.index(absent)


def cards() -> list[StudyCard]:
    """Return cards with values at random, some of them none."""
    drawn = random.Random(5)
    sources: list[list[str | int | float]] = [
        ["umbilical_cord"],
        ["bone_marrow", "adipose_tissue"],
        [],
        ["wharton_jelly"],
    ]
    found = []
    for number in range(200):
        source = drawn.choice(sources)
        found.append(
            StudyCard(
                nct_id=f"NCT{3 * number:08d}",
                title="",
                overall_status=drawn.choice(["COMPLETED", "RECRUITING", None]),
                phases=tuple(drawn.sample(["PHASE1", "PHASE2"], drawn.randint(0, 2))),
                enrollment_count=drawn.choice([None, 10, 20, 30, 10**12]),
                condition_labels=tuple(
                    drawn.sample(["Multiple sclerosis", "systemic sclerosis"], drawn.randint(0, 2))
                ),
                start_date=drawn.choice([None, "2020-01", "2021", "soon"]),
                last_update_post_date=drawn.choice(["2022-01-01", "2024-05-05", None]),
                facts={"cell_sources": source} if source else {},
            )
        )
    return found


def naive(facet_name: str, all_cards: Iterable[StudyCard]) -> dict[str, set[str]]:
    facet, held = FACET_OF[facet_name], dict[str, set[str]]()
    for card in all_cards:
        values = tuple(facet.values(card)) or (NOT_STATED,)
        for value in {*values, *(above for one in values for above in facet.wider(one))}:
            held.setdefault(value, set()).add(card.nct_id)
    return held


def test_values_and_their_counts_are_those_of_sets() -> None:
    all_cards = cards()
    index, drawn = FacetIndex(all_cards), random.Random(6)
    some = set(drawn.sample([card.nct_id for card in all_cards], 70))
    few = set(sorted(some)[:5])  # below the share that is counted in another way
    for facet in FACETS:
        held = naive(facet.name, all_cards)
        assert {value: set(ids) for value, ids in index.ids[facet.name].items()} == held
        for among in (None, some, few, set[str](), index.all_ids):
            counts = {v: len(ids if among is None else ids & among) for v, ids in held.items()}
            expected = sorted(
                ((v, n) for v, n in counts.items() if n), key=lambda one: (-one[1], one[0])
            )
            assert index.counts(facet.name, among) == expected


def test_narrowing_keeps_what_has_one_of_the_values_of_every_facet() -> None:
    all_cards = cards()
    index = FacetIndex(all_cards)
    asked = {"status": ("COMPLETED", "no such"), "source": ("umbilical_cord", NOT_STATED)}
    status, source = (naive(name, all_cards) for name in asked)
    in_source = source["umbilical_cord"] | source[NOT_STATED]
    assert set(index.narrowed(index.all_ids, asked)) == status["COMPLETED"] & in_source
    assert set(index.narrowed(index.all_ids, asked, without="status")) == in_source
    assert set(index.narrowed({IDS[0]}, {"status": ("no such",)})) == set()


def test_ranges_count_both_ends_and_leave_out_what_is_not_stated() -> None:
    all_cards = cards()
    index = FacetIndex(all_cards)
    by_size = {card.nct_id: card.enrollment_count for card in all_cards}
    expected = {one for one, count in by_size.items() if count in (10, 20)}
    assert set(index.within(index.all_ids, {"n": (10, 20)})) == expected
    stated = {one for one, count in by_size.items() if count is not None}
    assert set(index.within(index.all_ids, {"n": (None, None)})) == stated
    years = {card.nct_id for card in all_cards if (card.start_date or "")[:4] in ("2020", "2021")}
    assert set(index.within(index.all_ids, {"year": (1990, None)})) == years


@pytest.mark.parametrize("last_first", [False, True])
def test_orders_have_the_greatest_first_and_then_ids(last_first: bool) -> None:
    all_cards = cards()
    index = FacetIndex(all_cards)
    some = TrialSet.of(index.trials, [card.nct_id for card in all_cards[::2]])
    ids = sorted((card.nct_id for card in all_cards[::2]), reverse=last_first)
    keys: dict[str, Callable[[StudyCard], Any]] = {
        "updated": lambda card: card.last_update_post_date or "",
        "started": lambda card: int(y) if (y := (card.start_date or "")[:4]).isdecimal() else -1,
        "size": lambda card: -1 if card.enrollment_count is None else card.enrollment_count,
        "id": lambda card: 0,
    }
    of = {card.nct_id: card for card in all_cards}
    for by, key in keys.items():
        rows = index.in_order(some, by, last_first=last_first)
        ranked: dict[str, Any] = {one: key(of[one]) for one in ids}
        assert list(TrialList(index.trials, rows)) == sorted(
            ids, key=lambda one: ranked[one], reverse=True
        )


def test_all_cards_of_a_store_are_read(store: Store) -> None:
    records = store.published().records
    assert list(FacetIndex(records.all_cards()).all_ids) == records.nct_ids()
