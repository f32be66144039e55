"""The registry client is polite, patient, and takes nothing on trust."""

from __future__ import annotations

import base64

import pytest

from kg.patience import Patience
from kg.registry import RegistryClient, Scope
from kg.registry.answers import RefusedRequestError
from kg.registry.scope import day_before, id_requests
from ontology.errors import InvalidIdentifierError, RegistryError
from tests.kg.registry.conftest import Clock
from tests.registry_server import FakeRegistry, serving


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


def test_each_retry_is_told(
    client: RegistryClient, registry: FakeRegistry, caplog: pytest.LogCaptureFixture
) -> None:
    registry.faults, registry.fault_share = ("500",), 1.0
    with pytest.raises(RegistryError):
        client.data_timestamp()
    told = [record.getMessage() for record in caplog.records]
    assert len(told) == 9
    assert "answers 500" in told[0]
    assert "(2 of 10)" in told[0]


def test_an_answer_that_drips_is_given_up(registry: FakeRegistry) -> None:
    class Hasty(Clock):
        def __call__(self) -> float:
            self.now += 100
            return self.now

    hasty = Hasty()
    with serving(registry) as url:
        patience = Patience(attempts=2, longest_answer=50)
        made = RegistryClient(url, patience=patience, clock=hasty, sleep=hasty.sleep)
        with made, pytest.raises(RegistryError, match="takes longer than 50 seconds"):
            made.data_timestamp()


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


def test_a_password_is_sent_and_not_told(registry: FakeRegistry) -> None:
    sent: list[str] = []
    registry.before = lambda request: sent.append(str(request.authorization))
    with serving(registry) as url:
        secret = url.replace("://", "://reader:s3cret@")
        with RegistryClient(secret, patience=Patience(seconds_between=0)) as client:
            client.data_timestamp()
            with pytest.raises(RefusedRequestError) as refused:
                client.page({"filter.advanced": "nonsense"})
            assert client.base_url == url
    assert sent[0] == f"Basic {base64.b64encode(b'reader:s3cret').decode()}"
    assert "s3cret" not in str(refused.value)


def test_a_base_that_is_none_is_told(client: RegistryClient) -> None:
    with (
        RegistryClient(f"{client.base_url}/nothing", patience=Patience(seconds_between=0)) as wrong,
        pytest.raises(RegistryError, match=r"404.*is this the base of the registry's API"),
    ):
        wrong.data_timestamp()
