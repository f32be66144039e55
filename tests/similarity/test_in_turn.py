"""Short cuts of ranking many trials give what the plain way gives, bit for bit."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from kg.process_pools import process_pool
from similarity.bags import Bag, BagIndex
from similarity.candidates import CandidateSearch, _largest, _nearest
from similarity.index import KinIndex
from similarity.profile import Profile
from similarity.ranking import score_rows
from similarity.threads import use_one_thread

# Ids that are equal in their first bits, in their last, and in none.
TERMS = st.sets(st.sampled_from([7, 8, 9, 7 + (1 << 17), 7 + (5 << 17), 1 << 31]), max_size=5)


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
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("similarity.bags._BLOCK_ROWS", 1)
        assert index.cosines(bag_of(asked), rows).tobytes() == few.tobytes()
    for row, value in zip(rows.tolist(), few.tolist(), strict=True):
        assert (value > 0) == bool(bags[row] & asked)


@given(st.lists(TERMS, min_size=1, max_size=30), TERMS, st.integers(0, 60))
def test_trials_that_share_rare_terms_are_those_of_all_that_share_them(
    bags: list[set[int]], asked: set[int], mentions: int
) -> None:
    index, bag = BagIndex.from_bags([bag_of(one) for one in bags]), bag_of(asked)
    known, _, trials = index.spans(bag)
    rarest = sorted(range(len(known)), key=lambda at: (int(trials[at]), at))
    while sum(int(trials[at]) for at in rarest) > mentions:
        rarest.pop()
    kept = np.sort(known[rarest])
    every = index.cosines((bag[0][kept], bag[1][kept]))
    found = index.sharing(bag, mentions)
    assert found.rows.tolist() == np.flatnonzero(every > 0).tolist()
    assert found.cosines.tobytes() == every[every > 0].tobytes()
    assert found.of(np.arange(len(bags))).tobytes() == every.tobytes()


def test_a_term_that_weighs_nothing_is_not_shared() -> None:
    ids = np.array([3, 5], dtype=np.uint32)
    bags = [(ids, np.array(weights, dtype=np.float32)) for weights in ((0, 1), (1, 0), (0, 0))]
    found = BagIndex.from_bags(bags).sharing(bags[0], 100)
    assert (found.rows.tolist(), found.cosines.tolist()) == ([0], [1.0])
    assert found.of(np.arange(3)).tolist() == [1.0, 0.0, 0.0]


SCORES = st.lists(st.sampled_from([0.25, 0.5, 0.75, 1.0]), max_size=40).map(np.array)


@given(SCORES, st.integers(1, 45))
def test_the_largest_scores_are_the_first_of_equal_ones(
    scores: NDArray[np.float64], number: int
) -> None:
    wanted = sorted(range(len(scores)), key=lambda at: (-scores[at], at))[:number]
    assert sorted(_largest(scores, number).tolist()) == sorted(wanted)


@given(
    st.lists(TERMS, min_size=20, max_size=30), TERMS, st.sets(st.integers(0, 19)), st.integers(1, 9)
)
def test_the_nearest_by_words_are_the_first_of_equal_ones(
    bags: list[set[int]], asked: set[int], chosen: set[int], number: int
) -> None:
    by_words = BagIndex.from_bags([bag_of(one) for one in bags]).sharing(bag_of(asked), 1000)
    rows = np.array(sorted(chosen), dtype=np.int64)
    likeness = dict(zip(rows.tolist(), by_words.of(rows).tolist(), strict=True))
    wanted = sorted(sorted(chosen, key=lambda row: (-likeness[row], row))[:number])
    assert _nearest(rows, by_words, number).tolist() == wanted


def test_a_feature_is_the_same_of_few_trials_of_many_and_in_any_order(large) -> None:
    table, rows = large.table, np.array([3, 50, 149])
    query, views = table.row(75), len(large.fusion.views)
    every = table.compare(query, dots=table.products(np.array([75]))[:, 0])
    assert len(every) == len(list(every)) == views + 2 + 20 + 7 + 2
    some = table.compare(query, rows)
    for name in reversed(list(some)):
        assert some[name].tobytes() == every[name][rows].tobytes()
        assert some[name] is some[name]
    with pytest.raises(KeyError, match=r"text\.no_such"):
        some["text.no_such"]


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
