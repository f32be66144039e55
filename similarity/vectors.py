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


def cosines(
    query: NDArray[np.int8], rows: NDArray[np.int8], row_norms: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return the cosine of one int8 vector with each of many; 0 where either is all zeros."""
    exact = np.float32 if query.shape[-1] <= _EXACT_DIMENSION else np.float64
    wide: NDArray[Any] = query.astype(exact)
    dots = np.zeros(len(rows), dtype=np.float64)
    # By blocks: the rows of all the world's trials would not fit in memory as floats.
    for first in range(0, len(rows), _BLOCK_ROWS):
        block = slice(first, first + _BLOCK_ROWS)
        dots[block] = np.asarray(rows[block].astype(exact) @ wide)
    lengths = row_norms * norms(query)
    likeness: NDArray[np.float64] = np.divide(
        dots, lengths, out=np.zeros_like(dots), where=lengths > 0
    )
    return likeness
