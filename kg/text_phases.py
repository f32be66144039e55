"""The phase that a free text gives as its own."""

from __future__ import annotations

import re

_ONE = r"(?:IV|I{1,3}|[0-4])"
_PHASE = (
    rf"(?:early\s+)?phase\s*[:-]?\s*({_ONE})[ab]?(?:\s*[/\u2013-]\s*(?:phase\s*)?({_ONE})[ab]?)?\b"
)
_IN_TITLE = re.compile(rf"\b{_PHASE}", re.IGNORECASE)
_ON_A_LINE = re.compile(rf"^\s*(?:(?:study|trial|clinical)\s+)?{_PHASE}\s*$", re.IGNORECASE | re.M)
_ROMAN = {"i": "1", "ii": "2", "iii": "3", "iv": "4"}


def phases_of_text(text: str) -> tuple[str, ...]:
    """Return the registry's values of the phase that a synopsis gives, empty where it gives none.

    Only its first line and a line of its own ("Phase: II") are read: what a text says of phases
    elsewhere is mostly about earlier trials.

    Examples
    --------
    >>> phases_of_text("A phase I/IIa trial of cord cells")
    ('PHASE1', 'PHASE2')
    """
    title = text.strip().partition("\n")[0]
    found = _IN_TITLE.search(title[:300]) or _ON_A_LINE.search(text[:10_000])
    if found is None:
        return ()
    numbers = sorted({_ROMAN.get(one.lower(), one) for one in found.groups() if one is not None})
    early = "early" in found.group().lower()
    if numbers == ["0"] or (early and numbers == ["1"]):  # the registry's word for both
        return ("EARLY_PHASE1",)
    return tuple(f"PHASE{number}" for number in numbers if number != "0")
