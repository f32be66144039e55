"""`KinLists`: the closest trials of every trial, as two arrays beside an index."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ontology.errors import RecordError, StoreError, UnknownTrialError
from similarity.index_files import read_nct_ids, save_array
from similarity.kin import Kin

_ROWS_FILE, _SCORES_FILE = "kin_rows.npy", "kin_scores.npy"
_SPARE_ROWS_FILE, _SPARE_SCORES_FILE = "kin_spare_rows.npy", "kin_spare_scores.npy"

NOBODY, UNKNOWN = -1, -2
"""Places of a list without a member: where all others are in it already, and where others would
follow, of whom it is not known which."""


class KinLists:
    """The `k` closest trials of every trial.

    Attributes
    ----------
    nct_ids : tuple of str
        Sorted.
    rows : ndarray (n, k) of int32
        Places in `nct_ids`, the closest first; `NOBODY` where there are fewer than `k`.
    scores : ndarray (n, k) of float64
        0 where there is none.
    spare_rows, spare_scores : ndarray (n, spare)
        Those who follow, so that a list that loses a member need not be made anew; `UNKNOWN`
        where they have been used up.
    """

    def __init__(
        self,
        nct_ids: tuple[str, ...],
        rows: NDArray[np.int32],
        scores: NDArray[np.float64],
        spare: tuple[NDArray[np.int32], NDArray[np.float64]] | None = None,
    ) -> None:
        self.nct_ids, self.rows, self.scores = nct_ids, rows, scores
        self.spare_rows, self.spare_scores = (
            (rows[:, :0], scores[:, :0]) if spare is None else spare
        )

    @classmethod
    def empty(cls, nct_ids: tuple[str, ...], k: int, *, spare: int = 0) -> KinLists:
        """Return lists without members, to be filled by `put`.

        Raises
        ------
        RecordError
            If `k` is less than 1.
        """
        if k < 1:
            raise RecordError(f"Lists of {k} kin cannot be kept; keep at least one.")
        (rows, scores), spares = (
            (np.full((len(nct_ids), width), NOBODY, np.int32), np.zeros((len(nct_ids), width)))
            for width in (k, spare)
        )
        return cls(nct_ids, rows, scores, spares)

    @classmethod
    def open(cls, folder: Path) -> KinLists:
        """Open the lists that `write` put beside an index; they are mapped, not read.

        Raises
        ------
        StoreError
            If the folder holds no lists, or lists of other trials than its index.
        """
        try:
            rows, scores = _load(folder / _ROWS_FILE), _load(folder / _SCORES_FILE)
            spare = None
            if (folder / _SPARE_ROWS_FILE).exists():  # older lists have none
                spare = _load(folder / _SPARE_ROWS_FILE), _load(folder / _SPARE_SCORES_FILE)
        except (OSError, ValueError) as error:
            raise StoreError(f"{folder} holds no lists of kin ({error}); build again.") from None
        lists = cls(read_nct_ids(folder), rows, scores, spare)
        shape, spare_shape = (len(lists), lists.k), (len(lists), lists.spare)
        if any(array.shape != shape for array in (rows, scores)) or any(
            array.shape != spare_shape for array in (lists.spare_rows, lists.spare_scores)
        ):
            raise StoreError(f"{folder} holds kin of other trials than its index; build again.")
        return lists

    def write(self, folder: Path) -> None:
        """Write the lists into the folder of their index."""
        save_array(folder / _ROWS_FILE, self.rows)
        save_array(folder / _SCORES_FILE, self.scores)
        save_array(folder / _SPARE_ROWS_FILE, self.spare_rows)
        save_array(folder / _SPARE_SCORES_FILE, self.spare_scores)

    @property
    def k(self) -> int:
        """The length of a list."""
        return int(self.rows.shape[1])

    def __len__(self) -> int:
        return len(self.nct_ids)

    @property
    def spare(self) -> int:
        """How many follow a list at most."""
        return int(self.spare_rows.shape[1])

    def put(self, nct_id: str, kin: Sequence[Kin]) -> None:
        """Set the list of one trial and those who follow; what goes beyond is left out.

        Raises
        ------
        UnknownTrialError
            If it or one of its kin is not among the trials.
        """
        row, k = self.row_of(nct_id), self.k
        for rows, scores, members in (
            (self.rows[row], self.scores[row], kin[:k]),
            (self.spare_rows[row], self.spare_scores[row], kin[k : k + self.spare]),
        ):
            rows[:], scores[:] = NOBODY, 0.0
            rows[: len(members)] = [self.row_of(one.nct_id) for one in members]
            scores[: len(members)] = [one.score for one in members]

    def of(self, nct_id: str) -> list[tuple[str, float]]:
        """Return the kin of one trial and their scores, the closest first.

        Raises
        ------
        UnknownTrialError
        """
        row = self.row_of(nct_id)
        return [
            (self.nct_ids[near], float(score))
            for near, score in zip(self.rows[row].tolist(), self.scores[row], strict=True)
            if near >= 0
        ]

    def row_of(self, nct_id: str) -> int:
        """Return the place of a trial.

        Raises
        ------
        UnknownTrialError
        """
        row = bisect_left(self.nct_ids, nct_id)
        if self.nct_ids[row : row + 1] != (nct_id,):
            raise UnknownTrialError(nct_id, ())
        return row


def _load(path: Path) -> NDArray[Any]:
    return np.asarray(np.load(path, mmap_mode="r", allow_pickle=False))
