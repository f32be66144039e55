"""Whatever a file server does, a pull ends with the right bytes or leaves all as it was."""

from __future__ import annotations

import gzip
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from kg.replicas import http_place
from kg.replicas.http_place import HttpPlace
from kg.replicas.places import open_place
from kg.replicas.pulling import WORK_FOLDER, pull
from kg.store import Store
from ontology.errors import InvalidIdentifierError, ReplicaError
from tests.kg.replicas.conftest import HURRY, Replication, files_of, publish_again
from tests.kg.replicas.file_server import Answer

RECORDS = "generations/1/records.sqlite"


def times(count: int, change: Callable[[Answer], None], name: str = RECORDS) -> Any:
    """A fault that befalls the first requests for a file."""

    def fault(path: str, before: int, answer: Answer) -> None:
        if path == name and before < count:
            change(answer)

    return fault


def status(code: int, **headers: str) -> Callable[[Answer], None]:
    def change(answer: Answer) -> None:
        answer.status, answer.body = code, b"no"
        answer.headers = {name.replace("_", "-"): value for name, value in headers.items()}

    return change


def corrupted(answer: Answer) -> None:
    answer.body = bytes([answer.body[0] ^ 1]) + answer.body[1:]


def broken_off(answer: Answer) -> None:
    answer.breaks_after = len(answer.body) * 2 // 3


def longer(answer: Answer) -> None:
    answer.body += b"x"


def longer_unsaid(answer: Answer) -> None:
    answer.body, answer.length = answer.body + b"x" * 100_000, None


def shorter_unsaid(answer: Answer) -> None:
    answer.body, answer.length = answer.body[:-1], None


def packed(answer: Answer) -> None:
    answer.body = gzip.compress(answer.body)
    answer.headers["Content-Encoding"] = "gzip"


def assert_nothing_but_the_old(replication: Replication) -> None:
    assert replication.replica.published_number() == 1
    assert replication.replica.generation_numbers() == [1]
    assert list((replication.replica.path / "generations").iterdir()) == [
        replication.replica.path / "generations/1"
    ]


@pytest.mark.parametrize(
    "change",
    [
        status(500), status(503, Retry_After="0"), status(429, Retry_After="0"),
        status(429, Retry_After="Mon, 23 Nov 2026 10:00:00 GMT"), broken_off, shorter_unsaid,
    ],
)  # fmt: skip
def test_what_passes_is_tried_again(
    replication: Replication, change: Callable[[Answer], None]
) -> None:
    replication.server.fault = times(3, change)
    assert replication.pull().generation == 1
    assert files_of(replication.replica, 1) == files_of(replication.origin, 1)


def test_what_does_not_pass_is_given_up(replication: Replication) -> None:
    replication.server.fault = times(99, status(502))
    with pytest.raises(ReplicaError, match=r"records\.sqlite answers 502.*after 4 tries"):
        replication.pull()
    assert replication.replica.published_number() is None


@pytest.mark.parametrize("change", [corrupted, longer, longer_unsaid])
def test_a_damaged_file_is_fetched_once_more(
    replication: Replication, change: Callable[[Answer], None]
) -> None:
    replication.server.fault = times(1, change)
    assert replication.pull().generation == 1
    assert files_of(replication.replica, 1) == files_of(replication.origin, 1)


@pytest.mark.parametrize("change", [corrupted, longer, longer_unsaid])
def test_a_file_that_stays_damaged_is_named(
    replication: Replication, change: Callable[[Answer], None]
) -> None:
    replication.pull()
    publish_again(replication.origin, changed=True)
    name = "generations/2/graph/note.txt"
    replication.server.fault = times(99, change, name)
    with pytest.raises(ReplicaError, match=rf"{name}.*twice.*unchanged"):
        replication.pull()
    assert sum(one.path == name for one in replication.server.asked) == 2
    assert_nothing_but_the_old(replication)
    replication.server.fault = None
    assert replication.pull().generation == 2


def test_a_damaged_list_is_named(replication: Replication) -> None:
    replication.pull()
    publish_again(replication.origin)
    replication.server.fault = times(99, corrupted, "generations/2/files.json")
    with pytest.raises(ReplicaError, match=r"files\.json has sha256 .*; offered\.json says"):
        replication.pull()
    assert_nothing_but_the_old(replication)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (packed, "comes packed"),
        (status(401), "answers 401"),
        (status(204), "answers 204"),
        (status(302, Location="http://127.0.0.2:1/records.sqlite"), "not followed"),
        (status(302, Location="http://127.0.0.1:1/records.sqlite"), "not followed"),
        (status(302, Location="file:///etc/passwd"), "not followed"),
        (status(302, Location="http://127.0.0.1:port/"), "Invalid port"),
        (status(301, Location="/" + RECORDS), "again and again"),
    ],
)
def test_what_no_file_server_does_is_refused(
    replication: Replication, change: Callable[[Answer], None], said: str
) -> None:
    replication.server.fault = times(99, change)
    with pytest.raises(ReplicaError, match=said):
        replication.pull()
    assert replication.replica.published_number() is None


