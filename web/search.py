"""Search: the trials, facets and pages that answer what an address asks for."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from typing import Any

from flask import url_for

from kg.cards import StudyCard
from web.config import SEARCH_HITS, SEARCH_PAGE_SIZE
from web.facet_tree import FacetList, facet_list
from web.facets import FACET_OF_SCHEME, FACETS
from web.presentation import NOT_STATED as NOT_STATED_WORDS
from web.search_request import SearchRequest
from web.served import Served
from web.understanding import Meaning, Understood, understand

CSV_COLUMNS = (
    "nct_id", "title", "acronym", "overall_status", "study_type", "phases", "enrollment_count",
    "conditions", "cell_sources", "cell_types", "donor", "routes", "lead_sponsor", "countries",
    "start_date", "last_update_post_date",
)  # fmt: skip


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
    meanings : tuple of Meaning
        The concepts that the words name; trials with them come first.
    rest : str
        The words that name none, and that these trials have too.
    by_meaning : int
        How many of the trials found have these concepts and words.
    """

    request: SearchRequest
    total: int
    cut: int
    first: int
    pages: int
    cards: tuple[StudyCard, ...]
    facets: tuple[FacetList, ...]
    meanings: tuple[Meaning, ...]
    rest: str
    by_meaning: int


@dataclass(frozen=True, slots=True)
class Found:
    """All that a search finds, in order, before it is cut into pages.

    Attributes
    ----------
    nct_ids : list of str
    among : set of str
        Found by the words alone, before facets and ranges narrow.
    narrowed : set of str
        The same trials as `nct_ids`.
    cut : int
        As in `SearchResult`.
    understood : Understood
        What the words name, and the words left over.
    meant : set of str
        Trials that have the concepts that the words name, and the other words.
    """

    nct_ids: list[str]
    among: AbstractSet[str]
    narrowed: AbstractSet[str]
    cut: int
    understood: Understood
    meant: AbstractSet[str]


def find_all(served: Served, request: SearchRequest) -> Found:
    """Return every trial that a search finds, in the order that it asks for."""
    records, index = served.generation.records, served.facets
    cut = 0
    understood = Understood((), "")
    meant: AbstractSet[str] = frozenset()
    among: AbstractSet[str]
    if request.words:
        hits = records.search_ids(request.words, SEARCH_HITS)
        if len(hits) == SEARCH_HITS:
            cut = records.search_count(request.words) - SEARCH_HITS
        if not request.literal:
            understood = understand(request.words)
            meant = _meant(served, understood)
        text = set(hits)
        # About the condition and in its words; about it in other words; the words alone.
        ranked = [nct_id for nct_id in hits if nct_id in meant]
        ranked += sorted(meant - text, key=lambda nct_id: (index.updated[nct_id], nct_id))[::-1]
        ranked += [nct_id for nct_id in hits if nct_id not in meant]
        among = text | meant
    else:
        among = index.all_ids
        ranked = sorted(among, reverse=request.sort == "best")
    within = index.within(among, request.ranges)
    narrowed = index.narrowed(within, request.chosen)
    return Found(
        _ordered(served, ranked, narrowed, request), within, narrowed, cut, understood, meant
    )


def find(served: Served, request: SearchRequest) -> SearchResult:
    """Answer a search with one page of what it finds."""
    found = find_all(served, request)
    pages = max(1, -(-len(found.nct_ids) // SEARCH_PAGE_SIZE))
    page = min(request.page, pages)
    first = (page - 1) * SEARCH_PAGE_SIZE
    shown = found.nct_ids[first : first + SEARCH_PAGE_SIZE]
    cards = served.generation.records.cards(shown)
    return SearchResult(
        replace(request, page=page),
        len(found.nct_ids),
        found.cut,
        first + 1 if shown else 0,
        pages,
        tuple(cards[nct_id] for nct_id in shown),
        facet_lists(served, found.among, found.narrowed, request),
        found.understood.meanings,
        found.understood.rest,
        len(found.meant & found.narrowed),
    )


def facet_lists(
    served: Served, among: AbstractSet[str], narrowed: AbstractSet[str], request: SearchRequest
) -> tuple[FacetList, ...]:
    """Return what the results can be narrowed by, with counts that a click keeps.

    Parameters
    ----------
    served : Served
    among, narrowed : set of str
        Trials before and after the choices of the request.
    request : SearchRequest
    """
    index, path = served.facets, url_for("pages.search")
    lists = []
    for facet in FACETS:
        chosen = request.chosen.get(facet.name, ())
        held = narrowed
        if chosen:
            held = index.narrowed(among, request.chosen, without=facet.name)
        counts = index.counts(facet.name, None if held is index.all_ids else held)
        if facet.name == "started":
            counts.sort(key=lambda counted: counted[0], reverse=True)
        lists.append(facet_list(facet, counts, chosen, path, request.toggled))
    return tuple(lists)


def _meant(served: Served, understood: Understood) -> frozenset[str]:
    """Return the trials that have all concepts that words name, and the other words."""
    index = served.facets
    wanted: dict[str, set[str]] = {}
    for meaning in understood.meanings:
        facet = FACET_OF_SCHEME[meaning.concept.scheme]
        held = index.ids[facet.name].get(facet.value_of(meaning.concept.name), set())
        wanted[meaning.words] = wanted.get(meaning.words, set()) | held
    if not wanted:
        return frozenset()
    meant = frozenset.intersection(*(frozenset(held) for held in wanted.values()))
    if understood.rest:
        meant &= set(served.generation.records.search_ids(understood.rest, SEARCH_HITS))
    return meant


def csv_rows(cards: Iterable[StudyCard]) -> list[dict[str, Any]]:
    """Return cards as rows of `CSV_COLUMNS`; what a text does not say is "not stated"."""
    facts = ("cell_sources", "cell_types", "donor", "routes")
    return [
        {name: getattr(card, name) for name in CSV_COLUMNS if name not in facts}
        | {name: card.facts.get(name, [NOT_STATED_WORDS]) for name in facts}
        for card in cards
    ]


def _ordered(
    served: Served, ranked: Sequence[str], found: AbstractSet[str], request: SearchRequest
) -> list[str]:
    kept = [nct_id for nct_id in ranked if nct_id in found]
    index = served.facets
    if request.sort == "updated" or (request.sort == "best" and not request.words):
        kept.sort(key=lambda nct_id: index.updated[nct_id], reverse=True)
    elif request.sort == "started":
        kept.sort(key=lambda nct_id: index.started[nct_id], reverse=True)
    elif request.sort == "size":
        kept.sort(key=lambda nct_id: index.enrollment[nct_id], reverse=True)
    elif request.sort == "id":
        kept.sort()
    return kept
