"""Cell facts in words for people who read a terminal: names, units, powers of ten."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kg.cell_facts.model import FIELDS

FIELD_NAMES = {
    "donor": "donor",
    "routes": "routes",
    "dose_per_kg": "dose per kg",
    "dose_total": "dose in all",
    "dose_other": "dose, other units",
    "administrations": "times given",
    "isct_criteria": "ISCT criteria",
}
"""What people call the fields whose key does not say it."""
_UNITS = {"dose_per_kg": "cells/kg", "dose_total": "cells"}
_POWERS_FROM = 10_000
_RAISED = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")


def field_name(field: str) -> str:
    """Return the name of a field of cell facts."""
    return FIELD_NAMES.get(field, field.replace("_", " "))


def value_words(field: str, value: str | int | float) -> str:
    """Return a value of a cell fact in words, a dose with its unit.

    Examples
    --------
    >>> value_words("dose_per_kg", 2_500_000), value_words("passage", 3)
    ('2.5 × 10⁶ cells/kg', 'P3')
    >>> value_words("cell_sources", "umbilical_cord")
    'umbilical cord'
    """
    if isinstance(value, str):
        return value.replace("_", " ")
    if field == "passage":
        return f"P{value}"
    unit = _UNITS.get(field)
    if unit is None:
        return str(value)
    if value < _POWERS_FROM:
        return f"{value:,} {unit}"
    mantissa, _, exponent = f"{float(value):.6e}".partition("e+")
    return f"{float(mantissa):g} × 10{str(int(exponent)).translate(_RAISED)} {unit}"


def words_row(row: Mapping[str, Any]) -> dict[str, list[str]]:
    """Return the cell facts of a row in words: for each field, by its name, its values.

    Parameters
    ----------
    row : mapping of str to list
        Values by field, as `kg.cell_facts.model.CellFacts.row` gives them; a field that is left
        out has none.
    """
    return {
        field_name(field): [value_words(field, value) for value in row.get(field) or ()]
        for field in FIELDS
    }
