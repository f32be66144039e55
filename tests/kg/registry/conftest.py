"""A registry whose records are many and small, and a client that never really waits."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from kg.patience import Patience
from kg.registry import RegistryClient, Scope, fetch
from kg.registry.fetching import Fetched
from kg.registry.spool import Spool
from kg.sources import SourceRecord, read_sources
from tests.registry_server import FakeRegistry, Record, serving


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
