"""A store whose graph holds fewer kin than the lists: pages and views tell of the lists."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import networkx as nx
import pyoxigraph as ox
import pytest
from flask.testing import FlaskClient

from kg.build import build
from kg.graph_views import explained_path, kin_graph, neighbourhood
from kg.store import Store
from kg.stored_links import graph_of
from ontology.vocabulary import TK
from tests.web.conftest import WordEncoder
from tests.web.reading import read_page, words_of
from tests.web.records import ADIPOSE, FULL, records
from web.app import create_app
from web.graph_pages import KIN_JOINED
from web.served import EXTENSION

GRAPH_KIN = 1


@pytest.fixture(scope="module")
def slim(tmp_path_factory: pytest.TempPathFactory) -> Store:
    """The records of the other tests, one kin of each trial in the graph."""
    folder: Path = tmp_path_factory.mktemp("slim")
    source = folder / "records.ndjson"
    source.write_text("".join(json.dumps(record) + "\n" for record in records()), "utf-8")
    store = Store(folder / "store")
    build(store, [source], WordEncoder(), graph_kin=GRAPH_KIN)
    links = graph_of(store.published()).quads_for_pattern(None, ox.NamedNode(TK.kin), None, None)
    assert len(list(links)) == GRAPH_KIN * len(records())
    return store


@pytest.fixture(scope="module")
def slim_client(slim: Store) -> Iterator[FlaskClient]:
    app = create_app(slim, query_workers=1)
    yield app.test_client()
    app.extensions[EXTENSION].close()


@pytest.mark.parametrize(
    "path", [f"/trial/{FULL}/graph.json", f"/trial/{ADIPOSE}/graph.json", "/atlas.json"]
)
def test_what_is_drawn_is_the_same(
    client: FlaskClient, slim_client: FlaskClient, path: str
) -> None:
    assert slim_client.get(path).get_json() == client.get(path).get_json()


def test_the_map_is_the_same(client: FlaskClient, slim_client: FlaskClient) -> None:
    assert slim_client.get("/atlas.svg").text == client.get("/atlas.svg").text


def test_the_nearest_kin_of_the_caption_are_in_the_picture(slim_client: FlaskClient) -> None:
    data = slim_client.get(f"/trial/{FULL}/graph.json").get_json()
    joined = {edge["target"] for edge in data["edges"] if edge["source"] == FULL}
    page = read_page(slim_client, f"/trial/{FULL}/graph")
    drawn = {a["href"][-11:] for a in page.select("#graph svg a")} - {FULL}
    assert len(drawn) == 7 < KIN_JOINED
    assert drawn <= joined


def test_what_is_walked_and_grouped_is_the_same(slim: Store, store: Store) -> None:
    ours, whole = slim.published(), store.published()
    assert seen(kin_graph(ours)) == seen(kin_graph(whole))
    assert seen(neighbourhood(ours, FULL, 2, 3)) == seen(neighbourhood(whole, FULL, 2, 3))
    near = neighbourhood(ours, FULL, 1, 2)
    reached = nx.node_connected_component(kin_graph(ours, 2, reasons=False), FULL)
    far = sorted(reached - set(near))
    assert far
    for goal in (*far[:5], ADIPOSE):
        assert explained_path(ours, FULL, goal, 2) == explained_path(whole, FULL, goal, 2)


def seen(graph: nx.Graph[str]) -> object:
    edges = {ends: graph.edges[ends] for ends in graph.edges}
    return {node: graph.nodes[node] for node in graph}, edges


def test_the_about_page_tells_how_many_links_are_in_the_graph(
    client: FlaskClient, slim_client: FlaskClient
) -> None:
    told = f"Of them in the graph, for queries and exports {GRAPH_KIN * len(records())}"
    assert told in words_of(read_page(slim_client, "/about"), "main")
    assert "Of them in the graph" not in words_of(read_page(client, "/about"), "main")
