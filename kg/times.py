"""Days and times as records and runs tell them."""

from __future__ import annotations

from datetime import UTC, datetime


def time_of(value: str) -> datetime:
    """Return the beginning of a time, day, month or year (ISO 8601; UTC if it names no zone).

    Records of older forms tell of a month or a year only.

    Raises
    ------
    ValueError
        If it is none of these.
    """
    padded = value if len(value) >= 10 else f"{value}-01-01"[:10]
    found = datetime.fromisoformat(padded)
    return found if found.tzinfo is not None else found.replace(tzinfo=UTC)
