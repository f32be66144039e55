"""`RelationKey`: the little of a record that typed relations are found from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import msgspec

from kg.relations.products import NO_PRODUCTS, ProductNames


class Place(NamedTuple):
    """Words of a record and where they stand."""

    path: str
    words: str
    start: int
    end: int


class Mention(NamedTuple):
    """That a record names another by a number, and what the sentence says of it.

    `target` is an NCT id or a folded study number.
    """

    target: str
    place: Place
    follow_up: bool
    extension: bool
    earlier: bool


class Number(NamedTuple):
    """A study number of a record: folded, as registered, of which kind, and where."""

    folded: str
    kind: str
    place: Place


class Citation(NamedTuple):
    """A publication of a record; `own` if the record or the registry calls it its result."""

    pmid: str
    own: bool
    derived: bool
    text: str
    place: Place


@dataclass(frozen=True, slots=True, kw_only=True)
class RelationKey:
    """What of a record relations are found from; some kilobytes, no whole text.

    Attributes
    ----------
    nct_id : str
    aliases : tuple of str
        NCT ids under which the record stood before.
    sponsor : str
        The lead sponsor, folded.
    parties : frozenset of str
        Sponsors, collaborators and officials, folded.
    conditions, wider_conditions : frozenset of str
        Names and IRIs of the conditions, and names of the specific concepts right above them.
    countries : frozenset of str
    study_type : str
    phases : frozenset of int
    start : str
        The date as registered, empty if there is none.
    status : str
    enrollment : int or None
    minimum_age_days, maximum_age_days : float or None
        Ages of those who may take part.
    brief_title, official_title, acronym : str
    follow_up : bool
        Whether a title says that the trial follows another's people.
    long_term : bool
        Whether a title speaks of the long term.
    title_phases : frozenset of int
        Phases that the titles name.
    numbers : tuple of Number
        Org study id and secondary ids.
    parent_number : str
        Folded; what is left of the org study id without a mark such as ``-FU``.
    nct_mentions, number_mentions : tuple of Mention
    citations : tuple of Citation
    products : ProductNames
    """

    nct_id: str
    aliases: tuple[str, ...] = ()
    sponsor: str = ""
    parties: frozenset[str] = frozenset()
    conditions: frozenset[str] = frozenset()
    wider_conditions: frozenset[str] = frozenset()
    countries: frozenset[str] = frozenset()
    study_type: str = ""
    phases: frozenset[int] = frozenset()
    start: str = ""
    status: str = ""
    enrollment: int | None = None
    minimum_age_days: float | None = None
    maximum_age_days: float | None = None
    brief_title: str = ""
    official_title: str = ""
    acronym: str = ""
    follow_up: bool = False
    long_term: bool = False
    title_phases: frozenset[int] = frozenset()
    numbers: tuple[Number, ...] = ()
    parent_number: str = ""
    nct_mentions: tuple[Mention, ...] = ()
    number_mentions: tuple[Mention, ...] = ()
    citations: tuple[Citation, ...] = ()
    products: ProductNames = NO_PRODUCTS


def encode_key(key: RelationKey) -> bytes:
    """Return a key as JSON; equal keys give equal bytes, so that two builds do, too."""
    return msgspec.json.encode(key, order="deterministic")


def decode_key(raw: bytes) -> RelationKey:
    """Return the key that `encode_key` wrote."""
    return _DECODER.decode(raw)


_DECODER = msgspec.json.Decoder(RelationKey)
