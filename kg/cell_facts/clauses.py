"""The words around a match: its clause and sentence, and what they say of the match."""

from __future__ import annotations

import re
from bisect import bisect_right
from operator import attrgetter
from typing import NamedTuple

_SENTENCE_END = re.compile(r"[.?!](?=\s|$|[A-Z])|\n\s*(?=\n|[-*\u2022]|\d+[.)]\s)")
# After these a full stop does not end the sentence.
_ABBREVIATIONS = (
    "vs",
    "et al",
    "e.g",
    "i.e",
    " i",
    "i. v",
    "i. m",
    "i.v",
    "i.m",
    "s.c",
    "i.a",
    "i.t",
    "i.p",
    "approx",
    " no",
    "fig",
    " dr",
)
_LONGEST = 3_000
"""Characters of a sentence: rules search all of it for each word that they weigh."""
_CLAUSE_END = re.compile(r"[;:]|,(?=\s)|\s(?:and then|then|while|whereas|but|after which)\s")


class Span(NamedTuple):
    """A piece of a text, with where it begins."""

    start: int
    end: int
    text: str


_end = attrgetter("end")


class Sentences:
    """The sentences of one text, cut when first asked for, in small letters.

    Capitals tell where a sentence begins, so both the text and its small letters are given.
    """

    __slots__ = ("_lower", "_spans", "text")

    def __init__(self, text: str, lower: str) -> None:
        self.text, self._lower = text, lower
        self._spans: list[Span] = []

    def around(self, position: int) -> Span:
        """Return the sentence that holds a position."""
        if not self._spans:
            start = 0
            for end in _SENTENCE_END.finditer(self.text):
                head = self._lower[max(0, end.start() - 6) : end.start()]
                if head.endswith(_ABBREVIATIONS) or self._is_initial(end.start()):
                    continue
                self._add(start, end.end())
                start = end.end()
            self._add(start, len(self.text))
        return self._spans[min(bisect_right(self._spans, position, key=_end), len(self._spans) - 1)]

    def _add(self, start: int, end: int) -> None:
        """Keep a sentence; one that never ends is cut between words."""
        while end - start > _LONGEST:
            cut = self._lower.rfind(" ", start, start + _LONGEST) + 1 or start + _LONGEST
            self._spans.append(Span(start, cut, self._lower[start:cut]))
            start = cut
        self._spans.append(Span(start, end, self._lower[start:end]))

    def _is_initial(self, stop: int) -> bool:
        """Return whether a stop stands behind an initial and before a letter: "via I.V."."""
        text = self.text
        return (
            text[stop - 1 : stop].isupper()
            and text[stop + 1 : stop + 2].isalpha()
            and not text[max(0, stop - 2) : stop - 1].isalnum()
        )


def clause_around(sentence: Span, start: int, end: int) -> Span:
    """Return the clause of a sentence that holds a span of the text."""
    first, last = sentence.start, sentence.end
    for stop in _CLAUSE_END.finditer(sentence.text):
        if sentence.start + stop.end() <= start:
            first = sentence.start + stop.end()
        elif sentence.start + stop.start() >= end:
            last = sentence.start + stop.start()
            break
    return Span(first, last, sentence.text[first - sentence.start : last - sentence.start])
