"""Search: what an address asks for, and the trials, facets and pages that answer it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from werkzeug.datastructures import MultiDict

from kg.cards import StudyCard
from web.config import (
    FACET_VALUES_MOST,
    MAX_SEARCH_CHARACTERS,
    SEARCH_HITS,
    SEARCH_PAGE_SIZE,
)
from web.facets import FACETS, NOT_STATED, Facet
from web.presentation import NOT_STATED as NOT_STATED_WORDS
from web.served import Served

SORTS = {
    "best": "Best match",
    "updated": "Last update",
    "size": "Enrolment",
    "id": "NCT id",
}
"""Orders of the results, as in addresses and as on pages."""
CSV_COLUMNS = (
    "nct_id", "title", "acronym", "overall_status", "study_type", "phases", "enrollment_count",
    "conditions", "cell_sources", "cell_types", "donor", "routes", "lead_sponsor", "countries",
    "start_date", "last_update_post_date",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class SearchRequest:
    """What an address asks for."""

    words: str = ""
    chosen: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    sort: str = "best"
    page: int = 1

    @classmethod
    def of(cls, args: MultiDict[str, str]) -> SearchRequest:
        """Read the parameters of an address; what makes no sense there is left out."""
        page = args.get("page", "1")
        sort = args.get("sort", "best")
        chosen = {
            facet.name: tuple(dict.fromkeys(args.getlist(facet.name)))
            for facet in FACETS
            if facet.name in args
        }
        return cls(
            args.get("q", "").strip()[:MAX_SEARCH_CHARACTERS],
            chosen,
            sort if sort in SORTS else "best",
            # No more digits than any page has: int() of very long ones takes long or fails.
            max(1, int(page)) if page.isascii() and page.isdecimal() and len(page) < 9 else 1,
        )

    def parameters(self, **changed: Any) -> dict[str, Any]:
        """Return the parameters of the same search, or of a changed one, from its first page."""
        said: dict[str, Any] = {"q": self.words or None, **self.chosen}
        said["sort"] = None if self.sort == "best" else self.sort
        said.update(changed)
        if said.get("page") == 1:
            del said["page"]
        return {
            name: list(value) if isinstance(value, tuple) else value
            for name, value in said.items()
            if value
        }

    def toggled(self, facet: str, value: str) -> dict[str, Any]:
        """Return the parameters with a value chosen, or chosen no longer."""
        held = self.chosen.get(facet, ())
        now = tuple(one for one in held if one != value) if value in held else (*held, value)
        changed: dict[str, Any] = {facet: now}
        return self.parameters(**changed)


@dataclass(frozen=True, slots=True)
class FacetValue:
    """One value to narrow by, with the search that chooses it or lets it go."""

    value: str
    label: str
    count: int
    chosen: bool
    parameters: dict[str, Any]


@dataclass(frozen=True, slots=True)
class FacetList:
    """The values of one facet among the results, the chosen ones first."""

    facet: Facet
    values: tuple[FacetValue, ...]


@dataclass(frozen=True, slots=True)
class SearchResult:
    """The trials of one page and what surrounds them.

    Attributes
    ----------
    request : SearchRequest
        With the page that is really shown.
    total : int
        Trials found.
    cut : int
        Hits that were left out because the words are too common, else 0.
    first : int
        Number of the first trial shown, from 1; 0 if there is none.
    pages : int
    cards : tuple of StudyCard
    facets : tuple of FacetList
    """

    request: SearchRequest
    total: int
    cut: int
    first: int
    pages: int
    cards: tuple[StudyCard, ...]
    facets: tuple[FacetList, ...]


def find(served: Served, request: SearchRequest) -> SearchResult:
    """Answer a search."""
    records, index = served.generation.records, served.facets
    cut = 0
    if request.words:
        hits = [hit.card.nct_id for hit in records.search(request.words, SEARCH_HITS)]
        if len(hits) == SEARCH_HITS:
            cut = records.search_count(request.words) - SEARCH_HITS
        ranked, among = hits, set(hits)
    else:
        among = index.all_ids
        ranked = sorted(among, reverse=True) if request.sort == "best" else sorted(among)
    found = index.narrowed(among, request.chosen)
    ordered = _ordered(served, ranked, found, request)
    pages = max(1, -(-len(ordered) // SEARCH_PAGE_SIZE))
    page = min(request.page, pages)
    shown = ordered[(page - 1) * SEARCH_PAGE_SIZE : page * SEARCH_PAGE_SIZE]
    cards = records.cards(shown)
    return SearchResult(
        SearchRequest(request.words, request.chosen, request.sort, page),
        len(ordered),
        cut,
        (page - 1) * SEARCH_PAGE_SIZE + 1 if shown else 0,
        pages,
        tuple(cards[nct_id] for nct_id in shown),
        tuple(_facet_list(served, facet, among, found, request) for facet in FACETS),
    )


def csv_rows(cards: Iterable[StudyCard]) -> list[dict[str, Any]]:
    """Return cards as rows of `CSV_COLUMNS`; what a text does not say is "not stated"."""
    facts = ("cell_sources", "cell_types", "donor", "routes")
    return [
        {name: getattr(card, name) for name in CSV_COLUMNS if name not in facts}
        | {name: card.facts.get(name, [NOT_STATED_WORDS]) for name in facts}
        for card in cards
    ]


def _ordered(
    served: Served, ranked: Sequence[str], found: Any, request: SearchRequest
) -> list[str]:
    kept = [nct_id for nct_id in ranked if nct_id in found]
    index = served.facets
    if request.sort == "updated" or (request.sort == "best" and not request.words):
        kept.sort(key=lambda nct_id: index.updated[nct_id], reverse=True)
    elif request.sort == "size":
        kept.sort(key=lambda nct_id: index.enrollment[nct_id], reverse=True)
    elif request.sort == "id":
        kept.sort()
    return kept


def _facet_list(
    served: Served, facet: Facet, among: Any, found: Any, request: SearchRequest
) -> FacetList:
    index = served.facets
    chosen = request.chosen.get(facet.name, ())
    if chosen:
        found = index.narrowed(among, request.chosen, without=facet.name)
    counts = index.counts(facet.name, None if found is index.all_ids else found)
    if facet.name == "started":
        counts.sort(key=lambda counted: counted[0], reverse=True)
    known = dict(counts)
    offered = [(value, known.get(value, 0)) for value in chosen]
    offered += [counted for counted in counts if counted[0] not in chosen][:FACET_VALUES_MOST]
    return FacetList(
        facet,
        tuple(
            FacetValue(
                value,
                NOT_STATED_WORDS if value == NOT_STATED else facet.show(value),
                count,
                value in chosen,
                request.toggled(facet.name, value),
            )
            for value, count in offered
        ),
    )
