"""`build`, `refresh`, `sparql`, `status`, `rollback` and `serve` on a graph server."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

import kg
from kg.engines.differences import read_differences
from kg.store import Store
from tests.conftest import ROOT, WordEncoder
from tests.kg.engines.mirroring import (
    access,
    answered,
    attached,
    held_triples,
    own_triples,
    sent,
    server_of,
)
from tests.kg.engines.servers import RunningServer
from tests.kg.refresh.conftest import Following, built_store, following, registry
from tests.kg.refresh.conftest import titled as titled_record
from trialkin import main
from web.app import create_app
from web.served import EXTENSION

__all__ = ["built_store", "following", "registry"]


@pytest.fixture
def mirrored_following(following: Following, mirror_url: str) -> Following:
    following.store = attached(Store(following.store.path, access=access(mirror_url)))
    return following


@pytest.mark.slow
def test_a_refresh_sends_what_it_changed(
    mirrored_following: Following, monkeypatch: pytest.MonkeyPatch
) -> None:
    following = mirrored_following
    ids = sorted(following.registry.records)

    def title(nct_id: str, words: str, day: str) -> None:
        following.registry.put(titled_record(following.registry.records[nct_id], words, day))

    title(ids[0], "A first new title", "2026-11-10")
    assert following.refresh().generation == 2  # fills the second graph
    whole = len(own_triples(following.store))
    counts = sent(monkeypatch)

    title(ids[1], 'Another "title" \\ of \U0001f600', "2026-11-11")
    added = json.loads(json.dumps(following.registry.records[ids[2]]))
    added["protocolSection"]["identificationModule"]["nctId"] = "NCT07000001"
    added["protocolSection"]["statusModule"]["lastUpdatePostDateStruct"] = {"date": "2026-11-12"}
    following.registry.put(added)
    assert following.refresh().counts["added_trials"] == 1
    assert read_differences(following.published().path) is not None
    assert held_triples(following.store) == own_triples(following.store)
    assert 0 < sum(counts.values()) < whole

    del following.registry.records[ids[3]]
    title(ids[1], "Again", "2026-11-13")
    assert following.refresh(full=True).counts["removed_trials"] == 1
    assert held_triples(following.store) == own_triples(following.store)
    assert following.refresh().outcome == "unchanged"
    following.assert_equal_to_full_build()


def test_a_store_that_has_no_server_keeps_no_differences(following: Following) -> None:
    nct_id = min(following.registry.records)
    record = titled_record(following.registry.records[nct_id], "New", "2026-11-10")
    following.registry.put(record)
    following.refresh()
    assert read_differences(following.published().path) is None


def call(*args: object, **more: str) -> Result:
    return CliRunner().invoke(main, [str(arg) for arg in args], env=dict(more))


@pytest.fixture
def encoder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("similarity.encoders.load_encoder", lambda name: WordEncoder())


@pytest.mark.usefixtures("encoder")
def test_the_same_commands_with_a_server(
    server: RunningServer, mirror_url: str, tmp_path: Path
) -> None:
    store = tmp_path / "store"
    records = sorted((ROOT / "tests/kg/golden").glob("*.json"))[:3]
    plain = mirror_url.replace("dba:dba@", "")
    secrets = {"TRIALKIN_GRAPH_USER": "dba", "TRIALKIN_GRAPH_PASSWORD": "dba"}
    done = call("build", *records, "--store", store, "--graph", plain, "--jobs", "1", **secrets)
    assert done.exit_code == 0, done.output
    opened = Store(store, access=access(mirror_url))
    assert held_triples(opened) == own_triples(opened)

    said = json.loads(call("status", "--store", store, "--format", "json").stdout)
    assert said["engine"] == {"name": "server", "url": plain, "wrong": []}
    assert plain.partition("?")[0] in call("status", "--store", store).stdout

    query = "SELECT (COUNT(?t) AS ?n) { ?t tk:nctId ?id }"
    rows = call("sparql", query, "--format", "csv", "--store", store)
    assert rows.stdout.split() == ["n", str(opened.published().manifest.counts["trials"])]
    graph = kg.open_store(store)
    assert [int(row.n) for row in graph.query(query)] == [int(rows.stdout.split()[1])]
    assert len(graph.query("CONSTRUCT WHERE { ?t tk:nctId ?n }").graph) > 0
    assert graph.query("ASK { ?t tk:nctId ?n }").askAnswer is True
    own = graph.query("SELECT ?t ?n { ?t tk:nctId ?n }", initBindings={"n": kg_literal(opened)})
    assert len(own) == 1
    graph.close()

    done = call("refresh", "--offline", "--store", store, "--format", "json", **secrets)
    assert json.loads(done.stdout)["outcome"] == "unchanged", done.output
    assert call("rollback", "--store", store, **secrets).exit_code == 1  # there is none before
    done = call("refresh", "--offline", "--store", store, "--graph", "none", **secrets)
    assert done.exit_code == 0, done.output
    said = json.loads(call("status", "--store", store, "--format", "json").stdout)
    assert said["engine"] == {"name": "own", "url": None, "wrong": []}


def kg_literal(store: Store) -> object:
    from rdflib import Literal

    return Literal(min(store.published().records.nct_ids()))


def test_a_server_that_is_not_there_is_told(copied: Callable[[str], Store]) -> None:
    store = copied("none")
    nobody = "http://127.0.0.1:9"
    for command in (
        ["sparql", "ASK {}"],
        ["refresh", "--offline"],
    ):
        done = call(*command, "--store", store.path, "--graph", nobody)
        assert done.exit_code == 1
        assert "cannot be reached" in done.output
        assert "Traceback" not in done.output
    assert call("status", "--store", store.path).exit_code == 0  # and it is not remembered
    done = call("sparql", "ASK {}", "--store", store.path, "--graph", "nonsense")
    assert done.exit_code == 1
    assert "begins with http://" in done.output


def test_pages_and_endpoint_answer_from_the_server(
    mirrored: Store, mirror_url: str, tmp_path: Path
) -> None:
    app = create_app(mirrored, query_workers=2)
    try:
        client = app.test_client()
        asked = {"query": "SELECT ?n { ?t tk:nctId ?n }", "format": "csv"}
        answer = client.get("/sparql", query_string=asked)
        assert answer.headers["TrialKin-Engine"] == "server"
        assert answer.headers["TrialKin-Generation"] == "1"
        assert client.get("/ready").status_code == 200
        assert client.get("/sparql?query=ASK{}").get_json() == {"head": {}, "boolean": True}
        named = {"query": "SELECT ?g { GRAPH ?g { ?t tk:nctId ?n } }"}
        assert "TrialKin-Engine" not in client.get("/sparql", query_string=named).headers
    finally:
        app.extensions[EXTENSION].close()
    # Another store's generation, which the server does not hold.
    shutil.copytree(mirrored.path, tmp_path / "other")
    manifest = tmp_path / "other/generations/1/manifest.json"
    manifest.write_text(manifest.read_text().replace('"run": "', '"run": "x'))
    app = create_app(Store(tmp_path / "other", access=access(mirror_url)), query_workers=2)
    try:
        client = app.test_client()
        answer = client.get("/sparql", query_string=asked)
        assert (answer.status_code, "TrialKin-Engine" in answer.headers) == (200, False)
        ready = client.get("/ready")
        assert ready.status_code == 503
        assert "Generation 1 is not on the graph server" in ready.get_json()["wrong"][0]
    finally:
        app.extensions[EXTENSION].close()


def test_the_guide_follows_the_pointer(mirrored: Store) -> None:
    guide = (ROOT / "docs/engines.md").read_text("utf-8")
    with server_of(mirrored) as server:
        query = guide.partition("```sparql\n")[2].partition("```")[0]
        assert query.count("<https://w3id.org/trialkin/mirror>") == 2
        query = query.replace("<https://w3id.org/trialkin/mirror>", f"<{server.mirror}>")
        answer = server._http.post(
            server.address.service("query"),
            data={"query": query},
            headers={"Accept": "application/sparql-results+json"},
        )
        rows = answer.json()["results"]["bindings"]
    found = {row["id"]["value"] for row in rows}
    titled = answered(mirrored, "SELECT ?id { ?t tk:nctId ?id ; tk:briefTitle ?title }")[1][1:]
    assert found == set(titled)


def test_a_server_that_goes_down_turns_the_light_red(copied: Callable[[str], Store]) -> None:
    store = copied("http://127.0.0.1:9")
    app = create_app(store, query_workers=2)
    try:
        client = app.test_client()
        assert client.get("/").status_code == 200  # pages are the store's own
        answer = client.get("/sparql", query_string={"query": "ASK {}"})
        assert answer.status_code == 503
        assert "cannot be reached" in answer.get_json()["detail"]
        assert "cannot be reached" in " ".join(client.get("/ready").get_json()["wrong"])
    finally:
        app.extensions[EXTENSION].close()
