"""Of files that are changed in place only what differs is fetched; from any kind of place."""

from __future__ import annotations

import hashlib
import random
import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import fsspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.refresh.health import data_age
from kg.replicas.fetching import _WORTH_A_REQUEST, Earlier, Fetcher, _segments
from kg.replicas.file_list import ListedFile
from kg.replicas.offering import offer
from kg.replicas.places import FolderPlace, FsspecPlace, open_place
from kg.replicas.pulling import pull
from kg.store import Store
from ontology.errors import InvalidIdentifierError, ReplicaError
from tests.kg.refresh.conftest import (
    Following,
    built_store,
    exported,
    following,
    registry,
    titled,
)
from tests.kg.replicas.conftest import HURRY, files_of, publish_again
from tests.kg.replicas.file_server import FileServer, serving

__all__ = ["built_store", "following", "registry"]

BLOCK = 16384


def listed(content: bytes, path: str = "vectors/array") -> ListedFile:
    blocks = [content[at : at + BLOCK] for at in range(0, len(content), BLOCK)]
    digests = "".join(hashlib.sha256(block).hexdigest()[:32] for block in blocks)
    return ListedFile(path, len(content), hashlib.sha256(content).hexdigest(), BLOCK, digests)


@given(
    before=st.lists(st.integers(0, 2), max_size=30),
    after=st.lists(st.integers(0, 2), min_size=2, max_size=30),
    tail=st.integers(1, BLOCK),
    filled=st.integers(0, 31 * BLOCK),
)
def test_segments_cover_what_is_missing_and_take_only_what_is_the_same(
    before: list[int], after: list[int], tail: int, filled: int
) -> None:
    old = b"".join(bytes([one]) * BLOCK for one in before)
    new = b"".join(bytes([one]) * BLOCK for one in after)[: (len(after) - 1) * BLOCK + tail]
    at = filled = min(filled, len(new))
    for start, stop, is_here in _segments(
        listed(new), Earlier(listed(old), Path("x")) if old else None, filled
    ):
        assert start == at < stop
        at = stop
        if is_here:
            assert old[start:stop] == new[start:stop]
            assert stop - start + BLOCK > _WORTH_A_REQUEST or start == filled
    assert at == len(new)


def two_states(folder: Path, at: int) -> tuple[bytes, bytes]:
    """A large file before and after a change of two places, a block and its end."""
    before = random.Random(1).randbytes(100 * BLOCK)
    at *= BLOCK
    after = before[:at] + b"new" * 10 + before[at + 30 :] + b"appended"
    (folder / "there/vectors").mkdir(parents=True)
    (folder / "there/vectors/array").write_bytes(after)
    (folder / "before").write_bytes(before)
    (folder / "work").mkdir()
    return before, after


@pytest.mark.parametrize("gives_parts", [True, False])
@pytest.mark.parametrize("at", [0, 40])
def test_only_blocks_that_differ_are_fetched(tmp_path: Path, gives_parts: bool, at: int) -> None:
    before, after = two_states(tmp_path, at)
    server = FileServer(tmp_path / "there", gives_parts=gives_parts)
    file, earlier = listed(after), Earlier(listed(before), tmp_path / "before")
    told: list[int] = []
    with serving(server) as url, closing(open_place(url, HURRY)) as place:
        fetcher = Fetcher(place, tmp_path / "work", told.append)
        fetcher.fetch("", [file], lambda path: earlier)
    assert fetcher.path(file).read_bytes() == after
    assert sum(told) == len(after)
    assert fetcher.fetched_bytes == server.sent()
    if gives_parts:
        assert [one.range for one in server.asked] == [
            f"bytes={at * BLOCK}-{(at + 1) * BLOCK - 1}",
            f"bytes={100 * BLOCK}-{len(after) - 1}",
        ]
    else:
        assert server.sent() == len(after)


def test_an_earlier_file_that_is_not_what_it_was_is_done_without(tmp_path: Path) -> None:
    before, after = two_states(tmp_path, 40)
    (tmp_path / "before").write_bytes(bytes(len(before)))
    earlier = Earlier(listed(before), tmp_path / "before")
    fetcher = Fetcher(FolderPlace(tmp_path / "there"), tmp_path / "work")
    fetcher.fetch("", [listed(after)], lambda path: earlier)
    assert fetcher.path(listed(after)).read_bytes() == after


