"""Whatever ends a pull, the store answers as before or after it, and the next one completes."""

from __future__ import annotations

import errno
import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from typing import Any

import pytest

from kg.replicas.offering import offer
from kg.replicas.pulling import WORK_FOLDER
from ontology.errors import TrialKinError
from tests.conftest import ROOT
from tests.kg.replicas.conftest import Replication, files_of, publish_again
from tests.kg.replicas.file_server import Answer

_WRITERS = ("fsync", "replace", "rename", "link", "mkdir", "unlink")
_PULL = """
import sys
from pathlib import Path
from kg.replicas.places import open_place
from kg.replicas.pulling import pull
from kg.store import Store
print("ready", flush=True)
pull(Store(Path(sys.argv[1])), open_place(sys.argv[2]))
"""
KILLS, MANY_KILLS = 3, 60


def failing_at(number: int, monkeypatch: pytest.MonkeyPatch) -> Callable[[], int]:
    """Let the so many-th writing call into the file system, and all after it, fail."""
    calls = 0

    def failing(call: Callable[..., Any]) -> Callable[..., Any]:
        def called(*args: Any, **kwargs: Any) -> Any:
            nonlocal calls
            calls += 1
            if calls >= number:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(args[0]))
            return call(*args, **kwargs)

        return called

    for name in _WRITERS:
        monkeypatch.setattr(os, name, failing(getattr(os, name)))
    return lambda: calls


def check_and_complete(replication: Replication) -> None:
    """The published generation is whole; the next pull publishes what is offered."""
    published = replication.replica.published_number()
    assert published in (1, 2)
    assert files_of(replication.replica, published) == files_of(replication.origin, published)
    replication.replica.published().read_graph()
    replication.pull()
    assert replication.replica.published_number() == 2
    assert files_of(replication.replica, 2) == files_of(replication.origin, 2)
    left = {path.name for path in (replication.replica.path / "generations").iterdir()}
    assert left == {"1", "2"}


@pytest.mark.parametrize("number", [1, 2, 3, 5, 20, 100, 145, 150])
def test_a_full_disk_leaves_what_was_published(
    replication: Replication, number: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    replication.pull()
    publish_again(replication.origin, changed=True)
    with monkeypatch.context() as patched:
        count = failing_at(number, patched)
        try:
            replication.pull()
        except TrialKinError as error:
            assert "No space left" in str(error)  # noqa: PT017
        else:
            assert count() < number
    check_and_complete(replication)


def pull_elsewhere(replication: Replication) -> subprocess.Popen[bytes]:
    """Begin a pull in a process of its own; returns when it has loaded what it needs."""
    process = subprocess.Popen(
        [sys.executable, "-c", _PULL, str(replication.replica.path), replication.url],
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == b"ready\n"
    return process


def kill_and_complete(replication: Replication, kills: int, chance: random.Random) -> int:
    replication.pull()
    publish_again(replication.origin, changed=True)
    replication.server.fault = lambda path, before, answer: time.sleep(0.01)
    killed = 0
    for _ in range(kills):
        with pull_elsewhere(replication) as process:
            time.sleep(chance.uniform(0, 0.3))
            killed += process.poll() is None
            process.send_signal(signal.SIGKILL)
        published = replication.replica.published_number()
        assert published in (1, 2)
        assert files_of(replication.replica, published) == files_of(replication.origin, published)
        if published == 2:
            replication.replica.rollback()
            with replication.replica.lock():
                replication.replica.discard(2)
    replication.server.fault = None
    check_and_complete(replication)
    return killed


def test_a_killed_pull_leaves_what_was_published(replication: Replication) -> None:
    assert kill_and_complete(replication, KILLS, random.Random(4)) > 0


@pytest.mark.slow
def test_many_killed_pulls_leave_what_was_published(replication: Replication) -> None:
    assert kill_and_complete(replication, MANY_KILLS, random.Random(7)) > MANY_KILLS // 2


def test_what_a_killed_pull_had_is_not_fetched_again(replication: Replication) -> None:
    reached = threading.Event()

    def hang(path: str, before: int, answer: Answer) -> None:
        if path.endswith("records.sqlite") and not before:
            reached.set()
            answer.breaks_after = 0
            time.sleep(1)

    replication.server.fault = hang
    with pull_elsewhere(replication) as process:
        assert reached.wait(30)
        time.sleep(0.5)
        process.send_signal(signal.SIGKILL)
    assert replication.replica.published_number() is None
    kept = sum(path.stat().st_size for path in (replication.replica.path / WORK_FOLDER).iterdir())
    assert kept > 0
    report = replication.pull()
    assert report.fetched_bytes <= report.bytes - kept
    assert files_of(replication.replica, 1) == files_of(replication.origin, 1)


@pytest.mark.parametrize("at", ["graph/CURRENT", "records.sqlite", "manifest.json", "files.json"])
@pytest.mark.parametrize("changed", [False, True])
def test_a_generation_pruned_meanwhile_is_followed_to_the_next(
    replication: Replication, at: str, changed: bool
) -> None:
    moved = []

    def move_on(path: str, before: int, answer: Answer) -> None:
        if path == f"generations/1/{at}" and not moved:
            moved.append(publish_again(replication.origin, keep=0, changed=changed))
            # What was begun is cut off, as a server does whose file has gone.
            answer.status, answer.body = 404, b""

    replication.server.fault = move_on
    report = replication.pull()
    assert moved == [2]
    assert report.generation == replication.replica.published_number() == 2
    assert files_of(replication.replica, 2) == files_of(replication.origin, 2)


def test_an_origin_that_never_rests_is_given_up(replication: Replication) -> None:
    def move_on(path: str, before: int, answer: Answer) -> None:
        if path.endswith("records.sqlite"):
            publish_again(replication.origin, keep=0)
            answer.status = 404

    replication.server.fault = move_on
    with pytest.raises(TrialKinError, match="faster than it can be fetched"):
        replication.pull()
    replication.server.fault = None
    assert replication.pull().generation == 6


def test_an_offer_is_whole_or_the_one_before(
    replication: Replication, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = (replication.origin.path / "offered.json").read_bytes()
    for number in range(1, 4):
        with monkeypatch.context() as patched:
            failing_at(number, patched)
            with pytest.raises((OSError, TrialKinError)):
                offer(replication.origin)
        assert (replication.origin.path / "offered.json").read_bytes() == before
    assert replication.pull().generation == 1
