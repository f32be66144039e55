"""Cells of near vectors (faiss): where to look for what is like a text, among very many.

A trial's vectors of all its texts are summed into one, weighed as the fusion weighs the texts,
and rounded to whole numbers of one length. Sums of their products are exact in float32, so
which trials are found depends on neither threads nor batches.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ontology.errors import EncoderError
from similarity.features import FeatureTable
from similarity.fusion import Fusion

_LENGTH = 2000
"""Of a summed vector: its components are whole in float16 (up to 2,048), and the products'
sums, at most the length squared, in float32 (up to 2**24)."""
_SAMPLE_PER_CELL = 64
_ROUNDS = 12
_BLOCK_ROWS = 1 << 14
_PROBED_SHARE = 24
"""One in so many cells is searched."""
_LEAST_PROBED = 16


class VectorCells:
    """An inverted file over the trials' summed vectors.

    Made by `train`, `exchanged` or `open`; faiss is loaded when it is first used. Inside, a trial
    goes by the number of its NCT id: rows move whenever a trial is added, and all would have to
    be put in anew.
    """

    def __init__(self, index: Any = None, path: Path | None = None) -> None:
        self._index, self._path = index, path

    @classmethod
    def open(cls, path: Path) -> VectorCells:
        """Open what `write` wrote; it is mapped when first searched."""
        return cls(path=path)

    @classmethod
    def train(
        cls, table: FeatureTable, fusion: Fusion, nct_ids: Collection[str], *, seed: int = 0
    ) -> VectorCells:
        """Find cells for the trials of a table and put all trials into them."""
        faiss = _faiss()
        number = max(1, round(2 * np.sqrt(len(table))))
        drawn = np.random.default_rng(seed).permutation(len(table))[: number * _SAMPLE_PER_CELL]
        sample = _summed_rows(table, fusion, np.sort(drawn))
        threads = faiss.omp_get_max_threads()
        # The order of float sums, and so the cells, must not depend on the machine's cores.
        faiss.omp_set_num_threads(1)
        try:
            means = faiss.Kmeans(
                sample.shape[1],
                number,
                niter=_ROUNDS,
                seed=seed,
                spherical=True,
                min_points_per_centroid=1,
                max_points_per_centroid=_SAMPLE_PER_CELL,
            )
            means.train(sample)
        finally:
            faiss.omp_set_num_threads(threads)
        index = _empty(_whole(means.centroids))
        _fill(index, table, fusion, trial_numbers(nct_ids))
        return cls(index)

    def exchanged(
        self, table: FeatureTable, fusion: Fusion, nct_ids: Collection[str], gone: Iterable[str]
    ) -> VectorCells:
        """Return the same cells with some trials in place of others.

        Parameters
        ----------
        table : FeatureTable
            Of the trials that come.
        fusion : Fusion
        nct_ids : collection of str
            Their ids.
        gone : iterable of str
            Ids of trials to take out; those that come are taken out too, should they be there.
        """
        faiss = _faiss()
        # What is mapped cannot be changed.
        index = (
            faiss.clone_index(self._index)
            if self._path is None
            else faiss.read_index(str(self._path))
        )
        index.remove_ids(trial_numbers({*gone, *nct_ids}))
        _fill(index, table, fusion, trial_numbers(nct_ids))
        return VectorCells(index)

    def write(self, path: Path) -> None:
        """Write the cells to a file; an older one is replaced."""
        fresh = path.with_name(f"{path.name}.new")
        _faiss().write_index(self._loaded(), str(fresh))
        fresh.replace(path)

    def search(
        self, table: FeatureTable, rows: NDArray[np.int64], fusion: Fusion, number: int
    ) -> list[NDArray[np.int64]]:
        """Return, for some rows of a table, the numbers of up to `number` trials of close texts."""
        queries, index = _summed_rows(table, fusion, rows), self._loaded()
        probed = max(_LEAST_PROBED, index.nlist // _PROBED_SHARE)
        # Given with the call, not set on the index, which threads may share.
        settings = _faiss().SearchParametersIVF(nprobe=min(probed, index.nlist))
        _, numbers = index.search(queries, number, params=settings)
        known = (numbers >= 0) & (queries != 0).any(axis=1, keepdims=True)
        return [found[there] for found, there in zip(numbers, known, strict=True)]

    def _loaded(self) -> Any:
        if self._index is None:
            faiss = _faiss()
            # Mapped as what is in memory: of IO_FLAG_MMAP each call reads all cells that it will
            # search beforehand, by threads of its own, which takes as long again.
            self._index = faiss.read_index(str(self._path), faiss.IO_FLAG_MMAP_IFC)
        return self._index


def _faiss() -> Any:
    try:
        import faiss
    except ImportError:
        raise EncoderError(
            "So many trials are searched with faiss, which is missing; install faiss-cpu."
        ) from None
    return faiss


def trial_numbers(nct_ids: Collection[str]) -> NDArray[np.int64]:
    """Return the numbers by which cells know trials, in the order given."""
    return np.fromiter((int(nct_id[3:]) for nct_id in nct_ids), np.int64, len(nct_ids))


def _empty(centroids: NDArray[np.float32]) -> Any:
    faiss = _faiss()
    dimension = centroids.shape[1]
    quantizer = faiss.IndexFlatIP(dimension)
    quantizer.add(centroids)
    kind = faiss.ScalarQuantizer.QT_fp16
    index = faiss.IndexIVFScalarQuantizer(
        quantizer, dimension, len(centroids), kind, faiss.METRIC_INNER_PRODUCT, False
    )
    index.train(centroids)  # nothing is learned: the cells are given, and float16 needs no range
    return index


def _fill(index: Any, table: FeatureTable, fusion: Fusion, numbers: NDArray[np.int64]) -> None:
    for first in range(0, len(table), _BLOCK_ROWS):
        rows = np.arange(first, min(first + _BLOCK_ROWS, len(table)), dtype=np.int64)
        index.add_with_ids(_summed_rows(table, fusion, rows), numbers[rows])


def _summed_rows(
    table: FeatureTable, fusion: Fusion, rows: NDArray[np.int64]
) -> NDArray[np.float32]:
    return _summed(table.vectors[:, rows], table.vector_norms[:, rows], fusion)


def _summed(
    vectors: NDArray[np.int8], lengths: NDArray[np.float64], fusion: Fusion
) -> NDArray[np.float32]:
    """Sum trials' vectors (views, trials, dimension) by the weight of their texts alone."""
    weights = dict.fromkeys((f"text.{view.name}" for view in fusion.views), 0.0)
    for term in fusion.terms:
        if len(term.features) == 1 and term.features[0] in weights:
            weights[term.features[0]] += term.weight
    if not any(weights.values()):
        weights = dict.fromkeys(weights, 1.0)
    total = np.zeros(vectors.shape[1:], dtype=np.float64)
    for view, length, weight in zip(vectors, lengths, weights.values(), strict=True):
        scale = np.divide(weight, length, out=np.zeros_like(length), where=length > 0)
        total += view * scale[:, None]
    return _whole(total)


def _whole(vectors: NDArray[Any]) -> NDArray[np.float32]:
    """Bring vectors to one length and round them to whole numbers; zeros stay."""
    wide = np.asarray(vectors, dtype=np.float64)
    lengths = np.sqrt((wide * wide).sum(axis=1))[:, None]
    unit = np.divide(wide, lengths, out=np.zeros_like(wide), where=lengths > 0)
    whole: NDArray[np.float32] = np.rint(unit * _LENGTH).astype(np.float32)
    return whole
