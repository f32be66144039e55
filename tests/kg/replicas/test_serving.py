"""Two servers on pulled stores behind a proxy: nobody notices a pull, or that one has died."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from kg.replicas.offering import offer
from kg.store import Store
from tests.conftest import ROOT
from tests.kg.replicas.conftest import publish_again
from tests.kg.replicas.proxy import proxying
from tests.web.conftest import build_store
from tests.web.records import FULL
from tests.web.running import Running

pytestmark = pytest.mark.slow

QUERY = "SELECT ?id { ?t tk:nctId ?id } ORDER BY ?id"
PATHS = (
    f"/trial/{FULL}",
    f"/trial/{FULL}/kin",
    f"/trial/{FULL}.ttl",
    f"/trial/{FULL}.jsonld",
    "/search?q=knee",
    "/api/v1/status",
    f"/api/v1/trials/{FULL}/kin",
    "/sparql?query=" + QUERY.replace(" ", "+").replace("?", "%3F"),
)
CLIENTS = 4


@contextmanager
def process(*arguments: str, line: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """Run a program until the block ends; gives it and what its first line has in brackets."""
    running = subprocess.Popen(
        [sys.executable, "-u", *arguments],
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert running.stdout is not None
    with running.stdout:
        first = running.stdout.readline()
        found = re.search(line, first)
        if found is None:
            running.kill()
            raise AssertionError(first + running.stdout.read())
        try:
            yield running, found[1]
        finally:
            running.terminate()
            running.stdout.read()
            running.wait(40)


@contextmanager
def served(store: Path) -> Iterator[Running]:
    arguments = ("-m", "trialkin", "serve", "--port", "0", "--query-workers", "1")
    line = r"Serving on (http://127\.0\.0\.1:\d+)/"
    with process(*arguments, "--store", str(store), line=line) as (running, url):
        yield Running(url, running)


def pulled(url: str, store: Path) -> None:
    command = [sys.executable, "-m", "trialkin", "pull", url, "--store", str(store)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)


def until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.05)
    assert condition()


def generation_of(url: str) -> str:
    answer = httpx.get(f"{url}/api/v1/status", timeout=30, trust_env=False)
    return str(answer.headers["TrialKin-Generation"])


@pytest.fixture
def origin(tmp_path: Path) -> Store:
    store = build_store(tmp_path)
    offer(store)
    return store


@pytest.fixture
def file_server(origin: Store) -> Iterator[str]:
    """Python's own file server, which gives no parts of files."""
    arguments = ("-m", "http.server", "0", "--bind", "127.0.0.1", "--directory", str(origin.path))
    with process(*arguments, line=r"port (\d+)") as (_, port):
        yield f"http://127.0.0.1:{port}/"


def test_replicas_of_one_generation_answer_alike(
    origin: Store, file_server: str, tmp_path: Path
) -> None:
    stores = [tmp_path / "one", tmp_path / "two"]
    for store in stores:
        pulled(file_server, store)
    with served(stores[0]) as one, served(stores[1]) as two:
        for path in PATHS:
            asked = {"headers": {"Host": "trials.example"}, "timeout": 30, "trust_env": False}
            first, second = (httpx.get(server.url + path, **asked) for server in (one, two))
            assert first.status_code == second.status_code == 200, path
            for name in ("ETag", "Cache-Control", "TrialKin-Generation", "Content-Type", "Vary"):
                assert first.headers.get(name) == second.headers.get(name), (path, name)
            if "ETag" in first.headers:
                assert first.content == second.content, path
                asked["headers"] = {
                    "Host": "trials.example",
                    "If-None-Match": first.headers["ETag"],
                }
                assert httpx.get(two.url + path, **asked).status_code == 304, path


def test_nobody_notices_a_pull_or_a_server_that_died(
    origin: Store, file_server: str, tmp_path: Path
) -> None:
    stores = [tmp_path / "one", tmp_path / "two"]
    for store in stores:
        pulled(file_server, store)
    failed: list[str] = []
    seen: dict[str, set[str]] = {}
    asked = [0] * CLIENTS
    done = threading.Event()

    def ask(number: int) -> None:
        with httpx.Client(base_url=url, timeout=30, trust_env=False) as http:
            while not done.is_set():
                path = PATHS[(number + asked[number]) % len(PATHS)]
                answer = http.get(path)
                asked[number] += 1
                if answer.status_code != 200:
                    failed.append(f"{path}: {answer.status_code} {answer.text[:200]}")
                    continue
                seen.setdefault(answer.headers.get("TrialKin-Generation", ""), set()).add(path)
                if path.startswith("/sparql") and FULL not in answer.text:
                    failed.append(f"{path}: {answer.text[:200]}")

    with (
        served(stores[0]) as one,
        served(stores[1]) as two,
        proxying([one.port, two.port]) as (url, proxy),
    ):
        askers = [threading.Thread(target=ask, args=(number,)) for number in range(CLIENTS)]
        for asker in askers:
            asker.start()
        try:
            post = httpx.post(f"{url}/sparql", data={"query": QUERY}, timeout=30, trust_env=False)
            assert FULL in post.text
            publish_again(origin, changed=True)
            for store, server in zip(stores, (one, two), strict=True):
                pulled(file_server, store)
                until(lambda server=server: generation_of(server.url) == "2")
            before = sum(asked)
            until(lambda: sum(asked) > before + 2 * len(PATHS) * CLIENTS)
            one.process.send_signal(signal.SIGKILL)
            before = sum(asked)
            until(lambda: sum(asked) > before + 2 * len(PATHS) * CLIENTS)
        finally:
            done.set()
            for asker in askers:
                asker.join()
    assert failed == []
    assert {"1", "2"} <= seen.keys()
    assert f"/api/v1/trials/{FULL}/kin" in seen["1"] & seen["2"]
    assert min(proxy.answered[one.port], proxy.answered[two.port]) > len(PATHS)
    assert proxy.retried > 0
