"""What the rules share: a look-up of records, and what a rule found."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from functools import lru_cache
from math import inf
from typing import NamedTuple

from kg.relations.identifiers import fold_id, is_telling_id
from kg.relations.keys import Number, Place, RelationKey
from kg.relations.model import RelationEvidence

SHARED_ID_LIMIT = 12
"""Trials that may share a number before it counts as an office's or a funder's."""
SHARED_NAME_LIMIT = 60
"""Trials that may share a product's name before it counts as a common substance."""
SHARED_PAPER_LIMIT = 10
"""Trials that may cite a publication before it counts as a review or a set of criteria."""
SHARED_TITLE_LIMIT = 8
"""Trials that may share a title or an acronym before it counts as a phrase."""
GRANT_KINDS = ("GRANT", "NIH", "FDA", "AHRQ", "SAMHSA")

_YEAR = 365.0
_WORD = re.compile(r"[^\W_]+")


class Found(NamedTuple):
    """One rule's finding."""

    kind: str
    from_nct_id: str
    to_nct_id: str
    confidence: float
    evidence: tuple[RelationEvidence, ...]


class Lookup:
    """Records by id, number and title.

    Parameters
    ----------
    keys : iterable of RelationKey
    common : collection of (str, str)
        Kind and text of tokens (`kg.relations.tokens`) that more records hold than may, though
        fewer of these are here.

    Attributes
    ----------
    keys : dict
        By NCT id, sorted.
    by_number : mapping of str to list
        Folded telling number -> (record, number), at most `SHARED_ID_LIMIT` records.
    """

    def __init__(self, keys: Iterable[RelationKey], common: Collection[tuple[str, str]] = ()):
        self._common = frozenset(common)
        given = {key.nct_id: key for key in keys}
        self.keys = {nct_id: given[nct_id] for nct_id in sorted(given)}
        self._alias = {
            alias: key.nct_id
            for key in self.keys.values()
            for alias in key.aliases
            if alias not in self.keys
        }
        self.by_number = self._numbers()

    def resolve(self, nct_id: str) -> RelationKey | None:
        """Return the record of an id or of a former id, None if it is not here."""
        return self.keys.get(self._alias.get(nct_id, nct_id))

    def is_common(self, kind: str, text: str) -> bool:
        """Return whether a token is known to be held by too many records to tell anything."""
        return (kind, text) in self._common

    def _numbers(self) -> Mapping[str, list[tuple[RelationKey, Number]]]:
        found: dict[str, dict[str, tuple[RelationKey, Number]]] = defaultdict(dict)
        for key in self.keys.values():
            for number in key.numbers:
                if is_telling_id(number.place.words):
                    found[number.folded].setdefault(key.nct_id, (key, number))
        return {
            folded: list(group.values())
            for folded, group in found.items()
            if len(group) <= SHARED_ID_LIMIT and not self.is_common("number", folded)
        }


def evidence_of(nct_id: str, place: Place) -> RelationEvidence:
    """Return a place of a record as evidence."""
    return RelationEvidence(nct_id, place.path, place.words, place.start, place.end)


def title_evidence(key: RelationKey) -> RelationEvidence:
    """Return the whole brief title as evidence, or the official one where there is none."""
    path, title = (
        ("brief_title", key.brief_title)
        if key.brief_title
        else ("official_title", key.official_title)
    )
    return RelationEvidence(key.nct_id, path, title, 0, len(title))


def words_of(text: str) -> list[str]:
    """Return the words of a text in lower case."""
    return _WORD.findall(text.casefold())


def share_condition(one: RelationKey, other: RelationKey) -> bool:
    """Return whether two records share a condition, or one's is right above one of the other's."""
    return bool(
        one.conditions & other.conditions
        or one.conditions & other.wider_conditions
        or one.wider_conditions & other.conditions
    )


def share_party(one: RelationKey, other: RelationKey) -> bool:
    """Return whether a sponsor, collaborator or official of one is one of the other's."""
    return bool(one.parties & other.parties)


def share_ages(one: RelationKey, other: RelationKey) -> bool:
    """Return whether somebody could be of the age for both; what is not stated leaves it open."""
    first, second = _ages(one), _ages(other)
    return first[0] < second[1] and second[0] < first[1]


def _ages(key: RelationKey) -> tuple[float, float]:
    """Return the ages of a trial in days; infants are of one age, from birth or from conception."""
    low, high = key.minimum_age_days or 0.0, key.maximum_age_days
    return 0.0 if low < _YEAR else low, inf if high is None else max(high, _YEAR)


def started_before(one: RelationKey, other: RelationKey) -> bool:
    """Return whether one began before the other; by NCT id where the dates do not say."""
    length = min(len(one.start), len(other.start))
    if length and one.start[:length] != other.start[:length]:
        return one.start[:length] < other.start[:length]
    return one.nct_id < other.nct_id


def is_grant(number: Number) -> bool:
    """Return whether a number is that of a grant, by the kind under which it is registered."""
    return any(kind in number.kind for kind in GRANT_KINDS)


@lru_cache(maxsize=16384)
def fold_title(title: str) -> str:
    """Return a title's words without case and punctuation."""
    return fold_id(" ".join(words_of(title)))
