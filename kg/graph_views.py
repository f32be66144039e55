"""Kin links and relations as networkx graphs: neighbourhood, paths, communities, bridges.

Kin links are those of the stored lists (each trial's nearest kin, however many of them stand in
the graph), relations those of the graph, read by trial: a view of one trial costs the same in a
store of any size. An edge joins two trials if either has the other among its kin, or a typed
relation joins them.

Node attributes: ``title``; labels of ``conditions``, ``cell_sources`` and ``routes``.
Edge attributes: ``score`` (the better one of both directions, 0 for a relation without a kin
link), ``reason``, ``kinds`` (of relations), ``distance`` (`1 - score`, see
`kg.stored_links.link_distance`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

import networkx as nx

from kg.cards import StudyCard
from kg.kin_communities import Bridge, Community, bridges, communities
from kg.kin_paths import PathStep, explained_path
from kg.relations.model import RELATION_KINDS
from kg.stored_links import Link, StoredLinks, makes_an_edge
from ontology.schemes import load_scheme

if TYPE_CHECKING:
    from kg.generation import Generation

__all__ = [
    "Bridge",
    "Community",
    "PathStep",
    "bridges",
    "communities",
    "explained_path",
    "kin_graph",
    "neighbourhood",
]


def kin_graph(
    generation: Generation, k: int = 10, *, min_score: float = 0.0, reasons: bool = True
) -> nx.Graph[str]:
    """Return the whole kin graph.

    Parameters
    ----------
    generation : Generation
    k : int
        Each trial's nearest kin that make an edge; at most those that are stored.
    min_score : float
        Kin links below are left out; relations are not.
    reasons : bool
        Whether edges carry their reason, which takes most of the time; groups need none.

    Returns
    -------
    networkx.Graph
        With every trial of the store as a node; nodes and edges in the order of ids.
    """
    links = StoredLinks(generation)
    edges = links.whole(k, min_score)
    said = links.reasons(link.ends for link in edges.values()) if reasons else {}
    return _graph(generation, edges, said, generation.records.nct_ids())


def neighbourhood(
    generation: Generation,
    nct_id: str,
    hops: int = 1,
    k: int = 10,
    *,
    min_score: float = 0.0,
    reasons: bool = True,
) -> nx.Graph[str]:
    """Return a trial with those that it reaches in some steps, and all edges among them.

    A step goes from a trial to its own nearest kin and to trials related to it, and to those
    that have it among their kin. Only the links of the trials met are read.

    Raises
    ------
    UnknownTrialError
        If there is no such trial.
    """
    start = generation.records.resolve(nct_id)
    links = StoredLinks(generation)
    met, front = {start}, [start]
    for _ in range(hops):
        reached = {other for one in front for other in links.neighbours(one, k, min_score)}
        front = sorted(reached - met)
        met |= reached
    inside = {
        (min(one, other), max(one, other)): link
        for one in met
        for other, link in links.neighbours(one, k, min_score).items()
        if other in met
    }
    said = links.reasons(link.ends for link in inside.values()) if reasons else {}
    return _graph(generation, inside, said, sorted(met))


def _graph(
    generation: Generation,
    edges: Mapping[tuple[str, str], Link],
    reasons: Mapping[tuple[str, ...], str],
    nct_ids: Iterable[str],
) -> nx.Graph[str]:
    graph: nx.Graph[str] = nx.Graph()
    nodes = list(nct_ids)
    cards = generation.records.cards(nodes)
    for nct_id in nodes:
        graph.add_node(nct_id, **_node(cards[nct_id]))
    for one, other in sorted(edges):
        link = edges[one, other]
        if not makes_an_edge(link):
            continue
        graph.add_edge(
            one,
            other,
            score=link.score,
            reason=reasons.get(link.ends, ""),
            kinds=tuple(kind for kind in RELATION_KINDS if kind in link.kinds),
            distance=link.distance,
        )
    return graph


def _node(card: StudyCard) -> dict[str, str | tuple[str, ...]]:
    facts = {
        field: tuple(_label(field, str(value)) for value in card.facts.get(field, ()))
        for field in ("cell_sources", "routes")
    }
    return {"title": card.title, "conditions": card.condition_labels or card.conditions, **facts}


def _label(scheme_name: str, name: str) -> str:
    scheme = load_scheme(scheme_name)
    return scheme[name].pref_label if name in scheme else name.replace("_", " ")
