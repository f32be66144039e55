"""`Relation`: how one trial stands to another, what says so, and how far to trust it."""

from __future__ import annotations

from dataclasses import dataclass

RELATION_KINDS = (
    "extension_of",
    "predecessor_of",
    "re_registration_of",
    "same_programme",
    "same_product",
    "shares_publication",
    "mentions",
)
"""All kinds, the most telling first."""

SYMMETRIC_KINDS = frozenset({"same_programme", "same_product", "shares_publication"})
"""Kinds that hold in both directions; they are listed once, from the smaller NCT id."""


@dataclass(frozen=True, slots=True, order=True)
class RelationEvidence:
    """The words of one record that a relation leans on.

    Attributes
    ----------
    nct_id : str
        The record that holds the words: either of the two trials.
    path : str
        Where they stand, as in `kg.sections.Section.path`, or the path of another field such
        as ``org_study_id_info.id`` or ``references[2].pmid``.
    words : str
        The words or the value.
    start, end : int
        Their characters in the text at `path`.
    """

    nct_id: str
    path: str
    words: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Relation:
    """A typed relation; read it as "`from_nct_id` is `kind` `to_nct_id`".

    Attributes
    ----------
    from_nct_id, to_nct_id : str
        Never the same. Of a symmetric kind the smaller id stands first.
    kind : str
        One of `RELATION_KINDS`.
    evidence : tuple of RelationEvidence
        At least one.
    confidence : float
        0 to 1: what the rule is to be trusted, the best one if several found the relation.
    """

    from_nct_id: str
    to_nct_id: str
    kind: str
    evidence: tuple[RelationEvidence, ...]
    confidence: float
