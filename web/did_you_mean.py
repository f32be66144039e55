"""Words of a search that are likely slips, and the searches that were likely meant."""

from __future__ import annotations

import re
from dataclasses import dataclass

from kg.records import Records


@dataclass(frozen=True, slots=True)
class Doubt:
    """What may be wrong with the words of a search.

    Attributes
    ----------
    unknown : tuple of str
        Words that no trial has.
    rare : tuple of str
        Words that hardly any trial has, where a near one is common.
    meant : tuple of str
        The words of the searches that were likely meant.
    """

    unknown: tuple[str, ...] = ()
    rare: tuple[str, ...] = ()
    meant: tuple[str, ...] = ()


def doubt(records: Records, words: str) -> Doubt:
    """Look for slips in the words of a search."""
    found = records.doubtful_words(words) if words else []
    near = [one for one in found if one.meant]
    if len(near) == 1:
        meant = tuple(_replaced(words, near[0].word, instead) for instead in near[0].meant)
    else:
        corrected = words
        for one in near:
            corrected = _replaced(corrected, one.word, one.meant[0])
        meant = (corrected,) if near else ()
    return Doubt(
        tuple(one.word for one in found if not one.records),
        tuple(one.word for one in found if one.records),
        meant,
    )


def _replaced(words: str, slip: str, meant: str) -> str:
    return re.sub(rf"(?<!\w){re.escape(slip)}(?!\w)", lambda _: meant, words)
