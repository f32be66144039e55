"""What a run leaves while it goes on: a note of itself, which the next finds if it was killed."""

from __future__ import annotations

import shutil
from contextlib import suppress
from pathlib import Path

from kg.runs import RUN_FILE, RUNS_FOLDER, Run, read_run, write_run

EMPTY_FOLDER = "empty"
"""The generation without records that a first refresh begins with."""
_FILE = "running.json"
_KILLED = "The process ended before it could say how: it was killed, or the machine stopped."


def note_beginning(run: Run, store_path: Path, work: Path) -> None:
    """Note that a run has begun, and keep the record of one before it that was killed.

    Parameters
    ----------
    run : Run
    store_path : Path
        Folder of the store, whose lock the caller holds.
    work : Path
        Folder for what is not yet published.
    """
    killed = read_run(work / _FILE)
    if killed is not None and not _is_told(killed, store_path):
        killed.end("failed", error=_KILLED)
        killed.ended = ""  # nobody knows when
        write_run(killed, store_path / RUNS_FOLDER / f"{killed.id}.json")
    write_run(run, work / _FILE)


def forget_beginning(run: Run, store_path: Path, work: Path) -> None:
    """Take the note away, if the run could tell how it ended, and what it began with."""
    shutil.rmtree(work / EMPTY_FOLDER, ignore_errors=True)
    if _is_told(run, store_path):
        with suppress(OSError):  # the next run finds that it has told
            (work / _FILE).unlink(missing_ok=True)


def _is_told(run: Run, store_path: Path) -> bool:
    """Return whether a run has told how it ended, or its generation does."""
    if (store_path / RUNS_FOLDER / f"{run.id}.json").exists():
        return True
    made = (read_run(path) for path in (store_path / "generations").glob(f"[0-9]*/{RUN_FILE}"))
    return any(one is not None and one.id == run.id for one in made)
