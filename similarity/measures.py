"""A trial's measures in numbers: design, people, doses; one row of fixed columns."""

from __future__ import annotations

import math
from collections.abc import Sequence

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


def column(name: str) -> int:
    """Return the place of a measure in a row."""
    return _PLACES[name]


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
