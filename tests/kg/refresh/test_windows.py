"""From which day on a scope is asked for: nothing that it brings may be passed over."""

from __future__ import annotations

import copy

import pytest

from kg.build import build
from kg.refresh import RefreshOptions, plan_refresh, refresh
from kg.refresh.asking import until
from kg.registry import RegistryClient, Scope
from tests.kg.refresh.conftest import HURRY, Following, dated, golden_records, titled, write_records
from tests.registry_server import FakeRegistry, Record, nct_id_of, serving

SCLEROSIS = Scope.of(condition="sclerosis")


def in_scope(registry_records: dict[str, Record]) -> str:
    """The id of a record that the scope has."""
    return min(
        nct_id
        for nct_id, record in registry_records.items()
        if "sclerosis" in str(record["protocolSection"].get("conditionsModule", "")).lower()
    )


def new_record(following: Following, day: str, number: int = 7_000_001) -> Record:
    record = copy.deepcopy(following.registry.records[in_scope(following.registry.records)])
    record["protocolSection"]["identificationModule"]["nctId"] = f"NCT{number:08d}"
    return dated(record, day)


def test_what_another_scope_brings_does_not_move_the_window(following: Following) -> None:
    following.refresh(scope=SCLEROSIS)
    following.registry.put(new_record(following, "2026-11-05"))
    other = min(following.registry.records.keys() - {in_scope(following.registry.records)})
    following.registry.put(titled(following.registry.records[other], "Later", "2026-11-15"))
    assert following.refresh(scope=Scope.of(nct_ids=[other])).watermark == "2026-11-15"
    run = following.refresh(scope=SCLEROSIS)
    assert run.since == "2026-10-31"
    assert run.counts["added_trials"] == 1


def test_what_a_mirror_lacks_is_fetched_from_the_registry(following: Following) -> None:
    left_out = in_scope(following.registry.records)
    with serving(FakeRegistry({**following.registry.records})) as mirror:
        following.registry.put(titled(following.registry.records[left_out], "New", "2026-10-20"))
        registry, following.url = following.url, mirror
        assert following.refresh(scope=Scope()).outcome == "unchanged"
        following.url = registry
        run = following.refresh()
        assert (run.scope, run.since) == ("everything", None)
        assert following.refresh().since == "2026-10-31"


def test_a_date_in_the_future_hides_nothing(following: Following) -> None:
    following.refresh(scope=Scope())
    wrong = min(following.registry.records)
    following.registry.put(titled(following.registry.records[wrong], "Wrong", "2062-01-01"))
    assert following.refresh().watermark == "2062-01-01"
    following.registry.put(new_record(following, "2026-11-20"))
    run = following.refresh()
    assert run.since == "2026-11-19"
    assert run.counts["added_trials"] == 1


def test_a_date_in_the_future_hides_nothing_of_a_store_that_was_built(
    following: Following,
) -> None:
    records = golden_records()
    dated(records[0], "2062-01-01")
    source = write_records(following.folder / "again.ndjson", records)
    build(following.store, [source], following.encoder)
    following.registry.put(new_record(following, "2026-11-02"))
    run = following.refresh()
    assert run.since == "2026-10-31"
    assert run.counts["added_trials"] == 1


def test_news_without_a_scope_are_not_everything(following: Following) -> None:
    following.refresh()
    following.registry.put(new_record(following, "2026-10-01"))  # before the window
    assert following.refresh().counts["added_trials"] == 0
    run = following.refresh(scope=Scope())
    assert run.since is None
    assert run.counts["added_trials"] == 1


def test_after_a_build_all_of_the_scope_is_fetched_again(following: Following) -> None:
    following.refresh(scope=Scope())
    following.registry.put(new_record(following, "2026-11-05"))
    assert following.refresh().counts["added_trials"] == 1
    records = golden_records()
    dated(records[0], "2026-11-18")
    build(following.store, [write_records(following.folder / "o.ndjson", records)],
          following.encoder)  # fmt: skip
    run = following.refresh()
    assert run.since is None
    assert run.counts["added_trials"] == 1


def test_after_a_rollback_nothing_is_taken_for_fetched(following: Following) -> None:
    following.refresh(scope=SCLEROSIS)
    following.registry.put(new_record(following, "2026-11-05"))
    assert following.refresh().generation == 2
    following.store.rollback()
    other = max(following.registry.records)
    following.registry.put(titled(following.registry.records[other], "Later", "2026-11-15"))
    assert following.refresh(scope=Scope.of(nct_ids=[other])).generation == 3
    assert following.refresh(scope=SCLEROSIS).counts["added_trials"] == 1


def test_what_is_redone_offline_moves_no_window(following: Following) -> None:
    following.refresh(scope=Scope())
    following.make_stale("ontology")
    assert refresh(following.store, None, encoder=following.encoder).redone == ["ontology"]
    assert following.refresh().since == "2026-10-31"


@pytest.mark.parametrize(
    ("watermark", "timestamp", "day"),
    [
        ("2026-11-01", "2026-11-20T09:00:06", "2026-11-01"),
        ("2062-11-01", "2026-11-20T09:00:06", "2026-11-20"),
        ("2026-10", "2026-11-20T09:00:06", "2026-10-01"),
        ("2026", "2026-11-20T09:00:06", "2026-01-01"),
        ("soon", "2026-11-20T09:00:06", "2026-11-20"),
        ("2026-11-1", "2026-11-20T09:00:06", "2026-11-01"),
        ("2026-11-01", "today", "2026-11-01"),
        ("soon", "today", None),
        (None, "2026-11-20T09:00:06", None),
    ],
)
def test_until_when_all_has_come(watermark: str | None, timestamp: str, day: str | None) -> None:
    assert until(watermark, timestamp) == day


def test_a_scope_that_is_followed_in_place_of_another_is_told(
    following: Following, caplog: pytest.LogCaptureFixture
) -> None:
    following.refresh(scope=SCLEROSIS)
    following.refresh(scope=SCLEROSIS)
    assert not caplog.records
    wanted = nct_id_of(golden_records()[0])
    following.refresh(scope=Scope.of(nct_ids=[wanted]))
    assert f"followed: ids: {wanted}; before it was: condition: sclerosis" in caplog.text


def test_a_date_that_is_none_stops_nothing(following: Following) -> None:
    records = golden_records()
    dated(records[0], "2026-11-1")  # after all others, and no day
    source = write_records(following.folder / "again.ndjson", records)
    build(following.store, [source], following.encoder)
    assert following.refresh().since == "2026-10-31"


def test_a_dry_run_does_not_say_that_it_follows(
    following: Following, caplog: pytest.LogCaptureFixture
) -> None:
    following.refresh(scope=SCLEROSIS)
    with RegistryClient(following.url, patience=HURRY) as client:
        options = RefreshOptions(scope=Scope())
        plan_refresh(following.store, client, options=options, encoder=following.encoder)
    assert "from now on" not in caplog.text
    assert following.refresh().scope == "condition: sclerosis"
