"""`Mapper`: maps shards in order, in this process, in others, or on other machines."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Protocol

from kg.shards.deriving import (
    OF_THE_BUILD,
    LostRecord,
    ShardResult,
    ShardTask,
    derive_shard,
    reason,
)
from kg.shards.shard import SHARD_RECORDS, Shard

_log = logging.getLogger(__name__)


class Mapper(Protocol):
    """Maps shards by `kg.shards.deriving.derive_shard`."""

    @property
    def shard_records(self) -> int:
        """How many records a shard is to have."""

    def map(self, task: ShardTask, shards: Iterable[Shard], work: Path) -> Iterator[ShardResult]:
        """Yield the results of shards, in the order of the shards.

        Parameters
        ----------
        task : ShardTask
        shards : iterable of Shard
            Read no further ahead than there are hands for.
        work : Path
            A folder of this machine. The files of a result are the caller's, who takes them away.

        Yields
        ------
        ShardResult
            One a shard; several, in order, if a shard had to be cut to go around a record that
            ends the process, or breaks the program.
        """

    def local_jobs(self, trials: int) -> int:
        """Return in how many processes of this machine other work on so many trials is done."""


class ShardLostError(Exception):
    """An attempt at a shard brought nothing, and its records may be to blame."""


class InProcess:
    """Maps shards one after another, here.

    Parameters
    ----------
    shard_records : int, optional
        Records in a shard.
    """

    def __init__(self, *, shard_records: int = SHARD_RECORDS):
        self.shard_records = shard_records

    def map(self, task: ShardTask, shards: Iterable[Shard], work: Path) -> Iterator[ShardResult]:
        """Yield the results of shards in order; see `Mapper.map`."""

        def attempt(shard: Shard) -> ShardResult:
            with blaming_records():
                return derive_shard(shard, task, work)

        for shard in shards:
            yield from go_around(shard, attempt)

    def local_jobs(self, trials: int) -> int:
        """Return 1; see `Mapper.local_jobs`."""
        return 1


class blaming_records:  # noqa: N801
    """Turn an error that a record may be to blame for into `ShardLostError`."""

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if error is not None and may_be_of_records(error) and not isinstance(error, ShardLostError):
            raise ShardLostError(reason(error)) from error


def may_be_of_records(error: BaseException) -> bool:
    """Tell whether a record may be to blame for an error, and not the build as a whole."""
    return isinstance(error, Exception) and not isinstance(error, OF_THE_BUILD)


def go_around(shard: Shard, attempt: Callable[[Shard], ShardResult]) -> Iterator[ShardResult]:
    """Attempt a shard; where that fails, its halves, until the record to blame stands alone.

    Parameters
    ----------
    shard : Shard
    attempt : callable
        Raises `ShardLostError` if it brings nothing.
    """
    try:
        yield attempt(shard)
        return
    except ShardLostError as error:
        message = str(error)
    _log.warning("shard %s (%d records) was lost: %s", shard.name, len(shard.records), message)
    if len(shard.records) < 2:
        lost = (LostRecord(record.nct_id, shard.name, message) for record in shard.records)
        yield ShardResult(shard.name, None, tuple(lost))
        return
    for half in shard.halves():
        yield from go_around(half, attempt)
