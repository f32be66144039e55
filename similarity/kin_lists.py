"""`KinLists`: the closest trials of every trial, as two arrays beside an index."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ontology.errors import RecordError, StoreError, UnknownTrialError
from similarity.index_files import read_nct_ids, save_array
from similarity.kin import Kin

_ROWS_FILE, _SCORES_FILE = "kin_rows.npy", "kin_scores.npy"


class KinLists:
    """The `k` closest trials of every trial.

    Attributes
    ----------
    nct_ids : tuple of str
        Sorted.
    rows : ndarray (n, k) of int32
        Places in `nct_ids`, the closest first; -1 where there are fewer than `k`.
    scores : ndarray (n, k) of float64
        0 where there is none.
    """

    def __init__(
        self, nct_ids: tuple[str, ...], rows: NDArray[np.int32], scores: NDArray[np.float64]
    ) -> None:
        self.nct_ids, self.rows, self.scores = nct_ids, rows, scores

    @classmethod
    def empty(cls, nct_ids: tuple[str, ...], k: int) -> KinLists:
        """Return lists without members, to be filled by `put`.

        Raises
        ------
        RecordError
            If `k` is less than 1.
        """
        if k < 1:
            raise RecordError(f"Lists of {k} kin cannot be kept; keep at least one.")
        shape = (len(nct_ids), k)
        return cls(nct_ids, np.full(shape, -1, dtype=np.int32), np.zeros(shape))

    @classmethod
    def open(cls, folder: Path) -> KinLists:
        """Open the lists that `write` put beside an index; they are mapped, not read.

        Raises
        ------
        StoreError
            If the folder holds no lists, or lists of other trials than its index.
        """
        try:
            rows, scores = (
                np.asarray(np.load(folder / name, mmap_mode="r", allow_pickle=False))
                for name in (_ROWS_FILE, _SCORES_FILE)
            )
        except (OSError, ValueError) as error:
            raise StoreError(f"{folder} holds no lists of kin ({error}); build again.") from None
        nct_ids = read_nct_ids(folder)
        if rows.shape != scores.shape or len(rows) != len(nct_ids):
            raise StoreError(f"{folder} holds kin of other trials than its index; build again.")
        return cls(nct_ids, rows, scores)

    def write(self, folder: Path) -> None:
        """Write the lists into the folder of their index."""
        save_array(folder / _ROWS_FILE, self.rows)
        save_array(folder / _SCORES_FILE, self.scores)

    @property
    def k(self) -> int:
        """The length of a list."""
        return int(self.rows.shape[1])

    def __len__(self) -> int:
        return len(self.nct_ids)

    def put(self, nct_id: str, kin: Sequence[Kin]) -> None:
        """Set the list of one trial; what goes beyond `k` is left out.

        Raises
        ------
        UnknownTrialError
            If it or one of its kin is not among the trials.
        """
        row = self.row_of(nct_id)
        kept = kin[: self.k]
        self.set_row(row, [self.row_of(one.nct_id) for one in kept], [one.score for one in kept])

    def set_row(self, row: int, rows: Sequence[int], scores: Sequence[float]) -> None:
        """Set one list by the places of its trials."""
        self.rows[row], self.scores[row] = -1, 0.0
        self.rows[row, : len(rows)], self.scores[row, : len(rows)] = rows, scores

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
