"""MeSH ids: one form for every way in which records write them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ontology.errors import InvalidIdentifierError
from ontology.mesh import MESH_BASE, canonical_mesh_id, mesh_iri

LAST_SHORT = {"D": 66_332, "C": 599_999}
kinds = st.sampled_from("DC")
numbers = st.integers(1, 999_999_999)
real_ids = st.builds(
    lambda kind, number: f"{kind}{number:0{6 if number <= LAST_SHORT[kind] else 9}d}",
    kinds,
    numbers,
)


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("D012595", "D012595"),
        ("D000012595", "D012595"),
        ("D12595", "D012595"),
        (" d000012595\n", "D012595"),
        ("D000067877", "D000067877"),
        ("D66332", "D066332"),
        ("D066333", "D000066333"),
        ("C599999", "C599999"),
        ("C000600000", "C000600000"),
        ("C000001", "C000001"),
        ("D000001", "D000001"),
    ],
)
def test_known_forms(raw, expected):
    assert canonical_mesh_id(raw) == expected


@pytest.mark.parametrize(
    "raw",
    [
        "",
        "D",
        "D000000000",
        "D-12595",
        "E012595",
        "D012595x",
        "D01 2595",
        "12595",
        None,
        12595,
        "D1234567890",
        "D٠١٢٥٩٥",
        "D" * 4000,
    ],
)
def test_refuses_what_is_no_id(raw):
    with pytest.raises(InvalidIdentifierError, match="is not a MeSH id; write") as caught:
        canonical_mesh_id(raw)
    assert len(str(caught.value)) < 160


@given(real_ids)
def test_a_real_id_stays_as_it_is(mesh_id):
    assert canonical_mesh_id(mesh_id) == mesh_id


@given(kinds, numbers, st.integers(0, 12), st.sampled_from(["", " ", "\t"]), st.booleans())
def test_padding_case_and_space_do_not_matter(kind, number, width, space, lower):
    raw = f"{kind}{number:0{width}d}"
    written = space + (raw.lower() if lower else raw) + space
    canonical = canonical_mesh_id(written)
    assert canonical == canonical_mesh_id(f"{kind}{number}")
    assert canonical_mesh_id(canonical) == canonical
    assert (canonical[0], int(canonical[1:])) == (kind, number)
    assert len(canonical) in (7, 10)


@given(st.lists(st.tuples(kinds, numbers), unique=True, min_size=2, max_size=2))
def test_different_ids_stay_different(pair):
    one, other = (canonical_mesh_id(f"{kind}{number}") for kind, number in pair)
    assert one != other


@given(st.text(max_size=15))
def test_any_text_gives_an_id_or_a_named_refusal(text):
    try:
        canonical = canonical_mesh_id(text)
    except InvalidIdentifierError:
        return
    assert canonical_mesh_id(canonical) == canonical


def test_iri():
    assert mesh_iri("D000012595") == MESH_BASE + "D012595" == "http://id.nlm.nih.gov/mesh/D012595"
