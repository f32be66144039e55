"""Whose a mirror is, and what happens when two write it."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from kg.engines.access import SERVER_FILE, ServerAccess, read_attachment
from kg.engines.mirror import Mirror
from kg.engines.server import GraphServer
from kg.engines.state import STORE, literal
from kg.store import Store
from ontology.errors import EngineError
from tests.kg.engines.faulty import Handler, faulty_server, rows, says
from tests.kg.engines.mirroring import (
    access,
    answered,
    attached,
    held_triples,
    own_triples,
    publish,
    queries_of,
    server_of,
    state_of,
)
from tests.kg.engines.quads import mark


@pytest.fixture
def twin(mirrored: Store, tmp_path: Path) -> Store:
    """A copy of a mirrored store's folder, which knows the mirror as its own."""
    shutil.copytree(mirrored.path, tmp_path / "twin")
    return Store(tmp_path / "twin", access=mirrored.access)


def once(
    monkeypatch: pytest.MonkeyPatch, kind: type, name: str, meanwhile: Callable[[], object]
) -> None:
    """Have something happen just before the first call of a method."""
    method = getattr(kind, name)

    def called(*how: object) -> object:
        monkeypatch.setattr(kind, name, method)
        meanwhile()
        return method(*how)

    monkeypatch.setattr(kind, name, called)


def test_of_two_that_write_at_once_the_earlier_gives_up(
    mirrored: Store, twin: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Both know the differences and change the older graph by them; together they would mix.
    for store in (mirrored, twin):
        assert publish(store, added=[mark(2)]) == 2

    def meanwhile() -> None:
        publish(twin, added=[mark(3)], removed=[mark(2)], run="twin")

    once(monkeypatch, Mirror, "_go_on", meanwhile)
    with pytest.raises(EngineError, match=r"Another process writes.*name="):
        publish(mirrored, added=[mark(4)], removed=[mark(2)])
    assert mirrored.published_number() == 2
    assert held_triples(twin) == own_triples(twin)
    assert mirrored.rollback(3) == 3  # alone, it has its way
    assert held_triples(mirrored) == own_triples(mirrored)


def test_a_load_into_which_others_write_is_found_out_and_begun_anew(
    copied: Callable[[str], Store], mirror_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = copied(mirror_url)
    with server_of(store) as server:
        graph = f"{server.mirror}/a"
        triple = b"<urn:x> <urn:y> <urn:z> .\n"
        once(monkeypatch, GraphServer, "count", lambda: server.add(graph, triple))
        with pytest.raises(EngineError, match="others were added there"):
            attached(store)
        attached(store)
    assert held_triples(store) == own_triples(store)


def test_a_mirror_that_two_claim_is_nobody_s(mirrored: Store) -> None:
    known = read_attachment(mirrored.path)
    assert known is not None
    with server_of(mirrored) as server:
        server.update(
            f"INSERT DATA {{ GRAPH <{server.mirror}> "
            f"{{ <{server.mirror}> <{STORE}> {literal('another')} }} }}"
        )
        with pytest.raises(EngineError, match="mirrors another store"):
            Mirror(server, known.id).check()


def test_a_server_that_refuses_is_not_remembered(
    mirrored: Store, tiny_store: Store, tmp_path: Path
) -> None:
    shutil.copytree(tiny_store.path, tmp_path / "other")
    for url in (mirrored.access.url, "http://127.0.0.1:9?kind=oxigraph"):
        assert url is not None
        other = Store(tmp_path / "other", access=access(url))
        with pytest.raises(EngineError):
            attached(other)
        assert not (other.path / SERVER_FILE).exists()


@pytest.mark.parametrize("damage", [b"", b"\xff\xfe", b'{"url": 3}'])
def test_a_damaged_note_is_mended_by_giving_the_address_again(
    damage: bytes, copied: Callable[[str], Store]
) -> None:
    with faulty_server(says(rows())) as faulty:
        store = copied(faulty.url)
        with store.lock():
            pass
        first = read_attachment(store.path)
        (store.path / SERVER_FILE).write_bytes(damage)
        with pytest.raises(EngineError, match="give --graph again"), Store(store.path).lock():
            pass
        with store.lock():
            pass
        second = read_attachment(store.path)
        assert first is not None
        assert second is not None
        assert first.url == second.url
        with Store(store.path).lock():
            assert read_attachment(store.path) == second


def test_a_server_that_may_not_be_written_is_told_before_any_work(
    copied: Callable[[str], Store],
) -> None:
    def read_only(handler: Handler) -> None:
        (says(rows()) if "query" in handler.faulty.asked[-1] else says(b"no", 403))(handler)

    with faulty_server(read_only) as faulty:
        store = copied(faulty.url)
        with pytest.raises(EngineError, match="TRIALKIN_GRAPH_PASSWORD"), store.lock():
            pytest.fail("the work has begun")
        assert not (store.path / SERVER_FILE).exists()


def test_an_address_is_not_shown_with_its_password(mirrored: Store) -> None:
    assert "secret" not in repr(ServerAccess("http://me:secret@127.0.0.1:1", "me", "secret"))
    kept = json.loads((mirrored.path / SERVER_FILE).read_bytes())
    assert "@" not in kept["url"]


@pytest.mark.parametrize("which", ["", "/a"])
def test_a_graph_that_was_dropped_by_hand_is_missed_and_made_again(
    which: str, mirrored: Store
) -> None:
    query = "SELECT (COUNT(*) AS ?n) { ?t tk:nctId ?n }"
    expected = answered(mirrored, query)
    assert expected[0] == "server"
    with server_of(mirrored) as server:
        server.drop(server.mirror + which)
    assert answered(mirrored, query) == ("own", expected[1])
    with closing(queries_of(mirrored)) as queries:
        assert "Generation 1 is not on" in queries.wrong()[0]
    attached(mirrored)
    assert answered(mirrored, query) == expected
    assert held_triples(mirrored) == own_triples(mirrored)


def test_a_state_that_is_none_is_told(copied: Callable[[str], Store]) -> None:
    with (
        faulty_server(says(rows({"x": "y"}))) as faulty,
        pytest.raises(EngineError, match="does not hold a mirror's state"),
    ):
        state_of(copied(faulty.url))
