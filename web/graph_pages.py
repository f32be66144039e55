"""The graph as pictures: a trial's neighbourhood, and the atlas of all trials."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from flask import (
    Blueprint,
    Response,
    json,
    jsonify,
    make_response,
    render_template,
    request,
)

from kg import graph_views
from web.atlas import COLOURINGS, atlas, colouring, dots_by_group, still_names
from web.neighbourhood import neighbourhood
from web.presentation import shortened
from web.relations_view import kind_words
from web.served import Served, served
from web.trial_address import id_at_its_address

blueprint = Blueprint("graphs", __name__)

KIN_JOINED = 8
"""Each trial's nearest kin that a line joins to it: more make a ball of wool."""
_TITLE_CHARACTERS = 140
_LABEL_CHARACTERS = 28
_DOT_CHARACTERS = 110
_SILENT = "source not stated"


@dataclass(frozen=True, slots=True)
class Edge:
    """What joins two trials of a neighbourhood; the reason calls `other` the kin of `one`."""

    one: str
    other: str
    score: float
    kinds: tuple[str, ...]
    reason: str


@dataclass(frozen=True, slots=True)
class Surroundings:
    """A trial's neighbourhood: trials with what is shown of them, by id, and their edges."""

    nct_id: str
    titles: dict[str, str]
    labels: dict[str, str]
    notes: dict[str, str]
    groups: dict[str, int]
    edges: tuple[Edge, ...]


@blueprint.get("/trial/<nct_id>/graph")
def graph(nct_id: str) -> str:
    """Show a trial's neighbourhood in the graph.

    :raise 301: to the trial's own address, from an alias or another spelling of its id.
    :raise 400: if `nct_id` is no NCT id.
    :raise 404: if there is no such trial; the page names the nearest ids.
    """
    now = served()
    found = id_at_its_address(now, nct_id)
    around = surroundings(now, found)
    return render_template(
        "graph.html",
        card=now.generation.records.card(found),
        around=around,
        picture=neighbourhood(now, found),
        kind_words=kind_words,
        groups=colouring(now, "condition").groups,
        drawn_groups=set(around.groups.values()),
    )


@blueprint.get("/trial/<nct_id>/graph.json")
def graph_json(nct_id: str) -> Response:
    """Return a trial's neighbourhood for a picture.

    :raise 400: if `nct_id` is no NCT id.
    :raise 404: if there is no such trial.
    """
    now = served()
    around = surroundings(now, now.generation.records.resolve(nct_id))
    nodes = [
        {
            "id": node,
            "title": around.titles[node],
            "label": around.labels[node],
            "note": around.notes[node],
            "group": around.groups[node],
        }
        for node in around.titles
    ]
    edges = [
        {
            "source": edge.one,
            "target": edge.other,
            "score": round(edge.score, 3),
            "kinds": [kind_words(kind) for kind in edge.kinds],
            "reason": edge.reason,
        }
        for edge in around.edges
    ]
    return jsonify(nct_id=around.nct_id, nodes=nodes, edges=edges)


@blueprint.get("/atlas")
def atlas_page() -> str:
    """Show the map of all trials, in the colours of one facet."""
    now = served()
    by = _by()
    groups = colouring(now, by).groups
    dots = dots_by_group(now, by)
    return render_template(
        "atlas.html",
        by=by,
        colourings=COLOURINGS,
        groups=groups,
        lists=[(group, dots.get(group.number, [])) for group in groups],
        trials=len(atlas(now).dots),
    )


@blueprint.get("/atlas.json")
def atlas_json() -> Response:
    """Return the map for a picture that can be moved: dots with their colours, names of places."""
    return _as_json(_atlas_data(served(), _by()))


@blueprint.get("/atlas/trials.json")
def atlas_trials() -> Response:
    """Return the trials of the dots, in the order of the dots."""
    return _as_json(_atlas_trials(served()))


@blueprint.get("/atlas.svg")
def atlas_svg() -> Response:
    """Return the map as a picture that stands still."""
    now = served()
    colours = colouring(now, _by())
    response = make_response(
        render_template(
            "atlas.svg",
            dots=atlas(now).dots,
            names=still_names(atlas(now).names),
            numbers=colours.numbers,
        )
    )
    response.mimetype = "image/svg+xml"
    return response


@lru_cache(maxsize=512)
def surroundings(now: Served, nct_id: str) -> Surroundings:
    """Return a trial with those that links join it to, and the links among all of them."""
    graph = graph_views.neighbourhood(now.generation, nct_id, k=KIN_JOINED, reasons=False)
    colours = colouring(now, "condition").numbers
    order = sorted(graph, key=lambda node: (node != nct_id, node))
    nodes: list[tuple[str, dict[str, Any]]] = [(node, graph.nodes[node]) for node in order]
    # In this order, so that a reason calls the second trial the kin of the first.
    place = {node: at for at, node in enumerate(order)}
    joined = {
        (one, other) if place[one] < place[other] else (other, one): data
        for one, other, data in graph.edges(data=True)
    }
    kin = [ends for ends, data in joined.items() if data["score"] > 0]
    said = dict(zip(kin, now.generation.kin_index.explain_pairs(kin), strict=True))
    edges = [
        Edge(
            one,
            other,
            data["score"],
            data["kinds"],
            said[one, other].reason if (one, other) in said else "",
        )
        for (one, other), data in joined.items()
    ]
    edges.sort(key=lambda edge: (edge.one != nct_id, -edge.score, edge.one, edge.other))
    return Surroundings(
        nct_id,
        {node: shortened(data["title"], _TITLE_CHARACTERS) for node, data in nodes},
        {
            node: shortened((data["conditions"] or (data["title"],))[0], _LABEL_CHARACTERS)
            for node, data in nodes
        },
        {
            node: shortened(", ".join(data["cell_sources"]) or _SILENT, _LABEL_CHARACTERS)
            for node, data in nodes
        },
        {node: colours.get(node, 0) for node, _ in nodes},
        tuple(edges),
    )


@lru_cache(maxsize=2 * len(COLOURINGS))
def _atlas_data(now: Served, by: str) -> str:
    whole, numbers = atlas(now), colouring(now, by).numbers
    dots = [[dot.x, dot.y, numbers[dot.nct_id]] for dot in whole.dots]
    names = [[name.label, name.x, name.y] for name in whole.names]
    return json.dumps(
        {"by": by, "generation": now.number, "dots": dots, "names": names}, separators=(",", ":")
    )


@lru_cache(maxsize=2)
def _atlas_trials(now: Served) -> str:
    """Return ids and titles apart from the map: most of the bytes, needed only by a pointer."""
    trials = [[dot.nct_id, shortened(dot.title, _DOT_CHARACTERS)] for dot in atlas(now).dots]
    return json.dumps({"generation": now.number, "trials": trials}, separators=(",", ":"))


def _as_json(text: str) -> Response:
    response = make_response(text)
    response.mimetype = "application/json"
    return response


def _by() -> str:
    by = request.args.get("by", "condition")
    return by if by in COLOURINGS else "condition"
