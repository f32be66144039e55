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
    plain_number,
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
KINDS = {"bar": "Bars", "line": "Lines"}


@dataclass(frozen=True, slots=True)
class Segment:
    """A part of a bar: series number from 1, start and width in percent of the largest bar."""

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
    ticks, labels : tuple of str
        Along y, from the top; along x.
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
    ticks: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
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
    largest = max(sum(max(value, 0.0) for value in totals[label].values()) for label in labels)
    bars = []
    for label in labels:
        at, segments = 0.0, []
        for place, name in enumerate(chart.series):
            value = _value(totals[label], name, chart.series)
            if value is None or value <= 0:
                continue
            width = 100 * value / largest
            title = f"{shortened(name, 60)}: {number(value)}" if name else number(value)
            segments.append(Segment(place + 1, round(at, 3), round(width, 3), title))
            at += width
        said = number(round(sum(totals[label].values()), 6))
        bars.append(Bar(label, pages.get(label), said, tuple(segments)))
    return replace(chart, bars=tuple(bars), left_out=len(totals) - len(bars))


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
    shown = (labels[0], labels[len(labels) // 2], labels[-1]) if len(labels) > 2 else tuple(labels)
    return replace(
        chart, lines=tuple(lines), ticks=ticks, labels=shown, left_out=len(totals) - len(labels)
    )


def _places(labels: Sequence[str]) -> dict[str, float]:
    """Return where labels stand, 0 to 100: numbers and years to scale, others evenly."""
    figures = [plain_number(label) for label in labels]
    known = [figure for figure in figures if figure is not None]
    if len(known) == len(labels) and known[-1] > known[0]:
        span = known[-1] - known[0]
        return {
            label: 100 * (figure - known[0]) / span
            for label, figure in zip(labels, known, strict=True)
        }
    last = max(len(labels) - 1, 1)
    return {label: 100 * place / last for place, label in enumerate(labels)}


def _order(label: str) -> tuple[float, str]:
    figure = plain_number(label)
    return (math.inf if figure is None else figure, label)


def _scale(low: float, high: float) -> tuple[float, float, float]:
    """Return round bounds around values, and the step between ticks."""
    if high - low < _SMALLEST:
        high = low + 1.0
    rough = (high - low) / 4
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(step * power for step in _STEPS if step * power >= rough * (1 - 1e-9))
    return math.floor(low / step) * step, math.ceil(high / step - 1e-9) * step, step
