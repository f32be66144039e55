"""Trials along the years: how many began when, and how long each ran; numbers for a picture."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from kg.cards import StudyCard
from kg.records import Records

SPANS_MOST = 80
"""Trials drawn one by one; of more, those that began last."""
_EARLIEST, _LATEST = 1980, 2060
_YEARS_LEAST = 8
"""Years that a picture shows at least: a single one would be a wall."""
_DATE = re.compile(r"(\d{4})(?:-(\d{2}))?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Year:
    """Trials that began in a year; `height` is in percent of the fullest year."""

    year: int
    count: int
    height: float


@dataclass(frozen=True, slots=True)
class YearChart:
    """Trials by the year in which they began, with the empty years in between."""

    years: tuple[Year, ...]
    most: int
    not_stated: int


@dataclass(frozen=True, slots=True)
class Span:
    """One trial from start to completion.

    `x` and `width` are in percent of the picture; `open_end` where no completion is stated.
    """

    card: StudyCard
    start: str
    end: str | None
    x: float
    width: float
    kind: str
    open_end: bool


@dataclass(frozen=True, slots=True)
class SpanChart:
    """Trials one under the other, by start; `ticks` are years with their place in percent."""

    spans: tuple[Span, ...]
    ticks: tuple[tuple[int, float], ...]
    left_out: int
    not_stated: int


def year_chart(years: Iterable[int]) -> YearChart:
    """Count trials by year; -1 stands for "not stated"."""
    counted = Counter(years)
    not_stated = sum(count for year, count in counted.items() if not _EARLIEST <= year <= _LATEST)
    known = sorted(year for year in counted if _EARLIEST <= year <= _LATEST)
    if not known:
        return YearChart((), 0, not_stated)
    most = max(counted[year] for year in known)
    first = min(known[0], known[-1] - _YEARS_LEAST + 1)
    return YearChart(
        tuple(
            Year(year, counted[year], round(100 * counted[year] / most, 1))
            for year in range(first, known[-1] + 1)
        ),
        most,
        not_stated,
    )


def span_chart(
    records: Records, cards: Sequence[StudyCard], status_kinds: Mapping[str, str]
) -> SpanChart:
    """Place trials along the years.

    Parameters
    ----------
    records : Records
        Asked for the completion dates of the trials that are drawn.
    cards : sequence of StudyCard
    status_kinds : mapping
        Registry status -> the kind by which a span is coloured.
    """
    known = [(moment, card) for card in cards if (moment := _moment(card.start_date)) is not None]
    known.sort(key=lambda item: (item[0], item[1].nct_id))
    drawn = known[-SPANS_MOST:]
    ends = {}
    for _, card in drawn:
        status = records.study(card.nct_id).status
        struct = status.completion_date_struct.date or status.primary_completion_date_struct.date
        ends[card.nct_id] = struct
    if not drawn:
        return SpanChart((), (), 0, len(cards))
    first = int(drawn[0][0])
    # A record may say that it was completed before it began.
    last = max(max(_moment(ends[card.nct_id]) or moment, moment) for moment, card in drawn)
    final = int(last) + 1
    scale = 100 / (final - first)
    spans = []
    for moment, card in drawn:
        end = _moment(ends[card.nct_id])
        until = final if end is None else max(end, moment)
        spans.append(
            Span(
                card,
                card.start_date or "",
                ends[card.nct_id],
                round((moment - first) * scale, 2),
                round(max((until - moment) * scale, 0.4), 2),
                status_kinds.get(card.overall_status or "", "unknown"),
                end is None,
            )
        )
    step = max(1, round((final - first) / 8))
    ticks = tuple(
        (year, round((year - first) * scale, 2)) for year in range(first, final + 1, step)
    )
    return SpanChart(tuple(spans), ticks, len(known) - len(drawn), len(cards) - len(known))


def _moment(text: str | None) -> float | None:
    """Return a date as a year with its fraction; None where there is none that makes sense."""
    found = _DATE.match(text or "")
    if found is None or not _EARLIEST <= int(found[1]) <= _LATEST:
        return None
    month = int(found[2] or 1)
    return int(found[1]) + (min(max(month, 1), 12) - 1) / 12
