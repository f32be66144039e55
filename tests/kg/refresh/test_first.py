"""A store that begins with a refresh, and refreshes that change most of a store."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from pathlib import Path

import pytest

from kg.build import build
from kg.refresh import RefreshOptions, plan_refresh, refresh
from kg.refresh.history import kin_changes_of_run
from kg.registry import RegistryClient, Scope
from kg.runs import read_runs
from kg.store import Store
from ontology.errors import RefreshError, StoreError
from tests.conftest import WordEncoder
from tests.kg.refresh.conftest import (
    HURRY,
    Following,
    exported,
    golden_records,
    titled,
    write_records,
)
from tests.registry_server import FakeRegistry, serving


@pytest.fixture
def empty(tmp_path: Path, registry: FakeRegistry, word_encoder: WordEncoder) -> Iterator[Following]:
    """A store with nothing in it, and a registry."""
    with serving(registry) as url:
        yield Following(registry, url, Store(tmp_path / "new"), word_encoder, tmp_path)


def test_a_first_refresh_equals_a_build(empty: Following) -> None:
    run = empty.refresh(scope=Scope())
    assert (run.outcome, run.generation, run.since) == ("published", 1, None)
    assert run.counts["added_trials"] == len(empty.registry.records)
    assert run.redone == []
    empty.assert_equal_to_full_build()
    built = Store(empty.folder / "built")
    build(built, [write_records(empty.folder / "all.ndjson", golden_records())], empty.encoder)
    assert exported(empty.published()) == exported(built.published())
    assert empty.refresh().outcome == "unchanged"


def test_a_first_refresh_names_what_is_not_there(empty: Following) -> None:
    empty.registry.moved["NCT00000777"] = "NCT90000001"
    run = empty.refresh(scope=Scope.of(nct_ids=["NCT00000777", "NCT00000778"]))
    assert [failure.record for failure in run.failures] == ["NCT00000778"]
    records = empty.published().records
    assert records.nct_ids() == ["NCT90000001"]
    assert records.resolve("NCT00000777") == "NCT90000001"


@pytest.mark.parametrize("is_asked", [True, False])
def test_nobody_says_what_to_fetch_first(empty: Following, is_asked: bool) -> None:
    with (
        RegistryClient(empty.url, patience=HURRY) as client,
        pytest.raises(StoreError, match=r"trialkin build.*--condition"),
    ):
        refresh(
            empty.store,
            client if is_asked else None,
            options=RefreshOptions(scope=None if is_asked else Scope()),
            encoder=empty.encoder,
        )
    assert not empty.store.path.exists()
    assert empty.registry.requests == []


def test_a_first_refresh_that_finds_nothing_says_so(empty: Following) -> None:
    with pytest.raises(RefreshError, match="no record of this scope: condition: gout"):
        empty.refresh(scope=Scope.of(condition="gout"))
    assert empty.store.published_number() is None
    assert next(read_runs(empty.store.path)).outcome == "failed"
    assert empty.refresh(scope=Scope()).generation == 1


def test_a_dry_run_of_a_first_refresh_makes_no_folder(empty: Following) -> None:
    with RegistryClient(empty.url, patience=HURRY) as client:
        _, changes = plan_refresh(
            empty.store, client, options=RefreshOptions(scope=Scope()), encoder=empty.encoder
        )
    assert len(changes) == len(empty.registry.records)
    assert not empty.store.path.exists()


def test_many_changes_at_once_equal_a_full_build(
    following: Following, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kg.refresh.running._FEW", 2)
    ids = sorted(following.registry.records)
    for nct_id in ids[:5]:
        following.registry.put(titled(following.registry.records[nct_id], "Cells", "2026-11-05"))
    new = copy.deepcopy(following.registry.records[ids[0]])
    new["protocolSection"]["identificationModule"]["nctId"] = "NCT07000001"
    following.registry.put(new)
    del following.registry.records[ids[7]]
    run = following.refresh(full=True)
    assert (run.counts["added_trials"], run.counts["changed_trials"]) == (1, 5)
    assert run.redone == []
    assert "NCT07000001" in {
        change.kin for change in kin_changes_of_run(following.published(), run.id)
    }
    following.assert_equal_to_full_build()
    assert following.refresh(full=True).outcome == "unchanged"
