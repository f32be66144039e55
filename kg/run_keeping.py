"""`kept`: a run leaves its record, however it ends."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from kg.runs import RUNS_FOLDER, Run, write_run
from ontology.errors import TrialKinError

_log = logging.getLogger(__name__)


@contextmanager
def kept(run: Run, store_path: Path) -> Iterator[None]:
    """Keep the record of a run beside the generations when the block ends.

    Parameters
    ----------
    run : Run
        Told that it failed, and why, if the block raises; else the block tells how it ended.
    store_path : Path
        Folder of the store, whose lock the caller holds.
    """
    try:
        yield
    except KeyboardInterrupt as stopped:
        run.end("failed", error=f"Stopped by {str(stopped) or 'SIGINT'}.")
        raise
    except BaseException as error:  # also what is a mistake of ours: it must be told
        kind = "" if isinstance(error, TrialKinError) else f"{type(error).__name__}: "
        run.end("failed", error=f"{kind}{error}")
        raise
    finally:
        try:
            write_run(run, store_path / RUNS_FOLDER / f"{run.id}.json")
        except OSError as error:  # a disk that is full must not hide why it failed
            _log.error("the record of run %s cannot be kept: %s", run.id, error)
