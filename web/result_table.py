"""Answers of queries as tables: what a cell shows, and where it leads."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any

import pyoxigraph as ox
from flask import url_for

from kg.sparql.formats import json_term
from ontology.schemes import SCHEME_NAMES
from ontology.vocabulary import CONCEPT_BASE, PREFIXES, TK_BASE
from web.config import RESULT_CELL_CHARACTERS, RESULT_ROWS_SHOWN
from web.presentation import shortened, trial_id_of

NUMBER_TYPES = frozenset(
    f"xsd:{name}"
    for name in ("integer", "decimal", "double", "float", "int", "long", "nonNegativeInteger")
)
_TRIPLE_COLUMNS = ("subject", "predicate", "object")


@dataclass(frozen=True, slots=True)
class Cell:
    """One value of a result as a page shows it.

    `kind` is ``uri``, ``bnode``, ``literal``, ``triple`` or empty; `note` is the language or
    the datatype of a literal; `page` where it is explained here.
    """

    text: str
    kind: str = ""
    iri: str | None = None
    nct_id: str | None = None
    note: str | None = None
    page: str | None = None

    @property
    def is_number(self) -> bool:
        """Whether it is a literal of a type of numbers."""
        return self.note in NUMBER_TYPES


@dataclass(frozen=True, slots=True)
class ResultTable:
    """An answer as rows.

    Attributes
    ----------
    variables : tuple of str
    rows : tuple of tuple of Cell
    triples : bool
        Whether the rows are the triples of a graph.
    """

    variables: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    triples: bool = False

    @property
    def shown(self) -> tuple[tuple[Cell, ...], ...]:
        """The rows that a page shows."""
        return self.rows[:RESULT_ROWS_SHOWN]

    @property
    def ends(self) -> tuple[int, int] | None:
        """The two columns whose IRIs can be drawn as a graph, None if there are none."""
        if self.triples:
            return 0, 2
        named = [
            place
            for place in range(len(self.variables))
            if any(row[place].iri is not None for row in self.shown)
        ]
        return (named[0], named[1]) if len(named) > 1 else None


def table_of_rows(said: Mapping[str, Any]) -> ResultTable:
    """Return the table of a SELECT answer in the JSON results format."""
    variables = tuple(said["head"]["vars"])
    rows = tuple(
        tuple(_cell(row.get(name)) for name in variables) for row in said["results"]["bindings"]
    )
    return ResultTable(variables, rows)


def table_of_triples(turtle: bytes) -> ResultTable:
    """Return the first triples of a graph as a table; what cannot be read is left out."""
    return ResultTable(
        _TRIPLE_COLUMNS, tuple(islice(_triples(turtle), RESULT_ROWS_SHOWN)), triples=True
    )


def compact(iri: str) -> str:
    """Return an IRI with the prefix of its namespace, or as it is.

    Examples
    --------
    >>> compact("https://w3id.org/trialkin/ontology#kin")
    'tk:kin'
    """
    fitting = [(len(base), name, base) for name, base in PREFIXES.items() if iri.startswith(base)]
    if not fitting:
        return iri
    length, name, _ = max(fitting)
    return f"{name}:{iri[length:]}"


def _triples(turtle: bytes) -> Iterator[tuple[Cell, ...]]:
    try:
        for quad in ox.parse(turtle, format=ox.RdfFormat.TURTLE):
            terms = (quad.subject, quad.predicate, quad.object)
            yield tuple(_cell(json_term(term)) for term in terms)
    except (SyntaxError, ValueError):
        return  # a graph that was cut at its limit ends in the middle


def _cell(term: Mapping[str, Any] | None) -> Cell:
    if term is None:
        return Cell("")
    kind = term["type"]
    if kind == "uri":
        iri = term["value"]
        nct_id = trial_id_of(iri)
        text = shortened(nct_id or compact(iri), RESULT_CELL_CHARACTERS)
        return Cell(text, kind, iri=iri, nct_id=nct_id, page=_page(iri, nct_id))
    if kind == "triple":
        parts = (_cell(term["value"][name]).text for name in _TRIPLE_COLUMNS)
        return Cell(shortened(f"<< {' '.join(parts)} >>", RESULT_CELL_CHARACTERS), kind)
    note = term.get("xml:lang")
    if note is None and "datatype" in term:
        note = compact(term["datatype"])
    text = f"_:{term['value']}" if kind == "bnode" else term["value"]
    return Cell(shortened(text, RESULT_CELL_CHARACTERS), kind, note=note)


def _page(iri: str, nct_id: str | None) -> str | None:
    """Return our own page about what an IRI names, if we have one."""
    if nct_id is not None:
        return url_for("pages.trial", nct_id=nct_id)
    if iri.startswith(CONCEPT_BASE):
        scheme, _, name = iri.removeprefix(CONCEPT_BASE).partition("/")
        if scheme in SCHEME_NAMES and name and "/" not in name:
            return url_for("concepts.concept", scheme=scheme, name=name)
    if iri.startswith(TK_BASE):
        return f"{url_for('ontology.ontology')}#{iri.removeprefix(TK_BASE)}"
    return None
