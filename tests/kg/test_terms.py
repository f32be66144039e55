"""RDF terms as text: what is written is what a parser reads back."""

from __future__ import annotations

import pyoxigraph as ox
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.mapping import terms
from kg.mapping.fields import address


def parsed(term: str) -> object:
    line = f"<http://example.org/s> <http://example.org/p> {term} .\n"
    (quad,) = ox.parse(line, format=ox.RdfFormat.N_QUADS)
    return quad.object


@given(st.text())
def test_any_text_survives_a_round_trip(value: str) -> None:
    read = parsed(terms.text(value))
    assert isinstance(read, ox.Literal)
    assert read.value == value


@given(st.text(st.characters(codec=None, categories=["Cs"]), min_size=1))
def test_lone_surrogates_become_the_replacement_character(value: str) -> None:
    assert parsed(terms.text(value)) == ox.Literal("\ufffd" * len(value))


@given(st.text(min_size=1))
def test_any_text_can_end_an_iri(value: str) -> None:
    read = parsed(terms.iri("http://example.org/" + value.translate({91: "", 93: ""})))
    assert isinstance(read, ox.NamedNode)
    assert read.value.startswith("http://example.org/")


@given(st.text())
def test_a_web_address_is_an_iri_or_stays_text(value: str) -> None:
    for whole in (value, f"http://{value}", f"https://example.org/{value}"):
        assert parsed(address(whole) or "") is not None


@pytest.mark.parametrize(
    ("value", "datatype"),
    [
        ("2022", "gYear"),
        ("2022-11", "gYearMonth"),
        ("2022-11-03", "date"),
        ("2022-02-30", "string"),
        ("2022-13", "string"),
        ("0000", "string"),
        ("soon", "string"),
    ],
)
def test_dates_keep_their_precision(value: str, datatype: str) -> None:
    read = parsed(terms.partial_date(value))
    assert isinstance(read, ox.Literal)
    assert read.value == value
    assert read.datatype.value == f"http://www.w3.org/2001/XMLSchema#{datatype}"


@pytest.mark.parametrize(
    ("value", "shown"),
    [(0.5, "0.5"), (1.0, "1"), (100.0, "100"), (-0.0, "0"), (0.1234567, "0.123457"), (1e-9, "0")],
)
def test_decimals_have_no_trailing_zeros(value: float, shown: str) -> None:
    read = parsed(terms.decimal(value))
    assert isinstance(read, ox.Literal)
    assert read.value == shown
