"""What the columns of a query's answer hold: figures, times, labels."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from datetime import date

from web.result_table import Cell

_LARGEST = 1e15
"""Figures beyond are past what a picture can tell."""
_DATE = re.compile(r"-?\d{4}(?:-\d\d(?:-\d\d(?:T[\d:.Z+-]*)?)?)?", re.ASCII)
_MOMENT = re.compile(r"(\d{4})-(\d\d)(?:-(\d\d)(?:T(\d\d):(\d\d)[\d:.Z+-]*)?)?\Z", re.ASCII)
_YEAR_NAMES = re.compile(r"year|date|month|started|since", re.IGNORECASE)


def plain_number(text: str) -> float | None:
    """Return the number that a text is, None if it is none or not finite."""
    try:
        found = float(text)
    except ValueError:
        return None
    return found if math.isfinite(found) else None


def place_in_order(text: str) -> float | None:
    """Return where a label stands among others: a number as it is, a date as a part of its year.

    None if it is neither, or no date that there is.
    """
    plain = plain_number(text)
    if plain is not None:
        return plain
    found = _MOMENT.match(text)
    if found is None:
        return None
    year, month, day, hour, minute = (int(part or 0) for part in found.groups())
    try:
        ordinal = date(year, month, max(day, 1)).toordinal() + (hour + minute / 60) / 24
    except ValueError:
        return None
    first = date(year, 1, 1).toordinal()
    length = 366 if year % 4 == 0 and (year % 100 != 0 or year % 400 == 0) else 365
    return year + (ordinal - first) / length


def figure_of(cell: Cell) -> float | None:
    """Return the figure that a cell holds, None if it holds none that can be drawn."""
    found = plain_number(cell.text) if cell.is_number else None
    return found if found is not None and abs(found) <= _LARGEST else None


def is_figure(cells: Sequence[Cell]) -> bool:
    """Whether all filled cells of a column hold figures, and some are filled."""
    filled = [cell for cell in cells if cell.kind]
    return bool(filled) and all(figure_of(cell) is not None for cell in filled)


def is_time(name: str, cells: Sequence[Cell]) -> bool:
    """Whether a column holds years or dates, by its name and its values."""
    filled = [cell for cell in cells if cell.kind]
    return (
        bool(_YEAR_NAMES.search(name))
        and bool(filled)
        and all(_DATE.fullmatch(cell.text) for cell in filled)
    )


def likely_x(names: Sequence[str], columns: Mapping[str, Sequence[Cell]]) -> str:
    """Return the column that values are likely told by: time, then labels, then IRIs."""
    times = [name for name in names if is_time(name, columns[name])]
    if times:
        return times[0]
    texts = [name for name in names if not is_figure(columns[name])]
    labels = [name for name in texts if all(cell.iri is None for cell in columns[name])]
    # A column of labels reads better than the IRIs beside it, unless rows share labels.
    distinct = [name for name in labels if len({c.text for c in columns[name]}) > 1]
    return next(iter((*distinct, *texts, *names)))


def likely_series(x: str, names: Sequence[str], columns: Mapping[str, Sequence[Cell]]) -> str:
    """Return the column that tells apart rows with the same `x`; empty if none does."""
    count = len({cell.text for cell in columns[x]})
    if count == len(columns[x]):
        return ""
    for name in names:
        cells = columns[name]
        labels = {cell.text for cell in cells}
        pairs = {(one.text, other.text) for one, other in zip(columns[x], cells, strict=True)}
        if name != x and not is_figure(cells) and len(labels) > 1 and len(pairs) == len(cells):
            return name
    return ""
