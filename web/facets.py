"""Facets: by which values trials can be narrowed, and how many have each."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from kg.cards import StudyCard
from kg.cell_facts.model import CONCEPT_FIELDS
from kg.records import Records
from web.presentation import concept_label, words

NOT_STATED = "not_stated"
_BATCH = 5_000


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
    """

    name: str
    label: str
    extracted: bool
    values: Callable[[StudyCard], Iterable[str]]
    show: Callable[[str], str]


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
    Facet("condition", "Condition", False, lambda card: card.condition_labels, str),
    Facet("source", "Cell source", True, _fact("cell_sources"), _concept("cell_sources")),
    Facet("type", "Cell type", True, _fact("cell_types"), _concept("cell_types")),
    Facet("donor", "Donor", True, _fact("donor"), _concept("donor")),
    Facet("route", "Route", True, _fact("routes"), _concept("routes")),
    Facet("phase", "Phase", False, lambda card: card.phases, words),
    Facet("status", "Status", False, lambda card: _one(card.overall_status), words),
    Facet("country", "Country", False, lambda card: card.countries, str),
    Facet("started", "Start year", False, _year, str),
    Facet(
        "results", "Results posted", False, lambda card: ("yes" if card.has_results else "no",), str
    ),
)
"""In the order in which they are shown."""
FACET_NAMES = frozenset(facet.name for facet in FACETS)


class FacetIndex:
    """Which trials have which value of each facet, and what lists are sorted by.

    Held in memory: about 1 kB a trial.
    """

    def __init__(self) -> None:
        self.ids: dict[str, dict[str, set[str]]] = {facet.name: {} for facet in FACETS}
        """Facet -> value -> NCT ids."""
        self.all_ids: set[str] = set()
        self.updated: dict[str, str] = {}
        """NCT id -> date of the last update."""
        self.enrollment: dict[str, int] = {}

    @classmethod
    def of(cls, records: Records) -> FacetIndex:
        """Read the cards of all records."""
        index = cls()
        nct_ids = records.nct_ids()
        for start in range(0, len(nct_ids), _BATCH):
            for card in records.cards(nct_ids[start : start + _BATCH]).values():
                index.add(card)
        return index

    def add(self, card: StudyCard) -> None:
        """Add a trial."""
        self.all_ids.add(card.nct_id)
        self.updated[card.nct_id] = card.last_update_post_date or ""
        self.enrollment[card.nct_id] = (
            -1 if card.enrollment_count is None else card.enrollment_count
        )
        for facet in FACETS:
            held = self.ids[facet.name]
            for value in tuple(facet.values(card)) or (NOT_STATED,):
                held.setdefault(value, set()).add(card.nct_id)

    def narrowed(
        self,
        among: AbstractSet[str],
        chosen: Mapping[str, Sequence[str]],
        *,
        without: str | None = None,
    ) -> AbstractSet[str]:
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
        for name, values in chosen.items():
            if name != without:
                held = self.ids[name]
                among = among & set().union(*(held.get(value, set()) for value in values))
        return among

    def counts(self, name: str, among: AbstractSet[str] | None = None) -> list[tuple[str, int]]:
        """Return the values of a facet with how many trials have each, most frequent first."""
        held = self.ids[name]
        counted: Iterator[tuple[str, int]] = (
            (value, len(ids) if among is None else len(ids & among)) for value, ids in held.items()
        )
        return sorted(
            ((value, count) for value, count in counted if count), key=lambda v: (-v[1], v[0])
        )
