"""Charts of a query's answer: which columns to draw, and where bars and points stand."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from web.presentation import number, shortened
from web.result_columns import (
    figure_of,
    is_figure,
    is_time,
    likely_series,
    likely_x,
    place_in_order,
)
from web.result_table import Cell, ResultTable

BARS_MOST = 40
SERIES_MOST = 7
POINTS_MOST = 400
OTHERS = "others"
_RANK_NAMES = re.compile(r"rank|place|lat|long|lon|lng", re.IGNORECASE)
_SMALLEST = 1e-9
"""Spans below are more than a picture can tell apart."""
_STEPS = (1.0, 2.0, 2.5, 5.0, 10.0)
_MARKS_BY_LENGTH = ((8, 5), (14, 3), (math.inf, 2))
"""As many labels as fit below each other on a phone, by the length of the longest."""
KINDS = {"bar": "Bars", "line": "Lines"}


@dataclass(frozen=True, slots=True)
class Segment:
    """A part of a bar: series number from 1, start and width in percent of the picture."""

    series: int
    start: float
    width: float
    title: str


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar, with its label, where that leads, and its value in words."""

    label: str
    page: str | None
    value: str
    segments: tuple[Segment, ...]


@dataclass(frozen=True, slots=True)
class Point:
    """One point, from 0 to 100 from left to right and from top to bottom."""

    x: float
    y: float
    title: str


@dataclass(frozen=True, slots=True)
class Mark:
    """A label along x, with its place from 0 to 100."""

    label: str
    x: float


@dataclass(frozen=True, slots=True)
class Chart:
    """What a page draws of an answer.

    Attributes
    ----------
    kind : str
        ``bar`` or ``line``.
    x, y, by : str
        Names of the columns; `by` is empty if there is one series only.
    columns, figures : tuple of str
        What may be chosen for `x` and `by`, and for `y`.
    series : tuple of str
        Their labels; the first has the number 1.
    bars : tuple of Bar
    lines : tuple of tuple of Point
        One a series.
    zero : float
        Where bars begin, 0 to 100: to its left are negative values.
    ticks : tuple of str
        Along y, from the top.
    labels : tuple of Mark
        Along x.
    left_out : int
        Bars or points beyond those drawn.
    summed : bool
        Whether values of several rows were added up.
    """

    kind: str
    x: str
    y: str
    by: str
    columns: tuple[str, ...]
    figures: tuple[str, ...]
    series: tuple[str, ...]
    bars: tuple[Bar, ...] = ()
    lines: tuple[tuple[Point, ...], ...] = ()
    zero: float = 0.0
    ticks: tuple[str, ...] = ()
    labels: tuple[Mark, ...] = ()
    left_out: int = 0
    summed: bool = False


def chart_of(table: ResultTable, asked: Mapping[str, str]) -> Chart | None:
    """Return the chart of an answer, None if it has no figures or no rows to compare.

    Parameters
    ----------
    table : ResultTable
    asked : mapping
        ``x``, ``y``, ``by`` (columns; ``by=-`` for none) and ``chart`` (of `KINDS`); what is not
        there, or makes no sense, is chosen by what the columns hold.
    """
    columns = {
        name: [row[place] for row in table.rows] for place, name in enumerate(table.variables)
    }
    figures = tuple(name for name, cells in columns.items() if is_figure(cells))
    if table.triples or not figures or len(table.variables) < 2 or len(table.rows) < 2:
        return None
    likely = [name for name in figures if not _RANK_NAMES.search(name)] or list(figures)
    measures = [name for name in likely if not is_time(name, columns[name])] or likely
    y = asked.get("y", "")
    y = y if y in figures else measures[-1]
    others = [name for name in table.variables if name != y]
    x = asked.get("x", "")
    if x not in others:
        x = likely_x(others, columns)
    by = asked.get("by", "")
    if by != "-" and (by not in others or by == x):
        by = likely_series(x, others, columns)
    by = "" if by == "-" else by
    kind = asked.get("chart", "")
    if kind not in KINDS:
        kind = "line" if is_time(x, columns[x]) else "bar"
    cells = [columns[name] for name in (x, y, *([by] if by else []))]
    totals, summed = _totals(cells)
    if not totals:
        return None
    series = _series(totals, named=bool(by))
    chart = Chart(kind, x, y, by, tuple(others), figures, series, summed=summed)
    return _with_lines(chart, totals) if kind == "line" else _with_bars(chart, totals, columns[x])


_Totals = dict[str, dict[str, float]]


def _totals(cells: Sequence[Sequence[Cell]]) -> tuple[_Totals, bool]:
    """Return value by label and series, in the order of the answer."""
    totals: _Totals = {}
    summed = False
    for label, value, *rest in zip(*cells, strict=True):
        figure = figure_of(value)
        if figure is None:
            continue
        held = totals.setdefault(label.text or "not stated", {})
        series = (rest[0].text or "not stated") if rest else ""
        summed = summed or series in held
        held[series] = held.get(series, 0.0) + figure
    return totals, summed


