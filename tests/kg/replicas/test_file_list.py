"""The list of a generation's files: what is in it, and what is refused of another's."""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.replicas.file_list import (
    LIST_FILE,
    MAX_FILE_BYTES,
    check_name,
    parse_list,
    read_list,
    write_list,
)
from kg.replicas.offering import offer, parse_offer, withdraw
from kg.store import Store
from ontology.errors import ReplicaError, StoreError
from tests.kg.replicas.conftest import publish_again

EMPTY = hashlib.sha256(b"").hexdigest()


def listed(*files: dict[str, Any], **changed: Any) -> bytes:
    told = {
        "list_version": 1,
        "format_version": 2,
        "software_version": "0.1.0",
        "generation": 3,
        "built_at": "2026-11-23",
        "files": [{"path": "manifest.json", "size": 0, "sha256": EMPTY}, *files],
    }
    return json.dumps(told | changed).encode()


def file(path: str, **changed: Any) -> dict[str, Any]:
    return {"path": path, "size": 0, "sha256": EMPTY} | changed


@pytest.mark.parametrize(
    "path", ["manifest.json", "graph/000015.sst", "graph/MANIFEST-000005", "vectors/a/b_c.npy"]
)
def test_names_of_a_generation_are_allowed(path: str) -> None:
    assert check_name(path) == path


@pytest.mark.parametrize(
    "path",
    [
        "", ".", "..", "../current", "graph/../../current", "/etc/passwd", "graph//a", "graph/",
        ".hidden", "graph/.hidden", "a/b/c/d", "graph\\a", "a b", "a\n", "ü", "a:b", "C:/a", "a%2e",
        "-r", "~root", "x" * 101, "files.json", "pulled.json",
    ],
)  # fmt: skip
def test_other_names_are_refused(path: str) -> None:
    with pytest.raises(ReplicaError):
        check_name(path)
    with pytest.raises(ReplicaError):
        parse_list(listed(file(path)), 3)


@given(path=st.text(max_size=40))
def test_an_allowed_name_stays_in_its_folder(path: str) -> None:
    try:
        check_name(path)
    except ReplicaError:
        return
    assert path.isascii()
    folder = "/store/generations/3"
    assert os.path.normpath(f"{folder}/{path}") == f"{folder}/{path}"


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        (b"", "damaged"),
        (b"[]", "damaged"),
        (b"<!doctype html>", "damaged"),
        (b"[" * 100_000, "damaged"),
        (listed(list_version=2), "version 2"),
        (listed(generation=4), "generation 4"),
        (listed(files=[]), "no manifest.json"),
        (listed(file("a", size=-1)), "-1 bytes"),
        (listed(file("a", size=MAX_FILE_BYTES + 1)), "bytes"),
        (listed(file("a", sha256="../x")), "no sha256"),
        (listed(file("a", sha256=EMPTY.upper())), "no sha256"),
        (listed(file("graph/a"), file("graph/A")), "twice"),
        (listed(file("graph"), file("graph/a")), "a file itself"),
        (listed(file("a", size=1 << 15, block_size=1 << 14, blocks="0" * 32)), "blocks"),
        (listed(file("a", size=64, block_size=1, blocks="0" * 2048)), "blocks"),
        (listed(file("a", size=1 << 15, blocks="0" * 32)), "blocks"),
        (listed(file("a", size=1 << 15, block_size=-5)), "blocks"),
    ],
)
def test_a_list_from_elsewhere_is_not_believed(raw: bytes, said: str) -> None:
    with pytest.raises(ReplicaError, match=said):
        parse_list(raw, 3)


@given(raw=st.binary(max_size=200))
def test_whatever_comes_is_a_list_or_refused(raw: bytes) -> None:
    with pytest.raises(ReplicaError):
        parse_list(raw, 3)
    with pytest.raises(ReplicaError):
        parse_offer(raw)


def test_the_list_has_every_file_but_what_is_no_data(origin: Store) -> None:
    folder = origin.published().path
    found = {one.path: one for one in read_list(folder).files}
    there = {
        path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()
    }  # fmt: skip
    assert there - found.keys() == {LIST_FILE, "graph/LOG", "graph/LOCK"}
    for name, one in found.items():
        content = (folder / name).read_bytes()
        assert (one.size, one.sha256) == (len(content), hashlib.sha256(content).hexdigest())


def test_large_files_that_change_in_place_tell_their_blocks(origin: Store) -> None:
    folder = origin.published().path
    size = 3 * 16384 + 1
    (folder / "vectors" / "large").write_bytes(bytes(number % 251 for number in range(size)))
    (folder / LIST_FILE).unlink()
    found = {one.path: one for one in write_list(folder).files}
    content, one = (folder / "vectors" / "large").read_bytes(), found["vectors/large"]
    assert (one.block_size, one.block_count) == (16384, 4)
    for number in range(4):
        block = content[number * 16384 : (number + 1) * 16384]
        assert one.block(number) == hashlib.sha256(block).hexdigest()[:32]
    assert one.block(4) == ""
    assert found["records.sqlite"].block_size == 16384
    assert not any(one.blocks for path, one in found.items() if path.startswith("graph/"))


def test_only_new_files_are_read_again(origin: Store) -> None:
    folder = origin.published().path
    told = json.loads((folder / LIST_FILE).read_bytes())
    for one in told["files"]:
        one["sha256"] = "0" * 64  # no file has this one, so who tells it has not read any
    (folder / LIST_FILE).write_text(json.dumps(told), "utf-8")
    publish_again(origin)
    found = {one.path: one.sha256 for one in read_list(origin.published().path).files}
    new = {path for path, sha256 in found.items() if sha256 != "0" * 64}
    assert new == {"manifest.json", "runs.json"}


def test_a_store_that_is_not_offered_lists_nothing(tiny_store: Store) -> None:
    assert not (tiny_store.published().path / LIST_FILE).exists()
    assert not (tiny_store.path / "offered.json").exists()


def test_an_offered_store_stays_so_until_it_is_withdrawn(origin: Store) -> None:
    number = publish_again(origin)
    told = json.loads((origin.path / "offered.json").read_bytes())
    raw = (origin.published().path / LIST_FILE).read_bytes()
    assert told["generation"] == number
    assert told["list_sha256"] == hashlib.sha256(raw).hexdigest()
    origin.rollback()
    assert json.loads((origin.path / "offered.json").read_bytes())["generation"] == number - 1
    withdraw(origin)
    number = publish_again(origin)
    assert not (origin.path / "offered.json").exists()
    assert not (origin.published().path / LIST_FILE).exists()
    assert offer(origin).generation == number


def test_what_is_no_store_is_not_offered(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="trialkin build"):
        offer(Store(tmp_path / "nothing"))
    assert not (tmp_path / "nothing").exists()


def test_a_file_of_an_odd_name_is_not_offered(origin: Store) -> None:
    folder = origin.published().path
    (folder / LIST_FILE).unlink()
    (folder / "vectors" / "my notes.txt").write_text("", "utf-8")
    with pytest.raises(StoreError, match="my notes"):
        offer(origin)
