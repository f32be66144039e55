"""How old the data of a store are, and whether that is too old."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from kg.runs import read_runs
from kg.store import Store


@dataclass(frozen=True, slots=True)
class DataAge:
    """How old the data of a store are.

    Attributes
    ----------
    current_as_of : str
        When data were last known to be those of their source (UTC, ISO 8601): the beginning of
        the last refresh that ended well, also with nothing new; else the day of the latest
        update among the records.
    age : timedelta
    data_timestamp : str or None
        What the registry said of its data at the last refresh.
    """

    current_as_of: str
    age: timedelta
    data_timestamp: str | None

    def is_older_than(self, hours: float) -> bool:
        """Return whether the data are older than so many hours."""
        return self.age.total_seconds() > 3600 * hours


def data_age(store: Store, *, now: datetime | None = None) -> DataAge:
    """Return how old the data of the published generation are.

    Parameters
    ----------
    store : Store
    now : datetime, optional
        With its time zone.

    Raises
    ------
    StoreError
        If nothing is published.

    Notes
    -----
    A refresh that published a generation which was rolled back since does not count.
    """
    manifest = store.published().manifest
    when, timestamp = manifest.watermark or manifest.built_at, None
    for run in read_runs(store.path):
        is_here = run.generation is not None and run.generation <= manifest.generation
        is_asked = run.registry is not None and run.outcome in ("published", "unchanged")
        if is_asked and is_here:
            when, timestamp = run.started, run.data_timestamp
            break
    age = (now or datetime.now(UTC)) - _time(when)
    return DataAge(when, age, timestamp)


def _time(value: str) -> datetime:
    # A watermark may be a month or a year only, in records of older forms.
    padded = value if len(value) >= 10 else f"{value}-01-01"[:10]
    found = datetime.fromisoformat(padded)
    return found if found.tzinfo is not None else found.replace(tzinfo=UTC)
