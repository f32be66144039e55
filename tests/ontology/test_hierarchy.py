"""Hierarchy: information content and likeness, by hand and beside networkx."""

from __future__ import annotations

from itertools import product
from math import log

import networkx as nx
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ontology.errors import InvalidIdentifierError, SchemeError
from ontology.hierarchy import RELATED_LIKENESS, Hierarchy, load_hierarchy
from ontology.schemes import CONCEPT_BASE, Concept, ConceptScheme, load_scheme


def scheme_of(
    broader: dict[str, tuple[str, ...]], related: dict[str, tuple[str, ...]] | None = None
) -> ConceptScheme:
    return ConceptScheme(
        "routes",
        [
            Concept(
                f"{CONCEPT_BASE}routes/{name}",
                name,
                "routes",
                name,
                broader=wider,
                related=(related or {}).get(name, ()),
            )
            for name, wider in broader.items()
        ],
    )


@pytest.fixture(scope="module")
def small() -> Hierarchy:
    #   a        f
    #  / \
    # b   c      7 concepts and the root above them
    #  \ / \
    #   d   e
    #   |
    #   g
    return Hierarchy(
        scheme_of(
            {"a": (), "b": ("a",), "c": ("a",), "d": ("b", "c"), "e": ("c",), "f": (), "g": ("d",)}
        )
    )


def test_information_content_by_hand(small):
    # Below a: b, c, d, e, g; below b: d, g; below c: d, e, g; below d: g.
    below = {"a": 5, "b": 2, "c": 3, "d": 1, "e": 0, "f": 0, "g": 0}
    for name, count in below.items():
        assert small.information_content(name) == pytest.approx(1 - log(count + 1) / log(8))
    assert small.information_content("c") == pytest.approx(1 - 2 / 3)  # log 4 / log 8
    assert small.information_content("d") == pytest.approx(2 / 3)
    assert small.information_content("e") == 1.0


def test_common_ancestor_is_the_one_of_most_information(small):
    assert small.lowest_common_ancestor("d", "e") == "c"
    assert small.lowest_common_ancestor("b", "e") == "a"
    assert small.lowest_common_ancestor("g", "c") == "c"
    assert small.lowest_common_ancestor("g", "g") == "g"
    assert small.lowest_common_ancestor("a", "f") is None


def test_lin_by_hand(small):
    # IC: c 1/3, d 2/3, e 1.
    assert small.lin("d", "e") == pytest.approx(2 * (1 / 3) / (2 / 3 + 1))  # 0.4
    assert small.lin("c", "d") == pytest.approx(2 * (1 / 3) / (1 / 3 + 2 / 3))  # 2/3
    assert small.lin("d", "d") == 1.0
    assert small.lin("a", "f") == small.lin("g", "f") == 0.0


def test_related_concepts_and_what_is_below_them_are_close():
    scheme = scheme_of({"a": (), "b": (), "c": ("a",), "d": ()}, related={"a": ("b",)})
    hierarchy = Hierarchy(scheme)
    names, matrix = list(scheme), hierarchy.likeness_matrix()

    def likeness(one: str, other: str) -> float:
        return float(matrix[names.index(one), names.index(other)])

    assert scheme.related("a") == ("b",)
    assert scheme.related("b") == ("a",)
    assert likeness("a", "b") == likeness("b", "a") == pytest.approx(RELATED_LIKENESS)
    assert likeness("c", "b") == pytest.approx(RELATED_LIKENESS * hierarchy.lin("c", "a"))
    assert likeness("a", "c") == pytest.approx(hierarchy.lin("a", "c"))
    assert likeness("a", "d") == likeness("c", "d") == 0
    assert matrix.tolist() == matrix.T.tolist()


@pytest.mark.parametrize(
    ("related", "message"),
    [
        ({"a": ("z",)}, "a: skos:related names z, which is not another concept"),
        ({"a": ("a",)}, "not another concept"),
        ({"a": ("c",)}, "wider or narrower"),
        ({"d": ("a",)}, "wider or narrower"),
    ],
)
def test_relatives_that_cannot_be_are_refused(related, message):
    with pytest.raises(SchemeError, match=message):
        scheme_of({"a": (), "c": ("a",), "d": ("c",)}, related=related)


