"""A registry that the tests change, and stores that follow it."""

from __future__ import annotations

import copy
import json
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from kg.build import build
from kg.generation import Generation
from kg.manifest import MANIFEST_FILE
from kg.patience import Patience
from kg.refresh import RefreshOptions, refresh
from kg.refresh.running import TOLD
from kg.registry import RegistryClient
from kg.runs import Run
from kg.store import Store
from tests.conftest import ROOT, WordEncoder
from tests.registry_server import FakeRegistry, Record, serving

GOLDEN = ROOT / "tests/kg/golden"
HURRY = Patience(seconds_between=0.0, attempts=12, first_wait=0.005, longest_wait=0.02, timeout=5.0)


def golden_records() -> list[Record]:
    """The golden records, each with a date of its last update."""
    found = []
    for path in sorted(GOLDEN.glob("*.json")):
        record = json.loads(path.read_text("utf-8"))
        if "protocolSection" not in record:
            continue
        dated(record, "2026-11-01")
        found.append(record)
    return found


def dated(record: Record, day: str) -> Record:
    """Set the day on which the last update was posted."""
    status = record["protocolSection"].setdefault("statusModule", {})
    status["lastUpdatePostDateStruct"] = {"date": day}
    return record


def titled(record: Record, title: str, day: str) -> Record:
    """A copy of a record with another title, updated on a later day."""
    changed = dated(copy.deepcopy(record), day)
    changed["protocolSection"]["identificationModule"]["briefTitle"] = title
    return changed


def write_records(path: Path, records: list[Record]) -> Path:
    """Write records as lines of JSON."""
    path.write_text("".join(json.dumps(record) + "\n" for record in records), "utf-8")
    return path


def exported(generation: Generation) -> list[str]:
    """All quads but those of runs, sorted."""
    return list(generation.sorted_nquads(without_runs=True))


def make_stale(store: Store, stage: str) -> None:
    """Let the published generation be of another version of the program."""
    path = store.published().path / MANIFEST_FILE
    told = json.loads(path.read_text("utf-8"))
    told["stamps"][stage] = "older"
    path.write_text(json.dumps(told), "utf-8")


@dataclass
class Following:
    """A store, the registry that it follows, and short ways to do things with both."""

    registry: FakeRegistry
    url: str
    store: Store
    encoder: WordEncoder
    folder: Path
    number: int = 0

    def refresh(self, **options: Any) -> Run:
        with RegistryClient(self.url, patience=HURRY) as client:
            return refresh(
                self.store, client, options=RefreshOptions(**options), encoder=self.encoder
            )

    def published(self) -> Generation:
        return self.store.published()

    def make_stale(self, stage: str) -> None:
        make_stale(self.store, stage)

    def full_build(self) -> Generation:
        """A build, elsewhere, of the records that the store holds."""
        self.number += 1
        records = self.store.published().records
        payloads = [row.payload for row in records.rows()]
        folder = self.folder / f"full-{self.number}"
        folder.mkdir()
        store = Store(folder / "store")
        source = write_records(folder / "records.ndjson", payloads)
        build(store, [source], self.encoder, graph_kin=self.published().manifest.graph_kin)
        return store.published()

    def assert_equal_to_full_build(self) -> None:
        full, mine = self.full_build(), self.published()
        assert exported(mine) == exported(full)
        ours, theirs = mine.manifest, full.manifest
        left_out = {"records_read", "rejected_records", "repeated_records", "quads", *TOLD}
        for name in (ours.counts.keys() | theirs.counts.keys()) - left_out:
            assert ours.counts.get(name, 0) == theirs.counts.get(name, 0), name
        assert ours.counts["quads"] == len(mine.read_graph())
        assert ours.partitions == theirs.partitions
        assert ours.graph_kin == theirs.graph_kin
        assert ours.not_stated == theirs.not_stated
        assert ours.watermark == theirs.watermark
        assert mine.kin_index.nct_ids == full.kin_index.nct_ids
        for nct_id in mine.records.nct_ids():
            assert mine.records.card(nct_id) == full.records.card(nct_id)
            assert mine.records.facts(nct_id) == full.records.facts(nct_id)
        for words in ("cells", "sclerosis", "trial"):
            assert mine.records.search(words, 50) == full.records.search(words, 50)


@pytest.fixture
def registry() -> FakeRegistry:
    made = FakeRegistry()
    made.put(*golden_records())
    return made


@pytest.fixture(scope="session")
def built_store(tmp_path_factory: pytest.TempPathFactory, word_encoder: WordEncoder) -> Path:
    """The folder of a store of the golden records; do not write to it."""
    folder = tmp_path_factory.mktemp("built")
    source = write_records(folder / "records.ndjson", golden_records())
    build(Store(folder / "store"), [source], word_encoder)
    return folder / "store"


@pytest.fixture
def following(
    tmp_path: Path, registry: FakeRegistry, word_encoder: WordEncoder, built_store: Path
) -> Iterator[Following]:
    """A store that holds what the registry has."""
    shutil.copytree(built_store, tmp_path / "store")
    with serving(registry) as url:
        yield Following(registry, url, Store(tmp_path / "store"), word_encoder, tmp_path)
