"""Functions that queries may call, for what is not stored: likeness, words, subsumption.

pyoxigraph takes an exception in such a function for "no value", and the row silently drops
out. So every function keeps the first thing that goes wrong, and whoever runs the query asks
for it by `Functions.raise_error` before the answer goes out.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from functools import cached_property, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import pyoxigraph as ox

from kg.iris import TRIAL_BASE
from kg.record_schema import nct_id_of
from ontology.errors import QueryError
from ontology.vocabulary import SKOS, TK_BASE, XSD

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from kg.records import Records
    from similarity.index import KinIndex

_Function = Callable[..., Any]
_TRUE = ox.Literal("true", datatype=ox.NamedNode(XSD.boolean))
_FALSE = ox.Literal("false", datatype=ox.NamedNode(XSD.boolean))
_DECIMAL = ox.NamedNode(XSD.decimal)
_NCT_ID = ox.NamedNode(TK_BASE + "nctId")
_BROADER = ox.NamedNode(SKOS.broader)
_PAIRS_A_SCAN = 1_000
"""Comparing two trials takes as long as scoring about so many against one (3.4 ms)."""


class Signature(NamedTuple):
    """A function as users see it."""

    name: str
    arguments: tuple[str, ...]
    does: str

    @property
    def iri(self) -> str:
        """Its IRI, which stands in front of the brackets in a query."""
        return TK_BASE + self.name


SIGNATURES = (
    Signature(
        "similarity",
        ("trial", "trial"),
        "how alike two trials are, from 0 to 1: the score that kin are ranked by",
    ),
    Signature(
        "matches",
        ("trial", "words"),
        "whether the search finds the trial by these words",
    ),
    Signature(
        "within",
        ("concept", "concept"),
        "whether the first concept is the second or stands below it (skos:broader)",
    ),
)


class Functions:
    """The functions over one generation; everything is opened when first asked for.

    Not safe to share among threads.

    Parameters
    ----------
    graph : pyoxigraph.Store
    folder : Path
        The generation's.
    """

    def __init__(self, graph: ox.Store, folder: Path):
        self._graph, self._folder = graph, folder
        self._error: Exception | None = None
        self._asked: Counter[str] = Counter()
        self._found = lru_cache(16)(self._find)
        self._scores = lru_cache(64)(self._score_all)
        self._above = lru_cache(4096)(self._ancestors)
        self._checked = lru_cache(4096)(self._check_concept)
        self._is_trial = lru_cache(4096)(self._has_id)

    @property
    def table(self) -> Mapping[ox.NamedNode, _Function]:
        """The functions by IRI, as pyoxigraph takes them."""
        return {
            ox.NamedNode(signature.iri): self._kept(signature, getattr(self, signature.name))
            for signature in SIGNATURES
        }

    def begin(self) -> None:
        """Forget what went wrong in the query before."""
        self._error = None
        self._asked.clear()

    def raise_error(self) -> None:
        """Raise what went wrong since `begin`.

        Raises
        ------
        QueryError
        """
        if self._error is not None:
            raise QueryError(f"The query failed: {self._error}") from self._error

    def similarity(self, one: Any, other: Any) -> ox.Literal:
        """Return the score of two trials as an ``xsd:decimal`` of six places."""
        first, second = _trial("similarity", one), _trial("similarity", other)
        for nct_id in (first, second):
            if nct_id not in self._rows:
                raise QueryError(
                    f"tk:similarity was asked for {nct_id}, which is not in this graph."
                )
        # The score is the same both ways. One trial against many is the usual case: after a
        # few, it is held against all at once.
        for anchor, nct_id in ((second, first), (first, second)):
            self._asked[anchor] += 1
            if self._asked[anchor] > max(1, len(self._rows) // _PAIRS_A_SCAN):
                return _decimal(self._scores(anchor)[self._rows[nct_id]])
        return _decimal(self._index.explain(second, first).score)

    def matches(self, trial: Any, words: Any) -> ox.Literal:
        """Tell whether the search finds a trial by words."""
        nct_id = _trial("matches", trial)
        if not self._is_trial(trial):
            raise QueryError(f"tk:matches was asked for {nct_id}, which is not in this graph.")
        if not isinstance(words, ox.Literal):
            raise QueryError(f"tk:matches takes words as a string, not {words}.")
        return _TRUE if nct_id in self._found(words.value) else _FALSE

    def within(self, concept: Any, ancestor: Any) -> ox.Literal:
        """Tell whether a concept is another one or stands below it."""
        for term in (concept, ancestor):
            self._checked(term)
        return _TRUE if ancestor in self._above(concept) else _FALSE

    def _kept(self, signature: Signature, function: _Function) -> _Function:
        def call(*terms: Any) -> Any:
            if self._error is not None:
                return None
            try:
                if len(terms) != len(signature.arguments):
                    raise QueryError(
                        f"tk:{signature.name} takes {' and '.join(signature.arguments)}, "
                        f"{len(signature.arguments)} arguments, not {len(terms)}."
                    )
                return function(*terms)
            # Whatever it is, pyoxigraph would turn it into a row less.
            except Exception as error:
                self._error = error
                return None

        return call

    @cached_property
    def _index(self) -> KinIndex:
        from similarity.index import KinIndex

        return KinIndex.open(self._folder / "vectors")

    @cached_property
    def _rows(self) -> dict[str, int]:
        return {nct_id: row for row, nct_id in enumerate(self._index.nct_ids)}

    @cached_property
    def _records(self) -> Records:
        from kg.records import Records

        return Records(self._folder / "records.sqlite")

    def _score_all(self, nct_id: str) -> NDArray[np.float64]:
        return self._index.scores(nct_id)

    def _find(self, words: str) -> frozenset[str]:
        if not any(character.isalnum() for character in words):
            raise QueryError(f"tk:matches was given no words, but {words!r}.")
        return frozenset(map(nct_id_of, self._records.matching_numbers(words).tolist()))

    def _has_id(self, trial: ox.NamedNode) -> bool:
        return next(iter(self._graph.quads_for_pattern(trial, _NCT_ID, None)), None) is not None

    def _check_concept(self, term: Any) -> None:
        known = isinstance(term, ox.NamedNode) and any(
            next(iter(self._graph.quads_for_pattern(term, ox.NamedNode(name), None)), None)
            for name in (SKOS.prefLabel, SKOS.broader)
        )
        if not known:
            raise QueryError(f"tk:within takes concepts of this graph; {term} is none.")

    def _ancestors(self, concept: ox.NamedNode) -> frozenset[Any]:
        found, todo = {concept}, [concept]
        while todo:
            for quad in self._graph.quads_for_pattern(todo.pop(), _BROADER, None):
                above = quad.object
                if isinstance(above, ox.NamedNode) and above not in found:
                    found.add(above)
                    todo.append(above)
        return frozenset(found)


def _trial(function: str, term: Any) -> str:
    if isinstance(term, ox.NamedNode) and term.value.startswith(TRIAL_BASE):
        nct_id = term.value.removeprefix(TRIAL_BASE)
        if nct_id.isalnum():
            return nct_id
    raise QueryError(f"tk:{function} takes trials of this graph; {str(term)[:200]} is none.")


def _decimal(value: float) -> ox.Literal:
    shown = f"{value:.6f}".rstrip("0").rstrip(".")
    return ox.Literal(shown, datatype=_DECIMAL)
