"""What a worker of a cluster does with a shard."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from kg.cluster.exchange import Exchange
from kg.shards.deriving import LostRecord, ShardTask, derive_shard
from kg.stamps import stage_stamps, stale_stages
from ontology.errors import BuildError


class Done(NamedTuple):
    """What a worker says of a shard: sha256 of its result, and the records that were lost."""

    sha256: str
    lost: tuple[LostRecord, ...]


def run_shard(url: str, name: str, sha256: str, task: ShardTask) -> Done:
    """Read a shard from an exchange, derive it, and leave the result there.

    Parameters
    ----------
    url : str
        Of the exchange.
    name, sha256 : str
        Of the shard.
    task : ShardTask

    Raises
    ------
    BuildError
        If this worker runs another version of the program, or does not see the exchange.
    """
    _check_version(task.stamps, stage_stamps(task.encoder.load()))
    exchange = Exchange(url)
    # A scheduler asks again for what a worker has told it that was lost since.
    if (done := exchange.get_note(name, Done)) is not None:
        return done
    with tempfile.TemporaryDirectory(prefix="trialkin-shard-") as work:
        result = derive_shard(exchange.get_shard(name, sha256), task, Path(work))
        if result.folder is None:
            raise BuildError(f"The shard {name} has brought no files.")
        done = Done(exchange.put_result(name, result.folder), result.lost)
    exchange.put_note(name, done)
    return done


def _check_version(wanted: Mapping[str, str], here: Mapping[str, str]) -> None:
    if other := stale_stages(wanted, here):
        raise BuildError(
            f"A worker runs another version of trialkin ({', '.join(other)} would come out "
            "otherwise); install the same on all machines."
        )
