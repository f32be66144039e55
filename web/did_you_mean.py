"""Words of a search that are likely slips, and the searches that were likely meant."""

from __future__ import annotations

import re
from dataclasses import dataclass

from kg.records import Records
from kg.text_phases import phases_of_text
from web.understanding import understand

_PHASE = re.compile(r"\b(?:early\s+)?phase\s*[:-]?\s*(?:[0-4]|IV|I{1,3})[ab]?\b", re.IGNORECASE)
_SIGN = re.compile(r"(?<!\S)(?:NOT|OR|-(?=[^\W\d])[\w-]+)(?!\S)")


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
    signs : tuple of str
        What elsewhere leaves a word out, or chooses between words.
    phase : str or None
        The one phase that the words ask for, as the registry writes it: texts seldom do.
    without_phase : str
        The other words.
    """

    unknown: tuple[str, ...] = ()
    rare: tuple[str, ...] = ()
    meant: tuple[str, ...] = ()
    signs: tuple[str, ...] = ()
    phase: str | None = None
    without_phase: str = ""


def doubt(records: Records, words: str) -> Doubt:
    """Look for slips in the words of a search."""
    found = records.doubtful_words(words) if words else []
    near = [one for one in found if one.meant]
    if len(near) == 1:
        offered = [_replaced(words, near[0].word, instead) for instead in near[0].meant]
        named = {one: _named_characters(one) for one in offered}
        meant = tuple(one for one in offered if named[one] == max(named.values()))
    else:
        corrected = words
        for one in near:
            corrected = _replaced(corrected, one.word, one.meant[0])
        meant = (corrected,) if near else ()
    phases = phases_of_text(words)
    return Doubt(
        tuple(one.word for one in found if not one.records),
        tuple(one.word for one in found if one.records),
        meant,
        tuple(dict.fromkeys(_SIGN.findall(words))),
        phases[0] if len(phases) == 1 else None,
        " ".join(_PHASE.sub(" ", words).split()),
    )


def _named_characters(words: str) -> int:
    """Return how much of a search names concepts, as "systemic sclerosis" does."""
    return sum(len(said) for said in {meaning.words for meaning in understand(words).meanings})


def _replaced(words: str, slip: str, meant: str) -> str:
    return re.sub(rf"(?<!\w){re.escape(slip)}(?!\w)", lambda _: meant, words)
