"""A build publishes a whole generation or changes nothing; the same input gives the same graph."""

from __future__ import annotations

import gzip
import json
import os
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyoxigraph as ox
import pytest

from kg.build import build
from kg.generation import Generation
from kg.iris import KIN_GRAPH, ONTOLOGY_GRAPH, trial_iri
from kg.runs import read_runs
from kg.store import Store
from ontology.errors import BuildError, SourceError, StoreError
from ontology.vocabulary import TK
from tests.conftest import ROOT, WordEncoder

GOLDEN = ROOT / "tests/kg/golden"


def record(nct_id: str, title: str = "A trial", updated: str | None = None) -> dict[str, Any]:
    status = {} if updated is None else {"lastUpdatePostDateStruct": {"date": updated}}
    return {
        "protocolSection": {
            "identificationModule": {"nctId": nct_id, "briefTitle": title},
            "statusModule": status,
        }
    }


def write_lines(path: Path, *lines: Any) -> Path:
    shown = [line if isinstance(line, str) else json.dumps(line) for line in lines]
    path.write_text("\n".join(shown) + "\n", "utf-8")
    return path


def exported(generation: Generation) -> list[str]:
    return list(generation.sorted_nquads(without_runs=True))


def test_every_record_is_in_the_graph_once(tiny_store: Store) -> None:
    generation = tiny_store.published()
    graph = generation.read_graph()
    trials = {
        quad.subject.value
        for quad in graph.quads_for_pattern(None, ox.NamedNode(str(TK.nctId)), None, None)
    }
    assert trials == {trial_iri(nct_id) for nct_id in generation.records.nct_ids()}
    assert len(trials) == generation.manifest.counts["trials"] == 14
    assert generation.manifest.counts["quads"] == len(graph)


def test_no_triple_stands_in_two_graphs(tiny_store: Store) -> None:
    seen: set[tuple[str, str, str]] = set()
    for quad in tiny_store.published().read_graph():
        triple = (str(quad.subject), str(quad.predicate), str(quad.object))
        assert triple not in seen, triple
        seen.add(triple)
        assert not isinstance(quad.subject, ox.BlankNode)


def test_graphs_are_those_of_the_design(tiny_store: Store) -> None:
    graph = tiny_store.published().read_graph()
    names = {name.value for name in graph.named_graphs()}
    assert {KIN_GRAPH, ONTOLOGY_GRAPH} <= names
    assert len([name for name in names if "/graph/trial/" in name]) == 14


def test_kin_in_the_graph_are_those_of_the_index(tiny_store: Store) -> None:
    generation = tiny_store.published()
    graph = generation.read_graph()
    for nct_id in generation.records.nct_ids():
        edges = graph.quads_for_pattern(
            ox.NamedNode(trial_iri(nct_id)), ox.NamedNode(str(TK.kin)), None, None
        )
        stored = {quad.object.value for quad in edges}
        assert stored == {trial_iri(kin.nct_id) for kin in generation.kin_index.rank(nct_id, 20)}
        assert trial_iri(nct_id) not in stored


def test_two_builds_of_the_same_records_are_equal(
    tmp_path: Path, tiny_store: Store, word_encoder: WordEncoder
) -> None:
    sources = sorted(GOLDEN.glob("*.json"), reverse=True)  # nor does the order of files matter
    store = Store(tmp_path / "store")
    build(store, sources, word_encoder)
    assert exported(store.published()) == exported(tiny_store.published())


def test_bad_records_are_named_and_the_others_go_in(
    tmp_path: Path, word_encoder: WordEncoder
) -> None:
    source = write_lines(
        tmp_path / "records.ndjson",
        record("NCT00000001"),
        "{ not json",
        {"protocolSection": {"identificationModule": {"briefTitle": "No id"}}},
        record("NCT00000002") | {"hasResults": "maybe"},
        record("NCT00000003"),
    )
    report = build(Store(tmp_path / "store"), [source], word_encoder)
    assert report.counts["trials"] == 2
    assert [rejected.locator for rejected in report.rejected] == ["line 2", "line 3", "line 4"]
    assert report.rejected[2].nct_id == "NCT00000002"
    assert report.rejected[2].field == "hasResults"
    assert report.rejected_share == pytest.approx(3 / 5)


def test_of_repeated_records_the_one_updated_last_stays(
    tmp_path: Path, word_encoder: WordEncoder
) -> None:
    source = write_lines(
        tmp_path / "records.ndjson",
        record("NCT00000001", "old", "2020-01-01"),
        record("NCT00000001", "new", "2021-01-01"),
        record("nct1", "older", "2019-01-01"),
    )
    store = Store(tmp_path / "store")
    report = build(store, [source], word_encoder)
    assert report.repeated == ["NCT00000001", "NCT00000001"]
    assert store.published().records.card("NCT00000001").title == "new"


