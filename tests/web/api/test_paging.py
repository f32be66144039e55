"""A page begins where the one before it ended, also in another generation."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from web.api.listing import _Cursor, _place_after, _write_cursor

IDS = [f"NCT{number:08d}" for number in range(1, 41)]


def test_a_page_begins_after_the_last_trial_shown() -> None:
    cursor = _write_cursor(_Cursor("search", IDS[9], 10))
    assert _place_after(cursor, "search", IDS) == 10
    assert _place_after(cursor, "search", ["NCT00000000", *IDS]) == 11  # one more before it
    assert _place_after(cursor, "search", IDS[5:]) == 5


def test_if_that_trial_has_gone_its_place_counts() -> None:
    cursor = _write_cursor(_Cursor("search", IDS[9], 10))
    assert _place_after(cursor, "search", IDS[:9] + IDS[10:]) == 10
    assert _place_after(cursor, "search", IDS[:4]) == 4
    assert _place_after(cursor, "search", []) == 0


@given(
    before=st.sets(st.sampled_from(IDS), min_size=1),
    after=st.sets(st.sampled_from(IDS)),
    size=st.integers(1, 10),
)
def test_sorted_by_id_none_of_both_generations_is_shown_twice_or_missed(
    before: set[str], after: set[str], size: int
) -> None:
    old, new = sorted(before), sorted(after | {sorted(before)[min(size, len(before)) - 1]})
    first = old[:size]
    start = _place_after(_write_cursor(_Cursor("s", first[-1], len(first))), "s", new)
    shown = first + new[start:]
    assert len(shown) == len(set(shown))
    assert before & after <= set(shown)
