"""What a run changed is known afterwards, and leads from one generation to another."""

from __future__ import annotations

import gzip
from pathlib import Path

import pyoxigraph as ox
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kg.engines.differences import Differences, Journal, read_differences, way
from kg.engines.state import Key
from kg.iris import KIN_GRAPH
from ontology.vocabulary import XSD

GRAPH = ox.NamedNode(KIN_GRAPH)
BEFORE = Key(1, "run-1")


def quad(number: int) -> ox.Quad:
    return ox.Quad(ox.NamedNode("urn:s"), ox.NamedNode("urn:p"), ox.Literal(f"{number}\n"), GRAPH)


def lines(path: Path) -> list[str]:
    with gzip.open(path, "rt", encoding="utf-8") as file:
        return file.read().splitlines()


def folder_of(path: Path, number: int = 2) -> Path:
    folder = path / f".building-{number}"
    folder.mkdir()
    return folder


@settings(deadline=None, max_examples=60)
@given(st.sets(st.integers(0, 9)), st.lists(st.sets(st.integers(0, 9)), max_size=6))
def test_only_what_differs_in_the_end_is_kept(
    tmp_path_factory: pytest.TempPathFactory, start: set[int], states: list[set[int]]
) -> None:
    folder = folder_of(tmp_path_factory.mktemp("journal"))
    journal = Journal(folder, BEFORE)
    now = start
    for state in states:
        journal.note(map(quad, now - state), map(quad, state - now))
        now = state
    journal.finish("run-2")
    found = read_differences(folder)
    assert found is not None
    assert (found.before, found.after) == (BEFORE, Key(2, "run-2"))
    assert lines(found.added) == sorted(f"{quad(n).triple} ." for n in now - start)
    assert lines(found.removed) == sorted(f"{quad(n).triple} ." for n in start - now)
    assert len(list((folder / "differences").iterdir())) == 3


def test_what_the_store_writes_otherwise_counts_as_the_same(tmp_path: Path) -> None:
    def at(value: str) -> ox.Quad:
        literal = ox.Literal(value, datatype=ox.NamedNode(XSD.dateTime))
        return ox.Quad(ox.NamedNode("urn:s"), ox.NamedNode("urn:p"), literal, GRAPH)

    folder = folder_of(tmp_path)
    journal = Journal(folder, BEFORE)
    journal.note([at("2026-11-23T04:28:10Z")], [at("2026-11-23T04:28:10+00:00")])
    journal.finish("run-2")
    found = read_differences(folder)
    assert found is not None
    assert lines(found.added) == lines(found.removed) == []


def test_a_journal_that_was_given_up_leaves_nothing(tmp_path: Path) -> None:
    folder = folder_of(tmp_path)
    journal = Journal(folder, BEFORE)
    journal.note([], [quad(1)])
    journal.abandon()
    journal.note([], [quad(2)])
    journal.finish("run-2")
    assert read_differences(folder) is None
    assert list(folder.iterdir()) == []


def test_the_shortest_way_goes_forwards_and_backwards() -> None:
    def step(before: int, after: int) -> Differences:
        added, removed = Path(f"{before}-{after}+"), Path(f"{before}-{after}-")
        return Differences(Key(before, ""), Key(after, ""), added, removed)

    known = [step(1, 2), step(2, 3), step(2, 4), step(4, 5)]
    found = way(known, Key(3, ""), Key(5, ""))
    assert found is not None
    assert [(one.before[0], one.after[0], str(one.added)) for one in found] == [
        (3, 2, "2-3-"),
        (2, 4, "2-4+"),
        (4, 5, "4-5+"),
    ]
    assert way(known, Key(3, ""), Key(3, "")) == []
    assert way(known, Key(3, ""), Key(9, "")) is None
    assert way(known, Key(3, "another run"), Key(5, "")) is None
