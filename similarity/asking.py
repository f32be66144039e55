"""Other ways to ask: a free text, several trials together, chosen trials only, a varied list."""

from __future__ import annotations

import re
from collections.abc import Collection, Container, Mapping, Sequence
from dataclasses import replace

import numpy as np

from ontology.errors import RecordError
from similarity.index import KinIndex
from similarity.kin import Kin
from similarity.lexical import words
from similarity.model import KinModel
from similarity.profile import Profile

LARGEST_TEXT_CHARS = 1_000_000
"""A longer free text is refused: it is a book, not a synopsis."""
LEAST_KNOWN_SHARE = 0.6
"""Of a text's words, how many must be known from English trial texts; half as many in a few
words, which may be names of products."""
_FEW_WORDS = 8
_TITLE_CHARS = 300
_SUMMARY_CHARS = 2_000
_CRITERIA = re.compile(
    r"^.{0,20}\b(?:eligibility|(?:inclusion|exclusion)\s+criteria)\b", re.IGNORECASE | re.MULTILINE
)


def text_profile(
    text: str,
    *,
    model: KinModel,
    name: str = "text",
    concepts: Mapping[str, tuple[str, ...]] | None = None,
) -> Profile:
    """Make a profile of a free text, such as a protocol synopsis.

    Parameters
    ----------
    text : str
        In English; its first line is read as a title.
    model : KinModel
        Whose words tell whether the text can be understood.
    name : str, optional
        What stands for the NCT id.
    concepts : mapping, optional
        Concept sets found in the text; conditions named in it are matched if not given.

    Raises
    ------
    RecordError
        If the text is empty, too long, or not in English.
    """
    plain = text.strip()
    if not plain:
        raise RecordError("The text is empty; give a title, a sentence or a synopsis.")
    if len(plain) > LARGEST_TEXT_CHARS:
        raise RecordError(
            f"The text has {len(plain):,} characters, more than {LARGEST_TEXT_CHARS:,}; "
            "give the synopsis, not the whole protocol."
        )
    _refuse_foreign(plain, model)
    title = plain.splitlines()[0][:_TITLE_CHARS]
    found = dict(concepts or {})
    labels: tuple[str, ...] = ()
    if "conditions" not in found:
        found["conditions"], labels = _conditions(title, plain)
    criteria = _CRITERIA.search(plain)
    body = plain if criteria is None or criteria.start() == 0 else plain[: criteria.start()]
    texts = {
        "title": title,
        "conditions": "; ".join(labels) or title,
        "interventions": body,
        "summary": body[:_SUMMARY_CHARS],
        "description": body,
        "eligibility": "" if criteria is None else plain[criteria.start() :],
    }
    return Profile(nct_id=name, texts=texts, concepts=found)