def test_a_file_that_is_not_there_is_named(replication: Replication) -> None:
    for code in (404, 410, 403):
        replication.server.fault = times(99, status(code))
        with pytest.raises(ReplicaError, match=rf"has no {RECORDS} \(it answers {code}\)"):
            replication.pull()


def test_a_way_on_the_same_host_is_followed(replication: Replication) -> None:
    elsewhere = replication.origin.path / "elsewhere"
    os.link(replication.origin.path / RECORDS, elsewhere)
    replication.server.fault = times(99, status(307, Location="/elsewhere"))
    assert replication.pull().generation == 1


@pytest.mark.parametrize(
    ("url", "target", "followed"),
    [
        ("http://a.example/store", "https://a.example/x", True),
        ("https://a.example/store", "/x", True),
        ("https://a.example/store", "http://a.example/x", False),
        ("https://a.example/store", "https://b.example/x", False),
        ("https://a.example/store", "https://a.example:8443/x", False),
    ],
)
def test_no_way_leads_elsewhere_or_out_of_tls(url: str, target: str, followed: bool) -> None:
    place = HttpPlace(url, HURRY)
    try:
        request = httpx.Request("GET", url + "/offered.json")
        response = httpx.Response(302, headers={"Location": target}, request=request)
        if followed:
            assert place._moved_to(response).host == "a.example"
        else:
            with pytest.raises(ReplicaError, match="not followed"):
                place._moved_to(response)
    finally:
        place.close()


@pytest.mark.parametrize("gives_parts", [True, False])
def test_a_file_that_broke_off_goes_on_where_it_was(
    replication: Replication, gives_parts: bool
) -> None:
    replication.server.gives_parts = gives_parts
    replication.server.fault = times(99, broken_off)
    with pytest.raises(ReplicaError, match="tries"):
        replication.pull()
    replication.server.fault = None
    replication.server.asked.clear()
    report = replication.pull()
    assert files_of(replication.replica, 1) == files_of(replication.origin, 1)
    (asked,) = (one for one in replication.server.asked if one.path == RECORDS)
    size = (replication.origin.path / RECORDS).stat().st_size
    assert asked.range is not None
    # Four times two thirds of what was missing had come.
    assert asked.sent < size / 50 if gives_parts else asked.sent == size
    whole = [one for one in replication.server.asked if one.path.startswith("generations/1/graph")]
    assert len(whole) < len(list((replication.origin.path / "generations/1/graph").iterdir()))
    assert report.fetched_files >= 1


def test_what_was_left_by_an_earlier_pull_is_not_believed(replication: Replication) -> None:
    replication.server.fault = times(99, status(404))
    with pytest.raises(ReplicaError):
        replication.pull()
    work = replication.replica.path / WORK_FOLDER
    left = sorted(path for path in work.iterdir() if path.stat().st_size > 100)
    assert len(left) > 3
    left[0].write_bytes(bytes(left[0].stat().st_size))  # as after a power failure
    (work / "something else").write_text("x", "utf-8")
    replication.server.fault = None
    replication.pull()
    assert files_of(replication.replica, 1) == files_of(replication.origin, 1)
    assert not work.exists()


def test_a_server_that_drips_is_left(
    replication: Replication, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(http_place, "_PATIENT_SECONDS", -1)
    monkeypatch.setattr(http_place, "_LEAST_BYTES_A_SECOND", 1e12)
    with pytest.raises(ReplicaError, match=r"offered\.json comes too slowly.*4 tries"):
        replication.pull()


@pytest.mark.parametrize(
    "url", ["http://", "https:///x", "http://h/store?key=1", "http://h/#x", "http://h:x/", "", "\0"]
)
def test_what_is_no_address_is_wrong_usage(url: str) -> None:
    with pytest.raises(InvalidIdentifierError):
        open_place(url)


def test_a_password_is_sent_and_neither_shown_nor_kept(replication: Replication) -> None:
    place = open_place(replication.url.replace("//", "//reader:secret@"), HURRY)
    try:
        report = pull(replication.replica, place)
    finally:
        place.close()
    assert report.origin == replication.url
    for kept in replication.replica.path.rglob("*.json"):
        assert b"secret" not in kept.read_bytes()


@pytest.mark.parametrize("body", [b"<!doctype html>", b"{}", b"[" * 70_000, b"x" * 70_000])
def test_what_is_no_offer_is_refused(replication: Replication, tmp_path: Path, body: bytes) -> None:
    (replication.origin.path / "offered.json").write_bytes(body)
    with pytest.raises(ReplicaError, match=r"offered\.json"):
        replication.pull()
    assert not Store(tmp_path / "replica").path.exists()
