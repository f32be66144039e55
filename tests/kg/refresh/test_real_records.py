"""Against a registry that fails now and then, and while readers read."""

from __future__ import annotations

import json
import threading
from pathlib import Path

import pytest

from kg.build import build
from kg.refresh import RefreshOptions, refresh
from kg.registry import RegistryClient, Scope
from kg.store import Store
from tests.conftest import WordEncoder
from tests.kg.refresh.conftest import HURRY, Following, exported, titled, write_records
from tests.registry_server import FAULTS, FakeRegistry, serving
from web.app import create_app


@pytest.mark.slow
@pytest.mark.shared
def test_a_fifth_of_the_requests_fail_and_all_records_come(
    shared_dir: Path, tmp_path: Path, word_encoder: WordEncoder
) -> None:
    registry = FakeRegistry(page_size_limit=100)
    registry.load(shared_dir / "data/msc_trials.ndjson.gz")
    records = list(registry.records.values())
    store, full = Store(tmp_path / "store"), Store(tmp_path / "full")
    build(store, [write_records(tmp_path / "some.ndjson", records[:300])], word_encoder)
    build(full, [write_records(tmp_path / "all.ndjson", records)], word_encoder)
    bad = json.loads(json.dumps(records[0])) | {"hasResults": "perhaps"}
    bad["protocolSection"]["identificationModule"]["nctId"] = "NCT07999999"
    registry.put(bad)
    registry.faults, registry.fault_share = FAULTS, 0.2
    registry.timeout_seconds = 6.0
    with serving(registry) as url, RegistryClient(url, patience=HURRY) as client:
        run = refresh(store, client, options=RefreshOptions(scope=Scope()), encoder=word_encoder)
    assert [failure.record for failure in run.failures] == ["NCT07999999"]
    assert run.counts["added_trials"] == len(records) - 300
    assert exported(store.published()) == exported(full.published())


def test_readers_notice_nothing(following: Following) -> None:
    app = create_app(following.store, query_workers=1)
    nct_id = min(following.registry.records)
    answers: list[int] = []
    is_over = threading.Event()

    def read() -> None:
        with app.test_client() as client:
            while not is_over.is_set():
                for path in ("/", f"/trial/{nct_id}", "/search?q=cells"):
                    answers.append(client.get(path).status_code)

    readers = [threading.Thread(target=read) for _ in range(2)]
    for reader in readers:
        reader.start()
    try:
        for day in range(2, 6):
            record = titled(following.registry.records[nct_id], f"Day {day}", f"2026-11-{day:02}")
            following.registry.put(record)
            assert following.refresh(keep=0).outcome == "published"
    finally:
        is_over.set()
        for reader in readers:
            reader.join()
        app.extensions["trialkin"].close()
    assert following.store.generation_numbers() == [5]
    assert len(answers) > 10
    assert set(answers) == {200}


def test_a_removed_trial_still_has_a_page(following: Following) -> None:
    nct_id = "NCT90000001"
    del following.registry.records[nct_id]
    assert following.refresh(full=True).counts["removed_trials"] == 1
    app = create_app(following.store, query_workers=1)
    try:
        with app.test_client() as client:
            assert client.get(f"/trial/{nct_id}").status_code == 200
    finally:
        app.extensions["trialkin"].close()
