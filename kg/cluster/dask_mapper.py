"""`DaskMapper`: maps shards on the workers of a Dask cluster."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from kg.cluster.exchange import Exchange
from kg.cluster.working import Done, run_shard
from kg.shards.deriving import ShardResult, ShardTask
from kg.shards.mapping import ShardLostError, blaming_records, go_around
from kg.shards.processes import Local
from kg.shards.shard import SHARD_RECORDS, Shard
from ontology.errors import BuildError

if TYPE_CHECKING:
    from distributed import Client, Future

CONNECT_SECONDS = 20
"""How long a scheduler may take to answer."""
PATIENCE_SECONDS = 120
"""How long a build waits while the cluster has no worker."""
RETRIES = 2
"""How often a shard that failed is tried again before its records are blamed."""
_AHEAD = 2
"""Shards in the exchange for each thread of the cluster."""
_LOOK_SECONDS = 2.0

_Waiting = deque[tuple[Shard, "Future[Done]"]]


class DaskMapper:
    """Maps shards on a cluster.

    A shard whose worker was lost goes to another one; how many lost workers make the scheduler
    blame the shard is its own setting (``distributed.scheduler.allowed-failures``). A shard that is
    blamed is halved until the record to blame stands alone.

    Parameters
    ----------
    scheduler : str
        Address, such as ``tcp://127.0.0.1:8786``.
    shards : str
        A folder that all workers see, or a URL that fsspec knows; a folder made in it holds the
        shards and results of this build and is taken away at the end.
    patience : float, optional
        Seconds to wait while there is no worker.
    shard_records : int, optional
        Records in a shard.
    """

    def __init__(
        self,
        scheduler: str,
        shards: str,
        *,
        patience: float = PATIENCE_SECONDS,
        shard_records: int = SHARD_RECORDS,
    ):
        self.scheduler, self.shards, self.patience = scheduler, shards, patience
        self.shard_records = shard_records

    def map(self, task: ShardTask, shards: Iterable[Shard], work: Path) -> Iterator[ShardResult]:
        """Yield the results of shards in order; see `kg.shards.mapping.Mapper.map`.

        Raises
        ------
        BuildError
            If the scheduler cannot be reached or is lost, there is no worker for too long, or
            one runs another version.
        """
        with _connected(self.scheduler) as client:
            exchange = Exchange.new(self.shards)
            try:
                yield from _Mapping(client, exchange, task, work, self.patience).run(shards)
            finally:
                exchange.close()

    def local_jobs(self, trials: int) -> int:
        """Return as many as there are cores here, where trials are many; see `Mapper`."""
        return Local().local_jobs(trials)


class _Mapping:
    """One use of a cluster."""

    def __init__(
        self, client: Client, exchange: Exchange, task: ShardTask, work: Path, patience: float
    ):
        self._client, self._exchange, self._task = client, exchange, task
        self._work, self._patience = work, patience

    def run(self, shards: Iterable[Shard]) -> Iterator[ShardResult]:
        coming = iter(shards)
        waiting: _Waiting = deque()
        while True:
            ahead = _AHEAD * max(1, sum(self._client.nthreads().values()))
            for shard in islice(coming, max(0, ahead - len(waiting))):
                waiting.append((shard, self._submit(shard)))
            if not waiting:
                return
            shard, future = waiting.popleft()
            try:
                result = self._fetch(shard, future)
            except ShardLostError:
                yield from go_around(shard, lambda part: self._fetch(part, self._submit(part)))
            else:
                yield result

    def _submit(self, shard: Shard) -> Future[Done]:
        sha256 = self._exchange.put_shard(shard)
        return self._client.submit(
            run_shard,
            self._exchange.url,
            shard.name,
            sha256,
            self._task,
            retries=RETRIES,
            pure=False,
        )

    def _fetch(self, shard: Shard, future: Future[Done]) -> ShardResult:
        done = self._wait(shard, future)
        folder = self._work / shard.name
        self._exchange.get_result(shard.name, done.sha256, folder)
        self._exchange.drop(shard.name)
        return ShardResult(shard.name, folder, done.lost)

    def _wait(self, shard: Shard, future: Future[Done]) -> Done:
        from distributed import KilledWorker
        from distributed.client import FutureCancelledError

        alone_since: float | None = None
        while True:
            with blaming_records():
                try:
                    return future.result(timeout=_LOOK_SECONDS)
                except TimeoutError:
                    alone_since = self._look_for_workers(alone_since)
                except KilledWorker:
                    raise ShardLostError("the workers that worked on it were lost") from None
                except FutureCancelledError as error:
                    raise BuildError(
                        f"The scheduler has dropped the shard {shard.name} ({error}); "
                        "see whether it still runs."
                    ) from error

    def _look_for_workers(self, alone_since: float | None) -> float | None:
        if self._client.nthreads():
            return None
        now = time.monotonic()
        if alone_since is not None and now - alone_since > self._patience:
            raise BuildError(
                f"The cluster has had no worker for {self._patience:.0f} s; start some "
                "(`dask worker ADDRESS --nthreads 1`)."
            )
        return now if alone_since is None else alone_since


@contextmanager
def _connected(address: str) -> Iterator[Client]:
    try:
        from distributed import Client
    except ImportError:
        raise BuildError(
            "A build on a cluster needs Dask; install trialkin with its extra: trialkin[cluster]."
        ) from None
    try:
        client = Client(address, timeout=CONNECT_SECONDS, set_as_default=False)
    except (OSError, ValueError) as error:  # a time-out is an OSError
        raise BuildError(f"No scheduler answers at {address}: {error}.") from error
    with client:
        yield client
