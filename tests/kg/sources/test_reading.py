"""Paths: what is looked for, in which order, and what is an error."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from kg.sources import RejectedRecord, SourceRecord, read_sources
from ontology.errors import SourceError


def found(records) -> list[tuple[str, str]]:
    return [
        (record.study.nct_id if isinstance(record, SourceRecord) else "rejected", record.source)
        for record in records
    ]


def test_missing_path_raises_at_once(tmp_path):
    with pytest.raises(SourceError, match="does not exist"):
        read_sources([tmp_path / "missing.json"])


def test_every_path_is_checked_before_any_is_read(tmp_path, study_line):
    (tmp_path / "one.json").write_bytes(study_line(1))
    with pytest.raises(SourceError, match="missing"):
        read_sources([tmp_path / "one.json", tmp_path / "missing"])


def test_odd_path():
    with pytest.raises(SourceError):
        read_sources([Path("a\0b")])


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_unreadable_file(tmp_path):
    path = tmp_path / "one.json"
    path.touch(mode=0)
    with pytest.raises(SourceError, match="cannot be read"):
        read_sources([path])


def test_file_that_vanishes_raises(tmp_path, study_line):
    for name in ("one.json", "two.json"):
        (tmp_path / name).write_bytes(study_line(1))
    records = read_sources([tmp_path / "one.json", tmp_path / "two.json"])
    next(records)
    (tmp_path / "two.json").unlink()
    with pytest.raises(SourceError, match=r"two\.json cannot be read"):
        list(records)


@pytest.mark.parametrize("data", [b"", b" \n ", b"[]", b'{"studies": []}', b"\xef\xbb\xbf"])
def test_file_without_a_record_is_named(read, data):
    (rejected,) = read(data)
    assert isinstance(rejected, RejectedRecord)
    assert "holds no trial record" in str(rejected)
    assert "records" in str(rejected)


@pytest.mark.parametrize(
    "data", [b"hello", b"\x89PNG\r\n", b"\0" * 600, b"a,b\n1,2\n", b"\xff\xfe"]
)
def test_file_in_an_unknown_form_is_named(read, data):
    (rejected,) = read(data)
    assert isinstance(rejected, RejectedRecord)
    assert "records" in str(rejected)


def test_folder_in_sorted_order(tmp_path, study_line, legacy_xml):
    (tmp_path / "b").mkdir()
    (tmp_path / "a" / "deep").mkdir(parents=True)
    (tmp_path / "z.json").write_bytes(study_line(1))
    (tmp_path / "a" / "2.json").write_bytes(study_line(2))
    (tmp_path / "a" / "10.xml").write_text(legacy_xml(3))
    (tmp_path / "a" / "deep" / "x").write_bytes(study_line(4))
    (tmp_path / "b" / "y").write_bytes(study_line(5))
    expected = [
        ("NCT00000001", "z.json"),
        ("NCT00000003", "a/10.xml"),
        ("NCT00000002", "a/2.json"),
        ("NCT00000004", "a/deep/x"),
        ("NCT00000005", "b/y"),
    ]
    result = found(read_sources([tmp_path]))
    assert result == [(nct_id, str(tmp_path / name)) for nct_id, name in expected]


def test_folder_leaves_out_what_is_plainly_no_record(tmp_path, study_line):
    (tmp_path / ".hidden").mkdir()
    (tmp_path / ".hidden" / "one.json").write_bytes(study_line(1))
    (tmp_path / ".one.json").write_bytes(study_line(1))
    (tmp_path / "README.md").write_text("# Notes\n\n{curly}\n")
    (tmp_path / "table.csv").write_text("a,b\n")
    (tmp_path / "page.html").write_text("<html></html>")
    (tmp_path / "two.json").write_bytes(study_line(2))
    os.mkfifo(tmp_path / "pipe")
    assert found(read_sources([tmp_path])) == [("NCT00000002", str(tmp_path / "two.json"))]


def test_folder_names_every_file_that_could_be_a_record(tmp_path, study_line):
    (tmp_path / "bad.json").write_text("{not json")
    (tmp_path / "empty.json").touch()
    (tmp_path / "bad.xml").write_text("<clinical_st")
    (tmp_path / "lines.ndjson").write_bytes(study_line(1) + b"\nnonsense\nnonsense\n")
    records = list(read_sources([tmp_path]))
    assert [(r.source.rpartition("/")[2], r.locator) for r in records] == [
        ("bad.json", "line 1"),
        ("bad.xml", ""),
        ("empty.json", ""),
        ("lines.ndjson", "line 1"),
        ("lines.ndjson", "line 2"),
        ("lines.ndjson", "line 3"),
    ]


def test_other_json_in_a_folder_gets_one_word(tmp_path):
    (tmp_path / "other.jsonl").write_text('{"a": 1}\n' * 1000)
    assert len(list(read_sources([tmp_path]))) == 1
    assert len(list(read_sources([tmp_path / "other.jsonl"]))) == 1000


def test_folder_without_a_file(tmp_path):
    (rejected,) = read_sources([tmp_path])
    assert "the folder holds no trial record" in str(rejected)


def test_links_in_a_folder(tmp_path, study_line):
    (tmp_path / "one.json").write_bytes(study_line(1))
    (tmp_path / "same.json").symlink_to(tmp_path / "one.json")
    (tmp_path / "broken.json").symlink_to(tmp_path / "nowhere")
    (tmp_path / "loop").symlink_to(tmp_path)
    assert [nct_id for nct_id, _ in found(read_sources([tmp_path]))] == [
        "rejected",
        "NCT00000001",
        "NCT00000001",
    ]


def test_repeats_are_left_to_the_builder(tmp_path, study_line):
    path = tmp_path / "one.json"
    path.write_bytes(study_line(1) + b"\n" + study_line(1))
    assert len(list(read_sources([path, str(path)]))) == 4


def test_files_are_closed_when_the_reader_is_given_up(tmp_path, study_line):
    """Warnings are errors: an open file would fail this test."""
    path = tmp_path / "one.json"
    path.write_bytes(study_line(1) + b"\n" + study_line(2))
    records = read_sources([path])
    next(records)
    records.close()
