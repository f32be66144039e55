"""A pull brings what is offered, only what is new of it, and refuses to lose anything."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import msgspec
import pytest

from kg.manifest import FORMAT_VERSION
from kg.replicas.file_list import LIST_FILE, write_list
from kg.replicas.offering import offer
from kg.replicas.places import open_place
from kg.replicas.pulling import WORK_FOLDER, pull
from kg.runs import read_runs
from kg.store import Store
from ontology.errors import ReplicaError, StoreLockedError
from tests.kg.refresh.conftest import exported
from tests.kg.replicas.conftest import Replication, files_of, publish_again


def test_a_pull_brings_everything(replication: Replication) -> None:
    report = replication.pull()
    origin, replica = replication.origin, replication.replica
    assert (report.outcome, report.generation, report.before) == ("published", 1, None)
    listed = len((origin.published().path / LIST_FILE).read_bytes())
    assert report.fetched_bytes == replication.server.sent("generations/1/") - listed
    assert 0.99 * report.bytes < report.fetched_bytes <= report.bytes  # equal files come once
    assert files_of(replica, 1) == files_of(origin, 1)
    assert exported(replica.published()) == exported(origin.published())
    assert replica.published().manifest == origin.published().manifest
    assert len(replica.published().records.search("cells")) > 0
    assert not (replica.path / WORK_FOLDER).exists()


def test_what_is_there_already_is_one_small_request(replication: Replication) -> None:
    replication.pull()
    replication.server.asked.clear()
    assert replication.pull().outcome == "unchanged"
    assert [one.path for one in replication.server.asked] == ["offered.json"]
    assert replication.server.sent() < 1000


def test_only_what_is_new_is_fetched(replication: Replication) -> None:
    replication.pull()
    publish_again(replication.origin, changed=True)
    replication.server.asked.clear()
    report = replication.pull()
    assert (report.outcome, report.generation, report.fetched_files) == ("published", 2, 3)
    assert sorted(one.path for one in replication.server.asked) == [
        "generations/2/files.json",
        "generations/2/graph/note.txt",
        "generations/2/manifest.json",
        "generations/2/runs.json",
        "offered.json",
    ]
    first, second = (replication.replica.path / f"generations/{n}" for n in (1, 2))
    assert (first / "records.sqlite").samefile(second / "records.sqlite")
    assert files_of(replication.replica, 2) == files_of(replication.origin, 2)


def test_a_rollback_at_the_origin_is_followed_without_fetching(replication: Replication) -> None:
    replication.pull()
    publish_again(replication.origin)
    replication.pull()
    replication.origin.rollback()
    report = replication.pull()
    assert (report.outcome, report.generation, report.fetched_files) == ("published", 1, 0)
    assert replication.replica.published_number() == 1


def test_another_kept_generation_can_be_asked_for(replication: Replication) -> None:
    publish_again(replication.origin)
    publish_again(replication.origin)
    assert replication.pull(generation=2).generation == 2
    assert replication.replica.published_number() == 2
    assert replication.pull().generation == 3
    with pytest.raises(ReplicaError, match=r"no generations/9/.* It offers generation 3"):
        replication.pull(generation=9)
    shutil.rmtree(replication.origin.path / "generations/1")
    with pytest.raises(ReplicaError, match=r"no generations/1/files\.json"):
        replication.pull(generation=1)


def test_old_generations_are_pruned_as_asked(replication: Replication) -> None:
    for _ in range(4):
        replication.pull(keep=1)
        publish_again(replication.origin)
    assert replication.replica.generation_numbers() == [3, 4]


def test_a_dry_run_writes_nothing(replication: Replication) -> None:
    report = replication.pull(dry_run=True)
    assert (report.outcome, report.before) == ("planned", None)
    assert 0.99 * report.bytes < report.fetched_bytes <= report.bytes
    assert not replication.replica.path.exists()
    replication.pull()
    publish_again(replication.origin, changed=True)
    assert replication.pull(dry_run=True).fetched_files == 3
    assert replication.replica.published_number() == 1


def test_a_replica_tells_of_the_runs_that_it_skipped(replication: Replication) -> None:
    publish_again(replication.origin)
    replication.pull()
    first = next(read_runs(replication.origin.path))
    assert (first.generation, first.outcome) == (1, "published")
    assert [run.id for run in read_runs(replication.replica.path)] == [first.id]


@pytest.mark.parametrize("run_id", ["../../current", "20261123T0315Z/../x", ""])
def test_a_run_of_an_odd_name_is_refused(replication: Replication, run_id: str) -> None:
    path = replication.origin.path / "generations/1/runs.json"
    run = next(read_runs(replication.origin.path))
    run.id = run_id
    path.write_bytes(msgspec.json.encode([run]))
    (path.parent / LIST_FILE).unlink()
    write_list(path.parent)
    offer(replication.origin)
    with pytest.raises(ReplicaError, match=r"runs\.json"):
        replication.pull()
    assert replication.replica.published_number() is None


def test_a_replica_can_be_offered_too(replication: Replication, tmp_path: Path) -> None:
    replication.pull()
    offer(replication.replica)
    publish_again(replication.origin)
    replication.pull()
    third = Store(tmp_path / "third")
    report = pull(third, open_place(str(replication.replica.path)))
    assert report.generation == 2
    assert files_of(third, 2) == files_of(replication.origin, 2)


def test_what_was_made_here_is_not_replaced_unasked(replication: Replication) -> None:
    shutil.copytree(replication.origin.path, replication.replica.path)
    (replication.replica.path / "generations/1" / LIST_FILE).unlink()
    for publish in (lambda: None, lambda: publish_again(replication.origin)):
        publish()
        with pytest.raises(ReplicaError, match="made here"):
            replication.pull()
    report = replication.pull(force=True)
    assert (report.generation, report.before) == (2, 1)
    assert replication.replica.generation_numbers() == [1, 2]
    replication.replica.rollback()
    with pytest.raises(ReplicaError, match="made here"):
        replication.pull()


def test_a_copy_of_the_origin_is_up_to_date(replication: Replication) -> None:
    shutil.copytree(replication.origin.path, replication.replica.path)
    assert replication.pull().outcome == "unchanged"
    assert not (replication.replica.path / "replica.json").exists()


def test_two_stores_with_one_number_are_told_apart(replication: Replication) -> None:
    replication.pull()
    publish_again(replication.origin, changed=True)
    replication.pull()
    # The origin is built anew: its first generation is another one than the replica's.
    shutil.rmtree(replication.origin.path / "generations/2")
    manifest = replication.origin.path / "generations/1/manifest.json"
    manifest.write_text(json.dumps(json.loads(manifest.read_text("utf-8"))), "utf-8")
    (manifest.parent / LIST_FILE).unlink()
    replication.origin.publish(1)
    with pytest.raises(ReplicaError, match=r"another generation 1.*--force"):
        replication.pull()
    assert replication.replica.published_number() == 2
    assert replication.pull(force=True).generation == 1
    assert files_of(replication.replica, 1) == files_of(replication.origin, 1)
    publish_again(replication.origin)
    with pytest.raises(ReplicaError, match="another generation 2"):
        replication.pull()


def test_the_published_generation_is_never_swapped_for_another_of_its_number(
    replication: Replication,
) -> None:
    replication.pull()
    manifest = replication.origin.path / "generations/1/manifest.json"
    manifest.write_text(manifest.read_text("utf-8") + "\n", "utf-8")
    (manifest.parent / LIST_FILE).unlink()
    offer(replication.origin)
    for force in (False, True):
        with pytest.raises(ReplicaError, match="an empty folder"):
            replication.pull(force=force)


def test_a_store_that_is_not_offered_says_how(tiny_store: Store, tmp_path: Path) -> None:
    with pytest.raises(ReplicaError, match="trialkin offer"):
        pull(Store(tmp_path / "replica"), open_place(str(tiny_store.path)))
    assert not (tmp_path / "replica").exists()


@pytest.mark.parametrize(("version", "remedy"), [(-1, "built again there"), (1, "version here")])
def test_another_format_is_refused(replication: Replication, version: int, remedy: str) -> None:
    path = replication.origin.path / "generations/1" / LIST_FILE
    told = json.loads(path.read_bytes())
    told["format_version"] = FORMAT_VERSION + version
    path.write_text(json.dumps(told), "utf-8")
    offer(replication.origin)
    with pytest.raises(ReplicaError, match=rf"format {FORMAT_VERSION + version} .*{remedy}"):
        replication.pull()


def test_a_disk_that_is_too_small_is_seen_before(
    replication: Replication, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = shutil.disk_usage(replication.origin.path)._replace(free=64 << 20)
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage)
    with pytest.raises(ReplicaError, match="room for 67 MB"):
        replication.pull()
    assert replication.server.sent("graph/") == 0


def test_another_writer_keeps_a_pull_out(replication: Replication) -> None:
    replication.pull()
    with replication.replica.lock():
        assert replication.pull().outcome == "unchanged"
        publish_again(replication.origin)
        with pytest.raises(StoreLockedError):
            replication.pull()


def test_a_file_system_without_hard_links_gets_copies(
    replication: Replication, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*args: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(os, "link", refuse)
    assert replication.pull().generation == 1
    assert files_of(replication.replica, 1) == files_of(replication.origin, 1)


def test_a_generation_that_cannot_be_served_is_not_published(replication: Replication) -> None:
    folder = replication.origin.path / "generations/1"
    with open(folder / "graph/CURRENT", "w", encoding="ascii") as current:
        current.write("MANIFEST-999999\n")
    (folder / LIST_FILE).unlink()
    offer(replication.origin)
    with pytest.raises(ReplicaError, match="cannot be opened"):
        replication.pull()
    assert replication.replica.published_number() is None
    assert replication.replica.generation_numbers() == []


def test_a_damaged_file_here_is_fetched_again(replication: Replication) -> None:
    replication.pull()
    damaged = replication.replica.path / "generations/1/records.sqlite"
    size = damaged.stat().st_size
    os.truncate(damaged, size // 2)
    publish_again(replication.origin)
    assert replication.pull().fetched_bytes >= size
    assert files_of(replication.replica, 2) == files_of(replication.origin, 2)
