"""How much a concept says, and how alike two concepts are, from the scheme alone.

Information content is intrinsic: it depends on the scheme, never on how often concepts occur
in some set of trials, so that no new record moves any likeness.

Notes
-----
With N the number of concepts and a root above all top concepts, after [1]_::

    IC(c) = 1 - log(descendants(c) + 1) / log(N + 1)

It is 1 for a concept with nothing below it and 0 for the root. After [2]_, with m(a, b) the
common ancestor (or self) of most information::

    Lin(a, b) = 2 IC(m) / (IC(a) + IC(b)),   0 if only the root is common

References
----------
.. [1] Seco, Veale and Hayes, "An intrinsic information content metric for semantic similarity
   in WordNet", ECAI 2004, 1089-1090.
.. [2] Lin, "An information-theoretic definition of similarity", ICML 1998, 296-304.
"""

from __future__ import annotations

from functools import cache
from math import log
from typing import TYPE_CHECKING

from ontology.concepts import ConceptScheme
from ontology.errors import InvalidIdentifierError
from ontology.schemes import load_scheme

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

RELATED_LIKENESS = 0.6
"""How alike two related concepts are (`skos:related`), unless the hierarchy says more."""
SPECIFIC_CONTENT = 0.5
"""Information content above which a concept is specific (see `Hierarchy.is_specific`)."""


class Hierarchy:
    """Information content and likeness over one concept scheme.

    Parameters
    ----------
    scheme : ConceptScheme

    Examples
    --------
    >>> conditions = load_hierarchy("conditions")
    >>> conditions.lin("lupus_nephritis", "lupus_nephritis")
    1.0
    """

    def __init__(self, scheme: ConceptScheme) -> None:
        self.scheme = scheme
        whole = log(len(scheme) + 1)
        self._content: dict[str, float] = {}
        self._lineage: dict[str, frozenset[str]] = {}
        for name in scheme:
            below = len(scheme.descendants(name))
            self._content[name] = 1.0 - log(below + 1) / whole
            self._lineage[name] = frozenset((name, *scheme.ancestors(name)))
        self._common: dict[tuple[str, str], str | None] = {}
        self._likeness: dict[tuple[str, str], float] = {}

    def information_content(self, name: str) -> float:
        """Return how much a concept says, from 0 (everything is one) to 1 (nothing below it).

        Raises
        ------
        InvalidIdentifierError
            If the concept is not in the scheme.
        """
        content = self._content.get(name)
        if content is None:
            raise InvalidIdentifierError(
                f"{name!r} is no concept of the scheme {self.scheme.name}; take one of its names."
            )
        return content

    def is_specific(self, name: str) -> bool:
        """Tell whether a concept says enough to be the point of a trial.

        It does if it stands for fewer concepts than the square root of all (its information
        content is above `SPECIFIC_CONTENT`): "Crohn disease" does, "autoimmune disease" and
        "injury" do not.

        Raises
        ------
        InvalidIdentifierError
            If the concept is not in the scheme.
        """
        return self.information_content(name) > SPECIFIC_CONTENT

    def lowest_common_ancestor(self, one: str, other: str) -> str | None:
        """Return the concept of most information that is, or stands above, both; else None.

        Of several that say as much, the first by name is taken.

        Raises
        ------
        InvalidIdentifierError
            If a concept is not in the scheme.
        """
        pair = (one, other) if one <= other else (other, one)
        if pair not in self._common:
            for name in pair:
                self.information_content(name)
            shared = self._lineage[one] & self._lineage[other]
            self._common[pair] = min(
                shared, key=lambda name: (-self._content[name], name), default=None
            )
        return self._common[pair]

    def lin(self, one: str, other: str) -> float:
        """Return how alike two concepts are, from 0 to 1; a concept is 1 with itself.

        Raises
        ------
        InvalidIdentifierError
            If a concept is not in the scheme.
        """
        pair = (one, other) if one <= other else (other, one)
        likeness = self._likeness.get(pair)
        if likeness is None:
            common = self.lowest_common_ancestor(one, other)
            if one == other:
                likeness = 1.0
            elif common is None:
                likeness = 0.0
            else:
                total = self._content[one] + self._content[other]
                likeness = 2.0 * self._content[common] / total
            self._likeness[pair] = likeness
        return likeness

    def lin_matrix(self) -> NDArray[np.float32]:
        """Return the likeness of every concept with every other.

        Returns
        -------
        ndarray of shape (n_concepts, n_concepts), float32
            In the order of the scheme, symmetric, 1 on the diagonal. For work on many pairs:
            all of them take less time than a few thousand calls of `lin`.
        """
        import numpy as np  # costs 0.1 s, and most callers only want a few pairs

        names = list(self.scheme)
        place = {name: index for index, name in enumerate(names)}
        content = np.array([self._content[name] for name in names])
        best = np.zeros((len(names), len(names)))
        # From little to much information: what is written last is the most informative.
        for name in sorted(names, key=lambda name: self._content[name]):
            at = [place[below] for below in (name, *self.scheme.descendants(name))]
            best[np.ix_(at, at)] = self._content[name]
        total = content[:, None] + content[None, :]
        matrix = np.divide(2.0 * best, total, out=np.zeros_like(best), where=total > 0)
        np.fill_diagonal(matrix, 1.0)
        narrow: NDArray[np.float32] = matrix.astype(np.float32)
        return narrow

    def likeness_matrix(self) -> NDArray[np.float32]:
        """Return the likeness of every concept with every other, related ones counted in.

        Returns
        -------
        ndarray of shape (n_concepts, n_concepts), float32
            `lin_matrix`, raised to `RELATED_LIKENESS` where two concepts are related; for what
            is below them, times its likeness to the one above.
        """
        import numpy as np

        matrix = self.lin_matrix()
        lin = matrix.copy()
        names = list(self.scheme)
        place = {name: index for index, name in enumerate(names)}
        below = {name: [name, *self.scheme.descendants(name)] for name in names}
        for one in names:
            for other in self.scheme.related(one):
                ours = [place[name] for name in below[one]]
                theirs = [place[name] for name in below[other]]
                reach = np.outer(lin[ours, place[one]], lin[theirs, place[other]])
                at = np.ix_(ours, theirs)
                matrix[at] = np.maximum(matrix[at], np.float32(RELATED_LIKENESS) * reach)
        # Both directions are computed; rounding must not tell them apart.
        symmetric: NDArray[np.float32] = np.maximum(matrix, matrix.T)
        return symmetric


@cache
def load_hierarchy(name: str) -> Hierarchy:
    """Return the hierarchy of one of the shipped schemes; made once a process.

    Raises
    ------
    SchemeError
        If there is no such scheme, or its file is not well formed.
    """
    return Hierarchy(load_scheme(name))
