"""`join_profiles`: the index of all stored records, encoded some hundred at a time.

What a full build does shard by shard while it derives, here from the facts that are stored. Texts
are in memory for one piece at a time.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from concurrent.futures.process import BrokenProcessPool
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from kg.conditions import find_conditions
from kg.process_pools import process_pool
from kg.profiles import make_profile
from kg.progress import Progress
from kg.records import Records
from kg.shards.encoder_source import EncoderSource, source_of
from kg.shards.processes import Local
from kg.shards.shard import SHARD_RECORDS
from ontology.errors import RefreshError

if TYPE_CHECKING:
    from similarity.encoders import Encoder
    from similarity.index import KinIndex
    from similarity.profile import Profile


class _Task(NamedTuple):
    """What is to be done with every piece."""

    records: Path
    encoder: EncoderSource
    previous: Path


def join_profiles(
    records: Records, path: Path, encoder: Encoder, folder: Path, *, previous: Path,
    progress: Progress, jobs: int | None = None,
) -> KinIndex:  # fmt: skip
    """Encode all listed records anew and write their index.

    Parameters
    ----------
    records : Records
        With facts; what was written is committed.
    path : Path
        Their file.
    encoder : Encoder
    folder : Path
        For the index.
    previous : Path
        Folder of an index; vectors of texts that have not changed are taken from it, if encoder
        and model are the same.
    progress : Progress
    jobs : int, optional
        Processes; as many as this one may use cores by default, where records are many.

    Returns
    -------
    KinIndex
        Mapped from its files.

    Raises
    ------
    RefreshError
        If one of the processes dies.
    """
    from similarity.index import KinIndex
    from similarity.joining import join_pieces

    nct_ids = records.nct_ids()
    work = folder.with_name(f"{folder.name}-pieces")
    work.mkdir()
    task = _Task(path, source_of(encoder), previous)
    batches = [
        nct_ids[start : start + SHARD_RECORDS] for start in range(0, len(nct_ids), SHARD_RECORDS)
    ]
    paths = [work / f"{number:06}.npz" for number in range(len(batches))]
    if jobs is None:
        jobs = Local().local_jobs(len(nct_ids))
    with progress.stage("Encoding texts", len(nct_ids)) as advance:
        for done in _made(task, batches, paths, jobs):
            advance(done)
    join_pieces(paths, encoder).write(folder)
    shutil.rmtree(work)
    return KinIndex.open(folder)


def _made(
    task: _Task, batches: Sequence[Sequence[str]], paths: Sequence[Path], jobs: int
) -> Iterator[int]:
    """Make the pieces; yield how many records each is of."""
    if jobs == 1:
        yield from map(_make, [task] * len(paths), batches, paths)
        return
    try:
        with process_pool(jobs) as pool:
            yield from pool.map(_make, [task] * len(paths), batches, paths)
    except BrokenProcessPool as error:
        raise RefreshError(
            "A process that encodes texts ended; is there enough memory? Nothing was published."
        ) from error


def _make(task: _Task, nct_ids: Sequence[str], path: Path) -> int:
    from similarity.joining import write_piece

    with Records(task.records) as records:
        profiles = _profiles(records, nct_ids)
        write_piece(profiles, task.encoder.load(), path, previous=_index(task.previous))
    return len(nct_ids)


def _profiles(records: Records, nct_ids: Sequence[str]) -> Iterator[Profile]:
    """Make the profiles of the listed ones of some records from the facts that are stored."""
    for nct_id in nct_ids:
        study = records.study(nct_id)
        if study.removed_from_registry is None:
            facts = records.facts(nct_id)
            yield make_profile(study, facts, find_conditions(study).names)


@cache
def _index(folder: Path) -> KinIndex:
    from similarity.index import KinIndex

    return KinIndex.open(folder)
