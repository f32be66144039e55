"""The corpus at a glance: how many trials have which condition, source, route."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from ontology.hierarchy import load_hierarchy
from ontology.schemes import load_scheme
from web.facet_index import FacetIndex
from web.facets import FACETS, NOT_STATED, Facet
from web.neighbourhood import Neighbourhood, neighbourhood
from web.served import Served

BARS_SHOWN = 8
EXAMPLE_SEARCHES = (
    "umbilical cord systemic sclerosis",
    "graft versus host disease",
    "multiple sclerosis intrathecal",
    "knee osteoarthritis adipose",
    "exosomes",
)
"""Searches that show what the box takes: conditions, routes, sources, products."""
EXAMPLE_TRIAL = "NCT04356287"
"""The trial that the start page draws, where it is in the graph."""
_MOST_OF = 0.6
_PICTURES = ("condition", "source", "route", "phase")


@dataclass(frozen=True, slots=True)
class Bar:
    """One value in a picture; `width` is in percent of the longest."""

    label: str
    count: int
    width: float
    parameters: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Picture:
    """The most frequent values of one facet."""

    name: str
    label: str
    extracted: bool
    bars: tuple[Bar, ...]
    others: int
    not_stated: int
    silence: str
    not_stated_parameters: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Overview:
    """What the start page shows of the corpus."""

    conditions: int
    countries: int
    pictures: tuple[Picture, ...]
    example: Neighbourhood


@lru_cache(maxsize=1)
def overview(served: Served) -> Overview:
    """Count the corpus; a generation never changes, so once is enough."""
    index = served.facets
    pictures = []
    for facet in FACETS:
        if facet.name in _PICTURES:
            counts = index.counts(facet.name)
            stated = [
                (value, count)
                for value, count in counts
                if value != NOT_STATED and _tells(index, facet, value, count)
            ]
            shown = stated[:BARS_SHOWN]
            longest = max((count for _, count in shown), default=1)
            bars = tuple(
                Bar(facet.show(value), count, round(100 * count / longest, 1), {facet.name: value})
                for value, count in shown
            )
            pictures.append(
                Picture(
                    facet.name,
                    facet.label,
                    facet.extracted,
                    bars,
                    len(stated) - len(shown),
                    dict(counts).get(NOT_STATED, 0),
                    facet.silence,
                    {facet.name: NOT_STATED},
                )
            )
    # A graph without the usual example draws its first trial.
    example = EXAMPLE_TRIAL if EXAMPLE_TRIAL in index.all_ids else next(iter(index.all_ids))
    return Overview(
        len(index.own["condition"] - {NOT_STATED}),
        len(index.own["country"] - {NOT_STATED}),
        tuple(pictures),
        neighbourhood(served, example),
    )


def _tells(index: FacetIndex, facet: Facet, value: str, count: int) -> bool:
    """Tell whether a condition says what trials are about.

    "Autoimmune disease" alone does not, nor does one most of whose trials have one narrower.
    """
    name = facet.concept_name(value)
    if facet.scheme != "conditions" or name is None:
        return True
    held = index.ids[facet.name]
    return load_hierarchy("conditions").is_specific(name) and all(
        len(held.get(facet.value_of(below), ())) < _MOST_OF * count
        for below in load_scheme("conditions").narrower(name)
    )
