"""What runs did to a store: its runs, what changed, and the history of each trial."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from kg.generation import Generation
from kg.manifest import RECORDS_FILE
from kg.record_differences import FieldChange
from kg.runs import Run, read_runs
from kg.store import Store


class KinChange(NamedTuple):
    """That a trial entered a kin list, or left it."""

    nct_id: str
    kin: str
    entered: bool


class TrialChange(NamedTuple):
    """What a run found of one trial.

    Attributes
    ----------
    nct_id : str
    kind : str
        ``added``, ``changed``, ``removed`` (from the registry; it is kept here), ``returned``, or
        ``left out`` (of the sources of a later full build).
    run : str
        Id of the run, see `runs`.
    seen_at : str
        When the run began (UTC, ISO 8601).
    last_update_posted : str
        The day on which the registry posted this state; empty if it does not tell.
    fields : tuple of FieldChange
        What differs from the state before; empty for an added trial.
    kin_entered, kin_left : tuple of str
        Trials that the run put in this one's kin list, or took from it.
    """

    nct_id: str
    kind: str
    run: str
    seen_at: str
    last_update_posted: str
    fields: tuple[FieldChange, ...]
    kin_entered: tuple[str, ...]
    kin_left: tuple[str, ...]


def runs(store: Store, limit: int = 50) -> list[Run]:
    """Return the runs of a store, the latest first, also those that published nothing."""
    found: list[Run] = []
    for run in read_runs(store.path):
        if len(found) == limit:
            break
        found.append(run)
    return found


def changes_since(
    generation: Generation, since: str, *, limit: int = 1000, with_first_build: bool = False
) -> list[TrialChange]:
    """Return what runs found of trials since a time, the latest run first, then by NCT id.

    Parameters
    ----------
    generation : Generation
    since : str
        A day or time (UTC, ISO 8601); runs that began then or later count.
    limit : int
        At most so many; the latest are kept.
    with_first_build : bool
        Whether the first build counts, which adds every trial.
    """
    query = (
        "SELECT nct_id, kind, run, seen_at, last_update_posted FROM version WHERE seen_at >= ? "
        "AND (? OR run > (SELECT min(run) FROM version)) ORDER BY seen_at DESC, nct_id LIMIT ?"
    )
    with _connection(generation) as connection:
        rows = connection.execute(query, (since, with_first_build, limit)).fetchall()
        return [_change(connection, *row) for row in rows]


def changes_of_run(
    generation: Generation,
    run: Run,
    *,
    kind: str | None = None,
    limit: int = 1000,
    offset: int = 0,
) -> list[TrialChange]:
    """Return what a run found of trials, by kind, then by NCT id.

    Parameters
    ----------
    generation : Generation
    run : Run
    kind : str, optional
        Only changes of this kind.
    limit, offset : int
        At most `limit` after the first `offset`.
    """
    query = (  # by the time first, which there is an index of
        "SELECT nct_id, kind, run, seen_at, last_update_posted FROM version WHERE seen_at = ? "
        "AND run = ? AND ifnull(kind = ?, TRUE) ORDER BY kind, nct_id LIMIT ? OFFSET ?"
    )
    with _connection(generation) as connection:
        rows = connection.execute(query, (run.started, run.id, kind, limit, offset)).fetchall()
        return [_change(connection, *row) for row in rows]


def history_of(generation: Generation, nct_id: str) -> list[TrialChange]:
    """Return all states of a trial that were seen, the latest first.

    Raises
    ------
    InvalidIdentifierError, UnknownTrialError
    """
    stored = generation.records.resolve(nct_id)
    query = (
        "SELECT nct_id, kind, run, seen_at, last_update_posted FROM version WHERE nct_id = ? "
        "ORDER BY run DESC"
    )
    with _connection(generation) as connection:
        rows = connection.execute(query, (stored,)).fetchall()
        return [_change(connection, *row) for row in rows]


def kin_changes_of_run(generation: Generation, run: str) -> list[KinChange]:
    """Return who entered or left whose kin list in a run, by trial and kin."""
    query = "SELECT nct_id, kin, entered FROM kin_change WHERE run = ? ORDER BY nct_id, kin"
    with _connection(generation) as connection:
        rows = connection.execute(query, (run,)).fetchall()
    return [KinChange(nct_id, kin, bool(entered)) for nct_id, kin, entered in rows]


def kin_changes_of(generation: Generation, nct_id: str) -> list[tuple[str, KinChange]]:
    """Return who entered or left a trial's kin list, with the run, the latest first.

    Raises
    ------
    InvalidIdentifierError, UnknownTrialError
    """
    stored = generation.records.resolve(nct_id)
    query = "SELECT run, kin, entered FROM kin_change WHERE nct_id = ? ORDER BY run DESC, kin"
    with _connection(generation) as connection:
        rows = connection.execute(query, (stored,)).fetchall()
    return [(run, KinChange(stored, kin, bool(entered))) for run, kin, entered in rows]


def _change(
    connection: sqlite3.Connection,
    nct_id: str,
    kind: str,
    run: str,
    seen_at: str,
    last_update_posted: str,
) -> TrialChange:
    fields = connection.execute(
        "SELECT path, before, after FROM change WHERE nct_id = ? AND run = ? ORDER BY path",
        (nct_id, run),
    )
    kin = connection.execute(
        "SELECT kin, entered FROM kin_change WHERE nct_id = ? AND run = ? ORDER BY kin",
        (nct_id, run),
    ).fetchall()
    return TrialChange(
        nct_id,
        kind,
        run,
        seen_at,
        last_update_posted,
        tuple(FieldChange(*row) for row in fields),
        tuple(other for other, entered in kin if entered),
        tuple(other for other, entered in kin if not entered),
    )


@contextmanager
def _connection(generation: Generation) -> Iterator[sqlite3.Connection]:
    path: Path = generation.path / RECORDS_FILE
    connection = sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro&immutable=1", uri=True)
    try:
        yield connection
    finally:
        connection.close()
