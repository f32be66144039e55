"""Places of trials on a map: linked trials near each other, the rest apart. Deterministic.

Notes
-----
A map in the manner of UMAP [1]_, made for a few thousand points and for every build giving the
same picture: the symmetric link graph is laid out first by its smoothest eigenvectors [2]_, then
improved step by step, links pulling and pairs drawn by a fixed seed pushing.

References
----------
.. [1] McInnes, Healy and Melville, "UMAP: Uniform Manifold Approximation and Projection for
   Dimension Reduction", 2018, arXiv:1802.03426, section 3.2 (forces a, b).
.. [2] Belkin and Niyogi, "Laplacian Eigenmaps for Dimensionality Reduction and Data
   Representation", Neural Computation 15 (2003), 1373-1396.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Points = NDArray[np.float64]
_A, _B = 1.577, 0.895
"""UMAP's curve for a least distance of 0.1 and a spread of 1."""
_STEPS = 150
_PUSHES = 4
"""Pairs drawn apart for each link, in each step."""
_START_SPREAD = 10.0
_MOST_MOVE = 4.0
_NEAR = 1e-3
_VALUE_SHARE = 0.25
_ROOM = 0.9
"""How far apart points are to be, in units of the side that each has of a filled picture."""
_ASIDE_STEPS = 25


def layout(edges: NDArray[np.int64], count: int, *, seed: int = 0) -> Points:
    """Return a place for every trial.

    Parameters
    ----------
    edges : ndarray of shape (n_edges, 2), int64
        Linked trials by their numbers, in either direction or both.
    count : int
        How many trials there are.
    seed : int, optional

    Returns
    -------
    ndarray of shape (count, 2), float64
        Within -1 and 1, the picture's longer side filled.
    """
    if count == 0:
        return np.zeros((0, 2))
    pairs = np.unique(np.sort(edges[edges[:, 0] != edges[:, 1]], axis=1), axis=0)
    points = _smooth_start(pairs, count, seed)
    random = np.random.default_rng(seed)
    heads, tails = pairs[:, 0], pairs[:, 1]
    degree = np.maximum(np.bincount(pairs.ravel(), minlength=count), 1)
    for step in range(_STEPS if len(pairs) else 0):
        rate = 1.0 - step / _STEPS
        apart = points[heads] - points[tails]
        square = (apart**2).sum(axis=1)
        pull = -2.0 * _A * _B * square ** (_B - 1.0) / (1.0 + _A * square**_B)
        pull[square < _NEAR] = 0.0
        force = np.clip(pull[:, None] * apart, -_MOST_MOVE, _MOST_MOVE)
        moves = np.empty_like(points)
        for axis in (0, 1):
            moves[:, axis] = np.bincount(heads, force[:, axis], count)
            moves[:, axis] -= np.bincount(tails, force[:, axis], count)
        moves /= degree[:, None] ** 0.5
        for _ in range(_PUSHES):
            others = random.integers(0, count, count)
            apart = points - points[others]
            square = (apart**2).sum(axis=1)
            push = 2.0 * _B / ((_NEAR + square) * (1.0 + _A * square**_B))
            moves += np.clip(push[:, None] * apart, -_MOST_MOVE, _MOST_MOVE) * 1.6
        points = points + rate * 0.35 * moves
    return _fitted(points)


def _smooth_start(pairs: NDArray[np.int64], count: int, seed: int) -> Points:
    """Place trials by the smoothest ways in which a number can run over the graph."""
    start = np.random.default_rng(seed).normal(0, 1e-2, (count, 2))
    if len(pairs) < 3 or count < 8:
        return start * 100
    from scipy.sparse import coo_matrix, identity
    from scipy.sparse.linalg import ArpackError, eigsh

    both = np.concatenate([pairs, pairs[:, ::-1]])
    adjacent = coo_matrix((np.ones(len(both)), (both[:, 0], both[:, 1])), (count, count)).tocsr()
    degree = np.maximum(np.asarray(adjacent.sum(axis=1)).ravel(), 1.0)
    scale = coo_matrix((degree**-0.5, (np.arange(count), np.arange(count)))).tocsr()
    smooth = (scale @ adjacent @ scale + identity(count)) / 2
    wanted = min(6, count - 2)
    first = np.random.default_rng(seed).normal(0, 1, count)
    try:
        vectors = eigsh(smooth, k=wanted, v0=first, tol=1e-4)[1][:, ::-1]
    except ArpackError:  # many parts without a link between them: any start serves
        return start * 100
    # Eigenvectors are given up to their sign: the largest entry is made positive.
    signs = np.sign(vectors[np.abs(vectors).argmax(axis=0), np.arange(wanted)])
    axes = (vectors * signs)[:, 1:3]
    if axes.shape[1] < 2:
        return start * 100
    spread = np.abs(axes).max(axis=0)
    return np.asarray(axes / np.maximum(spread, 1e-12) * _START_SPREAD + start, dtype=np.float64)


def _fitted(points: Points) -> Points:
    """Spread points over the picture: empty space between far groups says nothing.

    Each axis becomes a mean of its value and its rank, which keeps every order; then points that
    cover each other step aside.
    """
    from scipy.spatial import cKDTree

    count = len(points)
    low, high = np.percentile(points, [1, 99], axis=0)
    value = np.clip((points - low) / np.maximum(high - low, 1e-9), 0.0, 1.0)
    rank = points.argsort(axis=0, kind="stable").argsort(axis=0, kind="stable") / max(count - 1, 1)
    spread = 2.0 * (_VALUE_SHARE * value + (1.0 - _VALUE_SHARE) * rank) - 1.0
    room = _ROOM / max(count, 1) ** 0.5
    for _ in range(_ASIDE_STEPS if count > 1 else 0):
        near = cKDTree(spread).query_pairs(room, output_type="ndarray")
        near = near[np.lexsort((near[:, 1], near[:, 0]))]
        if len(near) == 0:
            break
        apart = spread[near[:, 0]] - spread[near[:, 1]]
        length = np.maximum(np.hypot(apart[:, 0], apart[:, 1]), 1e-9)
        step = apart * ((room - length) / length / 4)[:, None]
        for axis in (0, 1):
            spread[:, axis] += np.bincount(near[:, 0], step[:, axis], count)
            spread[:, axis] -= np.bincount(near[:, 1], step[:, axis], count)
    fitted: Points = np.round(spread / max(float(np.abs(spread).max()), 1.0), 4)
    return fitted
