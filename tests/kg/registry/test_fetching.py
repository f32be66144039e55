"""All pages of a question come, from one state of the registry, or none does."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from werkzeug.wrappers import Request

from kg.registry import RegistryClient, Scope, fetch
from kg.registry.scope import id_requests
from kg.registry.spool import Spool
from ontology.errors import RegistryError
from tests.kg.registry.conftest import Clock, everything, fetched_ids, record
from tests.registry_server import FAULTS, FakeRegistry


def test_all_pages_come_and_an_empty_last_page_is_no_error(
    client: RegistryClient, registry: FakeRegistry, tmp_path: Path
) -> None:
    fetched = everything(client, tmp_path)
    assert fetched_ids(fetched) == sorted(registry.records)
    assert fetched.pages == 4
    assert len(fetched.paths) == 3


def test_requests_are_a_second_apart(client: RegistryClient, clock: Clock, tmp_path: Path) -> None:
    everything(client, tmp_path)
    assert clock.slept == [pytest.approx(1.0)] * (client.requests - 1)


@pytest.mark.parametrize("fault", FAULTS)
def test_what_may_pass_is_tried_again(
    client: RegistryClient, registry: FakeRegistry, tmp_path: Path, fault: str
) -> None:
    registry.faults, registry.fault_share, registry.timeout_seconds = (fault,), 0.3, 1.5
    assert fetched_ids(everything(client, tmp_path)) == sorted(registry.records)


def test_a_page_that_changes_meanwhile_begins_the_window_anew(
    client: RegistryClient, registry: FakeRegistry, tmp_path: Path
) -> None:
    def change(request: Request) -> None:
        if "pageToken" in request.args and registry.data_timestamp.endswith("06"):
            registry.data_timestamp = "2026-11-21T09:00:07"
            registry.put(record(31))

    registry.before = change
    fetched = everything(client, tmp_path)
    assert fetched.data_timestamp == "2026-11-21T09:00:07"
    assert fetched_ids(fetched) == sorted(registry.records)


def test_a_registry_that_never_rests_is_given_up(
    client: RegistryClient, registry: FakeRegistry, tmp_path: Path
) -> None:
    def change(request: Request) -> None:
        registry.data_timestamp += "x"

    registry.before = change
    with pytest.raises(RegistryError, match="begun 5 times"):
        everything(client, tmp_path)


def test_an_expired_token_begins_the_window_anew(
    client: RegistryClient, registry: FakeRegistry, tmp_path: Path
) -> None:
    registry.expire_tokens = 2
    assert fetched_ids(everything(client, tmp_path)) == sorted(registry.records)


def test_repeated_and_reversed_pages_are_read(
    client: RegistryClient, registry: FakeRegistry, tmp_path: Path
) -> None:
    registry.repeat_pages = registry.swap_pages = True
    assert set(fetched_ids(everything(client, tmp_path))) == set(registry.records)


def test_a_stopped_fetch_goes_on_where_it_was(
    client: RegistryClient, registry: FakeRegistry, clock: Clock, tmp_path: Path
) -> None:
    clock.stops_after = 3
    with pytest.raises(KeyboardInterrupt):
        everything(client, tmp_path)
    before = len(registry.requests)
    assert fetched_ids(everything(client, tmp_path)) == sorted(registry.records)
    pages = [one for one in registry.requests[before:] if "/studies?" in one]
    assert len(pages) == 2
    everything(client, tmp_path)
    assert len([one for one in registry.requests[before:] if "/studies?" in one]) == 2


def test_another_question_does_not_take_these_pages(
    client: RegistryClient, registry: FakeRegistry, tmp_path: Path
) -> None:
    everything(client, tmp_path)
    before = len(registry.requests)
    everything(client, tmp_path, key="other")
    assert len(registry.requests) > before + 3


def test_too_few_records_are_no_answer(
    client: RegistryClient, registry: FakeRegistry, tmp_path: Path
) -> None:
    def lose(request: Request) -> None:
        if "pageToken" in request.args:
            registry.records.pop("NCT00000030", None)

    registry.before = lose
    fetched = everything(client, tmp_path)
    assert fetched_ids(fetched) == sorted(registry.records)
    assert len(registry.requests) > 6


def test_too_few_records_are_no_answer_where_some_are_asked_for_by_id(
    client: RegistryClient, registry: FakeRegistry, tmp_path: Path
) -> None:
    left_out: list[str] = []

    def lose(request: Request) -> None:
        if "pageToken" in request.args and not left_out:
            left_out.append(max(registry.records))
            registry.records.pop(left_out[0])

    registry.before = lose
    requests = [*Scope().requests(None), *id_requests(["NCT00000001", "NCT00000099"])]
    fetched = fetch(client, requests, "all", Spool(tmp_path))
    assert left_out
    assert set(fetched_ids(fetched)) == set(registry.records)
    begun = [one for one in registry.requests if "countTotal" in one and "Token" not in one]
    assert len(begun) == 2


def test_pages_without_end_are_given_up(
    client: RegistryClient,
    registry: FakeRegistry,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("kg.registry.fetching._IDLE_PAGES", 3)
    registry.endless = True
    with pytest.raises(RegistryError, match="3 pages in a row brought nothing new"):
        everything(client, tmp_path)
    assert len(registry.requests) < 50


def test_more_than_asked_for_ends_a_fetch_that_announces_nothing(
    client: RegistryClient, registry: FakeRegistry, tmp_path: Path
) -> None:
    registry.counts = False
    with pytest.raises(RegistryError, match="20 records of this kind"):
        fetch(client, list(Scope().requests(None)), "all", Spool(tmp_path), most=15)


def test_pages_take_little_room(
    client: RegistryClient, registry: FakeRegistry, tmp_path: Path
) -> None:
    fetched = everything(client, tmp_path)
    sent = sum(len(json.dumps(one)) for one in registry.records.values())
    assert sum(path.stat().st_size for path in fetched.paths) < sent / 2
