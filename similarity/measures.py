"""A trial's measures in numbers: design, people, doses; one row of fixed columns."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from similarity.lexical import term_id
from similarity.profile import Profile

FloatColumn = NDArray[np.float64]

DESIGN_FIELDS = ("study_type", "allocation", "masking", "primary_purpose")
_DOSES = ("dose_per_kg", "dose_total", "administrations")
_COLUMNS = (
    *DESIGN_FIELDS,
    "phase",
    "enrollment",
    "sex",
    "minimum_age",
    "maximum_age",
    *(f"{name}_{end}" for name in _DOSES for end in ("low", "high")),
)
_PLACES = {name: place for place, name in enumerate(_COLUMNS)}
WIDTH = len(_COLUMNS)

_PHASES = {"EARLY_PHASE1": 0.5, "PHASE1": 1.0, "PHASE2": 2.0, "PHASE3": 3.0, "PHASE4": 4.0}
_LIFE_DAYS = 100 * 365.25

_PHASE_RANGE = 3.5
_SIZE_RANGE = 2.0
"""Numbers of participants a hundredfold apart are not alike at all."""
_DOSE_RANGE = 1.5
"""Nor are doses that differ by a factor of about thirty."""
_TIMES_RANGE = 1.0


def measures_row(profile: Profile) -> NDArray[np.float64]:
    """Turn a design and doses into numbers; NaN where not stated.

    Doses, times and numbers of participants are decimal logarithms: twice as much is as far
    from once as four times is from twice. Several doses give a range.
    """
    design = profile.design
    row = [_coded(getattr(design, name)) for name in DESIGN_FIELDS]
    levels = [_PHASES[phase] for phase in design.phases if phase in _PHASES]
    row.append(sum(levels) / len(levels) if levels else math.nan)
    count = design.enrollment_count
    row.append(math.log10(1 + count) if count is not None and count >= 0 else math.nan)
    row.append(_coded(design.sex))
    low, high = design.minimum_age_days, design.maximum_age_days
    row.append(0.0 if low is None else min(low, _LIFE_DAYS))
    row.append(_LIFE_DAYS if high is None else min(high, _LIFE_DAYS))
    for name in _DOSES:
        row += _range(getattr(profile.doses, name))
    return np.array(row, dtype=np.float64)


def _range(values: Sequence[float]) -> list[float]:
    usable = [math.log10(value) for value in values if value > 0]
    return [min(usable), max(usable)] if usable else [math.nan, math.nan]


def _coded(value: str | None) -> float:
    """Return a number that equal values share, whatever other values there are."""
    return math.nan if value is None else float(term_id(value))


def _column(table: NDArray[np.float64], name: str) -> FloatColumn:
    column: FloatColumn = table[..., _PLACES[name]]
    return column


def _gap(name: str, query: NDArray[np.float64], table: NDArray[np.float64]) -> FloatColumn:
    distance: FloatColumn = np.abs(_column(table, name) - _column(query, name))
    return distance


def _closeness(distance: FloatColumn, span: float) -> FloatColumn:
    closeness: FloatColumn = np.nan_to_num(np.clip(1 - distance / span, 0, 1), nan=0.0)
    return closeness


def _apart(unit: str, query: NDArray[np.float64], table: NDArray[np.float64]) -> FloatColumn:
    """How far two ranges lie apart; 0 where they overlap, NaN where one is not stated."""
    low, high = f"{unit}_low", f"{unit}_high"
    start = np.maximum(_column(table, low), _column(query, low))
    end = np.minimum(_column(table, high), _column(query, high))
    distance: FloatColumn = np.maximum(start - end, 0.0)
    return distance


def _amount(query: NDArray[np.float64], table: NDArray[np.float64]) -> FloatColumn:
    # Only like units: what a patient of unknown weight gets in all cannot be told per kilogram.
    distance = np.fmin(_apart("dose_per_kg", query, table), _apart("dose_total", query, table))
    return _closeness(distance, _DOSE_RANGE)


def _times(query: NDArray[np.float64], table: NDArray[np.float64]) -> FloatColumn:
    return _closeness(_apart("administrations", query, table), _TIMES_RANGE)


def _phase(query: NDArray[np.float64], table: NDArray[np.float64]) -> FloatColumn:
    return _closeness(_gap("phase", query, table), _PHASE_RANGE)


def _kind(query: NDArray[np.float64], table: NDArray[np.float64]) -> FloatColumn:
    equal = [(_gap(name, query, table) == 0).astype(np.float64) for name in DESIGN_FIELDS]
    share: FloatColumn = (equal[0] + equal[1] + equal[2] + equal[3]) / 4
    return share


def _size(query: NDArray[np.float64], table: NDArray[np.float64]) -> FloatColumn:
    return _closeness(_gap("enrollment", query, table), _SIZE_RANGE)


def _sex(query: NDArray[np.float64], table: NDArray[np.float64]) -> FloatColumn:
    equal: FloatColumn = (_gap("sex", query, table) == 0).astype(np.float64)
    return equal


def _age(query: NDArray[np.float64], table: NDArray[np.float64]) -> FloatColumn:
    youngest, oldest = _column(table, "minimum_age"), _column(table, "maximum_age")
    own_youngest, own_oldest = _column(query, "minimum_age"), _column(query, "maximum_age")
    width = np.maximum(oldest, own_oldest) - np.minimum(youngest, own_youngest)
    common = np.minimum(oldest, own_oldest) - np.maximum(youngest, own_youngest)
    overlap = np.clip(common, 0, None)
    part: FloatColumn = np.divide(overlap, width, out=np.zeros_like(width), where=width > 0)
    return part


MEASURE_FEATURES: Mapping[
    str, Callable[[NDArray[np.float64], NDArray[np.float64]], FloatColumn]
] = {
    "dose.amount": _amount,
    "dose.times": _times,
    "phase": _phase,
    "design.kind": _kind,
    "design.size": _size,
    "population.sex": _sex,
    "population.age": _age,
}
"""Feature -> its comparison of one trial's row with the rows of many."""