def test_a_pull_after_a_refresh_costs_what_changed(following: Following, tmp_path: Path) -> None:
    offer(following.store)
    server, replica = FileServer(following.store.path), Store(tmp_path / "replica")
    with serving(server) as url, closing(open_place(url, HURRY)) as place:
        pull(replica, place)
        nct_id = min(following.registry.records)
        changed = titled(following.registry.records[nct_id], "A new title", "2026-11-20")
        following.registry.put(changed)
        assert following.refresh(full=True).outcome == "published"
        server.asked.clear()
        report = pull(replica, place)
        assert report.generation == 2
        assert exported(replica.published()) == exported(following.published())
        assert replica.published().records.card(nct_id).title == "A new title"
        assert server.sent("graph/") < report.bytes / 10
        assert report.fetched_bytes < report.bytes / 2
        # A refresh that finds nothing new makes the replica young again.
        before = data_age(replica).current_as_of
        run = following.refresh()
        assert run.outcome == "unchanged"
        assert pull(replica, place).outcome == "unchanged"
        assert data_age(replica).current_as_of == run.started >= before


@pytest.fixture(params=["folder", "file", "memory"])
def copied(
    request: pytest.FixtureRequest, origin: Store, tmp_path: Path
) -> Iterator[Callable[[], str]]:
    """Copies the origin to where a place reads it, and gives the address."""
    bucket = f"bucket-{tmp_path.name}"

    def copy() -> str:
        if request.param != "memory":
            shutil.rmtree(tmp_path / "copied", ignore_errors=True)
            shutil.copytree(origin.path, tmp_path / "copied")
            return f"{'file://' if request.param == 'file' else ''}{tmp_path / 'copied'}"
        fsspec.filesystem("memory").put(f"{origin.path}/", f"/{bucket}/", recursive=True)
        return f"memory://{bucket}"

    yield copy
    if request.param == "memory":
        fsspec.filesystem("memory").rm(f"/{bucket}", recursive=True)


def test_a_copy_anywhere_can_be_pulled(
    origin: Store, tmp_path: Path, copied: Callable[[], str]
) -> None:
    replica = Store(tmp_path / "replica")
    assert pull(replica, open_place(copied(), HURRY)).generation == 1
    assert files_of(replica, 1) == files_of(origin, 1)
    publish_again(origin, changed=True)
    place = open_place(copied(), HURRY)
    assert pull(replica, place).fetched_files == 3
    assert pull(replica, place).outcome == "unchanged"
    with pytest.raises(ReplicaError, match="has no generations/7"):
        pull(replica, place, generation=7)


def test_a_file_cut_short_is_named(origin: Store, tmp_path: Path) -> None:
    path = origin.published().path / "records.sqlite"
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(ReplicaError, match=r"records\.sqlite ends after"):
        pull(Store(tmp_path / "replica"), open_place(str(origin.path)))


def test_an_object_store_that_fails_for_a_while_is_asked_again(
    origin: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = FsspecPlace(f"memory://{tmp_path.name}", HURRY)
    tries: list[str] = []

    def fail(path: str, **part: int) -> bytes:
        tries.append(path)
        raise ConnectionResetError(104, "Connection reset by peer")

    monkeypatch.setattr(place._files, "cat_file", fail)
    with pytest.raises(ReplicaError, match=r"reset by peer.*after 4 tries"):
        pull(Store(tmp_path / "replica"), place)
    assert len(tries) == 4


def test_a_library_that_is_missing_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(InvalidIdentifierError, match="nonsense"):
        open_place("nonsense://bucket")
    monkeypatch.setitem(sys.modules, "s3fs", None)
    with pytest.raises(ReplicaError, match="s3fs"):
        open_place("s3://user:secret@bucket/store")
    monkeypatch.setitem(sys.modules, "fsspec", None)
    with pytest.raises(ReplicaError, match=r"s3://bucket/store needs fsspec.*trialkin\[cluster\]"):
        open_place("s3://user:secret@bucket/store")


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ReplicaError, match="no folder"):
        open_place(str(tmp_path / "nothing"))
