"""Vectors in whole numbers: the same likeness, whatever else is computed beside it."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

_LARGEST = 127
_EXACT_DIMENSION = (1 << 24) // (_LARGEST * _LARGEST)
"""Up to this dimension float32 adds products of int8 values without rounding (2**24)."""

_BLOCK_ROWS = 1 << 14


def quantise(vectors: NDArray[Any]) -> NDArray[np.int8]:
    """Round each row to int8, its largest component to 127; rows of zeros stay.

    Notes
    -----
    Sums of products of whole numbers below 2**24 are exact in float32, in whatever order a
    matrix library adds them. So one trial's likeness to another is bit for bit the same
    alone and in a batch, which floats do not give.
    """
    wide = np.asarray(vectors, dtype=np.float64)
    largest = np.abs(wide).max(axis=-1, keepdims=True, initial=0.0)
    scale = np.divide(_LARGEST, largest, out=np.zeros_like(largest), where=largest > 0)
    rounded: NDArray[np.int8] = np.rint(wide * scale).astype(np.int8)
    return rounded


def norms(rows: NDArray[np.int8]) -> NDArray[np.float64]:
    """Return the lengths of int8 rows."""
    wide = rows.astype(np.int64)
    lengths: NDArray[np.float64] = np.sqrt((wide * wide).sum(axis=-1).astype(np.float64))
    return lengths


def products(queries: NDArray[np.int8], rows: NDArray[np.int8]) -> NDArray[Any]:
    """Return the products of int8 vectors (queries) with each of many (rows): exact floats.

    Many queries at once take a twentieth of the time of as many one by one: the rows are turned
    into floats once, and the processor's caches serve all queries.
    """
    exact = np.float32 if queries.shape[-1] <= _EXACT_DIMENSION else np.float64
    wide: NDArray[Any] = queries.astype(exact)
    found = np.zeros((len(queries), len(rows)), dtype=exact)
    # By blocks: the rows of all the world's trials would not fit in memory as floats.
    for first in range(0, len(rows), _BLOCK_ROWS):
        block = slice(first, first + _BLOCK_ROWS)
        found[:, block] = wide @ rows[block].astype(exact).T
    return found


def cosines(
    dots: NDArray[Any], row_norms: NDArray[np.float64], query_norm: float
) -> NDArray[np.float64]:
    """Return the cosine of one int8 vector with each of many; 0 where either is all zeros.

    Parameters
    ----------
    dots : ndarray
        What `products` gave of them.
    row_norms, query_norm
        What `norms` gave of them.
    """
    wide = dots.astype(np.float64)
    lengths = row_norms * query_norm
    likeness: NDArray[np.float64] = np.divide(
        wide, lengths, out=np.zeros_like(wide), where=lengths > 0
    )
    return likeness
