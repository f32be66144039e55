"""The registry client is polite, patient, and takes nothing on trust."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from werkzeug.wrappers import Request

from kg.registry import RegistryClient, Scope, fetch
from kg.registry.answers import RefusedRequestError
from kg.registry.client import Patience
from kg.registry.fetching import Fetched
from kg.registry.scope import day_before, id_requests
from kg.registry.spool import Spool
from kg.sources import SourceRecord, read_sources
from ontology.errors import InvalidIdentifierError, RegistryError
from tests.registry_server import FAULTS, FakeRegistry, Record, serving


def record(number: int, updated: str = "2026-11-01", title: str = "A trial") -> Record:
    return {
        "protocolSection": {
            "identificationModule": {"nctId": f"NCT{number:08d}", "briefTitle": title},
            "statusModule": {"lastUpdatePostDateStruct": {"date": updated}},
        }
    }


class Clock:
    """Time that passes only when somebody sleeps."""

    def __init__(self) -> None:
        self.now = 0.0
        self.slept: list[float] = []
        self.stops_after = 0

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        if len(self.slept) + 1 == self.stops_after:
            self.stops_after = 0
            raise KeyboardInterrupt
        self.slept.append(seconds)
        self.now += seconds


@pytest.fixture
def registry() -> FakeRegistry:
    made = FakeRegistry(page_size_limit=10)
    made.put(*(record(number) for number in range(1, 31)))
    return made


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def client(registry: FakeRegistry, clock: Clock) -> Iterator[RegistryClient]:
    with serving(registry) as url:
        made = RegistryClient(
            url, patience=Patience(attempts=10, timeout=1.0), clock=clock, sleep=clock.sleep
        )
        with made:
            yield made


def fetched_ids(fetched: Fetched) -> list[str]:
    found = read_sources(fetched.paths)
    return [item.study.nct_id for item in found if isinstance(item, SourceRecord)]


def everything(client: RegistryClient, folder: Path, key: str = "all") -> Fetched:
    return fetch(client, list(Scope().requests(None)), key, Spool(folder))


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


def test_retries_wait_longer_and_longer_with_jitter(
    client: RegistryClient, registry: FakeRegistry, clock: Clock
) -> None:
    registry.faults, registry.fault_share = ("500",), 1.0
    with pytest.raises(RegistryError, match=r"answers 500.*10 tries"):
        client.data_timestamp()
    assert client.requests == 10
    waits = [seconds for seconds in clock.slept if seconds > 1]
    for number, seconds in enumerate(waits):
        wanted = min(60.0, 2.0 * 2**number)
        assert 0.75 * wanted <= seconds <= 1.25 * wanted
    assert len(waits) == 9


def test_retry_after_is_honoured(
    client: RegistryClient, registry: FakeRegistry, clock: Clock
) -> None:
    registry.faults, registry.fault_share, registry.retry_after = ("429",), 1.0, "77"
    with pytest.raises(RegistryError, match="429"):
        client.data_timestamp()
    assert min(seconds for seconds in clock.slept if seconds > 1) == 77


def test_a_refused_request_is_not_repeated(client: RegistryClient) -> None:
    with pytest.raises(RefusedRequestError, match=r"400.*viable alternative"):
        client.page({"filter.advanced": "AREA[Nothing"})
    assert client.requests == 1


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


def test_a_record_under_an_old_id(client: RegistryClient, registry: FakeRegistry) -> None:
    registry.moved["NCT00000099"] = "NCT00000007"
    found = client.study("NCT00000099")
    assert found is not None
    assert found.nct_id == "NCT00000007"
    assert client.study("NCT00000098") is None


def test_circles_and_strangers_are_not_followed(
    client: RegistryClient, registry: FakeRegistry
) -> None:
    registry.moved |= {"NCT00000098": "NCT00000099", "NCT00000099": "NCT00000098"}
    with pytest.raises(RegistryError, match="circles"):
        client.study("NCT00000098")
    registry.moved["NCT00000097"] = "../../elsewhere"
    with pytest.raises(RegistryError, match="no record"):
        client.study("NCT00000097")


@pytest.mark.parametrize("url", ["ftp://127.0.0.1/", "nonsense", "http://"])
def test_what_is_no_address_is_refused(url: str) -> None:
    with pytest.raises(RegistryError, match="no address"):
        RegistryClient(url)


def test_a_scope_in_words_and_in_parameters() -> None:
    scope = Scope.of(condition=" multiple  sclerosis ", nct_ids=["nct7", "NCT00000002"])
    assert str(scope) == "condition: multiple sclerosis; ids: NCT00000002 NCT00000007"
    (only,) = scope.requests("2026-11-01")
    assert only["query.cond"] == "multiple sclerosis"
    assert only["filter.ids"] == "NCT00000002,NCT00000007"
    assert only["filter.advanced"] == "AREA[LastUpdatePostDate]RANGE[2026-11-01,MAX]"
    assert str(Scope()) == "everything"
    assert Scope().is_everything
    with pytest.raises(InvalidIdentifierError):
        Scope.of(nct_ids=["cord"])


def test_many_ids_are_asked_for_in_batches() -> None:
    ids = [f"NCT{number:08d}" for number in range(1, 251)]
    sizes = [len(request["filter.ids"].split(",")) for request in id_requests(ids)]
    assert sizes == [100, 100, 50]


def test_the_day_before() -> None:
    assert day_before("2024-03-01") == "2024-02-29"
