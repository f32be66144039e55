"""What the words of a search mean: concepts by any of their names, and the words left over."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache, lru_cache

from ontology.concepts import Concept
from ontology.matching import ABBREVIATION_LENGTH, Lexicon
from ontology.schemes import SCHEME_NAMES, load_scheme

OTHER_NAMES_SHOWN = 5
_WORD = re.compile(r"\w+")
_SAY_NOTHING = frozenset(
    (
        *("a", "an", "and", "by", "disease", "for", "from", "given", "in", "into", "of", "on"),
        *("or", "the", "to", "using", "via", "with", "cell", "cells", "stem", "syndrome"),
        *("clinical", "patient", "patients", "studies", "study", "trial", "trials"),
        *("therapy", "treat", "treated", "treatment"),
    )
)
_SMALL_WORDS = frozenset(
    (
        *("a", "all", "am", "an", "and", "are", "as", "can", "has", "her", "his", "if", "in"),
        *("is", "it", "its", "of", "on", "or", "to", "us", "we", "with"),
    )
)


@dataclass(frozen=True, slots=True)
class Meaning:
    """A part of a search that names a concept.

    Attributes
    ----------
    words : str
        As they were typed.
    concept : Concept
    other_names : tuple of str
        What else the concept is called, and so found by.
    narrower : int
        How many concepts lie below it; their trials are found too.
    broader : tuple of str
        Names of the concepts right above it.
    """

    words: str
    concept: Concept
    other_names: tuple[str, ...]
    narrower: int
    broader: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Understood:
    """A search, taken apart.

    Attributes
    ----------
    meanings : tuple of Meaning
        In the order of the words; several of one `words` are alternatives.
    rest : str
        The words that name no concept and say something.
    """

    meanings: tuple[Meaning, ...]
    rest: str


@lru_cache(maxsize=512)
def understand(words: str) -> Understood:
    """Read the words of a search.

    Examples
    --------
    >>> found = understand("scleroderma umbilical cord Wuhan")
    >>> [meaning.concept.name for meaning in found.meanings], found.rest
    (['scleroderma', 'umbilical_cord'], 'Wuhan')
    """
    spans = [
        (match.start, match.end, match.words, match.payload) for match in _lexicon().find(words)
    ]
    taken = [(start, end) for start, end, _, _ in spans]
    for found in _WORD.finditer(words):
        # Lower case is how people type "ssc"; in a record it would be another word.
        concept = _abbreviations().get(found[0].upper())
        free = all(found.end() <= start or found.start() >= end for start, end in taken)
        if concept is not None and free and found[0].lower() not in _SMALL_WORDS:
            spans.append((found.start(), found.end(), found[0], concept))
            taken.append((found.start(), found.end()))
    # The longest names first: "graft versus host disease" is not also a disease of a graft.
    kept: list[tuple[int, int, str, Concept]] = []
    for span in sorted(spans, key=lambda one: (one[0] - one[1], one[0], one[3].iri)):
        inside = any(
            start <= span[0] and span[1] <= end and (start, end) != span[:2]
            for start, end, _, _ in kept
        )
        if not inside and span[3].name != "other":
            kept.append(span)
    kept.sort(key=lambda one: (one[0], one[3].iri))
    rest = [
        found[0]
        for found in _WORD.finditer(words)
        if found[0].lower() not in _SAY_NOTHING
        and not any(start <= found.start() < end for start, end, _, _ in kept)
    ]
    return Understood(
        tuple(_meaning(said, concept) for _, _, said, concept in kept), " ".join(rest)
    )


def _meaning(said: str, concept: Concept) -> Meaning:
    names = (concept.pref_label, *concept.alt_labels)
    others = tuple(name for name in names if name.casefold() != said.casefold())
    scheme = load_scheme(concept.scheme)
    below = len(scheme.descendants(concept.name))
    above = tuple(scheme[name].pref_label for name in concept.broader)
    return Meaning(said, concept, others[:OTHER_NAMES_SHOWN], below, above)


@cache
def _lexicon() -> Lexicon[Concept]:
    return Lexicon.from_schemes(*SCHEME_NAMES)


@cache
def _abbreviations() -> dict[str, Concept]:
    found: dict[str, Concept] = {}
    for scheme in SCHEME_NAMES:
        for concept in load_scheme(scheme).concepts.values():
            for label in concept.labels:
                if 1 < len(label) <= ABBREVIATION_LENGTH and label.isupper():
                    found.setdefault(label, concept)
    return found
