"""The kin of a stored trial: looked up where they are stored, ranked where they are not."""

from __future__ import annotations

import pytest

from kg.generation import Generation
from kg.store import Store
from ontology.errors import UnknownTrialError
from similarity.index import KinIndex


@pytest.fixture
def generation(tiny_store: Store) -> Generation:
    return tiny_store.published()


def test_stored_kin_are_those_that_ranking_gives(generation: Generation) -> None:
    for nct_id in generation.kin_index.nct_ids:
        for k in (1, 3, generation.kin_lists.k):
            assert generation.rank_kin(nct_id, k) == generation.kin_index.rank(nct_id, k)


@pytest.mark.parametrize("how", [{}, {"weights": None, "allowed": None}])
def test_what_is_stored_is_not_ranked_again(
    generation: Generation, monkeypatch: pytest.MonkeyPatch, how: dict[str, None]
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise AssertionError("ranked against all trials")

    monkeypatch.setattr(KinIndex, "rank", fail)
    nct_id = generation.kin_index.nct_ids[0]
    assert generation.rank_kin(nct_id, 2, **how)


def test_filters_weights_and_long_lists_are_ranked(generation: Generation) -> None:
    index = generation.kin_index
    first, second, *_ = index.nct_ids
    assert generation.rank_kin(first, 5, allowed=frozenset()) == []
    assert [kin.nct_id for kin in generation.rank_kin(first, 5, allowed={second})] == [second]
    weights = {"condition": 0.0}
    assert generation.rank_kin(first, 5, weights=weights) == index.rank(first, 5, weights=weights)
    longer = generation.kin_lists.k + 1
    assert generation.rank_kin(first, longer) == index.rank(first, longer)
    assert all(kin.reason == "" for kin in generation.rank_kin(first, 5, reasons=False))


def test_an_unknown_trial_is_refused(generation: Generation) -> None:
    with pytest.raises(UnknownTrialError):
        generation.rank_kin("NCT99999998")
