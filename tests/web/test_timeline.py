"""Trials along the years, be there none, one or hundreds."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import pytest

from kg.cards import StudyCard
from kg.records import Records
from web.timeline import SPANS_MOST, SpanChart, span_chart, year_chart

KINDS = {"RECRUITING": "open"}


def spans_of(*trials: tuple[str | None, str | None]) -> SpanChart:
    """Place trials given by their start and completion."""
    cards: list[Any] = []
    studies = {}
    for place, (start, end) in enumerate(trials):
        nct_id = f"NCT{place:08d}"
        cards.append(SimpleNamespace(nct_id=nct_id, start_date=start, overall_status="RECRUITING"))
        ends = SimpleNamespace(date=end)
        studies[nct_id] = SimpleNamespace(
            status=SimpleNamespace(completion_date_struct=ends, primary_completion_date_struct=ends)
        )
    records = cast(Records, SimpleNamespace(study=studies.__getitem__))
    return span_chart(records, cast(list[StudyCard], cards), KINDS)


def test_years_without_trials_are_shown_as_empty() -> None:
    chart = year_chart([2010] * 2 + [2002, 2018, -1, 99_999])
    found = {one.year: (one.count, one.height) for one in chart.years}
    assert list(found) == list(range(2002, 2019))
    assert (found[2010], found[2011], found[2018]) == ((2, 100.0), (0, 0.0), (1, 50.0))
    assert (chart.most, chart.not_stated) == (2, 2)


def test_a_single_year_has_others_beside_it() -> None:
    years = year_chart([2020]).years
    assert [one.year for one in years] == list(range(2013, 2021))
    assert [one.count for one in years] == [0] * 7 + [1]


def test_no_trial_makes_an_empty_picture() -> None:
    assert year_chart([]).years == ()
    assert spans_of() == SpanChart((), (), 0, 0)
    assert spans_of((None, "2020-01")) == SpanChart((), (), 0, 1)


@pytest.mark.parametrize("end", ["2021-06", "2020-03", "2019-01", None])
def test_one_trial_fits_the_picture(end: str | None) -> None:
    chart = spans_of(("2020-03-15", end))
    (span,) = chart.spans
    assert 0 <= span.x < span.x + span.width <= 100.01
    assert span.open_end is (end is None)
    years = [year for year, _ in chart.ticks]
    assert years[0] == 2020
    assert all(0 <= x <= 100 for _, x in chart.ticks)


def test_of_hundreds_the_last_are_drawn() -> None:
    trials = [(f"{1995 + place // 12}-{place % 12 + 1:02d}", "2031-05") for place in range(300)]
    chart = spans_of(*trials)
    assert (len(chart.spans), chart.left_out) == (SPANS_MOST, 300 - SPANS_MOST)
    starts = [span.start for span in chart.spans]
    assert starts == sorted(starts)
    assert starts[-1] == "2019-12"
    assert 2 <= len(chart.ticks) <= 10
    assert all(span.x >= 0 and span.x + span.width <= 100.01 for span in chart.spans)
