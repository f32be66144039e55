"""Concepts for people: what a word means here, its trials, and what it goes with."""

from __future__ import annotations

from collections import Counter
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from functools import lru_cache

from flask import Blueprint, render_template
from werkzeug.exceptions import NotFound

from kg.cards import StudyCard
from ontology.concepts import Concept
from ontology.hierarchy import load_hierarchy
from ontology.schemes import SCHEME_NAMES, load_scheme
from web.concept_links import external_links
from web.concept_view import concept_view
from web.facets import FACET_OF_SCHEME, FACETS, NOT_STATED, Facet
from web.labels import STATUS_KINDS
from web.served import Served, served
from web.timeline import SpanChart, YearChart, span_chart, year_chart

blueprint = Blueprint("concepts", __name__)

SCHEME_LABELS = {
    "conditions": "Conditions",
    "cell_sources": "Cell sources",
    "cell_types": "Cell types",
    "donors": "Donors",
    "routes": "Routes",
}
_COMPANIONS_SHOWN = 8
_TRIALS_SHOWN = 12
_COMPANION_FACETS = ("condition", "source", "type", "donor", "route", "phase", "status")


@dataclass(frozen=True, slots=True)
class Companion:
    """A value that trials of the concept have too.

    Attributes
    ----------
    label : str
    count : int
        Trials with both.
    share : float
        Percent of the concept's trials.
    times : float
        How often it occurs beside how often it does among all trials.
    concept : (str, str) or None
        Scheme and name, where the value is a concept.
    parameters : dict
        Of the search for trials with both.
    """

    label: str
    count: int
    share: float
    times: float
    concept: tuple[str, str] | None
    parameters: dict[str, str]


@dataclass(frozen=True, slots=True)
class Companions:
    """The most frequent companions of one kind."""

    facet: Facet
    values: tuple[Companion, ...]


@dataclass(frozen=True, slots=True)
class SchemeNode:
    """A concept in the index of its scheme, with how many trials have it or a narrower one."""

    concept: Concept
    count: int
    narrower: tuple[SchemeNode, ...]


@blueprint.get("/concept/")
def schemes() -> str:
    """List the schemes of concepts."""
    now = served()
    return render_template(
        "schemes.html",
        schemes=[
            (load_scheme(name), SCHEME_LABELS[name], _most_frequent(now, name))
            for name in SCHEME_NAMES
        ],
    )


@blueprint.get("/concept/<scheme>")
def scheme_index(scheme: str) -> str:
    """List the concepts of a scheme as a tree, with their trials.

    :raise 404: if there is no such scheme.
    """
    return scheme_page(scheme)


@blueprint.get("/concept/<scheme>/<name>")
def concept(scheme: str, name: str) -> str:
    """Show a concept.

    :raise 404: if there is no such concept.
    """
    return concept_page(scheme, name)


@blueprint.get("/concept/<scheme>/<name>/timeline")
def timeline(scheme: str, name: str) -> str:
    """Show the trials of a concept along the years, each from its start to its completion.

    :raise 404: if there is no such concept.
    """
    now = served()
    view = concept_view(now, scheme, name)
    return render_template(
        "timeline.html",
        view=view,
        scheme_label=SCHEME_LABELS[scheme],
        years=_years(now, scheme, name),
        spans=_spans(now, scheme, name),
        search_parameters=_search_parameters(view.concept),
    )


def concept_page(scheme: str, name: str) -> str:
    """Return the page of a concept.

    Raises
    ------
    NotFound
        If there is no such scheme or concept.
    """
    now = served()
    view = concept_view(now, scheme, name)
    newest = sorted(
        view.nct_ids, key=lambda nct_id: (now.facets.updated[nct_id], nct_id), reverse=True
    )[:_TRIALS_SHOWN]
    cards = now.generation.records.cards(newest)
    return render_template(
        "concept.html",
        view=view,
        scheme_label=SCHEME_LABELS[scheme],
        links=external_links(view.concept),
        companions=companions(now, scheme, name),
        years=_years(now, scheme, name),
        cards=[cards[nct_id] for nct_id in newest],
        counts={
            one.name: len(concept_view(now, scheme, one.name).nct_ids)
            for one in (*view.broader, *view.narrower)
        },
        search_parameters=_search_parameters(view.concept),
    )


