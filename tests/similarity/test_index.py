from __future__ import annotations

import dataclasses
import subprocess
import sys

import numpy as np
import pytest

from ontology.errors import EncoderError, StoreError, UnknownTrialError
from similarity.fusion import Fusion, Term, View
from similarity.index import KinIndex
from similarity.kin import CLOSE_SCORE, has_close
from similarity.profile import Profile

FIRST, SISTER, LUPUS, SAME_DISEASE = "NCT00000001", "NCT00000002", "NCT00000003", "NCT00000006"


def ids(kin) -> list[str]:
    return [one.nct_id for one in kin]


def test_the_same_disease_source_and_route_come_first(index):
    kin = index.rank(FIRST, 10)
    assert ids(kin)[:2] == [SISTER, SAME_DISEASE]
    assert len(kin) == 5
    assert [one.rank for one in kin] == [1, 2, 3, 4, 5]
    assert FIRST not in ids(kin)


def test_contributions_sum_to_the_score(index):
    for _, kin in index.rank_all(10):
        for one in kin:
            assert sum(value for _, value in one.contributions) == pytest.approx(
                one.score, abs=1e-6
            )
            assert 0 <= one.score <= 1


def test_all_at_once_gives_what_one_at_a_time_gives(index):
    for nct_id, kin in index.rank_all(4):
        assert kin == index.rank(nct_id, 4)


def test_scores_are_symmetric(index):
    table = np.array([index.scores(nct_id) for nct_id in index.nct_ids])
    assert table.tolist() == table.T.tolist()


def test_a_score_does_not_depend_on_what_else_is_indexed(index, encoder, model, schemes, profiles):
    few = KinIndex.build(profiles[:3], encoder, model=model, schemes=schemes)
    whole = {one.nct_id: one.score for one in index.rank(FIRST, 10)}
    assert {one.nct_id: one.score for one in few.rank(FIRST, 10)} == {
        nct_id: whole[nct_id] for nct_id in (SISTER, LUPUS)
    }


def test_the_order_of_profiles_changes_nothing(index, encoder, model, schemes, profiles, tmp_path):
    other = KinIndex.build(profiles[::-1], encoder, model=model, schemes=schemes)
    index.write(tmp_path / "a")
    other.write(tmp_path / "b")
    for path in sorted((tmp_path / "a").iterdir()):
        assert path.read_bytes() == (tmp_path / "b" / path.name).read_bytes()


def test_an_index_survives_its_folder(index, tmp_path):
    index.write(tmp_path)
    again = KinIndex.open(tmp_path)
    assert again.nct_ids == index.nct_ids
    assert again.fingerprints == index.fingerprints
    assert list(again.rank_all(10)) == list(index.rank_all(10))


def test_unchanged_texts_are_not_encoded_again(index, encoder, model, schemes, profiles):
    changed = dataclasses.replace(profiles[0], texts={"title": "Another title altogether"})
    encoder.encoded.clear()
    refreshed = KinIndex.build(
        (changed, *profiles[1:]), encoder, model=model, schemes=schemes, previous=index
    )
    assert sorted(encoder.encoded) == ["", "Another title altogether"]
    fresh = KinIndex.build((changed, *profiles[1:]), encoder, model=model, schemes=schemes)
    assert list(refreshed.rank_all(10)) == list(fresh.rank_all(10))


def test_vectors_of_another_encoder_are_not_taken_over(index, encoder, model, schemes, profiles):
    encoder.fingerprint = "e" * 64
    encoder.encoded.clear()
    KinIndex.build(profiles, encoder, model=model, schemes=schemes, previous=index)
    assert len(encoder.encoded) == 2 * len(profiles)


def test_a_profile_from_outside_ranks_like_its_twin_inside(index, encoder, model, profiles):
    inside = index.rank(FIRST, 3)
    assert index.rank_profile(profiles[0], 3, encoder=encoder, model=model) == inside
    stranger = dataclasses.replace(profiles[0], nct_id="synopsis")
    assert ids(index.rank_profile(stranger, 1, encoder=encoder, model=model)) == [FIRST]


def test_another_encoder_may_not_ask(index, encoder, model, profiles):
    encoder.fingerprint = "e" * 64
    with pytest.raises(EncoderError, match="earlier version of the model"):
        index.rank_profile(profiles[0], 3, encoder=encoder, model=model)