@pytest.fixture
def published(tmp_path: Path, word_encoder: WordEncoder) -> Store:
    store = Store(tmp_path / "store")
    build(store, [write_lines(tmp_path / "first.ndjson", record("NCT00000001"))], word_encoder)
    return store


def assert_unchanged(store: Store) -> None:
    assert store.published_number() == 1
    assert store.published().records.nct_ids() == ["NCT00000001"]
    assert [entry.name for entry in (store.path / "generations").iterdir()] == ["1"]


def test_a_missing_source_changes_nothing(
    published: Store, tmp_path: Path, word_encoder: WordEncoder
) -> None:
    with pytest.raises(SourceError, match=r"missing\.json"):
        build(published, [tmp_path / "missing.json"], word_encoder)
    assert_unchanged(published)


@pytest.mark.parametrize("text", ["", "{}", "nothing of use", "[]"])
def test_an_empty_source_changes_nothing(
    published: Store, tmp_path: Path, word_encoder: WordEncoder, text: str
) -> None:
    source = tmp_path / "empty.json"
    source.write_text(text)
    with pytest.raises(BuildError, match="no record that can be read"):
        build(published, [source], word_encoder)
    assert_unchanged(published)
    last = next(read_runs(published.path))
    assert (last.kind, last.outcome) == ("build", "failed")
    assert "no record that can be read" in last.error


@pytest.mark.parametrize(
    "stage",
    [
        "kg.derivation.map_study",
        "kg.shards.links.kin_quads",
        "kg.build.run_quads",
        "kg.stages.entity_quads",
        "kg.stages.ontology_quads",
        "kg.manifest._checksums",
        "kg.build.write_corrections",
        "kg.build.write_run",
    ],
)
@pytest.mark.parametrize(
    "error",
    [OSError(28, "No space left on device"), sqlite3.OperationalError("database or disk is full")],
)
def test_a_full_disk_at_any_stage_changes_nothing(
    published: Store,
    word_encoder: WordEncoder,
    monkeypatch: pytest.MonkeyPatch,
    stage: str,
    error: Exception,
) -> None:
    def fail(*_: object, **__: object) -> Iterator[str]:
        raise error

    monkeypatch.setattr(stage, fail)
    with pytest.raises(BuildError, match=r"(No space left|disk is full).*unchanged"):
        build(published, sorted(GOLDEN.glob("*.json")), word_encoder)
    assert_unchanged(published)


def test_what_a_crash_left_is_cleared_away(published: Store, word_encoder: WordEncoder) -> None:
    left = published.path / "generations" / ".building-7"
    left.mkdir()
    (left / "graph.nq").write_text("half a line")
    build(published, [GOLDEN / "no_condition.json"], word_encoder)
    assert not left.exists()
    assert published.published_number() == 2


def test_a_crash_before_the_flip_leaves_the_old_generation(
    published: Store, word_encoder: WordEncoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    def crash(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "replace", crash)
    with pytest.raises(KeyboardInterrupt):
        build(published, [GOLDEN / "no_condition.json"], word_encoder)
    monkeypatch.undo()
    assert published.published_number() == 1
    assert published.published().records.nct_ids() == ["NCT00000001"]


def test_two_writers_at_once_are_refused(published: Store, word_encoder: WordEncoder) -> None:
    with published.lock(), pytest.raises(StoreError, match=rf"process {os.getpid()} on .* since"):
        build(published, [GOLDEN / "no_condition.json"], word_encoder)
    build(published, [GOLDEN / "no_condition.json"], word_encoder)


def test_old_generations_are_pruned(published: Store, word_encoder: WordEncoder) -> None:
    for _ in range(4):
        build(published, [GOLDEN / "no_condition.json"], word_encoder)
    assert published.generation_numbers() == [3, 4, 5]
    assert published.published_number() == 5


def test_a_store_without_a_build_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="trialkin build"):
        Store(tmp_path).published()


@pytest.mark.parametrize("text", ["", "x", "\xff"])
def test_a_damaged_pointer_is_told(published: Store, text: str) -> None:
    (published.path / "current").write_bytes(text.encode("latin-1"))
    with pytest.raises(StoreError, match="current"):
        published.published()


def test_a_generation_of_another_format_is_refused(published: Store) -> None:
    manifest = published.path / "generations/1/manifest.json"
    changed = json.loads(manifest.read_text()) | {"format_version": 99}
    manifest.write_text(json.dumps(changed))
    with pytest.raises(StoreError, match="format 99"):
        published.published()


def test_gzip_and_folders_are_read(tmp_path: Path, word_encoder: WordEncoder) -> None:
    folder = tmp_path / "records"
    folder.mkdir()
    (folder / "a.json").write_text(json.dumps(record("NCT00000001")))
    (folder / "b.bin").write_bytes(gzip.compress(json.dumps([record("NCT00000002")]).encode()))
    store = Store(tmp_path / "store")
    build(store, [folder], word_encoder)
    assert store.published().records.nct_ids() == ["NCT00000001", "NCT00000002"]
