"""`Kin`: one related trial, how alike it is, in what, and why."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

CLOSE_SCORE = 0.3
"""From this score on a trial counts as close kin.

Of judged trials that score less, about 4 in 100 were useful to the reader (grade 2 or 3); see the
model's card. A list that begins below it says that the corpus has nothing close, not that its
first trial is related.
"""


@dataclass(frozen=True, slots=True)
class Fact:
    """How two trials stand to each other in one respect.

    Attributes
    ----------
    facet : str
        One of `similarity.features.FACETS`.
    relation : {'same', 'akin', 'different', 'not stated'}
        ``akin`` means other values that share a near wider concept or are related, and doses
        that are about the same.
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


def has_close(kin: Sequence[Kin]) -> bool:
    """Tell whether a ranked list holds close kin at all (`CLOSE_SCORE`)."""
    return bool(kin) and kin[0].score >= CLOSE_SCORE
