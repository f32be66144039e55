"""Candidates: the few hundred trials, among very many, that are worth an exact score."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from similarity.bags import Sharing
from similarity.cells import VectorCells, trial_numbers
from similarity.concepts import ConceptSets
from similarity.features import CONCEPT_FACETS, CONCEPT_FEATURES, EncodedProfile
from similarity.index_parts import IndexParts
from similarity.ragged import joined, positions, starts_of
from similarity.ranking import Ranked, closest

EXACT_TRIALS = 15_000
"""Up to so many trials each is compared with every other; beyond, with its candidates.

Of 100,000 trials, exact lists cost 57 ms of processor each, which is a share of all trials, and
lists from candidates 4 ms."""
NEAREST_TEXTS, NEAREST_WORDS, NEAREST_CONCEPTS = 250, 100, 200
_WORD_TRIALS = 25_000
"""A trial's rarest words are looked up, until so many mentions were read: of 20,000 trials' lists
as much is found (0.993) as with eight times as many, in half the time."""
_LOOKED_UP = ("condition", "cell_source")
_AKIN = 0.55
"""Concepts at least so alike bring each other's trials."""
_CONCEPT_TRIALS = 5_000
"""Of more trials that share a concept, those with the same rare words are looked at."""


@dataclass(frozen=True, slots=True)
class LinkReport:
    """How kin were looked for.

    Attributes
    ----------
    exact : bool
        Whether every trial was compared with every other.
    candidates : int
        Else: how many trials were compared with one, on average.
    recall : float
        Share of the trials in exact lists that are in the lists made of candidates.
    sample : int
        Trials whose lists were compared for that.
    """

    exact: bool
    candidates: int
    recall: float
    sample: int

    def counts(self) -> dict[str, int]:
        """Return the figures as whole numbers, as manifests hold them."""
        return {
            "kin_candidates": self.candidates,
            "kin_recall_per_mille": int(self.recall * 1000),
            "kin_recall_sample": self.sample,
        }


class CandidateSearch:
    """Looks for candidates by texts, by rare words and by conditions with cell facts."""

    def __init__(self, parts: IndexParts, cells: VectorCells) -> None:
        self._parts, self._cells = parts, cells
        self._numbers = trial_numbers(parts.nct_ids)  # rising, as the ids do
        self._holders = {
            key: _Holders(parts.table.concepts[key])
            for key in (CONCEPT_FACETS[facet] for facet in _LOOKED_UP)
        }
        concept_features = {
            f"{facet}.{kind}" for facet in CONCEPT_FACETS for kind in CONCEPT_FEATURES
        }
        self._terms = [
            term for term in parts.fusion.terms if concept_features.issuperset(term.features)
        ]

    def by_texts(self, rows: NDArray[np.int64]) -> list[NDArray[np.int64]]:
        """Return the numbers of the trials whose texts are closest to those of some rows."""
        table, fusion = self._parts.table, self._parts.fusion
        return self._cells.search(table, rows, fusion, NEAREST_TEXTS)

    def rows(self, encoded: EncodedProfile, by_texts: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return the rows of candidates, rising; the trial itself may be among them.

        `by_texts` is what the method of that name gave of the trial.
        """
        by_words = self._parts.table.words.sharing(encoded.words, _WORD_TRIALS)
        found = [
            np.searchsorted(self._numbers, by_texts),
            by_words.rows[_largest(by_words.cosines, NEAREST_WORDS)],
            self._by_concepts(encoded, by_words),
        ]
        return self._union(found)

    def _union(self, found: Sequence[NDArray[np.integer[Any]]]) -> NDArray[np.int64]:
        # Marks on all trials: sorting what was found takes many times as long.
        marked = np.zeros(len(self._parts.nct_ids), dtype=bool)
        for rows in found:
            marked[rows] = True
        return np.flatnonzero(marked)

    def _by_concepts(self, encoded: EncodedProfile, by_words: Sharing) -> NDArray[np.int64]:
        rows = self._union(
            [holders.rows(encoded.concepts[key], _AKIN) for key, holders in self._holders.items()]
        )
        if len(rows) > _CONCEPT_TRIALS:
            rows = _nearest(rows, by_words, _CONCEPT_TRIALS)
        if len(rows) == 0:
            return rows
        features = self._parts.table.compare(encoded, rows)
        # Words tell the many trials of one disease apart.
        score = by_words.of(rows)
        for term in self._terms:
            score += term.weight * self._parts.fusion.term_values(term.features, features)
        return rows[_largest(score, NEAREST_CONCEPTS)]


class _Holders:
    """Which trials hold which concept of a facet."""

    def __init__(self, sets: ConceptSets) -> None:
        self._table = sets.table
        at, lengths = positions(sets.starts, sets.which.astype(np.int64))
        codes = sets.codes[at]
        trials = np.repeat(np.arange(len(sets.which), dtype=np.int32), lengths)
        self._trials = trials[np.argsort(codes, kind="stable")]
        number = len(self._table.likeness)
        self._starts = starts_of(np.bincount(codes, minlength=number).astype(np.int64))

    def rows(self, query: Sequence[int], least: float) -> NDArray[np.int32]:
        """Return the trials with a concept at least so like one of the query's, some repeated."""
        if not query:
            return self._trials[:0]
        likeness = self._table.likeness[np.asarray(query, dtype=np.int64)].max(axis=0)
        akin = np.flatnonzero(likeness.astype(np.float64) >= least)
        return joined(self._trials, self._starts[akin], self._starts[akin + 1])


def measure_recall(
    drawn: Sequence[int],
    exact: Callable[[int], Ranked],
    near: Callable[[int], Ranked],
    *,
    k: int,
) -> LinkReport:
    """Compare lists made of candidates with exact ones, for some trials.

    Parameters
    ----------
    drawn : sequence of int
        Their rows.
    exact, near : callable
        Row -> all trials scored, and the candidates.
    k : int
        Length of the lists.
    """
    wanted = found = candidates = 0
    for row in drawn:
        scored = near(row)
        candidates += len(scored.rows)
        every = closest(exact(row), k, without=row).rows
        wanted += len(every)
        found += len(np.intersect1d(every, closest(scored, k, without=row).rows))
    return LinkReport(
        exact=False,
        candidates=round(candidates / max(1, len(drawn))),
        recall=found / wanted if wanted else 1.0,
        sample=len(drawn),
    )


def _nearest(rows: NDArray[np.int64], by_words: Sharing, number: int) -> NDArray[np.int64]:
    """Return the rows that are most like by words, of equal ones the first; rising, as given."""
    sharing = by_words.held.take(rows)
    ranked, others = np.flatnonzero(sharing), np.flatnonzero(~sharing)
    if len(ranked) > number:
        ranked = ranked[_largest(by_words.of(rows[ranked]), number)]
    chosen = np.concatenate([ranked, others[: number - len(ranked)]])
    return rows.take(np.sort(chosen))


def _largest(scores: NDArray[np.float64], number: int) -> NDArray[np.int64]:
    """Return the places of the largest scores, of equal ones the first."""
    if len(scores) <= number:
        return np.arange(len(scores))
    least = np.partition(scores, len(scores) - number)[len(scores) - number]
    above, level = np.flatnonzero(scores > least), np.flatnonzero(scores == least)
    return np.concatenate([above, level[: number - len(above)]])
