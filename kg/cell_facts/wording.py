"""Cell facts in words for people, on pages and in a terminal: names, units, powers of ten."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kg.cell_facts.model import CONCEPT_FIELDS, FIELDS
from ontology.schemes import load_scheme

FIELD_LABELS = {
    "cell_sources": "Cell source",
    "cell_types": "Cell type",
    "donor": "Donor",
    "routes": "Route",
    "dose_per_kg": "Dose per kg",
    "dose_total": "Dose, total",
    "dose_other": "Dose, other unit",
    "administrations": "Doses given",
    "preparation": "Preparation",
    "passage": "Passage",
    "isct_criteria": "ISCT criteria",
}
"""Names of the fields of cell facts."""
_DOSES = ("dose_per_kg", "dose_total")
_POWERS_FROM = 10_000
_RAISED = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")


def concept_label(scheme: str, name: str) -> str:
    """Return the preferred label of a concept; its name as words where the scheme lacks it."""
    known = load_scheme(scheme)
    return known[name].pref_label if name in known else name.replace("_", " ")


def fact_value(field: str, value: str | int | float) -> str:
    """Return a value of a cell fact as people read it; a dose per kg without its "per kg".

    Examples
    --------
    >>> fact_value("dose_total", 2_500_000), fact_value("dose_total", 5000)
    ('2.5 × 10⁶ cells', '5,000 cells')
    >>> fact_value("cell_sources", "umbilical_cord"), fact_value("passage", 3)
    ('umbilical cord', 'P3')
    """
    scheme = CONCEPT_FIELDS.get(field)
    if scheme is not None:
        return concept_label(scheme, str(value))
    if isinstance(value, str):
        return value.replace("_", " ")
    if field == "passage":
        return f"P{value}"
    if field not in _DOSES:
        return f"{value:,}"
    if value < _POWERS_FROM:
        return f"{value:,} cells"
    mantissa, _, exponent = f"{float(value):.6e}".partition("e+")
    return f"{float(mantissa):g} × 10{str(int(exponent)).translate(_RAISED)} cells"


def words_row(row: Mapping[str, Any]) -> dict[str, list[str]]:
    """Return the cell facts of a row in words: for each field, by its name, its values.

    Parameters
    ----------
    row : mapping of str to list
        Values by field, as `kg.cell_facts.model.CellFacts.row` gives them; a field that is left
        out has none.
    """
    return {
        FIELD_LABELS[field]: [fact_value(field, value) for value in row.get(field) or ()]
        for field in FIELDS
    }
