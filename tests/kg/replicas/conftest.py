"""A store that is offered, a file server over it, and short ways to pull and publish."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from kg.manifest import MANIFEST_FILE
from kg.patience import Patience
from kg.replicas.file_list import LIST_FILE, PULLED_FILE
from kg.replicas.offering import offer
from kg.replicas.places import open_place
from kg.replicas.pulling import PullReport, pull
from kg.replicas.told_runs import TOLD_FILE
from kg.runs import RUN_FILE
from kg.store import Store
from tests.kg.replicas.file_server import FileServer, serving

HURRY = Patience(seconds_between=0.0, attempts=4, first_wait=0.001, longest_wait=0.01, timeout=5.0)


def publish_again(store: Store, *, keep: int = 2, changed: bool = False) -> int:
    """Publish the same state as the next generation, by hard links as a refresh does.

    With `changed` the corrections differ, and with them a checksum.
    """
    with store.lock(), store.next_generation(keep=keep) as folder:
        before = store.published().path
        shutil.copytree(
            before,
            folder,
            copy_function=os.link,
            dirs_exist_ok=True,
            ignore=shutil.ignore_patterns(
                MANIFEST_FILE, LIST_FILE, PULLED_FILE, TOLD_FILE, RUN_FILE
            ),
        )
        # The index has a manifest too.
        os.link(before / "vectors" / MANIFEST_FILE, folder / "vectors" / MANIFEST_FILE)
        manifest = json.loads((before / MANIFEST_FILE).read_bytes())
        number = manifest["generation"] = max(store.generation_numbers()) + 1
        if changed:
            (folder / "graph" / "note.txt").write_text(f"generation {number}", "utf-8")
        (folder / MANIFEST_FILE).write_text(json.dumps(manifest), "utf-8")
    return int(number)


def files_of(store: Store, number: int) -> dict[str, bytes]:
    """Return the listed files of a generation."""
    folder = store.path / "generations" / str(number)
    listed = json.loads((folder / LIST_FILE).read_bytes())["files"]
    return {one["path"]: (folder / one["path"]).read_bytes() for one in listed}


@dataclass
class Replication:
    """An origin, the server over it, and a replica."""

    origin: Store
    server: FileServer
    url: str
    replica: Store

    def pull(self, **how: Any) -> PullReport:
        place = open_place(self.url, HURRY)
        try:
            return pull(self.replica, place, **how)
        finally:
            place.close()


@pytest.fixture
def origin(tiny_store: Store, tmp_path: Path) -> Store:
    """A store of the golden records that is offered."""
    shutil.copytree(tiny_store.path, tmp_path / "origin")
    store = Store(tmp_path / "origin")
    offer(store)
    return store


@pytest.fixture
def replication(origin: Store, tmp_path: Path) -> Iterator[Replication]:
    """An offered store behind a file server, and a replica that is not there yet."""
    server = FileServer(origin.path)
    with serving(server) as url:
        yield Replication(origin, server, url, Store(tmp_path / "replica"))
