from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ontology.errors import RecordError
from similarity.profile import (
    CONCEPT_KEYS,
    TEXT_KEYS,
    Design,
    Doses,
    Identifiers,
    Profile,
    Stated,
    StatedConcepts,
    StatedDesign,
    profile_from_json,
    profile_to_json,
    stated_from_json,
)

PLAIN = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)


@given(
    texts=st.dictionaries(st.sampled_from(TEXT_KEYS), PLAIN),
    concepts=st.dictionaries(st.sampled_from(CONCEPT_KEYS), st.lists(PLAIN).map(tuple)),
    count=st.none() | st.integers(0, 10**6),
)
def test_a_profile_survives_json(texts, concepts, count):
    profile = Profile(
        nct_id="NCT00000001",
        texts=texts,
        concepts=concepts,
        design=Design(enrollment_count=count, phases=("PHASE1",)),
        doses=Doses(dose_per_kg=(1e6,), administrations=(2, 3)),
        ids=Identifiers(pmids=("1", "2")),
    )
    assert profile_from_json(profile_to_json(profile)) == profile
    stated = stated_from_json(profile_to_json(profile))
    assert stated == Stated.of(profile)
    assert hash(stated) == hash(Stated.of(profile))
    for key in StatedConcepts.__struct_fields__:
        assert getattr(stated.concepts, key) == profile.concept_names(key)
    assert stated.design == StatedDesign(phases=("PHASE1",))
    assert stated.doses == profile.doses


def test_concepts_are_sorted_once_and_empty_texts_are_left_out():
    profile = Profile(
        nct_id="NCT00000001",
        texts={"summary": "", "title": "T"},
        concepts={"routes": ("b", "a", "b"), "donors": ()},
    )
    assert profile.concepts == {"routes": ("a", "b")}
    assert profile.texts == {"title": "T"}
    assert profile.text(("summary", "title")) == "T"
    assert profile.concept_names("donors") == ()


@pytest.mark.parametrize("wrong", [{"texts": {"tittle": "x"}}, {"concepts": {"route": ("x",)}}])
def test_unknown_keys_are_refused_with_the_known_ones(wrong):
    with pytest.raises(RecordError, match=r"Unknown .* use some of"):
        Profile(nct_id="NCT00000001", **wrong)


@pytest.mark.parametrize("data", [b"{", b"[]", b'{"nct_id": 5}', b'{"texts": {}}'])
def test_what_is_no_profile_is_refused(data):
    with pytest.raises(RecordError, match=r"profile"):
        profile_from_json(data)
