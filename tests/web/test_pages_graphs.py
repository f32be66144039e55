"""Neighbourhood and atlas: pictures, the data behind them, and the same as tables and lists."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from bs4 import BeautifulSoup
from flask.testing import FlaskClient

from tests.web.reading import BROWSER, read_page
from tests.web.records import ADIPOSE, FULL, HOSTILE
from web.atlas import Atlas, atlas
from web.atlas_layout import layout
from web.served import EXTENSION, Served


def test_the_table_holds_every_link_of_the_picture(client: FlaskClient) -> None:
    data = client.get(f"/trial/{FULL}/graph.json").get_json()
    assert data["nodes"][0]["id"] == FULL
    ids = {node["id"] for node in data["nodes"]}
    assert ADIPOSE in ids
    drawn = {(edge["source"], edge["target"]) for edge in data["edges"]}
    assert {end for edge in drawn for end in edge} <= ids
    rows = read_page(client, f"/trial/{FULL}/graph").select("table tbody tr")
    listed = {tuple(a.text for a in row.select("a.nct")) for row in rows}
    assert listed == drawn if len(drawn) <= 120 else listed < drawn


def test_the_second_trial_of_a_link_is_the_kin_of_its_reason(client: FlaskClient) -> None:
    index = served_of(client).generation.kin_index
    turned = 0
    for center in (FULL, ADIPOSE):
        for edge in client.get(f"/trial/{center}/graph.json").get_json()["edges"]:
            one, other = edge["source"], edge["target"]
            said = index.explain(one, other).reason
            assert edge["reason"] == said, (one, other)
            turned += said != index.explain(other, one).reason
    assert turned  # else either direction would do
    heads = read_page(client, f"/trial/{FULL}/graph").select("table th")
    assert [head.text for head in heads[:2]] == ["Trial", "Kin"]


def test_the_legend_tells_of_the_colours_of_the_picture(client: FlaskClient) -> None:
    data = client.get(f"/trial/{FULL}/graph.json").get_json()
    page = read_page(client, f"/trial/{FULL}/graph")
    items = page.select(".legend li")
    shown = {
        int(one.select_one("[data-cat]")["data-cat"]) for one in items if "hidden" not in one.attrs
    }
    assert shown == {node["group"] for node in data["nodes"]}
    assert len(items) > len(shown)  # the others wait for what is unfolded


def test_there_is_a_picture_without_scripts(client: FlaskClient) -> None:
    page = read_page(client, f"/trial/{FULL}/graph")
    assert len(page.select("#graph svg a")) == 8
    assert page.select_one("#graph")["data-graph"] == f"/trial/{FULL}/graph.json"


def test_every_trial_is_a_dot_of_the_atlas(client: FlaskClient) -> None:
    data = client.get("/atlas.json").get_json()
    named = client.get("/atlas/trials.json").get_json()
    assert len(data["dots"]) == len(named["trials"]) == 51
    assert data["generation"] == named["generation"]
    for x, y, _ in data["dots"]:
        assert -1 <= x <= 1
        assert -1 <= y <= 1
    places = {dot.nct_id: (dot.x, dot.y) for dot in atlas(served_of(client)).dots}
    for (x, y, _), (nct_id, title) in zip(data["dots"], named["trials"], strict=True):
        assert places[nct_id] == (x, y)
        assert title
    again = client.get("/atlas.json?by=source").get_json()
    assert [dot[:2] for dot in again["dots"]] == [dot[:2] for dot in data["dots"]]


def served_of(client: FlaskClient) -> Served:
    served: Served = client.application.extensions[EXTENSION].current()
    return served


def test_two_who_ask_at_once_share_one_layout(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    laid, began = [], threading.Event()

    def slowly(served: Served) -> Atlas:
        laid.append(served)
        began.set()
        time.sleep(0.2)  # time for the other one to come
        return Atlas((), ())

    monkeypatch.setattr("web.atlas.lay_out", slowly)
    now = served_of(client)
    fresh = Served(now.number, now.generation, now.queries)  # of which no map is kept
    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(atlas, fresh)
        assert began.wait(10)
        second = pool.submit(atlas, fresh)
        assert first.result() is second.result()
    assert laid == [fresh]


@pytest.mark.parametrize("by", ["condition", "source", "route", "donor"])
def test_lists_and_legend_agree_with_the_map(client: FlaskClient, by: str) -> None:
    data = client.get(f"/atlas.json?by={by}").get_json()
    page = read_page(client, f"/atlas?by={by}")
    legend = {int(mark["data-cat"]) for mark in page.select("#atlas-legend [data-cat]")}
    assert {dot[2] for dot in data["dots"]} <= legend
    summaries = [summary.text for summary in page.select("details summary")]
    assert sum(int(said.rpartition(": ")[2].split()[0]) for said in summaries) == 51
    for mark in page.select("#atlas-legend li"):
        link = mark.select_one("a")
        if link is not None:
            found = read_page(client, link["href"]).select_one(".result-head strong").text
            assert found == mark.select_one(".count").text, link["href"]


def test_an_unknown_colouring_is_the_usual_one(client: FlaskClient) -> None:
    assert client.get("/atlas.json?by=<script>").get_json()["by"] == "condition"


def test_the_still_map_is_a_picture_without_scripts(client: FlaskClient) -> None:
    response = client.get("/atlas.svg", headers=BROWSER)
    assert response.mimetype == "image/svg+xml"
    picture = BeautifulSoup(response.data, "xml")
    assert len(picture.select("circle")) == 51
    assert picture.select("script, foreignObject, image") == []
    page = read_page(client, "/atlas")
    assert page.select_one("#atlas img")["src"] == "/atlas.svg?by=condition"
    assert "51 trials" in page.select_one("#atlas img")["alt"]


def test_hostile_titles_stay_text(client: FlaskClient) -> None:
    for path in ("/atlas", f"/trial/{HOSTILE}/graph"):
        page = read_page(client, path)
        assert page.select("script:not([src]):not([type$=json])") == []
        assert "Hostile <script>" in page.select_one("main").text


def test_linked_trials_lie_near_each_other() -> None:
    groups = [(start, start + 20) for start in range(0, 80, 20)]
    edges = np.array(
        [(one, other) for a, b in groups for one in range(a, b) for other in range(one + 1, b)]
    )
    points = layout(edges, 80)
    assert points.shape == (80, 2)
    assert np.abs(points).max() <= 1
    inside = np.mean([points[a:b].std(axis=0).mean() for a, b in groups])
    assert inside < points.std(axis=0).mean() / 2


def test_the_same_graph_gives_the_same_map() -> None:
    random = np.random.default_rng(3)
    edges = random.integers(0, 60, (200, 2))
    assert np.array_equal(layout(edges, 60), layout(edges, 60))


@pytest.mark.parametrize("count", [0, 1, 2, 5])
def test_small_graphs_have_a_map_too(count: int) -> None:
    edges = np.zeros((0, 2), dtype=np.int64)
    points = layout(edges, count)
    assert points.shape == (count, 2)
    assert np.isfinite(points).all()
