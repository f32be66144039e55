"""Likeness of concepts by their place in a scheme, and of sets of concepts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from ontology.concepts import ConceptScheme


class ConceptTable:
    """How alike the concepts of one scheme are, each with each.

    Attributes
    ----------
    names : list of str
    likeness : ndarray (n, n) of float32
        1 for a concept with itself; 0 for two that share no wider concept.
    labels : list of str
        Preferred labels.
    """

    def __init__(
        self, names: Sequence[str], likeness: NDArray[np.float32], labels: Sequence[str]
    ) -> None:
        self.names, self.likeness, self.labels = list(names), likeness, list(labels)
        self.codes: Mapping[str, int] = {name: code for code, name in enumerate(self.names)}

    @classmethod
    def from_scheme(
        cls, scheme: ConceptScheme, akin: Iterable[tuple[str, str, float]] = ()
    ) -> ConceptTable:
        """Compare all concepts of a scheme by Lin's measure, see `ontology.hierarchy`.

        Parameters
        ----------
        scheme : ConceptScheme
        akin : iterable of (str, str, float)
            Pairs that are closer than the hierarchy says, with their likeness; names that the
            scheme lacks are passed over.
        """
        # Imported here: an index that is open already is ranked without a Turtle parser.
        from ontology.hierarchy import Hierarchy

        labels = [scheme[name].pref_label for name in scheme]
        table = cls(list(scheme), Hierarchy(scheme).lin_matrix(), labels)
        for one, other, likeness in akin:
            if one in table.codes and other in table.codes:
                pair = (table.codes[one], table.codes[other])
                for at in (pair, pair[::-1]):
                    table.likeness[at] = max(float(table.likeness[at]), likeness)
        return table

    def encode(self, names: Iterable[str]) -> list[int]:
        """Return the codes of names; those that the scheme lacks are left out."""
        return sorted(self.codes[name] for name in names if name in self.codes)


class ConceptSets:
    """The concept sets of many trials over one table."""

    def __init__(
        self, table: ConceptTable, starts: NDArray[np.int64], codes: NDArray[np.int32]
    ) -> None:
        self.table, self.starts, self.codes = table, starts, codes

    @classmethod
    def from_sets(cls, table: ConceptTable, sets: Sequence[Sequence[int]]) -> ConceptSets:
        """Put sets of codes together in order."""
        starts = np.zeros(len(sets) + 1, dtype=np.int64)
        np.cumsum([len(codes) for codes in sets], out=starts[1:])
        flat = [code for codes in sets for code in codes]
        return cls(table, starts, np.array(flat, dtype=np.int32))

    def row(self, index: int) -> list[int]:
        """Return the codes of one trial."""
        return [int(code) for code in self.codes[self.starts[index] : self.starts[index + 1]]]

    def likeness(
        self, query: Sequence[int], rows: NDArray[np.int64]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.bool_]]:
        """Compare one set with the sets of rows.

        Returns
        -------
        best : ndarray
            Likeness of the closest pair of concepts.
        mean : ndarray
            Mean over the concepts of both sets of the likeness to their closest counterpart,
            the two sets weighing the same.
        stated : ndarray of bool
            Whether both sets hold anything.
        """
        number = len(rows)
        sizes = self.starts[rows + 1] - self.starts[rows]
        stated = (sizes > 0) & (len(query) > 0)
        best, mean = np.zeros(number), np.zeros(number)
        if not stated.any():
            return best, mean, stated
        kept = rows[stated]
        lengths = sizes[stated]
        firsts = np.concatenate([[0], np.cumsum(lengths)[:-1]])
        offsets = np.arange(int(lengths.sum())) - np.repeat(firsts, lengths)
        flat = self.codes[np.repeat(self.starts[kept], lengths) + offsets]
        pairs = self.table.likeness[np.asarray(query, dtype=np.int64)][:, flat].astype(np.float64)
        closest = np.maximum.reduceat(pairs, firsts, axis=1)
        backward = np.add.reduceat(pairs.max(axis=0), firsts) / lengths
        # Added one by one, so that the order of summation is fixed.
        forward = np.zeros(len(kept))
        for row in closest:
            forward = forward + row
        best[stated] = closest.max(axis=0)
        mean[stated] = (forward / len(query) + backward) / 2
        return best, mean, stated
