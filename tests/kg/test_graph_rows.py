"""Rows and files of graph views."""

from __future__ import annotations

import networkx as nx

from kg.graph_rows import bridge_rows, edge_rows, graphml_text, member_rows, node_rows
from kg.kin_communities import Bridge, Community


def chain() -> nx.Graph[str]:
    graph: nx.Graph[str] = nx.Graph()
    for node in ("A", "B", "C"):
        graph.add_node(
            node, title=f"Trial\x01 {node}\ufffe", conditions=("x", "y"), cell_sources=(), routes=()
        )
    for one, other in (("B", "A"), ("C", "B")):
        graph.add_edge(one, other, score=0.5, reason="Why\x0b?", kinds=("mentions",), distance=0.2)
    return graph


def test_nodes_stand_by_distance_and_edges_by_id() -> None:
    graph = chain()
    assert [(row["nct_id"], row["depth"]) for row in node_rows(graph, "B")] == [
        ("B", 0),
        ("A", 1),
        ("C", 1),
    ]
    assert [row["nct_id"] for row in node_rows(graph, "C")] == ["C", "B", "A"]
    assert [(row["from_nct_id"], row["to_nct_id"]) for row in edge_rows(graph)] == [
        ("A", "B"),
        ("B", "C"),
    ]


def test_graphml_leaves_out_what_xml_cannot_hold() -> None:
    graph = nx.parse_graphml(graphml_text(chain(), "A"))
    assert graph.nodes["A"]["title"] == "Trial A"
    assert graph.nodes["C"]["conditions"] == "x; y"
    assert graph.nodes["C"]["depth"] == 2
    assert graph.edges["A", "B"]["reason"] == "Why?"
    assert graph.edges["A", "B"]["relations"] == "mentions"
    assert graph.edges["B", "C"]["score"] == 0.5


def test_communities_are_named_in_rows() -> None:
    parts = [Community("cord", ("A", "B"), ()), Community("marrow", ("C",), ())]
    rows = member_rows(chain(), parts)
    assert [(row["community"], row["label"], row["nct_id"]) for row in rows] == [
        (1, "cord", "A"),
        (1, "cord", "B"),
        (2, "marrow", "C"),
    ]
    (row,) = bridge_rows(chain(), parts, [Bridge("B", 0, (1,), 0.25, (("C", 0.5),))])
    assert (row["community"], row["joins"], row["links"]) == ("cord", ["marrow"], ["C"])