def scheme_page(scheme: str) -> str:
    """Return the index of a scheme.

    Raises
    ------
    NotFound
        If there is no such scheme.
    """
    if scheme not in SCHEME_NAMES:
        raise NotFound(f"There is no scheme {scheme!r}; there are {', '.join(SCHEME_NAMES)}.")
    now = served()
    nodes = scheme_nodes(now, scheme)
    return render_template(
        "scheme.html",
        scheme=load_scheme(scheme),
        label=SCHEME_LABELS[scheme],
        nodes=nodes,
        used=sum(1 for _ in _counts(now, scheme)),
    )


@lru_cache(maxsize=2 * len(SCHEME_NAMES))
def scheme_nodes(now: Served, scheme_name: str) -> tuple[SchemeNode, ...]:
    """Return the tree of a scheme, the most frequent concepts first at each level."""
    scheme, counts = load_scheme(scheme_name), _counts(now, scheme_name)

    def node(name: str) -> SchemeNode:
        below = (node(child) for child in scheme.narrower(name))
        return SchemeNode(
            scheme[name],
            counts.get(name, 0),
            tuple(sorted(below, key=lambda one: (-one.count, one.concept.pref_label))),
        )

    tops = (node(name) for name in scheme.top_concepts())
    return tuple(sorted(tops, key=lambda one: (-one.count, one.concept.pref_label)))


@lru_cache(maxsize=256)
def companions(now: Served, scheme: str, name: str) -> tuple[Companions, ...]:
    """Return what the trials of a concept have besides it, by facet."""
    view = concept_view(now, scheme, name)
    own = frozenset(view.nct_ids)
    lists = []
    for facet in FACETS:
        if facet.name in _COMPANION_FACETS and own:
            values = _companions(now, facet, own, view.concept)
            if values:
                lists.append(Companions(facet, values))
    return tuple(lists)


def _companions(
    now: Served, facet: Facet, own: AbstractSet[str], concept: Concept
) -> tuple[Companion, ...]:
    index = now.facets
    kin: set[str] = set()
    if facet.scheme == concept.scheme:
        scheme = load_scheme(concept.scheme)
        kin = {concept.name, *scheme.ancestors(concept.name), *scheme.descendants(concept.name)}
    found: list[Companion] = []
    counts = index.counts(facet.name, own)
    # A wider concept with the trials of a narrower one says nothing more than it does.
    said_already = {(above, count) for value, count in counts for above in facet.wider(value)}
    for value, count in counts:
        name = facet.concept_name(value)
        general = facet.scheme == "conditions" and (
            name is None or not load_hierarchy("conditions").is_specific(name)
        )
        if value == NOT_STATED or name in kin or general or (value, count) in said_already:
            continue
        usual = len(index.ids[facet.name][value]) / len(index.all_ids)
        found.append(
            Companion(
                facet.show(value),
                count,
                round(100 * count / len(own), 1),
                count / len(own) / usual,
                None if facet.scheme is None or name is None else (facet.scheme, name),
                _search_parameters(concept) | {facet.name: value},
            )
        )
        if len(found) == _COMPANIONS_SHOWN:
            break
    return tuple(found)


def _search_parameters(concept: Concept) -> dict[str, str]:
    facet = FACET_OF_SCHEME[concept.scheme]
    return {facet.name: facet.value_of(concept.name)}


def _counts(now: Served, scheme_name: str) -> dict[str, int]:
    facet = FACET_OF_SCHEME[scheme_name]
    counted = {
        facet.concept_name(value): len(ids) for value, ids in now.facets.ids[facet.name].items()
    }
    return {name: count for name, count in counted.items() if name is not None}


def _most_frequent(now: Served, scheme_name: str) -> list[tuple[Concept, int]]:
    scheme = load_scheme(scheme_name)
    general = load_hierarchy(scheme_name)
    counts = Counter(
        {
            name: count
            for name, count in _counts(now, scheme_name).items()
            if scheme_name != "conditions" or general.is_specific(name)
        }
    )
    first = sorted(counts.items(), key=lambda item: (-item[1], item[0]))[:_COMPANIONS_SHOWN]
    return [(scheme[name], count) for name, count in first]


@lru_cache(maxsize=256)
def _years(now: Served, scheme: str, name: str) -> YearChart:
    ids = concept_view(now, scheme, name).nct_ids
    return year_chart(now.facets.started[nct_id] for nct_id in ids)


@lru_cache(maxsize=64)
def _spans(now: Served, scheme: str, name: str) -> SpanChart:
    records = now.generation.records
    ids = concept_view(now, scheme, name).nct_ids
    cards: dict[str, StudyCard] = records.cards(ids)
    return span_chart(records, [cards[nct_id] for nct_id in ids], STATUS_KINDS)
