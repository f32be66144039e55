"""Candidates: the few hundred trials, among very many, that are worth an exact score."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from similarity.bags import Bag
from similarity.cells import VectorCells, trial_numbers
from similarity.concepts import ConceptSets
from similarity.features import CONCEPT_FACETS, EncodedProfile
from similarity.index_parts import IndexParts
from similarity.ragged import positions, starts_of
from similarity.ranking import Ranked, closest

EXACT_TRIALS = 15_000
"""Up to so many trials each is compared with every other; beyond, with its candidates.

Of 20,000 trials, exact lists cost 16 ms of processor each, lists from candidates 6.6 ms."""
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
            f"{facet}.{kind}"
            for facet in CONCEPT_FACETS
            for kind in ("best", "near", "mean", "unstated")
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
        by_words = self._word_scores(encoded.words)
        found = [
            np.searchsorted(self._numbers, by_texts),
            _largest(by_words, np.flatnonzero(by_words > 0), NEAREST_WORDS),
            self._by_concepts(encoded, by_words),
        ]
        return self._union(found)

    def _union(self, found: Sequence[NDArray[np.int64]]) -> NDArray[np.int64]:
        # Marks on all trials: sorting what was found takes many times as long.
        marked = np.zeros(len(self._parts.nct_ids), dtype=bool)
        for rows in found:
            marked[rows] = True
        return np.flatnonzero(marked)

    def _word_scores(self, bag: Bag) -> NDArray[np.float64]:
        """Return the likeness of every trial by the rarest shared words."""
        words = self._parts.table.words
        known, _, trials = words.spans(bag)
        order = np.argsort(trials, kind="stable")
        within = np.cumsum(trials[order]) <= _WORD_TRIALS
        known = np.sort(known[order[within]])
        return words.cosines((bag[0][known], bag[1][known]))

    def _by_concepts(
        self, encoded: EncodedProfile, by_words: NDArray[np.float64]
    ) -> NDArray[np.int64]:
        found = [
            holders.rows(encoded.concepts[key], _AKIN) for key, holders in self._holders.items()
        ]
        rows = self._union(found)
        if len(rows) > _CONCEPT_TRIALS:
            rows = np.sort(_largest(by_words, rows, _CONCEPT_TRIALS))
        if len(rows) == 0:
            return rows
        features = self._parts.table.compare_concepts(encoded, rows)
        # Words tell the many trials of one disease apart.
        score = by_words[rows].copy()
        for term in self._terms:
            score += term.weight * self._parts.fusion.term_values(term.features, features)
        return rows[_largest(score, np.arange(len(rows)), NEAREST_CONCEPTS)]


class _Holders:
    """The trials that hold a set of concepts, by set."""

    def __init__(self, sets: ConceptSets) -> None:
        self._sets = sets
        self._trials = np.argsort(sets.which, kind="stable")
        number = len(sets.starts) - 1
        self._starts = starts_of(np.bincount(sets.which, minlength=number).astype(np.int64))

    def rows(self, query: Sequence[int], least: float) -> NDArray[np.int64]:
        """Return the trials that have a concept at least so like one of the query's."""
        best, _, _ = self._sets.likeness_of_sets(query)
        at, _ = positions(self._starts, np.flatnonzero(best >= least))
        return self._trials[at]


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


def _largest(
    scores: NDArray[np.float64], rows: NDArray[np.int64], number: int
) -> NDArray[np.int64]:
    """Return the rows of the largest scores, of equal ones the first."""
    if len(rows) > number:
        least = np.partition(scores[rows], len(rows) - number)[len(rows) - number]
        above, level = rows[scores[rows] > least], rows[scores[rows] == least]
        rows = np.concatenate([above, level[: number - len(above)]])
    return rows
