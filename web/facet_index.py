"""`FacetIndex`: which trials have which value of each facet, and what lists are sorted by."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet

import numpy as np
from numpy.typing import NDArray

from kg.cards import StudyCard
from kg.record_schema import nct_number
from similarity.ragged import positions, starts_of
from web.facets import FACETS, NOT_STATED, Bounds, Facet
from web.trial_sets import Rows, Trials, TrialSet

_FEW = 0.05
"""The share of all trials below which going by trial is quicker than going by value."""
ORDERS = ("updated", "started", "size")
"""What trials can be sorted by, the greatest first, beside their ids."""


class Held(Mapping[str, TrialSet]):
    """Value of a facet -> trials; those of a narrower concept count under the wider too.

    Parameters
    ----------
    trials : Trials
    rows_of : mapping
        Value -> rows, ascending.
    """

    def __init__(self, trials: Trials, rows_of: Mapping[str, Sequence[int]]):
        self._trials = trials
        self._places = {value: place for place, value in enumerate(rows_of)}
        self._sizes = np.array([len(rows) for rows in rows_of.values()], dtype=np.int64)
        self._ends = np.cumsum(self._sizes)
        self._rows = np.empty(int(self._sizes.sum()), dtype=np.int32)
        for place, rows in enumerate(rows_of.values()):
            self._rows[self._ends[place] - len(rows) : self._ends[place]] = rows
        places = np.arange(len(rows_of), dtype=np.min_scalar_type(len(rows_of)))
        # The same by trial: the places of the values of each.
        self._values = np.repeat(places, self._sizes)[np.argsort(self._rows, kind="stable")]
        self._starts = starts_of(np.bincount(self._rows, minlength=len(trials)))

    def __getitem__(self, value: str) -> TrialSet:
        place = self._places[value]
        end = int(self._ends[place])
        return TrialSet(self._trials, self._rows[end - int(self._sizes[place]) : end])

    def __contains__(self, value: object) -> bool:
        return value in self._places

    def __iter__(self) -> Iterator[str]:
        return iter(self._places)

    def __len__(self) -> int:
        return len(self._places)

    def counts(self, among: TrialSet | None = None) -> NDArray[np.int64]:
        """Return for each value how many trials have it, of all or of some."""
        if among is None or not len(self):
            return self._sizes
        if len(among) < _FEW * len(self._trials):
            there, _ = positions(self._starts, among.rows.astype(np.int64))
            return np.bincount(self._values[there], minlength=len(self))
        # Every value has a trial, so no two begin at one place.
        starts = self._ends - self._sizes
        return np.add.reduceat(among.mask[self._rows], starts, dtype=np.int64)


class Column(Mapping[str, int]):
    """NCT id -> a number of it."""

    def __init__(self, trials: Trials, values: NDArray[np.int32]):
        self._trials, self.numbers = trials, values

    def __getitem__(self, nct_id: str) -> int:
        row = self._trials.row(nct_id)
        if row is None:
            raise KeyError(nct_id)
        return int(self.numbers[row])

    def __iter__(self) -> Iterator[str]:
        return iter(TrialSet(self._trials, np.arange(len(self._trials), dtype=np.int32)))

    def __len__(self) -> int:
        return len(self.numbers)


class FacetIndex:
    """Which trials have which value of each facet, and what lists are sorted by.

    Held in memory: some 150 bytes a trial. Of a few trials the values of each are counted; of
    many, whether each trial of each value is among them.

    Parameters
    ----------
    cards : iterable of StudyCard
        Of all trials, in the order of their ids.

    Attributes
    ----------
    trials : Trials
    ids : dict
        Facet -> value -> trials.
    own : dict
        Facet -> values that some trial has itself, not by a narrower one.
    all_ids : TrialSet
    updated : Column
        Place of the date of the last update among all such dates.
    enrollment : Column
        Participants, -1 where not stated.
    started : Column
        Start year, -1 where not stated.
    """

    def __init__(self, cards: Iterable[StudyCard]):
        numbers, started, enrollment = array("q"), array("i"), array("i")
        updated: list[str] = []
        rows_of: dict[str, dict[str, array[int]]] = {facet.name: {} for facet in FACETS}
        self.own: dict[str, set[str]] = {facet.name: set() for facet in FACETS}
        wider = {facet.name: _Wider(facet) for facet in FACETS}
        for row, card in enumerate(cards):
            numbers.append(nct_number(card.nct_id))
            updated.append(card.last_update_post_date or "")
            count = card.enrollment_count
            enrollment.append(-1 if count is None else min(count, 2**31 - 1))
            year = (card.start_date or "")[:4]
            started.append(int(year) if year.isascii() and year.isdecimal() else -1)
            for facet in FACETS:
                held, own = rows_of[facet.name], self.own[facet.name]
                values = tuple(facet.values(card)) or (NOT_STATED,)
                own.update(values)
                for value in wider[facet.name].with_wider(values):
                    if value not in held:
                        held[value] = array("i")
                    held[value].append(row)
        self.trials = Trials(np.array(numbers, dtype=np.int64))
        self.ids = {name: Held(self.trials, rows) for name, rows in rows_of.items()}
        self.all_ids = TrialSet(self.trials, np.arange(len(self.trials), dtype=np.int32))
        dates = {date: place for place, date in enumerate(sorted(set(updated)))}
        places = np.fromiter((dates[one] for one in updated), dtype=np.int32, count=len(updated))
        self.updated = Column(self.trials, places)
        self.enrollment = Column(self.trials, np.array(enrollment, dtype=np.int32))
        self.started = Column(self.trials, np.array(started, dtype=np.int32))
        self._orders: dict[tuple[str, bool], Rows] = {}

    def column(self, order: str) -> Column:
        """Return what one of `ORDERS` sorts by."""
        columns = (self.updated, self.started, self.enrollment)
        return dict(zip(ORDERS, columns, strict=True))[order]

    def narrowed(
        self,
        among: AbstractSet[str],
        chosen: Mapping[str, Sequence[str]],
        *,
        without: str | None = None,
    ) -> TrialSet:
        """Return those of `among` that have one of the chosen values of every facet chosen.

        Parameters
        ----------
        among : set of str
            NCT ids.
        chosen : mapping
            Facet name -> values.
        without : str, optional
            A facet whose choice is left out, so that its other values can be offered.
        """
        found = TrialSet.of(self.trials, among)
        for name, values in chosen.items():
            if name != without:
                held = self.ids[name]
                mask = np.zeros(len(self.trials), dtype=np.bool_)
                for value in values:
                    if value in held:
                        mask[held[value].rows] = True
                found = TrialSet(self.trials, found.rows[mask[found.rows]])
        return found

    def within(self, among: AbstractSet[str], ranges: Mapping[str, Bounds]) -> TrialSet:
        """Return those of `among` whose numbers lie in the ranges; "not stated" lies in none.

        Parameters
        ----------
        among : set of str
        ranges : mapping
            Of `web.facets.RANGES`; one with no bound at all is left out.
        """
        rows = TrialSet.of(self.trials, among).rows
        for name, (least, most) in ranges.items():
            values = (self.enrollment if name == "n" else self.started).numbers
            rows = rows[values[rows] >= (0 if least is None else least)]
            if most is not None:
                rows = rows[values[rows] <= most]
        return TrialSet(self.trials, rows)

    def counts(self, name: str, among: AbstractSet[str] | None = None) -> list[tuple[str, int]]:
        """Return the values of a facet with how many trials have each, most frequent first."""
        held = self.ids[name]
        found = None if among is None else TrialSet.of(self.trials, among)
        if found is not None and len(found) == len(self.trials):
            found = None
        counted = zip(held, held.counts(found).tolist(), strict=True)
        return sorted(
            ((value, count) for value, count in counted if count), key=lambda v: (-v[1], v[0])
        )

    def in_order(self, found: TrialSet, by: str, *, last_first: bool = False) -> Rows:
        """Return the rows of a set, those with the greatest number first.

        Parameters
        ----------
        found : TrialSet
        by : str
            One of `ORDERS`, or ``id`` for the order of ids alone.
        last_first : bool
            Whether of those with one number the last id comes first, else the first.
        """
        if by not in ORDERS:
            return found.rows[::-1] if last_first else found.rows
        key = (by, last_first)
        if key not in self._orders:
            values = self.column(by).numbers
            if last_first:
                self._orders[key] = np.argsort(values, kind="stable")[::-1].astype(np.int32)
            else:
                self._orders[key] = np.argsort(-values, kind="stable").astype(np.int32)
        order = self._orders[key]
        return order[found.mask[order]]


class _Wider:
    """Values of one facet with all that are wider, each looked up once."""

    def __init__(self, facet: Facet):
        self._facet = facet
        self._known: dict[str, tuple[str, ...]] = {}

    def with_wider(self, values: tuple[str, ...]) -> Iterable[str]:
        if self._facet.scheme is None:
            return dict.fromkeys(values)
        found: dict[str, None] = {}
        for value in values:
            if value not in self._known:
                self._known[value] = (value, *self._facet.wider(value))
            found |= dict.fromkeys(self._known[value])
        return found
