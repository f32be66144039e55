"""`Processes`: maps shards in processes of this machine."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from concurrent.futures.process import BrokenProcessPool
from functools import partial
from itertools import chain
from pathlib import Path

from kg.process_pools import map_in_order, process_pool
from kg.shards.deriving import ShardResult, ShardTask, derive_shard
from kg.shards.mapping import (
    InProcess,
    Mapper,
    ShardLostError,
    blaming_records,
    go_around,
    may_be_of_records,
)
from kg.shards.shard import SHARD_RECORDS, Shard

WORTH_RECORDS = 2000
"""With fewer records a new process takes longer to start than it saves."""


class Processes:
    """Maps shards in `jobs` processes at once.

    A process that dies costs the attempts under way, which are made again: first the shard that
    is next in order, alone; if that ends its process again, its halves.

    Parameters
    ----------
    jobs : int
        At least 1.
    shard_records : int, optional
        Records in a shard.
    """

    def __init__(self, jobs: int, *, shard_records: int = SHARD_RECORDS):
        if jobs < 1:
            raise ValueError(f"{jobs} processes cannot be started; give at least one.")
        self.jobs, self.shard_records = jobs, shard_records

    def map(self, task: ShardTask, shards: Iterable[Shard], work: Path) -> Iterator[ShardResult]:
        """Yield the results of shards in order; see `Mapper.map`."""
        yield from map_in_order(
            partial(derive_shard, task=task, work=work),
            shards,
            self.jobs,
            is_lost=may_be_of_records,
            again=lambda shard: go_around(shard, lambda part: _alone(part, task, work)),
        )

    def local_jobs(self, trials: int) -> int:
        """Return `jobs`, however many trials there are; see `Mapper.local_jobs`."""
        return self.jobs


class Local:
    """Maps shards by the cores of this machine, or here where there are few of them.

    Parameters
    ----------
    jobs : int, optional
        Processes; as many as this process may use cores by default.
    shard_records : int, optional
        Records in a shard.
    """

    def __init__(self, jobs: int | None = None, *, shard_records: int = SHARD_RECORDS):
        self.jobs = len(os.sched_getaffinity(0)) if jobs is None else jobs
        self.shard_records = shard_records

    def map(self, task: ShardTask, shards: Iterable[Shard], work: Path) -> Iterator[ShardResult]:
        """Yield the results of shards in order; see `Mapper.map`."""
        coming = iter(shards)
        first: list[Shard] = []
        while sum(len(one.records) for one in first) < WORTH_RECORDS:
            shard = next(coming, None)
            if shard is None:
                break
            first.append(shard)
        jobs = self.local_jobs(sum(len(one.records) for one in first))
        mapper: Mapper = Processes(jobs) if jobs > 1 else InProcess()
        yield from mapper.map(task, chain(first, coming), work)

    def local_jobs(self, trials: int) -> int:
        """Return `jobs` where trials are many, else 1; see `Mapper.local_jobs`."""
        return self.jobs if trials >= WORTH_RECORDS else 1


def _alone(shard: Shard, task: ShardTask, work: Path) -> ShardResult:
    with process_pool(1) as pool, blaming_records():
        try:
            return pool.submit(derive_shard, shard, task, work).result()
        except BrokenProcessPool:
            raise ShardLostError("the process ended while it worked on it") from None
