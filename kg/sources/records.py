"""What a reader yields: a record that was read, or a record that was refused."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from kg.study import Study

_MAX_SHOWN = 300


@dataclass(frozen=True, slots=True)
class SourceRecord:
    """One record that was read.

    Attributes
    ----------
    study : Study
        The record, checked.
    payload : dict
        The record in API v2 shape, as it is to be stored.
    source : str
        The file, as it was given or found in the folder given.
    locator : str
        Where in the file: ``line 12``, ``studies[3]``, ``member.xml``, ``a.zip: b.json: line 2``;
        empty if the file is the record.
    format : str
        The form in which it came: ``api-v2``, ``v1-full-study``, ``v1-study-fields``,
        ``legacy-xml`` or ``trial-page``.
    """

    study: Study
    payload: dict[str, Any]
    source: str
    locator: str
    format: str


@dataclass(frozen=True, slots=True)
class RejectedRecord:
    """One record, archive member or file that could not be read, and why.

    Attributes
    ----------
    source, locator : str
        As in `SourceRecord`.
    nct_id : str or None
        The record, where it is known.
    field : str or None
        The registry's path of the field at fault, where it is known.
    message : str
        What is wrong, and what to do about it.
    """

    source: str
    locator: str
    nct_id: str | None
    field: str | None
    message: str

    def __str__(self) -> str:
        """One line: where, which record, which field, what."""
        parts = (self.source, self.locator, self.nct_id, self.field, self.message)
        return ": ".join(_one_line(part) for part in parts if part)


@dataclass(frozen=True, slots=True)
class Found:
    """A record inside a file, not yet checked (for the readers' own use)."""

    payload: dict[str, Any]
    locator: str
    format: str


@dataclass(frozen=True, slots=True)
class Refusal:
    """A refused record inside a file (for the readers' own use)."""

    message: str
    locator: str = ""
    nct_id: str | None = None
    field: str | None = None


def _one_line(text: str) -> str:
    # File, member and field names are not ours: line breaks and terminal codes go.
    shown = "".join(char if char.isprintable() else " " for char in text).strip()
    return shown if len(shown) <= _MAX_SHOWN else f"{shown[: _MAX_SHOWN - 3]}..."
