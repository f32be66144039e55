"""Words of a search that no record has or hardly one, and what was likely meant by them."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Mapping
from functools import cache
from typing import NamedTuple

from kg.near_terms import terms_near
from kg.nearest import slips_allowed
from kg.record_schema import TOKENIZER
from kg.record_search import count_matches
from ontology.schemes import SCHEME_NAMES, load_scheme

_WORD = re.compile(r"\w+")
_WORDS_LOOKED_AT = 12
_SUGGESTED = 3
_LOOKED_UP = 12
_RARE, _TIMES_AS_COMMON = 5, 10
"""Sponsors misspell too: a word in so few records is taken for a slip if one that is a single slip
away is in so many times as many."""
_COMMON = 1_000
_COUNTED_MOST = 10_000
"""Of two words that more records have, neither is the likelier for that."""


class DoubtfulWord(NamedTuple):
    """A word that is likely a slip.

    Attributes
    ----------
    word : str
        As typed.
    records : int
        That have it; 0, or few beside those of the word that was likely meant.
    meant : tuple of str
        The nearest words of the records, the likeliest first.
    """

    word: str
    records: int
    meant: tuple[str, ...]


def doubtful_words(connection: sqlite3.Connection, words: str) -> list[DoubtfulWord]:
    """Return the words that neither a record nor a concept's name has, and likely slips.

    Parameters
    ----------
    connection : sqlite3.Connection
        Of a generation's records.
    words : str
        As typed; the last may be the beginning of a word.
    """
    typed = list(dict.fromkeys(_WORD.findall(words)))[:_WORDS_LOOKED_AT]
    found = []
    for word in typed:
        if word.casefold() in _concept_words():
            continue
        records = _count(connection, word, _RARE + 1)
        if records > _RARE:
            continue
        begins = (
            word == typed[-1] and not records and count_matches(connection, f'"{word}"*', 1) > 0
        )
        if begins:
            continue
        near = _near(connection, word)
        if records:
            enough = _TIMES_AS_COMMON * records
            near = [one for one in near if 0 < one.slips < 2 and one.records >= enough]
        if near or not records:
            meant = tuple(one.word for one in near[:_SUGGESTED])
            found.append(DoubtfulWord(word, records, meant))
    return found


def _count(connection: sqlite3.Connection, word: str, most: int) -> int:
    """Return how many records have a word, counting no further than `most`."""
    return count_matches(connection, f'"{word}"', most)


class _Near(NamedTuple):
    slips: int
    records: int
    word: str


def _near(connection: sqlite3.Connection, word: str) -> list[_Near]:
    """Return the nearest words: fewest slips, then in most records.

    A word of a concept's name is what people search for: it may have one slip more.
    """
    from rapidfuzz.distance import OSA  # few searches ask for it

    plain = word.casefold()
    allowed = slips_allowed(len(plain))
    if not allowed or plain.isdigit():
        return []
    # The index holds stems. A slip in the first letter is rare; names of concepts know it again.
    stem = _stem(plain)
    near = [
        (slips, -_count(connection, term, _COUNTED_MOST), term)
        for term, slips in terms_near(connection, stem, allowed).items()
    ]
    found: dict[str, _Near] = {}
    for slips, negative, term in sorted(near)[:_LOOKED_UP]:
        whole = _word_of(connection, term)
        if whole is not None and _concept_words().get(whole, True):
            found.setdefault(whole, _Near(slips, -negative, whole))
    for name, shown in _concept_words().items():
        slips = OSA.distance(plain, name, score_cutoff=allowed)
        near_enough = shown and slips <= allowed and name not in found
        if near_enough and (records := _count(connection, name, _COMMON)):
            found[name] = _Near(slips, records, name)
    ranked = sorted(
        found.values(),
        key=lambda one: (one.slips - _concept_words().get(one.word, 0), -one.records, one.word),
    )
    # Forms of one word ("cell", "cells") find the same.
    forms: dict[str, _Near] = {}
    for one in ranked:
        forms.setdefault(_stem(one.word), one)
    return list(forms.values())


def _word_of(connection: sqlite3.Connection, stem: str) -> str | None:
    """Return a word of the records that has a stem; None if the stem's own stem is another."""
    query = (
        "SELECT highlight(study_text, 1, char(1), char(2)), highlight(study_text, 3, char(1), "
        "char(2)), highlight(study_text, 4, char(1), char(2)), highlight(study_text, 6, char(1), "
        "char(2)), highlight(study_text, 7, char(1), char(2)) "
        "FROM study_text WHERE study_text MATCH ? LIMIT 1"
    )
    row = connection.execute(query, (f'"{stem}"',)).fetchone()
    for text in row or ():
        marked = re.search("\x01([^\x02]*)\x02", text or "")
        if marked is not None:
            return marked[1].casefold()
    return None


def _stem(word: str) -> str:
    """Return the stem that the full-text table would keep of a word."""
    scratch = sqlite3.connect(":memory:")
    try:
        scratch.execute(f'CREATE VIRTUAL TABLE one USING fts5(word, tokenize="{TOKENIZER}")')
        scratch.execute("CREATE VIRTUAL TABLE stem USING fts5vocab('one', 'row')")
        scratch.execute("INSERT INTO one VALUES (?)", (word,))
        found = scratch.execute("SELECT term FROM stem LIMIT 1").fetchone()
    finally:
        scratch.close()
    return word if found is None else str(found[0])


@cache
def _concept_words() -> Mapping[str, bool]:
    """Return the words of all names of concepts, and whether a name that is shown has them.

    Hidden names are what people write too, slips among them: known, but not worth suggesting.
    """
    found: dict[str, bool] = {}
    for scheme in SCHEME_NAMES:
        for concept in load_scheme(scheme).concepts.values():
            for label in concept.labels:
                shown = label not in concept.hidden_labels
                for word in _WORD.findall(label):
                    found[word.casefold()] = found.get(word.casefold(), False) or shown
    return found
