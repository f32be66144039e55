"""Whatever ends a refresh, the store answers as before or after it, and the next one completes."""

from __future__ import annotations

import errno
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
import zlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import pytest

from kg.store import Store
from tests.conftest import ROOT
from tests.kg.refresh.conftest import exported, golden_records, make_stale, titled
from tests.kg.refresh.crashing import REFUSED
from tests.registry_server import FakeRegistry, serving

KILLS = 3
MANY_KILLS = 200
ANEW_KILLS = 20


class Forks:
    """Refreshes in processes of their own."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.kg.refresh.crashing"],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )

    def start(self, store: Path, url: str, **wrong: int) -> int:
        assert self._process.stdin is not None
        asked = {"store": str(store), "url": url, **wrong}
        self._process.stdin.write(json.dumps(asked) + "\n")
        self._process.stdin.flush()
        return int(self._line())

    def wait(self) -> int:
        return int(self._line())

    def run(self, store: Path, url: str, **wrong: int) -> int:
        self.start(store, url, **wrong)
        return self.wait()

    def close(self) -> None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait()
        self._process.stdout.close()

    def _line(self) -> str:
        assert self._process.stdout is not None
        return self._process.stdout.readline()


@dataclass
class Scene:
    """A store, what it holds before and after a refresh, and how long that takes."""

    template: Path
    url: str
    forks: Forks
    old: list[str]
    new: list[str]
    seconds: float
    folder: Path

    def copy(self) -> Path:
        path = self.folder / "copy"
        shutil.rmtree(path, ignore_errors=True)
        # What is published is never written, so links do; the rest of a store is written in place.
        shutil.copytree(self.template / "generations", path / "generations", copy_function=os.link)
        left = shutil.ignore_patterns("generations")
        shutil.copytree(self.template, path, ignore=left, dirs_exist_ok=True)
        return path

    def assert_sound_and_completes(self, path: Path) -> None:
        now = exported(Store(path).published())
        assert now in (self.old, self.new)
        assert self.forks.run(path, self.url) == 0
        assert exported(Store(path).published()) == self.new
        left = [entry.name for entry in (path / "generations").iterdir()]
        assert all(name.isdecimal() for name in left)
        assert len(left) <= 3


@contextmanager
def made_scene(built_store: Path, folder: Path, stale: str = "") -> Iterator[Scene]:
    """A store that four changes await, and that may be of another version of the program."""
    registry = FakeRegistry(page_size_limit=2)
    records = golden_records()
    registry.put(*records)
    for number, record in enumerate(sorted(records, key=str)[:4]):
        registry.put(titled(record, f"Changed {number}", "2026-11-05"))
    template, done = folder / "template", folder / "done"
    shutil.copytree(built_store, template)
    if stale:
        make_stale(Store(template), stale)
    shutil.copytree(template, done)
    forks = Forks()
    with serving(registry) as url:
        started = time.monotonic()
        assert forks.run(done, url) == 0
        seconds = time.monotonic() - started
        old, new = (exported(Store(path).published()) for path in (template, done))
        assert new != old
        yield Scene(template, url, forks, old, new, seconds, folder)
        forks.close()


@pytest.fixture(scope="module")
def scene(built_store: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    with made_scene(built_store, tmp_path_factory.mktemp("crash")) as made:
        yield made


def kill_at_random(scene: Scene, times: int, seed: int) -> None:
    chance = random.Random(seed)
    for _ in range(times):
        path = scene.copy()
        child = scene.forks.start(path, scene.url)
        time.sleep(chance.uniform(0, scene.seconds))
        with suppress(ProcessLookupError):  # it was done before
            os.kill(child, signal.SIGKILL)
        assert scene.forks.wait() in (-signal.SIGKILL, 0)
        scene.assert_sound_and_completes(path)


def test_killed_at_some_moments(scene: Scene) -> None:
    kill_at_random(scene, KILLS, seed=1)


@pytest.mark.slow
def test_killed_at_many_moments(scene: Scene) -> None:
    kill_at_random(scene, MANY_KILLS, seed=2)


@pytest.mark.slow
@pytest.mark.parametrize("stage", ["records", "kin"])
def test_killed_while_all_is_made_anew(built_store: Path, tmp_path: Path, stage: str) -> None:
    with made_scene(built_store, tmp_path, stage) as scene:
        kill_at_random(scene, ANEW_KILLS, seed=3)


def fail_at_each(scene: Scene, code: int, step: int) -> int:
    """Let each step-th writing call fail, until a run has fewer of them; return how many.

    What the next run meets is what the failed one has left: where that has been seen to lead to
    the end, it is not gone through again.
    """
    number = 1
    seen = set()
    while True:
        path = scene.copy()
        exit_code = scene.forks.run(path, scene.url, fail_at=number, code=code)
        assert exit_code in (0, REFUSED), (number, exit_code)
        left = left_behind(path)
        if left not in seen:
            seen.add(left)
            scene.assert_sound_and_completes(path)
        if exit_code == 0:
            return number
        number += step


def left_behind(path: Path) -> tuple[tuple[str, int, int], ...]:
    """Names, sizes and sums of all files but the records of runs, which are named by their time."""
    files = sorted(entry for entry in path.rglob("*") if entry.is_file())
    return tuple(
        (str(entry.relative_to(path)), entry.stat().st_size, zlib.crc32(entry.read_bytes()))
        for entry in files
        if entry.parent.name != "runs"
    )


def test_a_disk_that_refuses_at_some_writes(scene: Scene) -> None:
    assert fail_at_each(scene, errno.ENOSPC, step=71) > 71


@pytest.mark.slow
@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EROFS])
def test_a_disk_that_refuses_at_each_write(scene: Scene, code: int) -> None:
    assert fail_at_each(scene, code, step=1) > 50


@pytest.mark.parametrize("share", [0.02, 0.95])
def test_a_full_disk_in_the_midst_of_a_file(scene: Scene, share: float) -> None:
    sizes = sorted(path.stat().st_size for path in scene.template.rglob("*") if path.is_file())
    limit = sizes[int(share * (len(sizes) - 1))] + 10
    path = scene.copy()
    assert scene.forks.run(path, scene.url, limit_bytes=limit) in (0, REFUSED, -signal.SIGABRT)
    scene.assert_sound_and_completes(path)
