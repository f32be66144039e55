"""`Changes`: which fetched records are news, told by the hash of the canonical record."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from kg.iris import canonical_nct_ids
from kg.record_history import ADDED, CHANGED, REMOVED, RETURNED, version_kind
from kg.records import Records, StudyRow, standing
from kg.refresh.rows import Rows
from kg.runs import Run
from kg.sources import RejectedRecord, read_sources
from kg.study import parse_study, record_fingerprint

_REMOVAL = "removedFromRegistry"


@dataclass(slots=True)
class Changes:
    """Records that differ from the stored ones.

    Attributes
    ----------
    rows : Rows
        NCT id to the new state of the record.
    kinds : dict
        NCT id to what the new state is: added, changed, removed or returned.
    moved : dict
        Old ids to the id that the registry sends one to.
    seen : set of str
        Ids of all records that came, changed or not.
    failed : set of str
        Ids of records that came and could not be taken in.
    """

    rows: Rows
    kinds: dict[str, str] = field(default_factory=dict)
    moved: dict[str, str] = field(default_factory=dict)
    seen: set[str] = field(default_factory=set)
    failed: set[str] = field(default_factory=set)

    def __len__(self) -> int:
        return len(self.rows)

    def counts(self) -> dict[str, int]:
        """Return how many trials were added, changed and removed."""
        kinds = list(self.kinds.values())
        return {
            "added_trials": kinds.count(ADDED),
            "changed_trials": kinds.count(CHANGED) + kinds.count(RETURNED),
            "removed_trials": kinds.count(REMOVED),
        }

    def drop(self, nct_id: str) -> None:
        """Leave a record as it is stored: the program cannot derive the new one."""
        self.failed.add(nct_id)
        del self.rows[nct_id]
        del self.kinds[nct_id]

    def pending_ids(self) -> list[str]:
        """Return the ids of records that could not be taken in: they are asked for again."""
        return sorted(self.failed)

    def take(self, paths: Iterable[Path], records: Records, run: Run) -> None:
        """Go through records as the registry sent them.

        Parameters
        ----------
        paths : iterable of Path
            Pages and single records, read as any other source; one record may come more than
            once, and then its latest state counts.
        records : Records
            What is stored.
        run : Run
            Is told of the records that cannot be read, by name, and how many came.
        """
        for found in read_sources(paths):
            run.counts["fetched_records"] = run.counts.get("fetched_records", 0) + 1
            if isinstance(found, RejectedRecord):
                run.fail(found.nct_id or found.locator, "read", _why(found))
                self.failed.update(canonical_nct_ids([found.nct_id]))
                continue
            found.payload.pop(_REMOVAL, None)  # ours to say, not the registry's
            row = _row(found.payload, found.format)
            nct_id = row.study.nct_id
            self.seen.add(nct_id)
            if _is_older(row, self.rows.get(nct_id)):
                continue
            self._put(row, records)

    def remove(self, nct_ids: Iterable[str], records: Records, day: str) -> None:
        """Mark stored records that the registry no longer lists.

        Parameters
        ----------
        nct_ids : iterable of str
        records : Records
        day : str
            On which it was found; kept for those that were marked before.
        """
        for nct_id in nct_ids:
            stored = records.row(nct_id)
            if stored is not None and stored.study.removed_from_registry is None:
                payload = dict(stored.payload) | {_REMOVAL: day}
                self._put(_row(payload, stored.source_format), records)

    def _put(self, row: StudyRow, records: Records) -> None:
        nct_id = row.study.nct_id
        stored = records.row(nct_id) if records.fingerprint(nct_id) is not None else None
        if nct_id in self.rows:
            del self.rows[nct_id]
        self.kinds.pop(nct_id, None)
        if stored is not None and (stored.fingerprint == row.fingerprint or _is_older(row, stored)):
            return
        self.rows[nct_id] = row
        self.kinds[nct_id] = version_kind(None if stored is None else stored.payload, row.payload)


def is_removed(row: StudyRow) -> bool:
    """Return whether a record is marked as no longer listed by the registry."""
    return row.study.removed_from_registry is not None


def _is_older(row: StudyRow, known: StudyRow | None) -> bool:
    """Say whether a state is older than a known one: a page may come late."""
    return known is not None and standing(row.study, row.source_format) < standing(
        known.study, known.source_format
    )


def _why(rejected: RejectedRecord) -> str:
    where = f"{rejected.field}: " if rejected.field else ""
    return where + rejected.message


def _row(payload: dict[str, Any], form: str) -> StudyRow:
    study = parse_study(payload)
    return StudyRow(study, payload, record_fingerprint(payload), form)


def sorted_rows(changes: Changes) -> Iterator[StudyRow]:
    """Yield the changed records in the order of their ids."""
    for nct_id in sorted(changes.rows):
        yield changes.rows[nct_id]
