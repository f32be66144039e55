"""A graph that is loaded in batches holds what was given, whether it is compacted or not."""

from __future__ import annotations

from pathlib import Path

import pyoxigraph as ox
import pytest

import kg.graph_loading as graph_loading
from kg.graph_loading import GraphLoader

LINES = [
    f"<http://example.org/{number}> <http://example.org/p> "
    f'"{number}" <http://example.org/graph/{number % 3}> .\n'
    for number in range(60)
]


@pytest.mark.parametrize("most", [0, 1000])
def test_all_batches_are_in_the_graph(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, most: int
) -> None:
    monkeypatch.setattr(graph_loading, "COMPACTED_BATCHES", most)
    with GraphLoader(tmp_path / "graph", batch_bytes=500) as loader:
        loader.write(LINES[:20])
        for line in LINES[10:]:  # some come twice
            loader.write([line])
        assert loader.finish() == len(LINES)
    assert [path.name for path in tmp_path.iterdir()] == ["graph"]
    store = ox.Store.read_only(str(tmp_path / "graph"))
    assert sorted(f"{quad} .\n" for quad in store) == sorted(LINES)
