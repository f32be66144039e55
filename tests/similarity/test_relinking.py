"""Updating an index and its lists gives what making them anew gives."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ontology.errors import EncoderError, RecordError, StoreError, UnknownTrialError
from similarity.index import KinIndex
from similarity.kin_lists import UNKNOWN, KinLists
from similarity.profile import Design, Doses, Profile
from tests.similarity.conftest import TREES, WordEncoder

K = 3
WORDS = ("cord", "marrow", "cells", "lupus", "knee", "phase")


def profiles_of(*numbers: int) -> st.SearchStrategy[list[Profile]]:
    """Return profiles with few words and concepts each, so that scores often tie."""

    def some(key: str) -> st.SearchStrategy[tuple[str, ...]]:
        return st.lists(st.sampled_from(sorted(TREES[key])), max_size=2).map(tuple)

    one = st.builds(
        Profile,
        nct_id=st.just("x"),
        texts=st.fixed_dictionaries(
            {"title": st.lists(st.sampled_from(WORDS), max_size=3).map(" ".join)}
        ),
        concepts=st.fixed_dictionaries({key: some(key) for key in TREES}),
        design=st.builds(Design, phases=st.sampled_from([(), ("PHASE1",), ("PHASE2",)])),
        doses=st.builds(Doses, dose_total=st.sampled_from([(), (1e6,), (1e6, 1e8)])),
    )
    return st.tuples(*[one] * len(numbers)).map(
        lambda made: [
            dataclasses.replace(profile, nct_id=f"NCT{number:08d}")
            for number, profile in zip(numbers, made, strict=True)
        ]
    )


def linked(index: KinIndex, k: int = K, spare: int = 0) -> KinLists:
    lists = KinLists.empty(index.nct_ids, k, spare=spare)
    for nct_id, kin in index.rank_all(k + spare):
        lists.put(nct_id, kin)
    return lists


def assert_same_files(one: KinIndex, other: KinIndex, folder: Path) -> None:
    one.write(folder / "one")
    other.write(folder / "other")
    names = sorted(path.name for path in (folder / "one").iterdir())
    assert names == sorted(path.name for path in (folder / "other").iterdir())
    for name in names:
        assert (folder / "one" / name).read_bytes() == (folder / "other" / name).read_bytes(), name


CHANGES = st.tuples(
    profiles_of(*range(10)),
    profiles_of(*range(14)),
    st.sets(st.integers(0, 13), max_size=5),
    st.sets(st.integers(0, 9), max_size=4),
)


@given(CHANGES)
@settings(deadline=None, max_examples=30)
def test_relinking_equals_linking_anew(model, schemes, tmp_path_factory, case):
    before, after, replaced, dropped = case
    encoder = WordEncoder()

    def build(profiles):
        return KinIndex.build(profiles, encoder, model=model, schemes=schemes)

    changed = [after[number] for number in sorted(replaced - dropped)]
    removed = [before[number].nct_id for number in sorted(dropped)]
    now = {profile.nct_id: profile for profile in (*before, *changed)}
    for nct_id in removed:
        del now[nct_id]
    old, fresh = build(before), build(now.values())
    previous = linked(old)
    new = old.updated(changed, removed, encoder, model=model, schemes=schemes)
    assert_same_files(new, fresh, tmp_path_factory.mktemp("indexes"))

    relinked = new.relink([profile.nct_id for profile in changed], previous)
    wanted = linked(fresh)
    assert relinked.lists.nct_ids == wanted.nct_ids
    assert relinked.lists.rows.tobytes() == wanted.rows.tobytes()
    assert relinked.lists.scores.tobytes() == wanted.scores.tobytes()
    ranked, ranked_before = dict(fresh.rank_all(K)), dict(old.rank_all(K))
    pairs = [(nct_id, near.nct_id) for nct_id, kin in ranked.items() for near in kin]
    explained = list(new.explain_pairs(pairs))
    assert explained == [
        dataclasses.replace(near, rank=1) for kin in ranked.values() for near in kin
    ]
    # What is not named as affected may stay as it is written: it is the same to the last word.
    for nct_id in set(new.nct_ids) - set(relinked.affected):
        assert ranked[nct_id] == ranked_before[nct_id]


@given(
    profiles_of(*range(10)),
    st.lists(
        st.tuples(profiles_of(*range(12)), st.sets(st.integers(0, 11), max_size=2)), max_size=4
    ),
)
@settings(deadline=None, max_examples=30)
def test_whoever_follows_a_list_follows_it_in_truth(model, schemes, before, turns):
    encoder = WordEncoder()
    index = KinIndex.build(before, encoder, model=model, schemes=schemes)
    lists = linked(index, spare=2)
    for profiles, replaced in turns:
        changed = [profiles[number] for number in sorted(replaced)]
        index = index.updated(changed, [], encoder, model=model, schemes=schemes)
        lists = index.relink([profile.nct_id for profile in changed], lists).lists
        wanted = linked(index, spare=2)
        assert lists.rows.tobytes() == wanted.rows.tobytes()
        assert lists.scores.tobytes() == wanted.scores.tobytes()
        known = lists.spare_rows != UNKNOWN
        assert (lists.spare_rows == wanted.spare_rows)[known].all()
        assert (lists.spare_scores == wanted.spare_scores)[known].all()


def test_a_list_that_lost_a_member_is_filled_from_those_who_follow(
    index, encoder, model, schemes, profiles
):
    lists = linked(index, 2, spare=1)
    gone = [lists.of(profiles[0].nct_id)[0][0]]
    losers = [nct_id for nct_id in index.nct_ids if gone[0] in dict(lists.of(nct_id))]
    new = index.updated([], gone, encoder, model=model, schemes=schemes)
    relinked = new.relink([], lists)
    assert losers
    assert relinked.reranked == 0
    assert relinked.lists.rows.tobytes() == linked(new, 2).rows.tobytes()
    of_loser = relinked.lists.spare_rows[relinked.lists.row_of(losers[0])]
    assert of_loser.tolist() == [UNKNOWN]
    without = new.relink([], linked(index, 2))
    assert without.reranked == len(set(losers) - set(gone))


@given(profiles_of(*range(8)))
@settings(deadline=None, max_examples=20)
def test_scores_are_the_same_whoever_asks_and_beside_whom(model, schemes, profiles):
    index = KinIndex.build(profiles, WordEncoder(), model=model, schemes=schemes)
    table = np.array([index.scores(nct_id) for nct_id in index.nct_ids])
    assert table.tobytes() == np.ascontiguousarray(table.T).tobytes()
    rows = np.array([1, 4, 6])
    for row in range(8):
        query = index.table.row(row)
        every, some = index.table.compare(query), index.table.compare(query, rows)
        for name, values in every.items():
            assert values[rows].tobytes() == some[name].tobytes(), name


def test_only_changed_texts_are_encoded(index, encoder, model, schemes, profiles):
    changed = dataclasses.replace(profiles[2], texts=profiles[2].texts | {"title": "New title"})
    encoder.encoded.clear()
    index.updated([changed], [], encoder, model=model, schemes=schemes)
    assert encoder.encoded == ["New title"]


def test_few_lists_are_ranked_anew(index, encoder, model, schemes, profiles):
    changed = dataclasses.replace(profiles[3], design=Design(phases=("PHASE3",)))
    new = index.updated([changed], [], encoder, model=model, schemes=schemes)
    relinked = new.relink([changed.nct_id], linked(index, 2))
    assert relinked.reranked == 0
    assert changed.nct_id in relinked.affected


def test_of_equal_scores_the_first_id_enters(encoder, model, schemes, profiles):
    first, twin = profiles[0], profiles[1]
    at_eight = dataclasses.replace(twin, nct_id="NCT00000008")
    old = KinIndex.build([first, at_eight], encoder, model=model, schemes=schemes)
    for added, wanted in (("NCT00000009", "NCT00000008"), ("NCT00000005", "NCT00000005")):
        one = dataclasses.replace(twin, nct_id=added)
        new = old.updated([one], [], encoder, model=model, schemes=schemes)
        lists = new.relink([added], linked(old, 1)).lists
        assert [near for near, _ in lists.of(first.nct_id)] == [wanted]
        assert lists.rows.tobytes() == linked(new, 1).rows.tobytes()


def test_nothing_changed_affects_nothing(index, encoder, model, schemes):
    lists = linked(index)
    relinked = index.updated([], [], encoder, model=model, schemes=schemes).relink([], lists)
    assert relinked.affected == ()
    assert relinked.lists.rows.tolist() == lists.rows.tolist()


def test_what_cannot_be_updated_is_refused(index, encoder, model, schemes, profiles):
    def update(changed, removed, **other):
        index.updated(changed, removed, encoder, **{"model": model, "schemes": schemes} | other)

    with pytest.raises(UnknownTrialError):
        update([], ["NCT09999999"])
    with pytest.raises(EncoderError, match="both changed and removed"):
        update([profiles[0]], [profiles[0].nct_id])
    with pytest.raises(EncoderError, match="there twice"):
        update([profiles[0], profiles[0]], [])
    with pytest.raises(EncoderError, match="earlier version of the model"):
        update([], [], model=dataclasses.replace(model, fingerprint="1" * 64))
    other = schemes | {"routes": schemes["donors"]}
    with pytest.raises(EncoderError, match="schemes are other"):
        update([], [], schemes=other)


def test_a_trial_that_nobody_named_is_not_passed_over(index, encoder, model, schemes, profiles):
    few = KinIndex.build(profiles[:4], encoder, model=model, schemes=schemes)
    with pytest.raises(EncoderError, match="NCT00000005 has no list"):
        index.relink(["NCT00000006"], linked(few))
    with pytest.raises(UnknownTrialError):
        index.relink(["NCT09999999"], linked(index))


def test_some_trials_are_ranked_as_all_are(index):
    every = dict(index.rank_all(2))
    assert dict(index.rank_some(["NCT00000005", "NCT00000001"], 2)) == {
        nct_id: every[nct_id] for nct_id in ("NCT00000005", "NCT00000001")
    }
    with pytest.raises(UnknownTrialError):
        list(index.rank_some(["NCT09999999"], 2))


def test_lists_survive_their_folder(index, tmp_path):
    with pytest.raises(StoreError, match="no lists of kin"):
        KinLists.open(tmp_path)
    lists = linked(index, spare=2)
    index.write(tmp_path)
    lists.write(tmp_path)
    again = KinLists.open(tmp_path)
    assert (again.k, again.spare, len(again)) == (K, 2, len(index))
    assert again.spare_rows.tolist() == lists.spare_rows.tolist()
    first = index.nct_ids[0]
    assert again.of(first) == [(kin.nct_id, kin.score) for kin in index.rank(first, K)]
    with pytest.raises(UnknownTrialError):
        again.of("NCT09999999")
    KinLists.empty(index.nct_ids[1:], K).write(tmp_path)
    with pytest.raises(StoreError, match="other trials"):
        KinLists.open(tmp_path)
    with pytest.raises(RecordError, match="at least one"):
        KinLists.empty(index.nct_ids, 0)
