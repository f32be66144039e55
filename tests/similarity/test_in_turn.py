"""Short cuts of ranking many trials give what the plain way gives, bit for bit."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.process_pools import process_pool
from similarity.bags import Bag, BagIndex
from similarity.candidates import CandidateSearch
from similarity.index import KinIndex
from similarity.profile import Profile
from similarity.ranking import score_rows
from similarity.threads import use_one_thread

# Ids that are equal in their last bits, and in none.
TERMS = st.sets(st.sampled_from([7, 7 + (1 << 15), 7 + (5 << 15), 8, 9, 1 << 31]), max_size=5)


def bag_of(terms: set[int]) -> Bag:
    ids = np.array(sorted(terms), dtype=np.uint32)
    return ids, (1 / (1 + np.arange(len(ids)))).astype(np.float32)


@given(st.lists(TERMS, min_size=20, max_size=30), TERMS, st.sets(st.integers(0, 19), max_size=2))
def test_few_bags_are_compared_as_all_are(
    bags: list[set[int]], asked: set[int], chosen: set[int]
) -> None:
    index, rows = BagIndex.from_bags([bag_of(one) for one in bags]), np.array(sorted(chosen), int)
    few, every = index.cosines(bag_of(asked), rows), index.cosines(bag_of(asked))
    assert few.tobytes() == every[rows].tobytes()
    for row, value in zip(rows.tolist(), few.tolist(), strict=True):
        assert (value > 0) == bool(bags[row] & asked)


@pytest.fixture
def large(encoder, model, schemes) -> KinIndex:
    conditions = ("lupus", "systemic_sclerosis", "multiple_sclerosis")
    profiles = [
        Profile(
            nct_id=f"NCT{number:08d}",
            texts={"title": f"word{number % 17} and word{number % 5}"} if number % 50 else {},
            concepts={"conditions": (conditions[number % 3],)},
        )
        for number in range(150)
    ]
    return KinIndex.build(profiles, encoder, model=model, schemes=schemes, exact_trials=100)


def test_candidates_of_many_trials_at_once_are_those_of_each(large, monkeypatch) -> None:
    monkeypatch.setattr("similarity.candidates.NEAREST_TEXTS", 9)
    parts = large.parts
    search = CandidateSearch(parts, parts.cells)
    rows = [3, 149, 0, 50, 75]
    together = search.by_texts(np.array(rows))
    alone = [search.by_texts(np.array([row]))[0] for row in rows]
    assert [found.tolist() for found in together] == [found.tolist() for found in alone]
    assert [len(found) for found in together] == [9, 9, 0, 0, 9]  # two have no text
    scored = large._searcher.in_turn(rows)
    for row in (3, 75, 3, 149, 0):  # in any order
        encoded = parts.table.row(row)
        near = search.rows(encoded, search.by_texts(np.array([row]))[0])
        wanted, found = score_rows(parts, encoded, near), scored(row)
        assert found.rows.tolist() == wanted.rows.tolist()
        assert found.scores.tobytes() == wanted.scores.tobytes()


def _threads() -> list[int]:
    from threadpoolctl import threadpool_info

    use_one_thread()
    return [int(library["num_threads"]) for library in threadpool_info()]


@pytest.mark.slow
def test_one_of_several_processes_computes_with_one_thread() -> None:
    with process_pool(1) as pool:
        found = pool.submit(_threads).result()
    assert found
    assert set(found) == {1}
