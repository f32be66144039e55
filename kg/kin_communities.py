"""Communities of a kin graph, each with a label, and the trials that join them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from math import log
from typing import NamedTuple

import networkx as nx

from ontology.hierarchy import load_hierarchy

_LABEL_FIELDS = ("conditions", "cell_sources", "routes")
_MIN_LABEL_SHARE = 0.3


@dataclass(frozen=True, slots=True)
class Community:
    """Trials that are closer to each other than to the rest.

    Attributes
    ----------
    label : str
        What sets them apart: the condition, cell source or route that is the most over-represented
        among them against the whole graph, at most one of each, "; " between them.
    nct_ids : tuple of str
        Sorted by how strongly they are linked inside, the strongest first.
    terms : tuple of (str, float)
        The terms of the label with the share of the community's trials that have them.
    """

    label: str
    nct_ids: tuple[str, ...]
    terms: tuple[tuple[str, float], ...]


class Bridge(NamedTuple):
    """A trial that joins communities.

    Attributes
    ----------
    nct_id : str
    community : int
        The place of its own community in the list given.
    joined : tuple of int
        Those others that it has edges to.
    outside : float
        The share of its edges' weight that leads out of its own community, 0 to 1.
    links : tuple of (str, float)
        Its neighbours in other communities with the score, the closest first.
    """

    nct_id: str
    community: int
    joined: tuple[int, ...]
    outside: float
    links: tuple[tuple[str, float], ...]


def communities(graph: nx.Graph[str], seed: int = 0, resolution: float = 1.0) -> list[Community]:
    """Return the communities of a kin graph, the largest first.

    Louvain's method over edge weights ``1 - distance`` (`networkx.community`), whose result
    depends on the seed and on the order of nodes, so both are fixed. Trials without an edge
    are a community each and are left out.
    """
    weighted: nx.Graph[str] = nx.Graph()
    weighted.add_nodes_from(sorted(node for node in graph if graph.degree(node)))
    ends = sorted((min(one, other), max(one, other)) for one, other in graph.edges)
    weighted.add_weighted_edges_from(
        (one, other, 1.0 - graph.edges[one, other]["distance"]) for one, other in ends
    )
    if len(weighted) == 0:
        return []
    parts = nx.community.louvain_communities(
        weighted, weight="weight", resolution=resolution, seed=seed
    )
    everywhere = _term_counts(graph, list(graph))
    found = []
    for part in parts:
        inside = weighted.subgraph(part)
        strength = dict(inside.degree(weight="weight"))
        ordered = sorted(part, key=lambda node: (-strength[node], node))
        terms = _telling_terms(graph, ordered, everywhere)
        label = "; ".join(term for term, _ in terms) or f"around {ordered[0]}"
        found.append(Community(label, tuple(ordered), terms))
    return sorted(found, key=lambda one: (-len(one.nct_ids), min(one.nct_ids)))


def bridges(graph: nx.Graph[str], parts: Iterable[Community], limit: int = 20) -> list[Bridge]:
    """Return the trials that most join different communities.

    A trial counts by the weight of its edges that lead out of its community, times the number of
    communities that they lead to.
    `networkx.bridges` (edges whose loss splits the graph) hardly occur where each trial has
    ten kin, and betweenness costs nodes times edges.
    """
    place = {nct_id: at for at, part in enumerate(parts) for nct_id in part.nct_ids}
    found = []
    for node in sorted(place):
        weights = [
            (1.0 - data["distance"], other, data["score"])
            for other, data in graph[node].items()
            if other in place
        ]
        outward = [entry for entry in weights if place[entry[1]] != place[node]]
        if not outward:
            continue
        joined = tuple(sorted({place[other] for _, other, _ in outward}))
        outside = sum(weight for weight, _, _ in outward)
        total = sum(weight for weight, _, _ in weights)
        closest = sorted(outward, key=lambda entry: (-entry[0], entry[1]))
        bridge = Bridge(
            node,
            place[node],
            joined,
            outside / total if total else 0.0,
            tuple((other, score) for _, other, score in closest),
        )
        found.append((outside * len(joined), bridge))
    found.sort(key=lambda entry: (-entry[0], entry[1].nct_id))
    return [bridge for _, bridge in found[:limit]]


def _term_counts(graph: nx.Graph[str], nodes: Iterable[str]) -> dict[str, Counter[str]]:
    counts: dict[str, Counter[str]] = {field: Counter() for field in _LABEL_FIELDS}
    for node in nodes:
        for field in _LABEL_FIELDS:
            terms = set(graph.nodes[node].get(field, ()))
            counts[field].update(_with_wider(terms) if field == "conditions" else terms)
    return counts


def _with_wider(labels: Iterable[str]) -> set[str]:
    """Add the labels of the specific conditions above, by which trials of kinds of it agree."""
    scheme = load_hierarchy("conditions").scheme
    names = _condition_names()
    return {
        scheme[name].pref_label if name in scheme else name
        for label in labels
        for name in (label, *_specific_ancestors(names.get(label, "")))
    }


@cache
def _condition_names() -> dict[str, str]:
    scheme = load_hierarchy("conditions").scheme
    return {concept.pref_label: name for name, concept in scheme.concepts.items()}


def _content(label: str) -> float:
    """Return how much a condition's label says, so that the narrower of two that tie is taken."""
    name = _condition_names().get(label)
    return 0.0 if name is None else load_hierarchy("conditions").information_content(name)


@cache
def _specific_ancestors(name: str) -> tuple[str, ...]:
    hierarchy = load_hierarchy("conditions")
    if name not in hierarchy.scheme:
        return ()
    return tuple(
        above for above in hierarchy.scheme.ancestors(name) if hierarchy.is_specific(above)
    )


def _telling_terms(
    graph: nx.Graph[str], nodes: list[str], everywhere: Mapping[str, Counter[str]]
) -> tuple[tuple[str, float], ...]:
    """Choose by field the term whose share inside times log of its lift is greatest."""
    inside = _term_counts(graph, nodes)
    chosen = []
    for field in _LABEL_FIELDS:
        scored = [
            (share * log(share / (everywhere[field][term] / len(graph))), term, share)
            for term, count in inside[field].items()
            if (share := count / len(nodes)) >= _MIN_LABEL_SHARE
        ]
        if scored:
            gain, term, share = min(
                scored, key=lambda entry: (-round(entry[0], 9), -_content(entry[1]), entry[1])
            )
            if gain > 0:
                chosen.append((term, share))
    return tuple(chosen)
