"""Kin lists asked in both directions, against a plain walk through all of them."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pytest

from kg.listed_kin import ListedKin
from similarity.kin_lists import NOBODY, KinLists

K, TRIALS = 4, 30
IDS = tuple(f"NCT{number:08d}" for number in range(1, TRIALS + 1))


@pytest.fixture(scope="module")
def lists() -> KinLists:
    """Lists drawn by a seed, some of them short, one empty, one trial in nobody's."""
    random = np.random.default_rng(5)
    made = KinLists.empty(IDS, K)
    for row in range(TRIALS - 1):
        others = [one for one in range(TRIALS - 1) if one != row]
        size = 0 if row == 3 else int(random.integers(1, K + 1))
        made.rows[row, :size] = random.choice(others, size, replace=False)
        made.scores[row, :size] = np.sort(random.random(size))[::-1]
    assert (made.rows == NOBODY).any()
    return made


def walked(lists: KinLists, k: int, min_score: float) -> set[tuple[str, str, float]]:
    return {
        (one, near, round(score, 6))
        for one in IDS
        for near, score in lists.of(one)[:k]
        if round(score, 6) >= min_score
    }


@pytest.mark.parametrize(("k", "min_score"), [(1, 0.0), (2, 0.4), (K, 0.0), (K + 9, 0.0)])
def test_links_lead_from_a_trial_and_to_it(lists: KinLists, k: int, min_score: float) -> None:
    listed, links = ListedKin(lists), walked(lists, k, min_score)
    assert set(listed.all(k, min_score)) == links
    assert links
    for one in IDS:
        around = list(listed.around(one, k, min_score))
        assert set(around) == {link for link in links if one in link[:2]}
        assert len(around) == len(set(around))
    assert list(listed.around(IDS[-1], K, 0.0)) == []


def test_a_trial_that_is_in_no_list_has_no_link(lists: KinLists) -> None:
    assert list(ListedKin(lists).around("NCT99999999", K, 0.0)) == []
    nobody = ListedKin(KinLists.empty((), K))
    assert list(nobody.all(K, 0.0)) == list(nobody.around(IDS[0], K, 0.0)) == []


def test_it_is_made_once_for_a_generation(lists: KinLists) -> None:
    one, other = (cast(Any, SimpleGeneration(lists)) for _ in range(2))
    assert ListedKin.of(one) is ListedKin.of(one)
    assert ListedKin.of(one) is not ListedKin.of(other)
    assert ListedKin.of(one).k == K


class SimpleGeneration(SimpleNamespace):
    """As much of a generation as is asked for; known by itself, not by what it holds."""

    def __init__(self, lists: KinLists):
        super().__init__(kin_lists=lists)

    __hash__ = object.__hash__

    def __eq__(self, other: object) -> bool:
        return self is other
