"""`Processes`: maps shards in processes of this machine."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from itertools import chain, islice
from pathlib import Path

from kg.process_pools import process_pool
from kg.shards.deriving import ShardResult, ShardTask, derive_shard
from kg.shards.mapping import InProcess, Mapper, ShardLostError, blaming_records, go_around
from kg.shards.shard import SHARD_RECORDS, Shard

WORTH_RECORDS = 2000
"""With fewer records a new process takes longer to start than it saves."""

_Waiting = deque[tuple[Shard, "Future[ShardResult]"]]


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
        coming = iter(shards)
        waiting: _Waiting = deque()
        pool = process_pool(self.jobs)
        try:
            while True:
                # One more than there are processes, so that none waits for us to take a result.
                for shard in islice(coming, self.jobs + 1 - len(waiting)):
                    waiting.append((shard, pool.submit(derive_shard, shard, task, work)))
                if not waiting:
                    return
                shard, future = waiting.popleft()
                try:
                    with blaming_records():
                        result = future.result()
                except (BrokenProcessPool, ShardLostError):
                    # Those behind it may be lost too; whichever ended the pool will stand first.
                    pool.shutdown(cancel_futures=True)
                    yield from go_around(shard, lambda part: _alone(part, task, work))
                    pool = process_pool(self.jobs)
                    waiting = _again(waiting, pool, task, work)
                else:
                    yield result
        finally:
            pool.shutdown(cancel_futures=True)


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
        is_worth = self.jobs > 1 and sum(len(one.records) for one in first) >= WORTH_RECORDS
        mapper: Mapper = Processes(self.jobs) if is_worth else InProcess()
        yield from mapper.map(task, chain(first, coming), work)


def _alone(shard: Shard, task: ShardTask, work: Path) -> ShardResult:
    with process_pool(1) as pool, blaming_records():
        try:
            return pool.submit(derive_shard, shard, task, work).result()
        except BrokenProcessPool:
            raise ShardLostError("the process ended while it worked on it") from None


def _again(waiting: _Waiting, pool: ProcessPoolExecutor, task: ShardTask, work: Path) -> _Waiting:
    """Submit again what has brought nothing."""
    return deque(
        (shard, future)
        if future.done() and not future.cancelled() and future.exception() is None
        else (shard, pool.submit(derive_shard, shard, task, work))
        for shard, future in waiting
    )
