"""Text to concept: many labels looked up in one pass, spans always those of the original text.

A label is found whatever joins its words (space, hyphen, dash, apostrophe, line break), in
the plural, in British and American spelling, and written together where the label has a
hyphen ("intra-articular", "intra articular", "intraarticular"). Case does not matter, except
that a label of up to four capitals and digits ("BM", "IV") is found only as it is written:
in small letters it would be another word. A final "s" is its plural all the same.

Out of scope: what the words mean where they stand (negation, background); callers decide.

References
----------
.. [1] Aho and Corasick, "Efficient string matching: an aid to bibliographic search",
   Communications of the ACM 18 (1975), 333-340.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from typing import Generic, NamedTuple, TypeVar

import ahocorasick_rs

from ontology.folding import JOINERS, fold
from ontology.schemes import Concept, ConceptScheme, load_scheme
from ontology.spelling import folded_forms

P = TypeVar("P")

ABBREVIATION_LENGTH = 4
"""Labels of capitals and digits up to this length are matched with their case."""
GLUED_REST = 5
"""Fewer letters glued to a label are an ending, not a word that lost its space."""

_ABBREVIATION = re.compile(r"(?=.*[A-Z])[A-Z0-9]+(?:[ -][A-Z0-9]+)*")
_APART = (0, GLUED_REST)


class Match(NamedTuple, Generic[P]):
    """One label found in a text.

    Attributes
    ----------
    start, end : int
        Character span in the text as it was given.
    words : str
        The text of the span.
    payload : object
        What the label stands for.
    """

    start: int
    end: int
    words: str
    payload: P


class Lexicon(Generic[P]):
    """Labels with what they stand for, compiled for lookup.

    Parameters
    ----------
    patterns : mapping of str to P, or iterable of (str, P)
        Label and payload; one label may have several payloads.
    group : callable, optional
        Matches of one group never overlap: the leftmost, then the longest, is kept. By
        default all labels are of one group.
    glued_length : int, optional
        Labels with at least so many letters are found next to another word without a space
        too, since real records lose spaces ("Wharton's jellyintravenous"). What is glued on
        must have `GLUED_REST` letters, or it is an ending ("conjunctivitis"). By default no
        label is found so.

    Raises
    ------
    SchemeError
        If a label holds no letter or digit.

    Examples
    --------
    >>> lexicon = Lexicon({"umbilical cord": "UBERON:0002331", "BM": "UBERON:0002371"})
    >>> [(match.words, match.payload) for match in lexicon.find("Umbilical-cord MSC, not bm")]
    [('Umbilical-cord', 'UBERON:0002331')]
    """

    def __init__(
        self,
        patterns: Mapping[str, P] | Iterable[tuple[str, P]],
        *,
        group: Callable[[P], Hashable] | None = None,
        glued_length: int | None = None,
    ) -> None:
        pairs = patterns.items() if isinstance(patterns, Mapping) else patterns
        folded: dict[str, list[_Entry[P]]] = {}
        for label, payload in pairs:
            entry = _Entry(
                payload,
                label.translate(JOINERS).strip() if _is_abbreviation(label) else None,
                glued_length is not None and sum(map(str.isalnum, label)) >= glued_length,
                None if group is None else group(payload),
            )
            for form in folded_forms(label):
                entries = folded.setdefault(form, [])
                if entry not in entries:
                    entries.append(entry)
        self._patterns = [
            (entries, form[0].isalnum(), form[-1].isalnum(), any(e.glued for e in entries))
            for form, entries in folded.items()
        ]
        self._automaton = ahocorasick_rs.AhoCorasick(
            list(folded),
            matchkind=ahocorasick_rs.MatchKind.Standard,
            store_patterns=False,
        )

    @staticmethod
    def from_schemes(
        *schemes: str | ConceptScheme, glued_length: int | None = None
    ) -> Lexicon[Concept]:
        """Build the lexicon of all labels of concept schemes; each scheme is a group.

        Parameters
        ----------
        schemes : str or ConceptScheme
            Names for `ontology.schemes.load_scheme`, or schemes.
        glued_length : int, optional
            As for `Lexicon`.
        """
        loaded = [load_scheme(item) if isinstance(item, str) else item for item in schemes]
        return Lexicon(
            [
                (label, concept)
                for scheme in loaded
                for concept in scheme.concepts.values()
                for label in concept.labels
            ],
            group=_scheme_of,
            glued_length=glued_length,
        )

    def find(self, text: str) -> list[Match[P]]:
        """Return what is found in `text`, in the order of the text.

        Parameters
        ----------
        text : str

        Returns
        -------
        list of Match
            Spans count characters of `text`; within a group none overlaps another, except
            that one span may stand for several payloads.
        """
        folded, to_original = fold(text)
        kept: list[tuple[int, int, _Entry[P]]] = []
        length = len(folded)
        patterns = self._patterns
        for pattern, start, end in self._automaton.find_matches_as_indexes(
            folded, overlapping=True
        ):
            entries, opens, closes, glued = patterns[pattern]
            left = right = 0
            if opens and start > 0 and folded[start - 1].isalnum():
                if not glued:
                    continue
                left = _letters_before(folded, start)
            if closes and end < length and folded[end].isalnum():
                ending = _plural_end(folded, end, length)
                if ending is not None:
                    end = ending
                elif glued:
                    right = _letters_after(folded, end, length)
                else:
                    continue
            if left == right == 0:
                for entry in entries:
                    kept.append((start, end, entry))
            elif left in _APART and right in _APART:
                kept += [(start, end, entry) for entry in entries if entry.glued]
        if not kept:
            return []
        return list(self._resolve(text, kept, to_original))

    def _resolve(
        self,
        text: str,
        found: list[tuple[int, int, _Entry[P]]],
        to_original: Callable[[int], int],
    ) -> Iterator[Match[P]]:
        """Yield the leftmost longest matches of each group, with original spans."""
        if len(found) > 1:
            found.sort(key=_leftmost_longest)
        reached: dict[Hashable, tuple[int, int, list[P]]] = {}
        for start, end, entry in found:
            taken = reached.get(entry.group)
            if taken is not None and start < taken[1]:
                if (start, end) != taken[:2] or entry.payload in taken[2]:
                    continue
            else:
                taken = None
            first, last = to_original(start), to_original(end - 1) + 1
            words = text[first:last]
            if entry.exact is not None:
                written = " ".join(words.translate(JOINERS).split())
                if written not in (entry.exact, entry.exact.replace(" ", ""), entry.exact + "s"):
                    continue
            if taken is None:
                reached[entry.group] = (start, end, [entry.payload])
            else:
                taken[2].append(entry.payload)
            yield Match(first, last, words, entry.payload)


class _Entry(NamedTuple, Generic[P]):
    """What a compiled pattern stands for, and what must hold of the words found."""

    payload: P
    exact: str | None
    glued: bool
    group: Hashable


def _leftmost_longest(item: tuple[int, int, object]) -> tuple[int, int]:
    return item[0], -item[1]


def _scheme_of(concept: Concept) -> str:
    return concept.scheme


def _is_abbreviation(label: str) -> bool:
    return (
        _ABBREVIATION.fullmatch(label) is not None
        and sum(map(str.isalnum, label)) <= ABBREVIATION_LENGTH
    )


def _letters_before(text: str, start: int) -> int:
    """Count the letters of the word that ends at `start`, up to `GLUED_REST`."""
    count = 0
    while count < GLUED_REST and count < start and text[start - count - 1].isalpha():
        count += 1
    return max(count, 1)


def _letters_after(text: str, end: int, length: int) -> int:
    """Count the letters of the word that begins at `end`, up to `GLUED_REST`."""
    count = 0
    while count < GLUED_REST and end + count < length and text[end + count].isalpha():
        count += 1
    return max(count, 1)


def _plural_end(text: str, end: int, length: int) -> int | None:
    """Return where the word ends if only a plural ending follows, else None."""
    if text[end] == "s":
        after = end + 1
    elif text.startswith("es", end):
        after = end + 2
    else:
        return None
    return after if after == length or not text[after].isalnum() else None
