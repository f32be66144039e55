"""Identifiers: one function validates, parts keep their IRI when only their order changes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.iris import canonical_nct_id, entity_iri, part_iri, slug
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
