"""The history of records, kept in their file: which states were seen, and what differed."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from kg.record_differences import record_differences
from kg.records import Records, StudyRow, last_update_posted

if TYPE_CHECKING:
    from kg.record_writing import RecordsWriter

ADDED, CHANGED, REMOVED, RETURNED, LEFT_OUT = "added", "changed", "removed", "returned", "left out"
"""Kinds of versions; `LEFT_OUT` is a trial that was not among the sources of a later full build."""
_REMOVAL = "removedFromRegistry"


def version_kind(before: dict[str, Any] | None, after: dict[str, Any]) -> str:
    """Return what a new state of a record is as against the one before."""
    if before is None:
        return ADDED
    was_removed, is_removed = _REMOVAL in before, _REMOVAL in after
    if was_removed != is_removed:
        return REMOVED if is_removed else RETURNED
    return CHANGED


def note_version(
    records: RecordsWriter, run_id: str, seen_at: str, row: StudyRow, before: dict[str, Any] | None
) -> str:
    """Note a new state of a record and what differs from the one before; return its kind."""
    kind = version_kind(before, row.payload)
    updated = last_update_posted(row.study)
    records.connection.execute(
        "INSERT OR REPLACE INTO version VALUES (?, ?, ?, ?, ?, ?)",
        (row.study.nct_id, run_id, seen_at, kind, row.fingerprint, updated),
    )
    if before is not None:
        records.connection.executemany(
            "INSERT OR REPLACE INTO change VALUES (?, ?, ?, ?, ?)",
            [
                (row.study.nct_id, run_id, change.path, change.before, change.after)
                for change in record_differences(before, row.payload)
            ],
        )
    return kind


def note_full_build(
    records: RecordsWriter, run_id: str, seen_at: str, before: Records | None
) -> None:
    """Note the states of all records of a full build, and what differs from those before."""
    if before is None:
        records.connection.execute(
            "INSERT INTO version SELECT nct_id, ?, ?, ?, fingerprint, last_update_posted "
            "FROM study",
            (run_id, seen_at, ADDED),
        )
        return
    known, now = before.fingerprints(), records.fingerprints()
    for nct_id, fingerprint in now.items():
        row = records.row(nct_id) if known.get(nct_id) != fingerprint else None
        if row is not None:
            old = before.row(nct_id)
            note_version(records, run_id, seen_at, row, None if old is None else old.payload)
    records.connection.executemany(
        "INSERT OR REPLACE INTO version VALUES (?, ?, ?, ?, ?, '')",
        [
            (nct_id, run_id, seen_at, LEFT_OUT, known[nct_id])
            for nct_id in known
            if nct_id not in now
        ],
    )


def note_kin_changes(
    records: RecordsWriter, run_id: str, changes: Iterable[tuple[str, str, bool]]
) -> None:
    """Note which trials entered (True) or left (False) which trial's kin list."""
    records.connection.executemany(
        "INSERT OR REPLACE INTO kin_change VALUES (?, ?, ?, ?)",
        ((run_id, nct_id, kin, int(entered)) for nct_id, kin, entered in changes),
    )