def test_allowed_trials_only(index):
    assert ids(index.rank(FIRST, 10, allowed={LUPUS, "NCT99999999", FIRST})) == [LUPUS]
    assert index.rank(FIRST, 10, allowed=set()) == []
    assert index.rank(FIRST, 0) == []


def test_weights_move_the_ranking(index):
    kin = index.rank(FIRST, 10, weights={"condition": 0, "text": 0, "words": 0, "phase": 0})
    assert {one.nct_id for one in kin if one.score == 1} == {SISTER, LUPUS, SAME_DISEASE}


def test_the_same_sponsor_counts_if_asked_for(index):
    usual = {one.nct_id: one.score for one in index.rank(FIRST, 10)}
    asked = {one.nct_id: one for one in index.rank(FIRST, 10, weights={"sponsor": 5, "place": 1})}
    assert asked["NCT00000004"].score > usual["NCT00000004"]
    assert dict(asked["NCT00000004"].contributions)["sponsor"] > 0


def test_an_unknown_id_names_the_nearest(index):
    with pytest.raises(UnknownTrialError) as caught:
        index.rank("NCT00000091")
    assert FIRST in caught.value.nearest


def test_a_trial_given_twice_is_refused(encoder, model, schemes, profiles):
    with pytest.raises(EncoderError, match=f"{FIRST} is there twice"):
        KinIndex.build((*profiles, profiles[0]), encoder, model=model, schemes=schemes)


def test_trials_without_texts_and_concepts_are_like_nothing(encoder, model, schemes):
    bare = [Profile(nct_id="NCT00000001"), Profile(nct_id="NCT00000002")]
    index = KinIndex.build(bare, encoder, model=model, schemes=schemes)
    (kin,) = index.rank("NCT00000001")
    assert kin.score == 0
    assert kin.reason == "Alike in their texts only."


def test_an_empty_index_is_an_index(encoder, model, schemes, tmp_path):
    empty = KinIndex.build([], encoder, model=model, schemes=schemes)
    empty.write(tmp_path)
    assert len(KinIndex.open(tmp_path)) == 0


def test_weights_of_another_model_need_no_new_vectors(index, model):
    terms = (Term(features=("route.mean",), weight=1.0),)
    other = dataclasses.replace(model, fusion=Fusion(views=index.fusion.views, terms=terms))
    assert {one.score for one in index.with_model(other).rank(FIRST)} == {0.0, 1.0}
    views = Fusion(views=(View(name="x", texts=("title",)),), terms=terms)
    with pytest.raises(EncoderError, match="other texts"):
        index.with_model(dataclasses.replace(model, fusion=views))


def test_a_folder_without_a_whole_index_is_refused(index, tmp_path):
    with pytest.raises(StoreError, match="build it again"):
        KinIndex.open(tmp_path)
    index.write(tmp_path)
    (tmp_path / "vectors.npy").unlink()
    with pytest.raises(StoreError, match="no whole index"):
        KinIndex.open(tmp_path)
    (tmp_path / "manifest.json").write_text('{"format": 99}')
    with pytest.raises(StoreError, match="another format"):
        KinIndex.open(tmp_path)


def test_progress_runs_to_the_end(encoder, model, schemes, profiles):
    seen = []
    KinIndex.build(
        profiles, encoder, model=model, schemes=schemes, progress=lambda *at: seen.append(at)
    )
    assert seen[-1] == (len(profiles), len(profiles))


def test_ranking_an_open_index_needs_no_heavy_library(index, tmp_path):
    index.write(tmp_path)
    code = (
        "import sys; from pathlib import Path; from similarity.index import KinIndex\n"
        f"KinIndex.open(Path({str(tmp_path)!r})).rank({FIRST!r})\n"
        "heavy = {'torch', 'sklearn', 'scipy', 'sentence_transformers', 'pyoxigraph', 'rdflib'}\n"
        "print(sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout.strip() == "[]"


def test_a_list_says_whether_it_holds_close_kin(index):
    near, far = index.rank(FIRST, 10), index.rank(FIRST, 10, allowed={"NCT00000004"})
    assert near[0].score >= CLOSE_SCORE > far[0].score
    assert has_close(near)
    assert not has_close(far)
    assert not has_close([])
