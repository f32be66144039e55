"""What an earlier version wrote opens, ranks, and is brought up to date."""

from __future__ import annotations

import dataclasses

import pytest

from similarity.index import KinIndex
from similarity.index_files import CELLS_FILE
from similarity.kin_lists import KinLists

K = 3


@pytest.fixture
def older(profiles, encoder, model, schemes, tmp_path):
    """A large index whose cells know rows, and lists without those who follow."""
    index = KinIndex.build(profiles, encoder, model=model, schemes=schemes, exact_trials=1)
    lists = KinLists.empty(index.nct_ids, K)
    exact = KinIndex.build(profiles, encoder, model=model, schemes=schemes)
    for nct_id, kin in exact.rank_all(K):
        lists.put(nct_id, kin)
    index.write(tmp_path)
    lists.write(tmp_path)
    (tmp_path / CELLS_FILE).rename(tmp_path / "cells.faiss")
    for path in tmp_path.glob("kin_spare_*.npy"):
        path.unlink()
    return tmp_path


def test_an_older_index_is_asked_exactly(older):
    index, lists = KinIndex.open(older), KinLists.open(older)
    assert index.is_exact
    assert (lists.k, lists.spare) == (K, 0)
    for nct_id, kin in index.rank_all(K):
        assert lists.of(nct_id) == [(one.nct_id, one.score) for one in kin]


@pytest.mark.parametrize("exact_trials", [1, 1_000])
def test_an_older_index_is_brought_up_to_date(
    older, profiles, encoder, model, schemes, exact_trials, tmp_path
):
    index, lists = KinIndex.open(older), KinLists.open(older)
    changed = dataclasses.replace(profiles[0], texts=profiles[1].texts)
    how = {"model": model, "schemes": schemes, "exact_trials": exact_trials}
    new = index.updated([changed], [profiles[2].nct_id], encoder, **how)
    assert new.is_exact == (exact_trials > 1)
    relinked = new.relink([changed.nct_id], lists)
    for nct_id, kin in new.rank_all(K):
        assert relinked.lists.of(nct_id) == [(one.nct_id, one.score) for one in kin]
    new.write(tmp_path / "new")
    relinked.lists.write(tmp_path / "new")
    assert KinIndex.open(tmp_path / "new").is_exact == new.is_exact
    assert KinLists.open(tmp_path / "new").spare == 0
    assert not (tmp_path / "new" / "cells.faiss").exists()
