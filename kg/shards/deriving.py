"""`derive_shard`: from the records of a shard to files that a store is loaded from.

A pure function of shard, task and program: it writes into a folder that it is given and nowhere
else, so it may run in any process on any machine, and again where that one was lost.
"""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import NamedTuple

import msgspec

from kg.cell_facts.corrections import Corrections
from kg.derivation import DerivedTrial, derive_trial
from kg.mapping.partition_counts import PartitionCounts
from kg.shards.encoder_source import EncoderSource
from kg.shards.shard import Shard, ShardRecord
from kg.study import parse_study
from ontology.errors import TrialKinError
from similarity.index import KinIndex
from similarity.joining import write_piece

QUADS_FILE, TRIALS_FILE, PIECE_FILE = "trials.nq", "trials.msgpack", "piece.npz"
COUNTS_FILE = "partitions.json"
RESULT_FILES = (QUADS_FILE, TRIALS_FILE, PIECE_FILE, COUNTS_FILE)

OF_THE_BUILD = (TrialKinError, OSError, MemoryError, sqlite3.Error)
"""Failures that no record is to blame for: a missing encoder, a full disk. They end a build."""

_TRIALS = msgspec.msgpack.Decoder(list[DerivedTrial])


class LostRecord(NamedTuple):
    """A record that could not be taken in: which, in which shard, and why."""

    nct_id: str
    shard: str
    message: str


@dataclass(frozen=True, slots=True)
class ShardTask:
    """What is to be done with every shard.

    Attributes
    ----------
    corrections : Corrections
        What a curator changed in the cell facts.
    encoder : EncoderSource
    previous : Path or None
        Folder of an index; vectors of texts that have not changed are taken from it.
    stamps : mapping
        As `kg.stamps.stage_stamps` gives them where the build began: what runs elsewhere must be
        the same program.
    """

    corrections: Corrections
    encoder: EncoderSource
    previous: Path | None = None
    stamps: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ShardResult:
    """What came of a shard.

    Attributes
    ----------
    name : str
        The shard's.
    folder : Path or None
        Holds `RESULT_FILES`; None if no record was left.
    lost : tuple of LostRecord
    """

    name: str
    folder: Path | None
    lost: tuple[LostRecord, ...] = ()

    def trials(self) -> list[DerivedTrial]:
        """Return what was derived, in the order of NCT ids, without quads and profiles."""
        if self.folder is None:
            return []
        return _TRIALS.decode((self.folder / TRIALS_FILE).read_bytes())

    def partitions(self) -> PartitionCounts:
        """Return the counts of the quads."""
        if self.folder is None:
            return PartitionCounts()
        return PartitionCounts.from_dict(
            msgspec.json.decode((self.folder / COUNTS_FILE).read_bytes())
        )


def derive_shard(shard: Shard, task: ShardTask, work: Path) -> ShardResult:
    """Derive, map and encode the records of a shard.

    Parameters
    ----------
    shard : Shard
    task : ShardTask
    work : Path
        The result goes into a folder here that is named after the shard; what an attempt before
        has left there is taken away.

    Returns
    -------
    ShardResult
        A record that breaks the program is lost, with the reason; the others are not.
    """
    folder = work / shard.name
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    trials: list[DerivedTrial] = []
    profiles = []
    lost: list[LostRecord] = []
    counts = PartitionCounts()
    with open(folder / QUADS_FILE, "w", encoding="utf-8") as quads:
        for record in shard.records:
            derived = _derive(record, shard, task.corrections)
            if isinstance(derived, LostRecord):
                lost.append(derived)
                continue
            quads.writelines(derived.quads)
            counts.add(derived.quads)
            if derived.profile is not None:
                profiles.append(derived.profile)
            trials.append(replace(derived, quads=(), profile=None))
    previous = None if task.previous is None else _index(task.previous)
    write_piece(profiles, task.encoder.load(), folder / PIECE_FILE, previous=previous)
    (folder / TRIALS_FILE).write_bytes(msgspec.msgpack.encode(trials))
    (folder / COUNTS_FILE).write_bytes(msgspec.json.encode(counts.to_dict()))
    return ShardResult(shard.name, folder, tuple(lost))


def _derive(
    record: ShardRecord, shard: Shard, corrections: Corrections
) -> DerivedTrial | LostRecord:
    try:
        study = parse_study(msgspec.json.decode(record.payload))
        return derive_trial(study, record.fingerprint, corrections)
    except OF_THE_BUILD:
        raise
    # Whatever one record brings to light in the program must not cost the others.
    except Exception as error:
        return LostRecord(record.nct_id, shard.name, reason(error))


def reason(error: BaseException) -> str:
    """Return what an error says, and where it comes from, in one line."""
    frame, where = error.__traceback__, ""
    while frame is not None:
        code = frame.tb_frame.f_code
        where = f" ({Path(code.co_filename).name}, line {frame.tb_lineno}, {code.co_name})"
        frame = frame.tb_next
    return f"{type(error).__name__}: {' '.join(str(error).split())}{where}"


@cache
def _index(folder: Path) -> KinIndex:
    return KinIndex.open(folder)