def _series(totals: _Totals, *, named: bool) -> tuple[str, ...]:
    """Return the series by their sums, the largest first; small ones go together."""
    if not named:
        return ("",)
    sums: dict[str, float] = {}
    for held in totals.values():
        for name, value in held.items():
            sums[name] = sums.get(name, 0.0) + value
    ranked = sorted(sums, key=lambda name: (-sums[name], name))
    if len(ranked) > SERIES_MOST + 1:
        return (*ranked[:SERIES_MOST], OTHERS)
    return tuple(ranked)


def _value(held: Mapping[str, float], series: str, known: Sequence[str]) -> float | None:
    if series == OTHERS and len(known) > SERIES_MOST:
        rest = [value for name, value in held.items() if name not in known[:SERIES_MOST]]
        return sum(rest) if rest else None
    return held.get(series)


def _with_bars(chart: Chart, totals: _Totals, cells: Sequence[Cell]) -> Chart:
    pages = {cell.text: cell.page for cell in cells}
    labels = list(totals)[:BARS_MOST]
    held = {
        label: [_value(totals[label], name, chart.series) or 0.0 for name in chart.series]
        for label in labels
    }
    rise = max(sum(value for value in values if value > 0) for values in held.values())
    fall = min(sum(value for value in values if value < 0) for values in held.values())
    scale = 100 / max(rise - fall, _SMALLEST)
    zero = -fall * scale
    bars = []
    for label, values in held.items():
        right, left, segments = zero, zero, []
        for place, (name, value) in enumerate(zip(chart.series, values, strict=True)):
            width = abs(value) * scale
            if value == 0:
                continue
            left = left - width if value < 0 else left
            start = left if value < 0 else right
            right = right + width if value > 0 else right
            title = f"{shortened(name, 60)}: {number(value)}" if name else number(value)
            segments.append(Segment(place + 1, round(max(start, 0.0), 3), round(width, 3), title))
        said = number(round(sum(totals[label].values()), 6))
        bars.append(Bar(label, pages.get(label), said, tuple(segments)))
    left_out = len(totals) - len(bars)
    return replace(chart, bars=tuple(bars), zero=round(zero, 3), left_out=left_out)


def _with_lines(chart: Chart, totals: _Totals) -> Chart:
    labels = sorted(totals, key=_order)[-POINTS_MOST:]
    values = [
        value
        for label in labels
        for name in chart.series
        if (value := _value(totals[label], name, chart.series)) is not None
    ]
    low, high, step = _scale(min(0.0, *values), max(0.0, *values))
    places = _places(labels)
    lines = []
    for name in chart.series:
        points = []
        for label in labels:
            value = _value(totals[label], name, chart.series)
            if value is not None:
                y = 100 * (high - value) / (high - low)
                said = f"{label}: {number(round(value, 6))}"
                title = f"{shortened(name, 60)}, {said}" if name else said
                points.append(Point(round(places[label], 3), round(y, 3), title))
        lines.append(tuple(points))
    count = round((high - low) / step)
    ticks = tuple(number(round(high - step * place, 9)) for place in range(count + 1))
    return replace(
        chart,
        lines=tuple(lines),
        ticks=ticks,
        labels=_marks(places),
        left_out=len(totals) - len(labels),
    )


def _marks(places: Mapping[str, float]) -> tuple[Mark, ...]:
    """Return as many labels as there is room for, each where it belongs; the ends always."""
    longest = max(len(label) for label in places)
    most = next(most for length, most in _MARKS_BY_LENGTH if longest <= length)
    ordered = sorted(places, key=lambda label: (places[label], label))
    kept = {ordered[0]: places[ordered[0]]}
    for place in range(1, most - 1):
        wanted = 100 * place / (most - 1)
        near = min(ordered, key=lambda label: (abs(places[label] - wanted), label))
        clear = 50 / (most - 1)
        if places[near] - max(kept.values()) >= clear and 100 - places[near] >= clear:
            kept[near] = places[near]
    kept[ordered[-1]] = places[ordered[-1]]
    return tuple(Mark(label, round(x, 3)) for label, x in kept.items())


def _places(labels: Sequence[str]) -> dict[str, float]:
    """Return where labels stand, 0 to 100: numbers and dates to scale, others evenly."""
    found = [place_in_order(label) for label in labels]
    known = [place for place in found if place is not None]
    if len(known) == len(labels) and known[-1] > known[0]:
        span = known[-1] - known[0]
        return {
            label: 100 * (place - known[0]) / span
            for label, place in zip(labels, known, strict=True)
        }
    last = max(len(labels) - 1, 1)
    return {label: 100 * place / last for place, label in enumerate(labels)}


def _order(label: str) -> tuple[float, str]:
    place = place_in_order(label)
    return (math.inf if place is None else place, label)


def _scale(low: float, high: float) -> tuple[float, float, float]:
    """Return round bounds around values, and the step between ticks."""
    if high - low < _SMALLEST:
        high = low + 1.0
    rough = (high - low) / 4
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(step * power for step in _STEPS if step * power >= rough * (1 - 1e-9))
    return math.floor(low / step) * step, math.ceil(high / step - 1e-9) * step, step
