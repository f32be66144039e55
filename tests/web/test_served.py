"""Readers follow the published generation, and keep the last good one."""

from __future__ import annotations

import json
import os
import queue
import shutil
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from kg.generation import MANIFEST_FILE
from kg.sparql.pool import QueryLimits
from kg.store import Store
from ontology.errors import StoreError
from web.config import RETIRE_SECONDS
from web.served import Served, ServedStore


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def own_store(store: Store, tmp_path: Path) -> Store:
    shutil.copytree(store.path, tmp_path / "store")
    return Store(tmp_path / "store")


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def served(own_store: Store, clock: Clock) -> Iterator[ServedStore]:
    found = ServedStore(own_store, query_workers=1, limits=QueryLimits(), clock=clock)
    yield found
    found.close()


def build_again(store: Store) -> None:
    """Publish the same records as the next generation."""
    with store.lock(), store.next_generation() as folder:
        shutil.copytree(store.path / "generations" / "1", folder, dirs_exist_ok=True)
        manifest = json.loads((folder / MANIFEST_FILE).read_bytes())
        manifest["generation"] = max(store.generation_numbers()) + 1
        (folder / MANIFEST_FILE).write_text(json.dumps(manifest), "utf-8")


def test_a_new_generation_is_followed_after_a_second(
    own_store: Store, served: ServedStore, clock: Clock
) -> None:
    first = served.current()
    assert first.number == 1
    build_again(own_store)
    assert served.current() is first  # not asked again within the second
    clock.now = 2.0
    assert served.current().number == 2


def test_every_generation_is_prepared_in_the_background(
    own_store: Store, served: ServedStore, clock: Clock
) -> None:
    prepared: queue.Queue[int] = queue.Queue()
    served.prepare_with(lambda opened: prepared.put(opened.number))
    served.current()
    assert prepared.get(timeout=10) == 1
    build_again(own_store)
    clock.now = 2.0
    served.current()
    assert prepared.get(timeout=10) == 2
    assert prepared.empty()


class Warming:
    """Stands in for `Served.warm`: tells that it has begun, and ends when it is told to."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch):
        self.begun, self.may_end = threading.Event(), threading.Event()
        self.error: Exception | None = None
        monkeypatch.setattr(Served, "warm", lambda _: self())

    def __call__(self) -> None:
        self.begun.set()
        assert self.may_end.wait(10)
        if self.error is not None:
            raise self.error


@pytest.fixture
def warming(monkeypatch: pytest.MonkeyPatch) -> Iterator[Warming]:
    found = Warming(monkeypatch)
    yield found
    found.may_end.set()


@pytest.mark.parametrize("error", [None, StoreError("no facets")])
def test_readers_have_the_one_before_until_a_generation_is_warm(
    own_store: Store,
    served: ServedStore,
    clock: Clock,
    warming: Warming,
    error: Exception | None,
) -> None:
    prepared: queue.Queue[int] = queue.Queue()
    served.prepare_with(lambda opened: prepared.put(opened.number))
    first = served.current()
    assert prepared.get(timeout=10) == 1  # nobody waits for anything else than the first
    warming.error = error
    build_again(own_store)
    for clock.now in (2.0, 4.0):
        assert served.current() is first
        assert warming.begun.wait(10)
    assert prepared.empty()
    warming.may_end.set()
    assert prepared.get(timeout=10) == 2
    assert served.current().number == 2


def test_a_generation_that_was_taken_back_while_it_was_warmed_is_never_given(
    own_store: Store, served: ServedStore, clock: Clock, warming: Warming
) -> None:
    served.prepare_with(lambda opened: None)
    first = served.current()
    build_again(own_store)
    clock.now = 2.0
    served.current()
    assert warming.begun.wait(10)
    own_store.publish(1)
    clock.now = 4.0
    served.current()
    warming.may_end.set()
    for thread in threading.enumerate():
        if thread.name == "prepare":
            thread.join(10)
    assert served.current() is first


def workers_of(path: Path) -> list[int]:
    """Return the processes, children of this one, that have a graph open."""
    found = []
    for process in Path("/proc").iterdir():
        if not process.name.isdecimal():
            continue
        try:
            words = (process / "cmdline").read_bytes().split(b"\0")
            parent = (process / "stat").read_text().rpartition(")")[2].split()[1]
        except OSError:  # it has ended meanwhile
            continue
        if int(parent) == os.getpid() and str(path).encode() in words:
            found.append(int(process.name))
    return found


def test_queries_of_the_old_generation_still_end_well_then_its_workers_go(
    own_store: Store, served: ServedStore, clock: Clock
) -> None:
    first = served.current()
    first.queries.run("ASK {}")
    build_again(own_store)
    clock.now = 2.0
    assert served.current().number == 2
    assert first.queries.run("ASK {}").form == "ASK"
    assert len(workers_of(first.generation.graph_path)) == 1
    clock.now = 2.0 + RETIRE_SECONDS
    served.current()
    assert workers_of(first.generation.graph_path) == []
    assert served.current().queries.run("ASK {}").form == "ASK"


def test_closing_ends_the_workers_of_all_generations(
    own_store: Store, served: ServedStore, clock: Clock
) -> None:
    first = served.current()
    first.queries.run("ASK {}")
    build_again(own_store)
    clock.now = 2.0
    second = served.current()
    second.queries.run("ASK {}")
    served.close()
    assert workers_of(first.generation.graph_path) == []
    assert workers_of(second.generation.graph_path) == []


@pytest.mark.parametrize("text", ["no number", "", "7", "\u0661"])
def test_a_damaged_name_of_the_current_generation_leaves_the_last_good_one(
    own_store: Store,
    served: ServedStore,
    clock: Clock,
    caplog: pytest.LogCaptureFixture,
    text: str,
) -> None:
    first = served.current()
    (own_store.path / "current").write_text(text, "utf-8")
    for clock.now in (2.0, 4.0, 6.0):
        assert served.current() is first
        assert first.queries.run("ASK {}").form == "ASK"
    assert len(caplog.records) == 1  # once, not every second
    own_store.publish(1)
    build_again(own_store)
    clock.now = 8.0
    assert served.current().number == 2


def test_a_name_that_is_gone_leaves_the_last_good_one(
    own_store: Store, served: ServedStore, clock: Clock
) -> None:
    first = served.current()
    (own_store.path / "current").unlink()
    clock.now = 2.0
    assert served.current() is first


def test_what_is_made_once_is_made_once(served: ServedStore) -> None:
    made: list[int] = []
    now = served.current()
    for _ in range(3):
        assert now.once("key", lambda: made.append(1) or "value") == "value"  # type: ignore[func-returns-value]
    assert made == [1]


def test_a_damaged_generation_leaves_the_last_good_one(
    own_store: Store, served: ServedStore, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    first = served.current()
    build_again(own_store)
    (own_store.path / "generations" / "2" / MANIFEST_FILE).write_text("{")
    for clock.now in (2.0, 4.0, 6.0):
        assert served.current() is first
    assert len(caplog.records) == 1


def test_rollback_is_followed(own_store: Store, served: ServedStore, clock: Clock) -> None:
    build_again(own_store)
    assert served.current().number == 2
    own_store.publish(1)
    clock.now = 2.0
    assert served.current().number == 1


def test_nothing_published_is_an_error(tmp_path: Path) -> None:
    empty = ServedStore(Store(tmp_path), query_workers=1, limits=QueryLimits())
    with pytest.raises(StoreError, match="trialkin build"):
        empty.current()
    empty.close()
