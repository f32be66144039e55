from __future__ import annotations

import pytest

from kg.nearest import nearest_names, slips_allowed

COUNTRIES = ["China", "Chile", "Canada", "Korea, Republic of", "United States", "United Kingdom"]


@pytest.mark.parametrize(
    ("asked", "meant"),
    [
        ("Chna", ["China"]),
        ("china", ["China"]),
        ("CIHNA", ["China"]),  # two letters swapped are one slip
        ("Korea", ["Korea, Republic of"]),
        ("united-states", ["United States"]),
        ("United", ["United States", "United Kingdom"]),
        ("Atlantis", []),
        ("", []),
        ("x", []),
    ],
)
def test_the_nearest_names_come_first(asked: str, meant: list[str]) -> None:
    assert nearest_names(asked, COUNTRIES) == meant


def test_as_many_as_are_asked_for_in_an_order_that_stays() -> None:
    known = ["cats", "bats", "rats", "mats"]
    assert nearest_names("hats", known, most=2) == ["bats", "cats"]
    assert nearest_names("hats", reversed(known), most=2) == ["bats", "cats"]


def test_short_words_have_few_slips_and_long_ones_more() -> None:
    allowed = [slips_allowed(length) for length in range(20)]
    assert allowed == sorted(allowed)
    assert (allowed[2], allowed[5], allowed[10], allowed[11]) == (0, 1, 2, 3)


def test_a_word_of_a_name_is_near_after_whole_names() -> None:
    known = ["umbilical_cord_blood", "umbilical_cord", "umbilicus", "cord"]
    assert nearest_names("umbilcal", known) == ["umbilical_cord", "umbilical_cord_blood"]
    assert nearest_names("cord", known)[0] == "cord"
