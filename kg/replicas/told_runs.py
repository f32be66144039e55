"""What the runs before a generation did, so that a replica that skipped some can tell it too."""

from __future__ import annotations

import re
from itertools import islice
from pathlib import Path

import msgspec

from kg.runs import RUNS_FOLDER, Run, read_runs, write_run
from ontology.errors import ReplicaError

TOLD_FILE = "runs.json"
"""In the folder of a generation that is offered."""
_MOST = 200
_ID = re.compile(r"\d{8}T\d{6,12}Z", re.ASCII)


def tell_runs(store_path: Path, folder: Path, generation: int) -> None:
    """Write the runs that published something before a generation, the latest first.

    Parameters
    ----------
    store_path : Path
    folder : Path
        Of the generation; the record of its own run is there.
    generation : int
    """
    published = (
        run
        for run in read_runs(store_path)
        if run.outcome == "published" and run.generation is not None and run.generation < generation
    )
    told = list(islice(published, _MOST))
    (folder / TOLD_FILE).write_bytes(msgspec.json.encode(told) + b"\n")


def read_told_runs(folder: Path) -> list[Run]:
    """Read the runs that came with a generation from elsewhere.

    Raises
    ------
    ReplicaError
        If they are none.
    """
    try:
        told = msgspec.json.decode((folder / TOLD_FILE).read_bytes(), type=list[Run])
    except FileNotFoundError:
        return []
    except msgspec.DecodeError as error:
        raise ReplicaError(f"{TOLD_FILE} does not tell of runs ({error}).") from error
    if len(told) > _MOST or not all(_ID.fullmatch(run.id) for run in told):
        raise ReplicaError(f"{TOLD_FILE} tells of runs that cannot be.")
    return told


def keep_told_runs(told: list[Run], store_path: Path) -> None:
    """Keep runs that came with a generation beside those of the store itself."""
    for run in told:
        path = store_path / RUNS_FOLDER / f"{run.id}.json"
        if not path.exists():
            write_run(run, path)
