"""Places of a query's answer on a map without tiles."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from web.presentation import number, shortened
from web.result_table import Cell, ResultTable

PLACES_MOST = 1_000
_LAT = re.compile(r"(?:.*_)?(?:lat|latitude)", re.IGNORECASE)
_LONG = re.compile(r"(?:.*_)?(?:lon|long|lng|longitude)", re.IGNORECASE)
_POINT = re.compile(
    r"(?:<[^>]*>\s*)?POINT\s*\(\s*(-?[\d.]{1,20})\s+(-?[\d.]{1,20})\s*\)", re.IGNORECASE | re.ASCII
)
_MARGIN = 0.08
_NARROWEST = 40.0
"""Degrees that a map shows at least: nearer in, nothing tells which land it is."""


@dataclass(frozen=True, slots=True)
class Place:
    """A place: degrees east and south (as pictures count), and the rows that are there."""

    x: float
    y: float
    radius: float
    title: str
    page: str | None


@dataclass(frozen=True, slots=True)
class ResultMap:
    """Places, the part of the world that is shown (left, top, width, height), and counts."""

    places: tuple[Place, ...]
    left: float
    top: float
    width: float
    height: float
    rows: int
    left_out: int


def map_of(table: ResultTable) -> ResultMap | None:
    """Return the map of an answer whose columns hold coordinates, else None.

    Coordinates are a column of latitudes and one of longitudes, by their names, in degrees
    (WGS 84), or points as well-known text. Rows at one place, to a hundredth of a degree, are
    one mark, whose area grows with their number.
    """
    found = _coordinates(table)
    if not found:
        return None
    held: dict[tuple[float, float], list[tuple[Cell, ...]]] = {}
    for row, place in found:
        held.setdefault(place, []).append(row)
    kept = sorted(held.items(), key=lambda one: (-len(one[1]), one[0]))[:PLACES_MOST]
    left, top, width, height = _window([place for place, _ in kept])
    unit = width / 300 * min(1.0, (80 / len(kept)) ** 0.35)  # many marks are small ones
    most = len(kept[0][1])
    places = tuple(
        Place(
            place[0],
            -place[1],
            round(unit * (2.0 + 4.4 * (len(rows) / most) ** 0.5 if most > 1 else 3.4), 4),
            _title(rows),
            _page(rows),
        )
        for place, rows in kept
    )
    return ResultMap(places, left, top, width, height, len(found), len(held) - len(kept))


def _coordinates(table: ResultTable) -> list[tuple[tuple[Cell, ...], tuple[float, float]]]:
    names = table.variables
    lat = next((place for place, name in enumerate(names) if _LAT.fullmatch(name)), None)
    long = next((place for place, name in enumerate(names) if _LONG.fullmatch(name)), None)
    found = []
    for row in table.rows:
        place = None
        if lat is not None and long is not None:
            place = _degrees(row[long].text, row[lat].text)
        else:
            point = next((known for cell in row if (known := _POINT.fullmatch(cell.text))), None)
            if point is not None:
                place = _degrees(point[1], point[2])
        if place is not None:
            found.append((row, place))
    return found


def _degrees(east: str, north: str) -> tuple[float, float] | None:
    try:
        place = round(float(east), 2), round(float(north), 2)
    except ValueError:
        return None
    return place if abs(place[0]) <= 180 and abs(place[1]) <= 90 else None


def _window(places: Sequence[tuple[float, float]]) -> tuple[float, float, float, float]:
    """Return the part of the world around places, in the shape of a picture, twice as wide."""
    west, east = min(p[0] for p in places), max(p[0] for p in places)
    south, north = min(p[1] for p in places), max(p[1] for p in places)
    width = max((east - west) * (1 + 2 * _MARGIN), (north - south) * (1 + 2 * _MARGIN) * 2)
    width = min(max(width, _NARROWEST), 360.0)
    height = width / 2
    left = min(max((west + east - width) / 2, -180.0), 180.0 - width)
    top = min(max((-south - north - height) / 2, -90.0), 90.0 - height)
    return round(left, 3), round(top, 3), round(width, 3), round(height, 3)


def _title(rows: Sequence[tuple[Cell, ...]]) -> str:
    said = [_row_title(row) for row in rows[:3]]
    more = f"; and {number(len(rows) - 3)} more" if len(rows) > 3 else ""
    return f"{'; '.join(said)}{more}"


def _row_title(row: tuple[Cell, ...]) -> str:
    texts = [cell.text for cell in row if cell.text and not cell.is_number]
    return shortened(", ".join(texts[:3]) or "a place", 140)


def _page(rows: Sequence[tuple[Cell, ...]]) -> str | None:
    """Return the page that a mark leads to: only where all its rows are of one trial."""
    pages = {cell.page for row in rows for cell in row if cell.nct_id is not None}
    return pages.pop() if len(pages) == 1 else None
