"""Facets: by which values trials can be narrowed, and how many have each."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cache

from kg.cards import StudyCard
from kg.cell_facts.model import CONCEPT_FIELDS
from ontology.schemes import load_scheme
from web.labels import concept_label
from web.presentation import NOT_STATED as NOT_STATED_WORDS
from web.presentation import phase_words, words

NOT_STATED = "not_stated"
Bounds = tuple[int | None, int | None]
"""The least and the most of a range, both counted in; None for no bound."""


@dataclass(frozen=True, slots=True)
class Facet:
    """One way to narrow a search.

    Attributes
    ----------
    name : str
        As in addresses.
    label : str
        As on pages.
    extracted : bool
        Whether the values were read from the text, not registered.
    values : callable
        Card -> the trial's values; none stands for "not stated".
    show : callable
        Value -> what people read.
    scheme : str or None
        The concept scheme that the values are of. A trial counts under the wider concepts of its
        own too: whoever asks for autoimmune diseases wants systemic sclerosis as well.
    silence : str
        What people read where a trial has no value.
    """

    name: str
    label: str
    extracted: bool
    values: Callable[[StudyCard], Iterable[str]]
    show: Callable[[str], str]
    scheme: str | None = None
    silence: str = NOT_STATED_WORDS

    def said(self, value: str) -> str:
        """Return what people read of a value, or of there being none."""
        return self.silence if value == NOT_STATED else self.show(value)

    def wider(self, value: str) -> tuple[str, ...]:
        """Return the values above one, nearest first."""
        name = None if self.scheme is None else self.concept_name(value)
        if self.scheme is None or name is None:
            return ()
        return tuple(self.value_of(above) for above in load_scheme(self.scheme).ancestors(name))

    def parents(self, value: str) -> tuple[str, ...]:
        """Return the values right above one."""
        name = None if self.scheme is None else self.concept_name(value)
        if self.scheme is None or name is None:
            return ()
        return tuple(self.value_of(above) for above in load_scheme(self.scheme)[name].broader)

    def concept_name(self, value: str) -> str | None:
        """Return the name of the concept that a value stands for, None if it is of no scheme."""
        if self.scheme is None:
            return None
        if self.scheme == "conditions":
            return _condition_names().get(value)
        return value if value in load_scheme(self.scheme) else None

    def value_of(self, concept_name: str) -> str:
        """Return the value that stands for a concept: conditions go by their labels."""
        if self.scheme == "conditions":
            return load_scheme("conditions")[concept_name].pref_label
        return concept_name


@cache
def _condition_names() -> Mapping[str, str]:
    """Return label -> name; labels of conditions beyond the scheme are MeSH terms."""
    return {one.pref_label: one.name for one in load_scheme("conditions").concepts.values()}


def _fact(field: str) -> Callable[[StudyCard], Iterable[str]]:
    return lambda card: [str(value) for value in card.facts.get(field, [])]


def _concept(field: str) -> Callable[[str], str]:
    scheme = CONCEPT_FIELDS[field]
    return lambda value: concept_label(scheme, value)


def _one(value: str | None) -> Iterable[str]:
    return () if value is None else (value,)


def _year(card: StudyCard) -> Iterable[str]:
    return () if card.start_date is None else (card.start_date[:4],)


FACETS = (
    # Every record names conditions; it is the terms that do not know some of them.
    Facet(
        "condition", "Condition", False, lambda card: card.condition_labels, str, "conditions",
        "none matched",
    ),
    Facet(
        "source", "Cell source", True, _fact("cell_sources"), _concept("cell_sources"),
        "cell_sources",
    ),
    Facet("type", "Cell type", True, _fact("cell_types"), _concept("cell_types"), "cell_types"),
    Facet("donor", "Donor", True, _fact("donor"), _concept("donor"), "donors"),
    Facet("route", "Route", True, _fact("routes"), _concept("routes"), "routes"),
    Facet("phase", "Phase", False, lambda card: card.phases, lambda value: phase_words((value,))),
    Facet("status", "Status", False, lambda card: _one(card.overall_status), words),
    Facet("kind", "Study type", False, lambda card: _one(card.study_type), words),
    Facet("country", "Country", False, lambda card: card.countries, str),
    Facet("started", "Start year", False, _year, str),
    Facet(
        "results", "Results posted", False, lambda card: ("yes" if card.has_results else "no",), str
    ),
)  # fmt: skip
"""In the order in which they are shown."""
FACET_OF = {facet.name: facet for facet in FACETS}
FACET_OF_SCHEME = {facet.scheme: facet for facet in FACETS if facet.scheme is not None}
RANGES = {"n": "Participants", "year": "Start year"}
"""What can be narrowed by a least and a most: name in addresses -> name on pages."""
