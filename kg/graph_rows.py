"""Views of the kin graph as rows and files: JSON, CSV and GraphML."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from kg.relations.model import RELATION_KINDS
from kg.trial_relations import relations_between

if TYPE_CHECKING:
    import networkx as nx

    from kg.generation import Generation
    from kg.kin_communities import Bridge, Community
    from kg.kin_paths import PathStep

Row = dict[str, Any]

PATH_COLUMNS = ("step", "from_nct_id", "to_nct_id", "to_title", "score", "relations", "reason")
COMMUNITY_COLUMNS = ("community", "label", "size", "nct_ids")
MEMBER_COLUMNS = ("community", "label", "nct_id", "title")
BRIDGE_COLUMNS = ("nct_id", "title", "community", "joins", "outside", "links")
NODE_COLUMNS = ("nct_id", "depth", "title", "conditions", "cell_sources", "routes")
EDGE_COLUMNS = ("from_nct_id", "to_nct_id", "score", "relations", "reason")

# XML 1.0 has no place for other characters, not even escaped (production 2, "Char").
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def path_rows(generation: Generation, steps: Sequence[PathStep]) -> list[Row]:
    """Return one row a step: how close the two trials are, and why; see `PATH_COLUMNS`.

    `relations` are in words, read from the first trial of the step to the second; `reason` is
    that of the kin link, or the relations where there is none.
    """
    cards = generation.records.cards(step.to_nct_id for step in steps)
    rows = []
    for number, step in enumerate(steps, start=1):
        between = (
            relations_between(generation, step.from_nct_id, step.to_nct_id) if step.kinds else []
        )
        words = list(dict.fromkeys(relation.words for relation in between))
        rows.append(
            {
                "step": number,
                "from_nct_id": step.from_nct_id,
                "to_nct_id": step.to_nct_id,
                "to_title": cards[step.to_nct_id].title,
                "score": round(step.score, 6),
                "relations": words,
                "reason": step.reason or f"{'; '.join(words).capitalize()} {step.to_nct_id}.",
                "distance": round(step.distance, 6),
            }
        )
    return rows


def community_rows(communities: Sequence[Community]) -> list[Row]:
    """Return one row a community, the largest first; see `COMMUNITY_COLUMNS`."""
    return [
        {
            "community": number,
            "label": one.label,
            "size": len(one.nct_ids),
            "terms": [{"term": term, "share": round(share, 4)} for term, share in one.terms],
            "nct_ids": list(one.nct_ids),
        }
        for number, one in enumerate(communities, start=1)
    ]


def member_rows(graph: nx.Graph[str], communities: Sequence[Community]) -> list[Row]:
    """Return one row a trial of each community; see `MEMBER_COLUMNS`."""
    return [
        {
            "community": number,
            "label": one.label,
            "nct_id": nct_id,
            "title": graph.nodes[nct_id]["title"],
        }
        for number, one in enumerate(communities, start=1)
        for nct_id in one.nct_ids
    ]


def bridge_rows(
    graph: nx.Graph[str], communities: Sequence[Community], bridges: Sequence[Bridge]
) -> list[Row]:
    """Return one row a bridge, the strongest first; see `BRIDGE_COLUMNS`.

    Communities are named by their labels; `outside` is the share of the trial's links, by
    weight, that lead out of its own.
    """
    return [
        {
            "nct_id": one.nct_id,
            "title": graph.nodes[one.nct_id]["title"],
            "community": communities[one.community].label,
            "joins": [communities[joined].label for joined in one.joined],
            "outside": round(one.outside, 4),
            "links": [nct_id for nct_id, _ in one.links],
        }
        for one in bridges
    ]


def node_rows(graph: nx.Graph[str], start: str) -> list[Row]:
    """Return one row a trial, the nearest to `start` first; see `NODE_COLUMNS`.

    `depth` is the number of steps from `start`.
    """
    import networkx as nx

    depths = nx.single_source_shortest_path_length(graph, start)
    ordered = sorted(graph, key=lambda node: (depths[node], node))
    return [
        {
            "nct_id": node,
            "depth": depths[node],
            "title": graph.nodes[node]["title"],
            **{name: list(graph.nodes[node][name]) for name in NODE_COLUMNS[3:]},
        }
        for node in ordered
    ]


def edge_rows(graph: nx.Graph[str]) -> list[Row]:
    """Return one row an edge, sorted by its two trials; see `EDGE_COLUMNS`."""
    return [
        {
            "from_nct_id": min(pair),
            "to_nct_id": max(pair),
            "score": round(graph.edges[pair]["score"], 6),
            "relations": list(graph.edges[pair]["kinds"]),
            "reason": graph.edges[pair]["reason"],
            "distance": round(graph.edges[pair]["distance"], 6),
        }
        for pair in sorted(graph.edges, key=sorted)
    ]


def graphml_text(graph: nx.Graph[str], start: str) -> str:
    """Return a kin graph as GraphML, for Gephi, Cytoscape and the like.

    GraphML has no lists: several values stand with "; " between them. Characters that XML
    cannot hold are left out: titles and reasons are other people's text.
    """
    import networkx as nx

    plain: nx.Graph[str] = nx.Graph()
    for row in node_rows(graph, start):
        nct_id = row.pop("nct_id")
        plain.add_nodes_from([(nct_id, {name: _plain(value) for name, value in row.items()})])
    for row in edge_rows(graph):
        ends = row.pop("from_nct_id"), row.pop("to_nct_id")
        row["relations"] = [kind for kind in RELATION_KINDS if kind in row["relations"]]
        plain.add_edges_from([(*ends, {name: _plain(value) for name, value in row.items()})])
    return "\n".join(nx.generate_graphml(plain)) + "\n"


def _plain(value: Any) -> str | int | float:
    if isinstance(value, list):
        value = "; ".join(str(item) for item in value)
    return _NOT_XML.sub("", value) if isinstance(value, str) else value
