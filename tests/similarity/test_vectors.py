from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from similarity.vectors import cosines, norms, products, quantise


def cosine_of(query, rows):
    return cosines(products(query[None], rows)[0], norms(rows), norms(query))


def test_the_largest_component_becomes_127_and_zeros_stay():
    rows = quantise(np.array([[0.5, -1.0], [0.0, 0.0], [3.0, 1.5]]))
    assert rows.tolist() == [[64, -127], [0, 0], [127, 64]]


@settings(deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_a_cosine_is_the_same_alone_and_in_a_batch(seed):
    rng = np.random.default_rng(seed)
    rows = quantise(rng.normal(size=(50, 384)))
    query = quantise(rng.normal(size=384))
    together = cosine_of(query, rows)
    alone = [cosine_of(query, rows[[i]])[0] for i in range(50)]
    assert together.tolist() == alone


@pytest.mark.parametrize("dimension", [3, 256, 1100])
def test_products_of_many_are_those_of_each_alone(dimension):
    rng = np.random.default_rng(dimension)
    rows = quantise(rng.normal(size=(70, dimension)))
    together = products(rows[:9], rows)
    wide = rows.astype(np.int64)
    assert np.array_equal(together, wide[:9] @ wide.T)
    for at in range(9):
        known = cosines(together[at], norms(rows), norms(rows[at]))
        assert known.tolist() == cosine_of(rows[at], rows).tolist()


def test_cosines_match_exact_arithmetic_and_zero_is_like_nothing():
    rows = np.array([[3, 4], [0, 0], [-3, -4], [4, -3]], dtype=np.int8)
    found = cosine_of(np.array([3, 4], dtype=np.int8), rows)
    assert found.tolist() == pytest.approx([1.0, 0.0, -1.0, 0.0])


def test_more_dimensions_than_float32_can_add_exactly_are_added_in_float64():
    rows = np.full((1, 2000), 127, dtype=np.int8)
    assert cosine_of(rows[0], rows)[0] == pytest.approx(1.0, abs=1e-15)
