"""Bags of terms: postings that were exchanged are those that sorting all anew would give."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from similarity.bags import Bag, BagIndex
from similarity.ragged import Splice

BAGS = st.dictionaries(st.integers(0, 9), st.integers(1, 9), max_size=5)
TABLES = st.dictionaries(st.integers(0, 12), BAGS, max_size=8)


def bag(terms: dict[int, int]) -> Bag:
    ids = sorted(terms)
    weights = np.array([terms[one] for one in ids], dtype=np.float32)
    return np.array(ids, dtype=np.uint32), weights


def index(table: dict[int, dict[int, int]]) -> BagIndex:
    return BagIndex.from_bags([bag(table[one]) for one in sorted(table)])


@given(TABLES, TABLES, st.sets(st.integers(0, 12)))
def test_exchanged_postings_are_those_of_all_trials(ours, theirs, removed) -> None:
    old, new = index(ours), index(theirs)
    assert len(old.postings.vocabulary) <= 10  # made before: they are exchanged, not made anew
    rows = {one: row for row, one in enumerate(sorted(ours)) if one not in removed}
    rows |= {one: len(ours) + row for row, one in enumerate(sorted(theirs))}
    order = np.array([rows[one] for one in sorted(rows)], dtype=np.int64)
    spliced = old.spliced(new, Splice(order, len(ours)))
    both = {one: ours[one] for one in ours if one in rows} | theirs
    wanted = index(both)
    assert spliced.terms.tolist() == wanted.terms.tolist()
    for found, expected in zip(spliced.postings, wanted.postings, strict=True):
        assert found.tolist() == expected.tolist()
        assert found.dtype == expected.dtype
