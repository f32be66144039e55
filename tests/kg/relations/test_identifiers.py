"""Numbers that tell, and numbers that do not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.relations.identifiers import (
    is_citable_id,
    is_infrastructure_grant,
    is_registry_id,
    is_telling_id,
    without_extension_suffix,
)
from kg.relations.wording import is_follow_up_title


@pytest.mark.parametrize(
    "value", ["MESEMS-01", "2010-023368-42", "30902", "1R01HL134558-01", "267976/13/NCBR/2015"]
)
def test_telling(value: str) -> None:
    assert is_telling_id(value)


@pytest.mark.parametrize(
    "value",
    ["", "N/A", "0", "0000", "00-000", "IRB", "IRB 001", "Protocol 1", "Not applicable", "MESEMS",
     "2019", "202001", "11111", "STEM CELL", "SMPH\\HUMAN ONCOLOGY", "COVID-19", "MSC-001"],
)  # fmt: skip
def test_placeholders(value: str) -> None:
    assert not is_telling_id(value)


def test_forms_of_numbers() -> None:
    assert is_registry_id("EudraCT 2010-023368-42")
    assert not is_registry_id("2010-0233")
    assert is_infrastructure_grant("P30CA043703")
    assert is_infrastructure_grant("3P30CA043703-29S1")
    assert not is_infrastructure_grant("5UM1HL087318")
    assert is_citable_id("MSB-GVHD001")
    assert not is_citable_id("30902")


def test_marks_of_extensions() -> None:
    assert without_extension_suffix("MP-CR-006-F/U-5y") == "MP-CR-006"
    assert without_extension_suffix("ADORE") is None
    assert without_extension_suffix("ABC-123") is None
    assert without_extension_suffix("-FU") is None


@given(st.text(max_size=60))
def test_nothing_that_a_record_may_hold_raises(text: str) -> None:
    is_telling_id(text)
    is_citable_id(text)
    is_infrastructure_grant(text)
    without_extension_suffix(text)
    is_follow_up_title(text)