def _conditions(title: str, text: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the conditions that a text names, those of its title first."""
    from ontology.condition_matching import match_conditions

    for part in (title, text[:_SUMMARY_CHARS]):
        matches = [match for match in match_conditions((), titles=[part]) if match.concept]
        if matches:
            names = tuple(match.concept for match in matches if match.concept is not None)
            return names, tuple(match.text for match in matches)
    return (), ()


def _refuse_foreign(text: str, model: KinModel) -> None:
    tokens = set(words(text[:_SUMMARY_CHARS]))
    alphabetic = [token for token in tokens if token.isalpha()]
    known = sum(model.words.knows(token) for token in alphabetic)
    least = LEAST_KNOWN_SHARE if len(alphabetic) >= _FEW_WORDS else LEAST_KNOWN_SHARE / 2
    if not alphabetic or known < least * len(alphabetic):
        raise RecordError(
            f"Only {known} of {len(alphabetic)} different words are known from English trial "
            "records; give the text in English."
        )


def rank_together(
    index: KinIndex,
    nct_ids: Sequence[str],
    k: int = 10,
    *,
    weights: Mapping[str, float] | None = None,
    allowed: Container[str] | None = None,
) -> list[Kin]:
    """Return the trials that are closest to several trials at once.

    A trial's score is the mean of its scores against each; facts and reason are those against
    the closest of them.

    Raises
    ------
    UnknownTrialError
        If one of the trials is not in the index.
    RecordError
        If no trial is named, or a weight is not valid.
    """
    queries = list(dict.fromkeys(nct_ids))
    if not queries:
        raise RecordError("No trial is named; give one NCT id or more.")
    scores = [index.scores(query, weights=weights).tolist() for query in queries]
    number = len(queries)
    means = {
        nct_id: sum(by_query) / number
        for nct_id, *by_query in zip(index.nct_ids, *scores, strict=True)
        if nct_id not in queries and (allowed is None or nct_id in allowed)
    }
    best = sorted(means, key=lambda nct_id: (-round(means[nct_id], 6), nct_id))[: max(0, k)]
    chosen = frozenset(best)
    lists = [
        {kin.nct_id: kin for kin in index.rank(query, len(best), weights=weights, allowed=chosen)}
        for query in queries
    ]
    kin = []
    for rank, nct_id in enumerate(best, start=1):
        parts: dict[str, float] = {}
        for ranked in lists:
            for facet, value in ranked[nct_id].contributions:
                parts[facet] = parts.get(facet, 0.0) + value / number
        closest = max(range(number), key=lambda place: (lists[place][nct_id].score, -place))
        explained = lists[closest][nct_id]
        kin.append(
            Kin(
                nct_id=nct_id,
                score=means[nct_id],
                rank=rank,
                contributions=tuple(parts.items()),
                shared=explained.shared,
                differing=explained.differing,
                reason=explained.reason,
            )
        )
    return kin


def diversify(index: KinIndex, kin: Sequence[Kin], k: int, *, diversity: float = 0.3) -> list[Kin]:
    """Choose from a ranking trials that are close to the query and not much alike.

    Parameters
    ----------
    index : KinIndex
    kin : sequence of Kin
        More than `k` of them, best first.
    k : int
    diversity : float
        From 0 (the ranking as it is) to 1 (as unlike as can be).

    Returns
    -------
    list of Kin
        Ranked anew; scores stay as they were, so they need not fall.

    Notes
    -----
    Maximal marginal relevance: each next trial has the largest
    ``(1 - diversity) * score - diversity * likeness to the closest of those chosen``.

    Raises
    ------
    RecordError
        If `diversity` is not between 0 and 1.
    """
    if not 0 <= diversity <= 1:
        raise RecordError(f"The diversity is {diversity}; give a number from 0 to 1.")
    rows = {nct_id: row for row, nct_id in enumerate(index.nct_ids)}
    waiting = list(kin)
    closest = np.zeros(len(index))
    chosen: list[Kin] = []
    while waiting and len(chosen) < k:
        best = max(
            waiting,
            key=lambda one: (
                (1 - diversity) * one.score - diversity * closest[rows[one.nct_id]],
                -one.rank,
            ),
        )
        waiting.remove(best)
        chosen.append(replace(best, rank=len(chosen) + 1))
        closest = np.maximum(closest, index.scores(best.nct_id))
    return chosen


def choose_trials(
    index: KinIndex,
    *,
    phases: Collection[str] = (),
    countries: Collection[str] = (),
    concepts: Mapping[str, Collection[str]] | None = None,
) -> frozenset[str]:
    """Return the trials that have one of the values in every respect that is asked for.

    Parameters
    ----------
    index : KinIndex
    phases, countries : collection of str
        The registry's values, such as ``PHASE2``; empty for any.
    concepts : mapping, optional
        Concept set -> names, such as ``{"routes": {"intravenous"}}``.
    """
    wanted = {key: set(names) for key, names in (concepts or {}).items() if names}
    chosen = set()
    for nct_id in index.nct_ids:
        profile = index.profile(nct_id)
        fits = (not phases or not set(phases).isdisjoint(profile.design.phases)) and (
            not countries or not set(countries).isdisjoint(profile.design.countries)
        )
        if fits and all(
            not names.isdisjoint(profile.concept_names(key)) for key, names in wanted.items()
        ):
            chosen.add(nct_id)
    return frozenset(chosen)
