from __future__ import annotations

import pytest

from ontology.errors import RecordError, UnknownTrialError
from similarity.asking import choose_trials, diversify, rank_together, text_profile
from similarity.model import load_model

FIRST, SISTER, LUPUS, KNEE = "NCT00000001", "NCT00000002", "NCT00000003", "NCT00000004"

SYNOPSIS = """Umbilical cord stromal cells in systemic sclerosis
Patients with diffuse disease receive one intravenous infusion.
Inclusion criteria: adults with systemic sclerosis.
"""


@pytest.fixture(scope="module")
def shipped():
    return load_model("trialkin")


def test_a_synopsis_becomes_a_profile(shipped):
    profile = text_profile(SYNOPSIS, model=shipped)
    assert profile.texts["title"] == "Umbilical cord stromal cells in systemic sclerosis"
    assert profile.texts["eligibility"].startswith("Inclusion criteria")
    assert "Inclusion" not in profile.texts["summary"]
    assert profile.concept_names("conditions") == ("systemic_sclerosis",)


def test_given_concepts_are_kept(shipped):
    profile = text_profile(SYNOPSIS, model=shipped, concepts={"conditions": ("lupus",)})
    assert profile.concepts == {"conditions": ("lupus",)}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (" \n", "empty"),
        ("cell " * 250_000, "1,249,999 characters, more than 1,000,000"),
        ("Étude des cellules stromales chez les patients atteints d'une maladie grave", "English"),
        ("系统性硬化症的间充质干细胞治疗", "English"),
        ("12345 67890", "English"),
    ],
)
def test_texts_that_cannot_be_answered_are_refused(text, message, shipped):
    with pytest.raises(RecordError, match=message):
        text_profile(text, model=shipped)


def test_several_trials_are_asked_together(index):
    kin = rank_together(index, [FIRST, LUPUS], 10)
    assert {FIRST, LUPUS}.isdisjoint(one.nct_id for one in kin)
    by_id = {one.nct_id: one for one in kin}
    mean = (index.explain(FIRST, SISTER).score + index.explain(LUPUS, SISTER).score) / 2
    assert by_id[SISTER].score == pytest.approx(mean)
    assert sum(v for _, v in by_id[SISTER].contributions) == pytest.approx(mean, abs=1e-6)
    assert by_id[SISTER].reason == index.explain(FIRST, SISTER).reason
    assert [one.rank for one in kin] == [1, 2, 3, 4]
    assert rank_together(index, [FIRST], 3) == index.rank(FIRST, 3)
    assert [one.nct_id for one in rank_together(index, [FIRST, LUPUS], allowed={KNEE})] == [KNEE]


def test_asking_for_no_trial_or_an_unknown_one_is_refused(index):
    with pytest.raises(RecordError, match="No trial is named"):
        rank_together(index, [])
    with pytest.raises(UnknownTrialError):
        rank_together(index, ["NCT09999999"])


def test_a_varied_list_passes_over_what_repeats(index):
    kin = index.rank(FIRST, 10)
    assert [one.nct_id for one in diversify(index, kin, 5, diversity=0)] == [
        one.nct_id for one in kin
    ]
    varied = diversify(index, kin, 3, diversity=0.6)
    assert varied[0].nct_id == SISTER
    assert varied[1].nct_id != "NCT00000006"  # the same disease once more
    assert [one.rank for one in varied] == [1, 2, 3]
    with pytest.raises(RecordError, match="from 0 to 1"):
        diversify(index, kin, 3, diversity=2)


def test_trials_are_chosen_by_phase_country_and_concept(index):
    assert choose_trials(index, phases={"PHASE2"}) == {FIRST, LUPUS}
    assert choose_trials(index, countries={"France"}) == {FIRST, KNEE}
    chosen = choose_trials(index, countries={"France"}, concepts={"routes": {"intravenous"}})
    assert chosen == {FIRST}
    assert choose_trials(index) == set(index.nct_ids)
