"""`kept`: a run leaves its record, however it ends."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from kg.runs import RUNS_FOLDER, Run, write_run
from ontology.errors import StoreError, TrialKinError

if TYPE_CHECKING:
    from kg.store import Store

_log = logging.getLogger(__name__)


@contextmanager
def kept(run: Run, store: Store) -> Iterator[None]:
    """Keep the record of a run beside the generations when the block ends.

    Parameters
    ----------
    run : Run
        Told that it failed, and why, if the block raises; else the block tells how it ended. What
        goes wrong once its generation is published is told, too, but the run has published it.
    store : Store
        Whose lock the caller holds.
    """
    try:
        yield
    except KeyboardInterrupt as stopped:
        _end_early(run, store, f"Stopped by {str(stopped) or 'SIGINT'}.")
        raise
    except BaseException as error:  # also what is a mistake of ours: it must be told
        kind = "" if isinstance(error, TrialKinError) else f"{type(error).__name__}: "
        _end_early(run, store, f"{kind}{error}")
        raise
    finally:
        try:
            write_run(run, store.path / RUNS_FOLDER / f"{run.id}.json")
        except OSError as error:  # a disk that is full must not hide why it failed
            _log.error("the record of run %s cannot be kept: %s", run.id, error)


def _end_early(run: Run, store: Store, error: str) -> None:
    try:
        is_published = run.outcome == "published" and store.published_number() == run.generation
    except StoreError:  # nobody can tell: `error` is what went wrong first
        is_published = False
    run.end("published" if is_published else "failed", error=error)
