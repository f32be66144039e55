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


def test_a_large_graph_comes_in_larger_batches(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sizes: list[int] = []
    load = GraphLoader._load

    def noted(loader: GraphLoader, path: Path) -> None:
        sizes.append(path.stat().st_size)
        load(loader, path)

    monkeypatch.setattr(GraphLoader, "_load", noted)
    most = max(map(len, LINES))
    with GraphLoader(tmp_path / "graph", batch_bytes=100) as loader:
        for line in LINES:
            loader.write([line])
        assert loader.finish() == len(LINES)
    assert sum(sizes) == sum(map(len, LINES))
    *whole, _ = sizes
    before = [sum(sizes[:at]) for at in range(len(whole))]
    for size, taken in zip(whole, before, strict=True):
        least = 100 if taken < 800 else 300
        assert least <= size < least + most
    assert {100 + most > size for size in whole} == {True, False}
