"""Search: the trials, facets and pages that answer what an address asks for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from flask import url_for

from kg.cards import StudyCard
from web.config import SEARCH_HITS, SEARCH_PAGE_SIZE
from web.facet_index import ORDERS
from web.facet_tree import FacetList, facet_list
from web.facets import FACET_OF_SCHEME, FACETS
from web.search_request import SearchRequest
from web.served import Served
from web.trial_sets import Mask, TrialList, TrialSet
from web.understanding import Meaning, Understood, understand


@dataclass(frozen=True, slots=True)
class SearchResult:
    """The trials of one page and what surrounds them.

    Attributes
    ----------
    request : SearchRequest
        With the page that is really shown.
    total : int
        Trials that the pages show.
    unfiltered : int
        As in `Found`.
    cut : int
        As in `Found`.
    ranked : bool
        Whether some word counts for the rank of what the words find; else they are too common.
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
    unfiltered: int
    cut: int
    ranked: bool
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
    nct_ids : sequence of str
    among : TrialSet
        Found by the words within the ranges, before facets narrow.
    narrowed : TrialSet
        The trials of `nct_ids`, and those that were cut.
    unfiltered : int
        How many the words alone find, before ranges and facets narrow.
    cut : int
        Trials that `nct_ids` leaves out: where only very common words are asked for, best first,
        the list ends. Filters and other orders are those of all trials found.
    understood : Understood
        What the words name, and the words left over.
    meant : TrialSet
        Trials that have the concepts that the words name, and the other words.
    """

    nct_ids: Sequence[str]
    among: TrialSet
    narrowed: TrialSet
    unfiltered: int
    cut: int
    understood: Understood
    meant: TrialSet


def find_all(served: Served, request: SearchRequest) -> Found:
    """Return every trial that a search finds, in the order that it asks for."""
    index = served.facets
    if not request.words:
        within = index.within(index.all_ids, request.ranges)
        narrowed = index.narrowed(within, request.chosen)
        by = "updated" if request.sort == "best" else request.sort
        rows = index.in_order(narrowed, by, last_first=request.sort == "best")
        nct_ids = TrialList(index.trials, rows)
        nobody = TrialSet(index.trials, rows[:0])
        everything, nothing = len(index.all_ids), Understood((), "")
        return Found(nct_ids, within, narrowed, everything, 0, nothing, nobody)
    records = served.generation.records
    whole = bool(request.chosen or request.ranges) or request.sort != "best"
    most = len(index.trials) if whole else SEARCH_HITS
    numbers = records.search_numbers(request.words, most)
    hits = index.trials.rows_of_numbers(np.array(numbers, dtype=np.int64))
    understood = Understood((), "") if request.literal else understand(request.words)
    meant = _meant(served, understood)
    is_hit, is_meant = index.trials.mask(hits), meant.mask
    others = TrialSet.where(index.trials, is_meant & ~is_hit)
    # About the condition and in its words; about it in other words; the words alone.
    ranked = np.concatenate(
        [
            hits[is_meant[hits]],
            index.in_order(others, "updated", last_first=True),
            hits[~is_meant[hits]],
        ]
    )
    in_text = is_hit
    if len(hits) == most:
        in_text = index.trials.mask(
            index.trials.rows_of_numbers(records.matching_numbers(request.words))
        )
    among = TrialSet.where(index.trials, is_meant | in_text)
    within = index.within(among, request.ranges)
    narrowed = index.narrowed(within, request.chosen)
    rows = ranked[narrowed.mask[ranked]]
    if request.sort == "id":
        rows = narrowed.rows
    elif request.sort in ORDERS:
        rows = rows[np.argsort(-index.column(request.sort).numbers[rows], kind="stable")]
    nct_ids, cut = TrialList(index.trials, rows), len(narrowed) - len(rows)
    return Found(nct_ids, within, narrowed, len(among), cut, understood, meant)


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
        found.unfiltered,
        found.cut,
        served.generation.records.is_ranked(request.words),
        first + 1 if shown else 0,
        pages,
        tuple(cards[nct_id] for nct_id in shown),
        facet_lists(served, found.among, found.narrowed, request),
        found.understood.meanings,
        found.understood.rest,
        len(found.meant & found.narrowed),
    )


def facet_lists(
    served: Served, among: TrialSet, narrowed: TrialSet, request: SearchRequest
) -> tuple[FacetList, ...]:
    """Return what the results can be narrowed by, with counts that a click keeps.

    Parameters
    ----------
    served : Served
    among, narrowed : TrialSet
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
        counts = index.counts(facet.name, held)
        if facet.name == "started":
            counts.sort(key=lambda counted: counted[0], reverse=True)
        lists.append(facet_list(facet, counts, chosen, path, request.toggled))
    return tuple(lists)


def _meant(served: Served, understood: Understood) -> TrialSet:
    """Return the trials that have all concepts that words name, and the other words."""
    index = served.facets
    wanted: dict[str, Mask] = {}
    for meaning in understood.meanings:
        facet = FACET_OF_SCHEME[meaning.concept.scheme]
        mask = wanted.setdefault(meaning.words, index.trials.mask(np.zeros(0, dtype=np.int32)))
        held = index.ids[facet.name].get(facet.value_of(meaning.concept.name))
        if held is not None:
            mask[held.rows] = True
    if not wanted:
        return TrialSet(index.trials, np.zeros(0, dtype=np.int32))
    meant = np.logical_and.reduce(list(wanted.values()))
    if understood.rest and meant.any():
        numbers = served.generation.records.matching_numbers(understood.rest)
        meant &= index.trials.mask(index.trials.rows_of_numbers(numbers))
    return TrialSet.where(index.trials, meant)
