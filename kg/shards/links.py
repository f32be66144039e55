"""Kin of all trials of an index, and their quads: shard after shard of its rows.

Each list is work of its own over files that are mapped and only read, so shards go through as
many processes as there are cores, and what comes of them is put together in the order of rows.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from concurrent.futures.process import BrokenProcessPool
from contextlib import closing, contextmanager
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from kg.mapping.kin_mapping import kin_quads
from kg.mapping.partition_counts import PartitionCounts
from kg.process_pools import map_in_order, process_pool
from ontology.errors import BuildError

if TYPE_CHECKING:
    from similarity.index import KinIndex
    from similarity.kin_lists import KinLists

KIN_STORED = 20
"""Kin of each trial that are stored; further ones are computed when asked for. All stand in the
graph, or the nearest of them where a build is told so."""
KIN_SPARE = 5
"""Those who follow: most lists that lose a member at a refresh are filled from them."""
SHARD_ROWS = 128
"""Trials in a shard: some seconds' work at most, and twice as many as are compared at once."""


class _Rows(NamedTuple):
    """A shard: rows of the index from `first` to before `end`."""

    first: int
    end: int


@dataclass(frozen=True, slots=True)
class Links:
    """The kin of some trials that stand one after another.

    Attributes
    ----------
    first : int
        The row of the first one.
    rows, scores : ndarray (trials, k + spare) of int32 and float64
        As `similarity.kin_lists.KinLists` holds them, those who follow behind the kin.
    quads : Path
        A file of N-Quads; the caller's, who takes it away.
    partitions : PartitionCounts
        Of these quads.
    """

    first: int
    rows: NDArray[np.int32]
    scores: NDArray[np.float64]
    quads: Path
    partitions: PartitionCounts

    def __len__(self) -> int:
        return len(self.rows)

    def put_into(self, lists: KinLists) -> int:
        """Set the lists of these trials; return how many kin are in them."""
        here, k = slice(self.first, self.first + len(self)), lists.k
        lists.rows[here], lists.spare_rows[here] = self.rows[:, :k], self.rows[:, k:]
        lists.scores[here], lists.spare_scores[here] = self.scores[:, :k], self.scores[:, k:]
        return int((self.rows[:, :k] >= 0).sum())


@contextmanager
def linking(
    index: KinIndex, folder: Path, work: Path, *, jobs: int, graph_kin: int = KIN_STORED
) -> Iterator[Iterator[Links]]:
    """Open the linking of all trials, which ends, with its processes, when it is left.

    Parameters
    ----------
    index : KinIndex
    folder : Path
        Of its files, from which other processes read it.
    work : Path
        A new folder for the files of quads, taken away at the end.
    jobs : int
        Processes; with 1 it is done here.
    graph_kin : int
        So many of each trial's kin stand in the quads, 0 to `KIN_STORED`.

    Yields
    ------
    iterator of Links
        In the order of rows; the same, whatever `jobs` is.

    Raises
    ------
    BuildError
        If a process that links ends, and ends again when it is started anew.
    """
    size = len(index)
    shards = [_Rows(first, min(first + SHARD_ROWS, size)) for first in range(0, size, SHARD_ROWS)]
    work.mkdir()
    try:
        if jobs <= 1:
            yield (_link(index, work, graph_kin, shard) for shard in shards)
        else:
            there = partial(_link_there, folder, work, graph_kin)
            with closing(map_in_order(there, shards, jobs, again=partial(_alone, there))) as links:
                yield links
    finally:
        shutil.rmtree(work)


def no_links(index: KinIndex) -> KinLists:
    """Return lists for all trials of an index, to be filled by `Links.put_into`."""
    from similarity.kin_lists import KinLists

    return KinLists.empty(index.nct_ids, KIN_STORED, spare=KIN_SPARE)


def _link(index: KinIndex, work: Path, graph_kin: int, shard: _Rows) -> Links:
    from similarity.kin_lists import NOBODY

    places = KIN_STORED + KIN_SPARE
    graph_kin = min(graph_kin, KIN_STORED)
    shape = (shard.end - shard.first, places)
    rows, scores = np.full(shape, NOBODY, dtype=np.int32), np.zeros(shape)
    counts, path = PartitionCounts(), work / f"{shard.first:09d}.nq"
    nct_ids = index.nct_ids[shard.first : shard.end]
    with open(path, "w", encoding="utf-8") as file:
        for at, linked in enumerate(index.link_some(nct_ids, graph_kin, places - graph_kin)):
            quads = list(kin_quads(nct_ids[at], linked.kin))
            counts.add(quads)
            file.writelines(quads)
            rows[at, : len(linked.rows)] = linked.rows
            scores[at, : len(linked.rows)] = linked.scores
    return Links(shard.first, rows, scores, path, counts)


def _link_there(folder: Path, work: Path, graph_kin: int, shard: _Rows) -> Links:
    return _link(_opened(folder), work, graph_kin, shard)


def _alone(there: Callable[[_Rows], Links], shard: _Rows) -> Iterator[Links]:
    with process_pool(1) as pool:
        try:
            links = pool.submit(there, shard).result()
        except BrokenProcessPool:
            raise BuildError(
                f"A process that links trials ended twice at rows {shard.first} to "
                f"{shard.end - 1}; is there enough memory? Nothing was published."
            ) from None
    yield links


@cache
def _opened(folder: Path) -> KinIndex:
    from similarity.index import KinIndex
    from similarity.threads import use_one_thread

    # There is a process for each core already.
    use_one_thread()
    return KinIndex.open(folder)
