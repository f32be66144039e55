"""While generations are published under load, every answer is whole and of one generation."""

from __future__ import annotations

import threading
import time

import httpx
from flask import Flask

from kg.store import Store
from tests.web.records import FULL
from tests.web.running import running
from tests.web.test_served import build_again, own_store
from web.app import create_app
from web.served import EXTENSION, ServedStore, served

__all__ = ["own_store"]

PATHS = (
    "/api/v1/status",
    f"/api/v1/trials/{FULL}/kin",
    "/api/v1/search?q=knee",
    f"/trial/{FULL}.nt",
    "/sparql?query=SELECT+%3Fg+%7B+%3Ft+tk%3AnctId+%3Fg+%7D",
)
CLIENTS = 10


def test_two_flips_lose_no_answer(own_store: Store) -> None:
    failed: list[str] = []
    seen: set[str] = set()
    done = threading.Event()

    def ask(number: int) -> None:
        with httpx.Client(base_url=url, timeout=30, trust_env=False) as http:
            while not done.is_set():
                for path in PATHS[number % len(PATHS) :] + PATHS[: number % len(PATHS)]:
                    response = http.get(path, headers={"Accept": "*/*"})
                    generation = response.headers.get("TrialKin-Generation", "")
                    seen.add(generation)
                    if response.status_code != 200:
                        failed.append(f"{path}: {response.status_code} {response.text[:200]}")
                    elif (
                        path.startswith("/api/")
                        and str(response.json()["generation"]) != generation
                    ):
                        failed.append(f"{path}: {generation} and {response.json()['generation']}")

    with running(own_store, threads=8, query_workers=4) as server:
        url = server.url
        askers = [threading.Thread(target=ask, args=(number,)) for number in range(CLIENTS)]
        for asker in askers:
            asker.start()
        try:
            for number in (2, 3):
                build_again(own_store)
                deadline = time.monotonic() + 30
                while str(number) not in seen and time.monotonic() < deadline:
                    time.sleep(0.05)
        finally:
            done.set()
            for asker in askers:
                asker.join()
    assert failed == []
    assert seen >= {"1", "2", "3"}


def test_a_request_stays_with_its_generation(own_store: Store) -> None:
    app: Flask = create_app(own_store, query_workers=1)
    held: ServedStore = app.extensions[EXTENSION]
    try:
        with app.test_request_context("/"):
            first = served()
            build_again(own_store)
            held._check_at = float("-inf")
            assert held.current().number == 2
            assert served() is first
        with app.test_request_context("/"):
            assert served().number == 2
    finally:
        held.close()
