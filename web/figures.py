"""Numbers of a trial that files hold beside the words, so that a spreadsheet can reckon with them.

What a page says in words ("1 × 10⁶ cells per kg", "18 (estimated)", "November 2022") stands in a
file in columns of its own too: the figure, its unit or kind, a date as the registry writes it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from web.study_answers import Entry, enrollment

Value = int | float | str | None
"""What one cell holds; None where nothing is stated."""
PER_KG, IN_ALL = "cells per kg", "cells"


@dataclass(frozen=True, slots=True)
class Figure:
    """One column of figures.

    Attributes
    ----------
    name : str
        As in files of plain text.
    label : str
        As in workbooks.
    read : callable
        Entry -> value.
    extracted : bool
        Whether the value was read from the text.
    """

    name: str
    label: str
    read: Callable[[Entry], Value]
    extracted: bool = False


def _numbers(entry: Entry, field: str) -> list[int | float]:
    return [value for value in entry.facts.values(field) if isinstance(value, int | float)]


def _least(field: str) -> Callable[[Entry], Value]:
    return lambda entry: min(map(_whole, _numbers(entry, field)), default=None)


def _most(field: str) -> Callable[[Entry], Value]:
    return lambda entry: max(map(_whole, _numbers(entry, field)), default=None)


def _whole(value: int | float) -> int | float:
    """Return a count as a whole number, which files write without a decimal point."""
    return int(value) if float(value).is_integer() else value


def _unit(field: str, unit: str) -> Callable[[Entry], Value]:
    return lambda entry: unit if _numbers(entry, field) else None


def _range(field: str, name: str, label: str, unit: str = "") -> tuple[Figure, ...]:
    found = (
        Figure(f"{name}_least", f"{label}, least", _least(field), True),
        Figure(f"{name}_most", f"{label}, most", _most(field), True),
    )
    if not unit:
        return found
    return (*found, Figure(f"{name}_unit", f"{label}, unit", _unit(field, unit), True))


def _enrollment_kind(entry: Entry) -> Value:
    kind = entry.study.design.enrollment_info.type
    return None if kind is None or enrollment(entry.study) is None else kind.lower()


FIGURES_OF: Mapping[str, tuple[Figure, ...]] = {
    "enrollment": (
        Figure("n_number", "n, number", lambda entry: enrollment(entry.study)),
        Figure(
            "n_kind",
            "n, actual or estimated",
            _enrollment_kind,
        ),
    ),
    "dose_per_kg": _range("dose_per_kg", "dose_per_kg", "Dose per kg", PER_KG),
    "dose_total": _range("dose_total", "dose_total", "Dose, total", IN_ALL),
    "administrations": _range("administrations", "doses_given", "Doses given"),
    "start": (
        Figure("start_date", "Start, date", lambda e: e.study.status.start_date_struct.date),
    ),
    "completion": (
        Figure(
            "completion_date",
            "Completion, date",
            lambda entry: entry.study.status.completion_date_struct.date,
        ),
    ),
}
"""What a table says in words -> the figures that stand beside it in files."""
