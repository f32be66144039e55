"""Text as it is looked up: small letters, one space for whatever joins words, and the way back."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable

_JOINING = "-\u00ad\u2010\u2011\u2012\u2013\u2014\u2015\u2212_'\u2019\u2018\u02bc\u00b4`\u0301"
_JOINING += "\u00ae\u2122\u00a0\u2009\u202f\u200b\ufeff\t\n\r\f\v"
JOINERS = str.maketrans(dict.fromkeys(_JOINING, " "))
_RUNS = re.compile(" {2,}")


def small_letters(text: str) -> str:
    """Return the text in small letters, character for character, so that spans fit both."""
    lower = text.lower()
    if len(lower) == len(text):
        return lower
    # Some capitals have longer small letters (U+0130); they stay as they are.
    return "".join(c if len(c.lower()) != 1 else c.lower() for c in text)


def fold(text: str) -> tuple[str, Callable[[int], int]]:
    """Return the text as looked up, and the way from its positions back to the original."""
    folded = small_letters(text).translate(JOINERS)
    if "  " not in folded:
        return folded, _same
    # Each run of spaces becomes one; after it, positions are shifted by what was left out.
    starts = [0]
    shifts = [0]
    shift = 0
    pieces = []
    last = 0
    for run in _RUNS.finditer(folded):
        pieces.append(folded[last : run.start() + 1])
        last = run.end()
        shift += last - run.start() - 1
        starts.append(last - shift)
        shifts.append(shift)
    pieces.append(folded[last:])

    def to_original(position: int) -> int:
        return position + shifts[bisect_right(starts, position) - 1]

    return "".join(pieces), to_original


def _same(position: int) -> int:
    return position