@pytest.mark.parametrize("name", ["cell_sources", "cell_types", "routes"])
def test_shipped_products_and_ways_have_relatives(name):
    scheme = load_scheme(name)
    pairs = [(one, other) for one in scheme for other in scheme.related(one)]
    assert len(pairs) >= 20
    matrix = load_hierarchy(name).likeness_matrix()
    names = list(scheme)
    for one, other in pairs:
        assert matrix[names.index(one), names.index(other)] >= RELATED_LIKENESS - 1e-6


def test_unknown_concepts_are_refused(small):
    for ask in (
        lambda: small.information_content("z"),
        lambda: small.lin("a", "z"),
        lambda: small.lin("z", "z"),
        lambda: small.lowest_common_ancestor("z", "a"),
    ):
        with pytest.raises(InvalidIdentifierError, match="'z' is no concept of the scheme routes"):
            ask()


def test_a_scheme_without_hierarchy_knows_only_same_and_different():
    flat = Hierarchy(scheme_of({"autologous": (), "allogeneic": ()}))
    assert flat.lin("autologous", "allogeneic") == 0.0
    assert flat.lin("autologous", "autologous") == 1.0
    one = Hierarchy(scheme_of({"only": ()}))
    assert one.lin("only", "only") == 1.0
    assert one.lin_matrix().tolist() == [[1.0]]


@st.composite
def hierarchies(draw) -> Hierarchy:
    """Random polyhierarchies: each concept may stand under earlier ones."""
    count = draw(st.integers(1, 12))
    return Hierarchy(
        scheme_of(
            {
                f"c{at}": tuple(
                    f"c{wider}"
                    for wider in draw(
                        st.sets(st.integers(0, at - 1), max_size=3) if at else st.just(())
                    )
                )
                for at in range(count)
            }
        )
    )


@given(hierarchies())
def test_agrees_with_networkx_and_is_a_likeness(hierarchy):
    names = list(hierarchy.scheme)
    graph = nx.DiGraph([("ROOT", name) for name in names])
    graph.add_edges_from(
        (wider, name) for name in names for wider in hierarchy.scheme[name].broader
    )
    content = {
        node: 1 - log(len(nx.descendants(graph, node)) + 1) / log(len(graph)) for node in graph
    }
    matrix = hierarchy.lin_matrix()
    for (row, one), (column, other) in product(enumerate(names), repeat=2):
        shared = (nx.ancestors(graph, one) | {one}) & (nx.ancestors(graph, other) | {other})
        most = max(content[node] for node in shared)
        found = hierarchy.lowest_common_ancestor(one, other)
        assert content["ROOT" if found is None else found] == pytest.approx(most, abs=1e-12)
        likeness = hierarchy.lin(one, other)
        assert 0.0 <= likeness <= 1.0
        assert likeness == hierarchy.lin(other, one)
        if one != other:
            expected = 2 * most / (content[one] + content[other])
            assert likeness == pytest.approx(expected, abs=1e-12)
        else:
            assert likeness == 1.0
        assert matrix[row, column] == pytest.approx(likeness, abs=1e-6)
    for name in names:  # a wider concept never says more
        for wider in hierarchy.scheme.ancestors(name):
            assert hierarchy.information_content(wider) < hierarchy.information_content(name)


def test_shipped_conditions_keep_unlike_diseases_apart():
    conditions = load_hierarchy("conditions")
    assert load_hierarchy("conditions") is conditions
    close = conditions.lin("diffuse_cutaneous_systemic_sclerosis", "systemic_sclerosis")
    cousin = conditions.lin("systemic_sclerosis", "systemic_lupus_erythematosus")
    far = conditions.lin("systemic_sclerosis", "multiple_sclerosis")
    none = conditions.lin("systemic_sclerosis", "hepatitis_b")
    assert close > 0.8 > cousin > far
    assert far < 0.6
    assert conditions.lowest_common_ancestor("systemic_sclerosis", "multiple_sclerosis") == (
        "autoimmune_disease"
    )
    assert not conditions.is_specific("autoimmune_disease")
    assert conditions.is_specific("systemic_sclerosis")
    assert conditions.is_specific("diabetes_mellitus")
    assert none == 0.0
    matrix = conditions.lin_matrix()
    assert np.array_equal(matrix, matrix.T)
    assert matrix.min() >= 0.0
    assert matrix.max() <= 1.0
