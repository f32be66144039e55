"""`Kin`: one related trial, how alike it is, in what, and why."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Fact:
    """How two trials stand to each other in one respect.

    Attributes
    ----------
    facet : str
        One of `similarity.features.FACETS`.
    relation : {'same', 'akin', 'different', 'not stated'}
        ``akin`` means other values that share a wider concept.
    query, document : tuple of str
        The values of the query and of the related trial, as people read them; for ``same``
        both hold the shared values. Empty where a record does not say.
    """

    facet: str
    relation: str
    query: tuple[str, ...]
    document: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Kin:
    """A related trial.

    Attributes
    ----------
    nct_id : str
    score : float
        From 0 to 1, higher is closer; `similarity/models/*/README.md` says what it means.
    rank : int
        From 1.
    contributions : tuple of (str, float)
        What each facet adds; they sum to `score`.
    shared, differing : tuple of Fact
    reason : str
        One sentence.
    """

    nct_id: str
    score: float
    rank: int
    contributions: tuple[tuple[str, float], ...]
    shared: tuple[Fact, ...]
    differing: tuple[Fact, ...]
    reason: str
