"""Names of products, and words that are none."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kg.relations.product_words import is_generic
from kg.relations.products import _LOWER_CASE
from kg.relations.rules import SHARED_NAME_LIMIT
from tests.kg.relations.conftest import Make, Relate

A, B, C = "NCT00000011", "NCT00000012", "NCT00000013"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("PNEUMOSTEM", "Pneumostem® low dose"),
        ("CX601", "Cx-601"),
        ("Remestemcel-L", "ex vivo cultured remestemcel-L"),
        ("NurOwn", "NurOwn®"),
        ("DUOC-01", "DUOC-01 cells"),
        ("HB-adMSC", "HB-adMSCs"),
        ("JOINTSTEM Inj.", "JointStem"),
        ("Lenzumestrocel (Neuronata-R)", "Lenzumestrocel"),
    ],
)
def test_one_name_in_two_spellings_is_one_product(
    make_key: Make, relate: Relate, one: str, other: str
) -> None:
    found = relate(
        make_key(A, interventions=[one]),
        make_key(B, interventions=[other], sponsor="Beta", conditions=["Asthma"]),
    )
    relation = found["same_product", A, B]
    assert [evidence.nct_id for evidence in relation.evidence] == [A, B]


@pytest.mark.parametrize(
    "name",
    [
        "Mesenchymal Stem Cells", "UC-MSCs", "hUC-MSC", "Allogeneic BM-MSC", "Placebo", "Saline",
        "COVID-19", "CD34+ cells", "BMAC", "PRP", "T2DM", "DMARDs", "Plasmalyte-A", "Phase 2",
        "Transplantation", "Cells 2x10^6", "SARS-CoV-2",
    ],
)  # fmt: skip
def test_generic_words_are_no_product(make_key: Make, relate: Relate, name: str) -> None:
    given = {"interventions": [name], "summary": "Cells by transplantation, or placebo in saline."}
    assert not relate(make_key(A, **given), make_key(B, **given))


def test_names_of_one_intervention_are_one_product(make_key: Make, relate: Relate) -> None:
    both = {"type": "DRUG", "name": "Alofisel", "otherNames": ["Cx601"]}
    keys = (
        make_key(A, interventions=["Alofisel®"]),
        make_key(B, interventions=[both]),
        make_key(C, interventions=["Cx601"]),
    )
    assert ("same_product", A, C) in relate(*keys)
    assert ("same_product", A, C) not in relate(keys[0], keys[2])


def test_what_comparators_get_is_not_the_product(make_key: Make, relate: Relate) -> None:
    given = {
        "arms": [{"label": "control", "type": "ACTIVE_COMPARATOR"}],
        "interventions": [{"name": "HYALONE-20", "armGroupLabels": ["control"]}],
    }
    assert not relate(make_key(A, **given), make_key(B, **given))


def test_own_study_numbers_are_no_product(make_key: Make, relate: Relate) -> None:
    given = {"org_id": "ABC-2021", "interventions": ["ABC-2021"]}
    found = relate(make_key(A, **given), make_key(B, **given))
    assert not any(kind == "same_product" for kind, _, _ in found)


def test_a_word_that_a_record_writes_in_lower_case_is_no_name(
    make_key: Make, relate: Relate
) -> None:
    first = make_key(A, interventions=["Fludarabine"], summary="They get fludarabine.")
    assert not relate(first, make_key(B, interventions=["Fludarabine"], sponsor="Beta"))


def test_a_name_of_very_many_trials_is_a_common_substance(make_key: Make, relate: Relate) -> None:
    keys = [
        make_key(f"NCT{n:08d}", interventions=["ABC-123"], phases=[])
        for n in range(1, SHARED_NAME_LIMIT + 2)
    ]
    assert relate(*keys[:3])
    assert not relate(*keys)


def test_generic_is_decided_by_the_name_alone() -> None:
    assert is_generic("Wharton-Jelly-MSC") is False  # a place name: not in lower case, one record
    assert is_generic("allo-hMSCs") is True


@settings(max_examples=400, deadline=None)
@given(text=st.text(alphabet="aabcz--Z9_\u00e9 \n", max_size=40))
def test_words_in_small_letters_are_whole_words(text: str) -> None:
    slower = r"(?<![\w-])[a-z]{5,}(?:-[a-z]+)*(?![\w-])"
    assert _LOWER_CASE.findall(text) == re.findall(slower, text)
