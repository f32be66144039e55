"""How old the data of a store are, and whether that is too old."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from kg.manifest import Manifest
from kg.replicas.replica_state import read_replica_state
from kg.runs import read_runs
from kg.store import Store
from kg.times import time_of

_CLOCKS_DIFFER = timedelta(minutes=5)
"""What the clocks of two machines that share a store may differ by."""


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
    A refresh that published a generation which was rolled back since does not count, nor one
    before the last full build, whose files may be of any age, nor one that says that it began
    in the future: then the clock was wrong, and data would stay young until that day. A replica
    is as old as its origin was when the last pull asked it.
    """
    now = now or datetime.now(UTC)
    manifest = store.published().manifest
    told = read_replica_state(store.path)
    if told is not None and told.generation == manifest.generation:
        when = told.current_as_of
        if time_of(when) <= now + _CLOCKS_DIFFER:
            return DataAge(when, now - time_of(when), None)
    when, timestamp = _known_current(manifest), None
    for run in read_runs(store.path):
        is_here = run.generation is not None and run.generation <= manifest.generation
        if not is_here or run.outcome not in ("published", "unchanged"):
            continue
        if run.kind == "build":
            break
        if run.registry is not None and time_of(run.started) <= now + _CLOCKS_DIFFER:
            when, timestamp = run.started, run.data_timestamp
            break
    return DataAge(when, now - time_of(when), timestamp)


def _known_current(manifest: Manifest) -> str:
    """Return the day up to which the records tell of updates, at most that of the build."""
    known = manifest.watermark
    # A date in the future would keep data young until then.
    if known is None or time_of(known) > time_of(manifest.built_at):
        return manifest.built_at
    return known
