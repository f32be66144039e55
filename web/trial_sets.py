"""Sets and lists of trials by row number: four bytes a trial, and counted by the million."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from typing import overload

import numpy as np
from numpy.typing import NDArray

from kg.record_schema import nct_id_of, nct_number

Rows = NDArray[np.int32]
Mask = NDArray[np.bool_]


class Trials:
    """All trials of a generation in the order of their ids; a trial's row is its place there.

    Parameters
    ----------
    numbers : ndarray of int64, shape (trials,)
        Those of the NCT ids, ascending.
    """

    def __init__(self, numbers: NDArray[np.int64]):
        self.numbers = numbers

    def __len__(self) -> int:
        return len(self.numbers)

    def row(self, nct_id: object) -> int | None:
        """Return the row of a canonical NCT id; None if there is no such trial."""
        if not (isinstance(nct_id, str) and nct_id[3:].isascii() and nct_id[3:].isdecimal()):
            return None
        number = nct_number(nct_id)
        if nct_id_of(number) != nct_id or number > np.iinfo(np.int64).max:
            return None
        row = int(np.searchsorted(self.numbers, number))
        return row if row < len(self) and self.numbers[row] == number else None

    def rows_of_numbers(self, numbers: NDArray[np.int64]) -> Rows:
        """Return the rows of numbers of NCT ids that are all here, in the order given."""
        return np.searchsorted(self.numbers, numbers).astype(np.int32)

    def mask(self, rows: Rows) -> Mask:
        """Return for each trial whether its row is among some."""
        mask = np.zeros(len(self), dtype=np.bool_)
        mask[rows] = True
        return mask


class TrialSet(AbstractSet[str]):
    """A set of NCT ids, iterated in their order.

    Parameters
    ----------
    trials : Trials
    rows : ndarray of int32
        Ascending, each once.
    """

    __slots__ = ("_mask", "rows", "trials")

    def __init__(self, trials: Trials, rows: Rows):
        self.trials, self.rows = trials, rows
        self._mask: Mask | None = None

    @classmethod
    def of(cls, trials: Trials, nct_ids: Iterable[str]) -> TrialSet:
        """Return the set of those that there are."""
        if isinstance(nct_ids, TrialSet) and nct_ids.trials is trials:
            return nct_ids
        found = {row for row in map(trials.row, nct_ids) if row is not None}
        return cls(trials, np.array(sorted(found), dtype=np.int32))

    @classmethod
    def where(cls, trials: Trials, mask: Mask) -> TrialSet:
        """Return the set of the trials that a mask marks."""
        return cls(trials, np.flatnonzero(mask).astype(np.int32))

    @classmethod
    def _from_iterable(cls, nct_ids: Iterable[str]) -> AbstractSet[str]:  # type: ignore[override]
        return frozenset(nct_ids)  # of sets that hold what is no trial here

    @property
    def mask(self) -> Mask:
        """For each trial, whether it is in the set; made once, not to be changed."""
        if self._mask is None:
            self._mask = self.trials.mask(self.rows)
        return self._mask

    def __contains__(self, nct_id: object) -> bool:
        row = self.trials.row(nct_id)
        if row is None:
            return False
        place = int(np.searchsorted(self.rows, row))
        return place < len(self.rows) and int(self.rows[place]) == row

    def __iter__(self) -> Iterator[str]:
        return map(nct_id_of, self.trials.numbers[self.rows].tolist())

    def __len__(self) -> int:
        return len(self.rows)

    def __hash__(self) -> int:
        return self._hash()

    def __and__(self, other: AbstractSet[object]) -> TrialSet:
        if not isinstance(other, TrialSet):
            other = TrialSet.of(self.trials, (one for one in other if isinstance(one, str)))
        few, many = sorted((self, other), key=len)
        return TrialSet(self.trials, few.rows[many.mask[few.rows]])

    __rand__ = __and__

    def __sub__(self, other: AbstractSet[object]) -> TrialSet:
        if not isinstance(other, TrialSet):
            other = TrialSet.of(self.trials, (one for one in other if isinstance(one, str)))
        return TrialSet(self.trials, self.rows[~other.mask[self.rows]])


class TrialList(Sequence[str]):
    """NCT ids in an order, written when they are asked for.

    Parameters
    ----------
    trials : Trials
    rows : ndarray of int32
    """

    __slots__ = ("rows", "trials")

    def __init__(self, trials: Trials, rows: Rows):
        self.trials, self.rows = trials, rows

    @overload
    def __getitem__(self, place: int) -> str: ...
    @overload
    def __getitem__(self, place: slice) -> list[str]: ...
    def __getitem__(self, place: int | slice) -> str | list[str]:
        if isinstance(place, slice):
            return [nct_id_of(one) for one in self.trials.numbers[self.rows[place]].tolist()]
        return nct_id_of(int(self.trials.numbers[self.rows[place]]))

    def __len__(self) -> int:
        return len(self.rows)

    def __iter__(self) -> Iterator[str]:
        return iter(self[:])

    def __contains__(self, nct_id: object) -> bool:
        row = self.trials.row(nct_id)
        return row is not None and bool((self.rows == row).any())

    def index(self, nct_id: object, start: int = 0, stop: int | None = None) -> int:
        """Return the place of an NCT id.

        Raises
        ------
        ValueError
            If it is not in the list.
        """
        row = self.trials.row(nct_id)
        places = [] if row is None else np.flatnonzero(self.rows[start:stop] == row).tolist()
        if not places:
            raise ValueError(f"{nct_id} is not in the list")
        return start + int(places[0])
