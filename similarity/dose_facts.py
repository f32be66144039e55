"""Doses of two trials side by side: how they stand to each other, in figures that people read."""

from __future__ import annotations

import math
from collections.abc import Sequence

from similarity.kin import Fact
from similarity.profile import Doses

ABOUT_THE_SAME = math.log10(2)
"""Up to twofold apart, two doses are about the same: trials escalate in such steps."""

_UNITS = (("dose_per_kg", "cells per kg"), ("dose_total", "cells"))
_SCALES = ((1e9, "billion"), (1e6, "million"))
_SCALE_NAMES = frozenset(name for _, name in _SCALES)


def compare_doses(query: Doses, document: Doses) -> tuple[Fact, ...]:
    """Compare what two trials give: the amount, and how many times.

    Returns
    -------
    tuple of Fact
        Of the facet ``dose``: none where neither states it. Amounts per kilogram and in all
        are told apart: nobody's weight is guessed.
    """
    facts = []
    stated: list[tuple[str, ...]] = [(), ()]
    for key, unit in _UNITS:
        amounts = [[v for v in getattr(doses, key) if v > 0] for doses in (query, document)]
        said = [_said(values, unit) for values in amounts]
        if all(said):
            facts.append(Fact("dose", _relation(*amounts), *said))
        stated = [known or other for known, other in zip(stated, said, strict=True)]
    if not facts and any(stated):
        facts.append(Fact("dose", "different" if all(stated) else "not stated", *stated))
    times = [_times(doses.administrations) for doses in (query, document)]
    if any(times):
        relation = "not stated" if not all(times) else "different"
        relation = "same" if times[0] == times[1] else relation
        facts.append(Fact("dose", relation, times[0], times[1]))
    return tuple(facts)


def is_amount(fact: Fact) -> bool:
    """Tell whether a fact is about how much is given, not how often."""
    return fact.facet == "dose" and not (*fact.query, *fact.document, "")[0].startswith("given")


def dose_sentence(fact: Fact) -> str:
    """Say how the amounts of two trials stand, the kin's first; empty where there is no saying.

    Examples
    --------
    >>> ours, theirs = ("2 million cells per kg",), ("1 million cells per kg",)
    >>> dose_sentence(Fact("dose", "akin", ours, theirs))
    'about the same dose: 1 vs 2 million cells per kg'
    """
    if not fact.query or not fact.document:
        return ""
    ours, theirs = fact.query[0].split(), fact.document[0].split()
    kept, unit = len(theirs), len(ours)
    # The unit is said once, at the end; a word with a figure in it is none.
    while theirs[kept - 1] == ours[unit - 1] and theirs[kept - 1].isalpha():
        kept, unit = kept - 1, unit - 1
    scales = [place for place, word in enumerate(theirs, start=1) if word in _SCALE_NAMES]
    if len(scales) > 1:
        kept = max(kept, scales[-1])  # "20 million to 1.5 billion" is no "20 million to 1.5"
    about = "about the same dose:" if fact.relation == "akin" else "dose"
    return f"{about} {' '.join(theirs[:kept])} vs {fact.query[0]}"


def _relation(ours: Sequence[float], theirs: Sequence[float]) -> str:
    mine, other = (min(ours), max(ours)), (min(theirs), max(theirs))
    if mine == other:
        return "same"
    apart = max(mine[0], other[0]) / min(mine[1], other[1])
    return "akin" if apart <= 10**ABOUT_THE_SAME * (1 + 1e-9) else "different"


def _said(values: Sequence[float], unit: str) -> tuple[str, ...]:
    if not values:
        return ()
    least = min(values)
    low, high = _number(least), _number(max(values))
    if low == high:
        return (f"{low} {unit}",)
    scale = high.rpartition(" ")[2]
    if " " in high and " " not in low:
        # A bare figure beside a million would be read as millions too.
        low = f"{least / 1e6:.6f}".rstrip("0") + " million"
    if " " in high:
        low = low.removesuffix(f" {scale}")
    return (f"{low} to {high} {unit}",)


def _times(counts: Sequence[int]) -> tuple[str, ...]:
    return tuple("given once" if count == 1 else f"given {count} times" for count in counts)


def _number(value: float) -> str:
    for scale, name in _SCALES:
        if value >= scale:
            return (
                f"{value / scale:.3g} {name}"
                if value < 1000 * scale
                else f"{value / scale:,.0f} {name}"
            )
    return f"{value:,.0f}"
