"""The graph of the vocabulary and the concept schemes, straight from their Turtle files."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.resources import files

import pyoxigraph as ox

from kg.iris import ONTOLOGY_GRAPH


def ontology_quads() -> Iterator[str]:
    """Yield every triple of the vocabulary and the schemes as a line of N-Quads, sorted."""
    graph = ox.NamedNode(ONTOLOGY_GRAPH)
    package = files("ontology")
    turtles = [package / "trialkin.ttl"]
    schemes = sorted(package.joinpath("schemes").iterdir(), key=lambda entry: entry.name)
    turtles += [entry for entry in schemes if entry.name.endswith(".ttl")]
    lines = {
        f"{ox.Quad(quad.subject, quad.predicate, quad.object, graph)} .\n"
        for turtle in turtles
        for quad in ox.parse(turtle.read_bytes(), format=ox.RdfFormat.TURTLE)
    }
    yield from sorted(lines)
