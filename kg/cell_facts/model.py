"""Cell facts: what a trial gives, from whom and how, each with the words it leans on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

FIELDS = (
    "cell_sources",
    "cell_types",
    "donor",
    "routes",
    "dose_per_kg",
    "dose_total",
    "dose_other",
    "administrations",
    "preparation",
    "passage",
    "isct_criteria",
)
"""The fields of cell facts, in the order in which they are shown."""

CONCEPT_FIELDS = {
    "cell_sources": "cell_sources",
    "cell_types": "cell_types",
    "donor": "donors",
    "routes": "routes",
}
"""Fields whose values are concepts, with the name of their scheme."""


class Evidence(NamedTuple):
    """The words of the record that a fact leans on.

    Attributes
    ----------
    path : str
        Path of the `kg.sections.Section`, such as ``arm_groups[0].description``.
        A curator's word stands in no section: its path is ``curation[N]``, N counting the
        corrections of the trial, and the span is the whole of the note (or of the value).
    start, end : int
        Character span in that section's text.
    words : str
        The text of the span.
    """

    path: str
    start: int
    end: int
    words: str


@dataclass(frozen=True, slots=True)
class CellFact:
    """One extracted value of one field.

    Attributes
    ----------
    field : str
        One of `FIELDS`.
    value : str, int or float
        A concept name (`CONCEPT_FIELDS`), a number, or a short text.
    evidence : tuple of Evidence
        At least one, in the order of the record.
    rule : str
        Name of the rule that found it.
    arms : tuple of int
        Indices of the arm groups that it was said of; empty where it was said of the trial.
    confidence : float
        From 0 to 1; how far the rule is to be trusted.
    """

    field: str
    value: str | int | float
    evidence: tuple[Evidence, ...]
    rule: str
    arms: tuple[int, ...] = ()
    confidence: float = 1.0


@dataclass(frozen=True, slots=True)
class CellFacts:
    """All cell facts of one trial; a field without a fact is "not stated"."""

    nct_id: str
    facts: tuple[CellFact, ...] = ()

    def of(self, field: str) -> tuple[CellFact, ...]:
        """Return the facts of one field."""
        return tuple(fact for fact in self.facts if fact.field == field)

    def values(self, field: str) -> list[str | int | float]:
        """Return the values of one field, sorted, none twice."""
        found = {fact.value for fact in self.facts if fact.field == field}
        return sorted(found, key=lambda value: (isinstance(value, str), value))

    def row(self) -> dict[str, Any]:
        """Return the values of all fields as one JSON-ready row."""
        return {"nct_id": self.nct_id} | {field: self.values(field) for field in FIELDS}
