"""Identifiers: one function validates, parts keep their IRI when only their order changes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.iris import (
    canonical_nct_id,
    entity_iri,
    full_nct_id,
    near_misses,
    part_iri,
    slug,
)
from ontology.errors import InvalidIdentifierError


@given(st.integers(1, 99_999_999))
def test_minting_and_parsing_are_inverse(number: int) -> None:
    canonical = f"NCT{number:08d}"
    assert canonical_nct_id(canonical) == canonical
    assert canonical_nct_id(f" nct{number} ") == canonical


@pytest.mark.parametrize(
    "value",
    [
        "",
        "NCT",
        "NCT00000000",
        "NCT123456789",
        "NCT0435628７",
        "NCT04356287\n; DROP",
        "../etc",
        4,
        None,
    ],
)
def test_what_is_no_id_is_refused(value: object) -> None:
    with pytest.raises(InvalidIdentifierError, match="is not an NCT id"):
        canonical_nct_id(value)


@given(st.integers(1, 99_999_999))
def test_a_person_s_id_is_whole_in_any_spelling(number: int) -> None:
    full = f"NCT{number:08d}"
    for written in (
        full,
        f" {full.lower()}\n",
        f"https://clinicaltrials.gov/study/{full}",
        f"http://www.clinicaltrials.gov/ct2/show/{full}?term=cells&rank=1",
        f"clinicaltrials.gov/ct2/show/study/{full}#contacts",
        f"https://classic.clinicaltrials.gov/show/{full}/",
    ):
        assert full_nct_id(written) == full


@pytest.mark.parametrize(
    "value",
    ["NCT0420134", "NCT004201340", "NCT00000000", "04201340", "NCT 04201340", "NCT04201340x",
     "NCT٠٤٢٠١٣٤٠", "https://example.org/study/NCT04201340",
     "https://clinicaltrials.gov.example.org/study/NCT04201340",
     "https://clinicaltrials.gov/study/NCT042013401", "x" * 3_000_000, "", 4201340, None],
    ids=lambda value: str(value)[:40],
)  # fmt: skip
def test_what_is_not_whole_is_never_filled_up(value: object) -> None:
    with pytest.raises(InvalidIdentifierError, match="is not an NCT id"):
        full_nct_id(value)


@pytest.mark.parametrize(
    "typed",
    ["NCT0420134", "NCT4201340", "NCT042013409", "NCT004201340", "NCT04201341", "NCT04201304",
     "nct 0420134"],
)  # fmt: skip
def test_one_slip_leads_back_to_the_id(typed: str) -> None:
    assert "NCT04201340" in near_misses(typed)
    assert all(full_nct_id(one) == one for one in near_misses(typed) - {"NCT00000000"})


@pytest.mark.parametrize("typed", ["", "asthma", "NCT", "NCT042", "NCT0420134012", None])
def test_far_from_any_id_nothing_is_guessed(typed: object) -> None:
    assert near_misses(typed) == set()


@given(st.text())
def test_slugs_are_safe_in_iris(text: str) -> None:
    made = slug(text)
    assert made.isascii()
    assert set(made) <= set("abcdefghijklmnopqrstuvwxyz0123456789-")
    assert len(made) <= 49


def test_spelling_in_case_and_blanks_does_not_make_another_entity() -> None:
    assert entity_iri("organization", "Cairo  University ") == entity_iri(
        "organization", "Cairo university"
    )
    assert entity_iri("organization", "Cairo University") != entity_iri(
        "organization", "Cairo University Hospital"
    )


def test_texts_without_latin_letters_have_distinct_slugs() -> None:
    assert slug("北京大学") != slug("清华大学")
    assert part_iri("NCT04356287", "arm", "").startswith(
        "https://clinicaltrials.gov/study/NCT04356287#arm-"
    )
