"""Answers are kept whole, or not at all, and as long as their generation."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from kg.sparql.kept_answers import (
    ENTRY_BYTES,
    KeptAnswers,
    answer_key,
    answers_folder,
    forget_answers,
)
from kg.sparql.limits import QueryAnswer


def answer(body: bytes = b'{"head":{}}', *, truncated: bool = False) -> QueryAnswer:
    return QueryAnswer("SELECT", "application/json", body, 3, truncated, 0.5)


def test_what_one_keeps_another_finds(tmp_path: Path) -> None:
    KeptAnswers(tmp_path / "a", writes=True).put("key", answer(b"two\nlines\n"), in_file=True)
    found = KeptAnswers(tmp_path / "a").get("key")
    assert found is not None
    assert (found.form, found.media_type, found.body, found.rows, found.truncated) == (
        "SELECT", "application/json", b"two\nlines\n", 3, False,
    )  # fmt: skip


def test_in_memory_only_unless_told_otherwise(tmp_path: Path) -> None:
    kept = KeptAnswers(tmp_path / "a", writes=True)
    kept.put("key", answer())
    assert kept.get("key") == answer()
    assert KeptAnswers(tmp_path / "a").get("key") is None
    assert not (tmp_path / "a").exists()
    KeptAnswers(tmp_path / "a").put("key", answer(), in_file=True)
    assert not (tmp_path / "a").exists()


def test_what_is_not_whole_is_not_kept(tmp_path: Path) -> None:
    kept = KeptAnswers(tmp_path, writes=True)
    kept.put("cut", answer(truncated=True), in_file=True)
    kept.put("large", answer(b"x" * 2_000_001), in_file=True)
    assert kept.get("cut") is None
    assert kept.get("large") is None
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "damage",
    [
        lambda raw: raw[:-1],
        lambda raw: raw.replace(b'{"head"', b'{"heat"'),
        lambda raw: raw.partition(b"\n")[2],
        lambda raw: b"",
        lambda raw: b"\x00\xff\n" + raw,
    ],
)
def test_a_damaged_file_counts_for_nothing(tmp_path: Path, damage: object) -> None:
    KeptAnswers(tmp_path, writes=True).put("key", answer(), in_file=True)
    path = tmp_path / "key"
    path.write_bytes(damage(path.read_bytes()))  # type: ignore[operator]
    assert KeptAnswers(tmp_path).get("key") is None


def test_where_no_file_can_be_written_memory_does(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("no folder")
    kept = KeptAnswers(blocked / "answers", writes=True)
    kept.put("key", answer(), in_file=True)
    assert kept.get("key") == answer()


def test_memory_is_bounded_and_what_was_asked_for_last_stays() -> None:
    kept = KeptAnswers(memory_bytes=250 + 2 * ENTRY_BYTES)
    for name in ("a", "b"):
        kept.put(name, answer(b"x" * 100))
    assert kept.get("a") is not None
    kept.put("c", answer(b"x" * 100))
    assert [kept.get(name) is not None for name in ("a", "b", "c")] == [True, False, True]
    kept.put("c", answer(b"x" * 120))  # counted once
    assert [kept.get(name) is not None for name in ("a", "c")] == [True, True]


def test_answers_of_nothing_take_memory_too() -> None:
    kept = KeptAnswers(memory_bytes=3 * ENTRY_BYTES)
    for name in "abcd":
        kept.put(name, answer(b""))
    assert [kept.get(name) is not None for name in "abcd"] == [False, True, True, True]


def test_many_may_write_and_read_at_once(tmp_path: Path) -> None:
    bodies = [str(number).encode() * 5_000 for number in range(8)]
    wrong: list[bytes] = []

    def work(body: bytes) -> None:
        for _ in range(20):
            kept = KeptAnswers(tmp_path, writes=True)
            kept.put("key", answer(body), in_file=True)
            found = KeptAnswers(tmp_path).get("key")
            if found is None or found.body not in bodies:
                wrong.append(body)

    threads = [threading.Thread(target=work, args=(body,)) for body in bodies]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []
    assert [path.name for path in tmp_path.iterdir()] == ["key"]


def test_answers_go_with_their_generation(tmp_path: Path) -> None:
    folders = [answers_folder(tmp_path, number, b"manifest") for number in (1, 2, 12)]
    for folder in folders:
        KeptAnswers(folder, writes=True).put("key", answer(), in_file=True)
    forget_answers(tmp_path, [2, 12])
    assert [folder.exists() for folder in folders] == [False, True, True]
    forget_answers(tmp_path / "nothing", [])


def test_a_number_that_is_given_again_has_answers_of_its_own(tmp_path: Path) -> None:
    first, second = (answers_folder(tmp_path, 3, manifest) for manifest in (b"a", b"b"))
    KeptAnswers(first, writes=True).put("key", answer(), in_file=True)
    assert KeptAnswers(second).get("key") is None


def test_keys_tell_parts_apart() -> None:
    assert len({answer_key("ab", "c"), answer_key("a", "bc"), answer_key("abc")}) == 3
