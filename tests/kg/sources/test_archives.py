"""Packed files: gzip, xz, bzip2, zip, tar and these inside each other; and their damage."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import os
import random
import stat
import tarfile
import zipfile
import zlib

import pytest

from kg.sources import RejectedRecord, SourceRecord
from kg.sources.tar_stream import is_tar_header


def make_tar(members: dict[str, bytes], mode: str = "w", form: int = tarfile.GNU_FORMAT) -> bytes:
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode=mode, format=form) as archive:
        for name, data in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return file.getvalue()


def make_zip(members: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", method) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return file.getvalue()


def read_ids(records: list) -> list[str]:
    return [record.study.nct_id for record in records if isinstance(record, SourceRecord)]


@pytest.fixture
def members(study_line, legacy_xml) -> dict[str, bytes]:
    return {
        "b/two.json": study_line(2),
        "a/one.xml": legacy_xml(1).encode(),
        "lines": study_line(3) + b"\n" + study_line(4),
    }


EXPECTED = [
    ("NCT00000002", "b/two.json: line 1"),
    ("NCT00000001", "a/one.xml"),
    ("NCT00000003", "lines: line 1"),
    ("NCT00000004", "lines: line 2"),
]


class TestForms:
    @pytest.mark.parametrize("pack", [gzip.compress, lzma.compress, bz2.compress])
    def test_compressed_lines(self, read, study_line, summarise, pack):
        data = pack(study_line(1) + b"\n" + study_line(2))
        assert summarise(read(data)) == [("NCT00000001", "line 1"), ("NCT00000002", "line 2")]

    @pytest.mark.parametrize("pack", [gzip.compress, lzma.compress, bz2.compress])
    def test_streams_put_one_after_another(self, read, study_line, pack):
        data = pack(study_line(1) + b"\n") + pack(study_line(2)) + b"\0" * 512
        assert read_ids(read(data)) == ["NCT00000001", "NCT00000002"]

    @pytest.mark.parametrize(
        "method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2]
    )
    def test_zip(self, read, members, summarise, method):
        assert summarise(read(make_zip(members, method))) == EXPECTED

    @pytest.mark.parametrize("form", [tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT])
    @pytest.mark.parametrize("mode", ["w", "w:gz", "w:xz", "w:bz2"])
    def test_tar(self, read, members, summarise, mode, form):
        assert summarise(read(make_tar(members, mode, form))) == EXPECTED

    @pytest.mark.parametrize("form", [tarfile.GNU_FORMAT, tarfile.PAX_FORMAT])
    def test_long_and_odd_names(self, read, study_line, summarise, form):
        name = "é" * 200 + "/record.json"
        data = make_tar({name: study_line(1)}, form=form)
        assert summarise(read(data)) == [("NCT00000001", f"{name}: line 1")]

    def test_members_of_the_current_folder(self, read, study_line, summarise):
        data = make_tar({"./one.json": study_line(1)})
        assert summarise(read(data)) == [("NCT00000001", "./one.json: line 1")]

    def test_ustar_prefix(self, read, study_line, summarise):
        name = "d" * 90 + "/" + "f" * 90
        data = make_tar({name: study_line(1)}, form=tarfile.USTAR_FORMAT)
        assert summarise(read(data)) == [("NCT00000001", f"{name}: line 1")]

    def test_inside_each_other(self, read, members, study_line, summarise):
        inner = make_zip({"deep.json.gz": gzip.compress(study_line(5))})
        data = make_tar({"in.zip": inner, **members}, "w:gz")
        assert summarise(read(data)) == [("NCT00000005", "in.zip: deep.json.gz: line 1"), *EXPECTED]

    def test_zip_behind_other_bytes(self, read, study_line):
        data = make_zip({"a.json": study_line(1)})
        assert read_ids(read(b"PK\x03\x04 a launcher" + data)) == ["NCT00000001"]

    def test_zip64(self, read, study_line):
        file = io.BytesIO()
        with (
            zipfile.ZipFile(file, "w") as archive,
            archive.open("a.json", "w", force_zip64=True) as f,
        ):
            f.write(study_line(1))
        assert read_ids(read(file.getvalue())) == ["NCT00000001"]

    def test_name_does_not_matter(self, read, study_line):
        assert read_ids(read(gzip.compress(study_line(1)), name="records.xml")) == ["NCT00000001"]

    def test_hidden_and_other_members_are_left_out(self, read, study_line):
        data = make_zip(
            {
                "__MACOSX/._one.json": b"\0\5\26\7",
                ".hidden.json": b"{",
                "notes.txt": b"Some notes.",
                "picture.png": b"\x89PNG\r\n\x1a\n",
                "page.html": b"<!DOCTYPE html><html></html>",
                "one.json": study_line(1),
            }
        )
        assert len(read(data)) == 1

    def test_archive_without_any_record(self, read):
        (rejected,) = read(make_zip({"notes.txt": b"Some notes."}))
        assert "no trial record" in rejected.message

    def test_empty_member_is_named(self, read, study_line, summarise):
        data = make_zip({"empty.json": b"", "one.json": study_line(1)})
        assert summarise(read(data)) == [
            ("rejected", "empty.json"),
            ("NCT00000001", "one.json: line 1"),
        ]


class TestUnsafeMembers:
    @pytest.mark.parametrize(
        "name", ["../../outside.json", "/etc/outside.json", "C:\\outside.json"]
    )
    def test_names_that_lead_out_write_nothing(self, read, study_line, tmp_path, name):
        before = set(tmp_path.parent.rglob("*"))
        for data in (make_zip({name: study_line(1)}), make_tar({name: study_line(1)})):
            assert read_ids(read(data)) == ["NCT00000001"]
        assert set(tmp_path.parent.rglob("*")) - before == {tmp_path / "records"}

    @pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.FIFOTYPE])
    def test_links_and_devices_in_tar(self, read, study_line, kind):
        file = io.BytesIO()
        with tarfile.open(fileobj=file, mode="w") as archive:
            info = tarfile.TarInfo("link.json")
            info.type, info.linkname = kind, "/etc/passwd"
            archive.addfile(info)
            info = tarfile.TarInfo("one.json")
            info.size = len(study_line(1))
            archive.addfile(info, io.BytesIO(study_line(1)))
        rejected, record = read(file.getvalue())
        assert "not followed" in rejected.message
        assert record.study.nct_id == "NCT00000001"

    def test_link_in_zip(self, read, study_line):
        file = io.BytesIO()
        with zipfile.ZipFile(file, "w") as archive:
            info = zipfile.ZipInfo("link.json")
            info.external_attr = (stat.S_IFLNK | 0o777) << 16
            archive.writestr(info, "/etc/passwd")
            archive.writestr("one.json", study_line(1))
        rejected, record = read(file.getvalue())
        assert "not followed" in rejected.message
        assert record.study.nct_id == "NCT00000001"


class TestDamage:
    @pytest.mark.parametrize("pack", [gzip.compress, lzma.compress, bz2.compress])
    def test_cut_short_stream_keeps_what_came_before(self, read, study_line, pack):
        noise = random.Random(1)
        lines = [study_line(n, officialTitle=noise.randbytes(1500).hex()) for n in range(1, 150)]
        data = pack(b"\n".join(lines))
        *kept, rejected = read(data[: len(data) * 2 // 3])
        assert [record.study.nct_id for record in kept] == [
            f"NCT{n:08d}" for n in range(1, len(kept) + 1)
        ]
        if pack is not bz2.compress:  # its blocks of 900 kB come whole or not at all
            assert len(kept) > 50
        assert isinstance(rejected, RejectedRecord)
        assert "cut short" in rejected.message

    def test_last_line_counts_though_the_checksum_is_missing(self, read, study_line):
        data = gzip.compress(study_line(1) + b"\n" + study_line(2))
        first, second, rejected = read(data[:-4])
        assert (first.study.nct_id, second.study.nct_id) == ("NCT00000001", "NCT00000002")
        assert "cut short" in rejected.message

    def test_wrong_checksum(self, read, study_line):
        data = bytearray(gzip.compress(study_line(1)))
        data[-8] ^= 1
        record, rejected = read(bytes(data))
        assert record.study.nct_id == "NCT00000001"
        assert "damaged" in rejected.message

    def test_cut_short_tar(self, read, study_line):
        data = make_tar({f"{n}.json": study_line(n) for n in (1, 2)})
        cut = data[: 512 + 512 + 512 + 100]
        records = read(cut)
        assert read_ids(records) == ["NCT00000001"]
        assert "2.json" in records[-1].locator
        assert "ends inside" in records[-1].message

    def test_damaged_tar_header(self, read, study_line):
        data = bytearray(make_tar({f"{n}.json": study_line(n) for n in (1, 2)}))
        data[1024 + 3] ^= 1
        record, rejected = read(bytes(data))
        assert record.study.nct_id == "NCT00000001"
        assert "header" in rejected.message

    def test_negative_size_in_tar_ends(self, read):
        header = bytearray(make_tar({"a.json": b"{}"})[:512])
        header[124:136] = b"-0000001000\0"
        header[148:156] = b" " * 8
        header[148:156] = b"%06o\0 " % sum(header)
        assert is_tar_header(bytes(header))
        (rejected,) = read(bytes(header) * 3)
        assert "no number" in rejected.message

    def test_zip_without_directory(self, read, members):
        (rejected,) = read(make_zip(members)[:-30])
        assert "directory" in rejected.message

    def test_damaged_zip_member_does_not_hide_the_others(self, read, study_line):
        data = bytearray(make_zip({f"{n}.json": study_line(n) for n in (1, 2)}, zipfile.ZIP_STORED))
        data[data.index(b"NCT00000001") + 3] ^= 1
        records = read(bytes(data))
        assert "NCT00000002" in read_ids(records)
        assert any("checksum" in r.message for r in records if isinstance(r, RejectedRecord))

    @pytest.mark.parametrize(
        ("offset", "value", "reason"), [(8, 1, "encrypted"), (10, 99, "method 99")]
    )
    def test_zip_members_that_are_not_read(self, read, study_line, offset, value, reason):
        data = bytearray(make_zip({f"{n}.json": study_line(n) for n in (1, 2)}))
        data[data.index(b"PK\x01\x02") + offset] = value
        records = read(bytes(data))
        assert reason in records[0].message
        assert read_ids(records) == ["NCT00000002"]


class TestLimits:
    @pytest.mark.parametrize("pack", [gzip.compress, lzma.compress, bz2.compress])
    def test_bomb_of_one_line(self, read, pack):
        data = pack(b'{"a": "' + b"0" * 30_000_000)
        (rejected,) = read(data, max_unchecked_bytes=1_000_000)
        assert "max_archive_ratio" in rejected.message

    def test_bomb_of_white_space(self, read):
        data = gzip.compress(b"\n" * 30_000_000)
        (rejected,) = read(data, max_unchecked_bytes=1_000_000)
        assert "max_archive_ratio" in rejected.message

    def test_bomb_in_zip_stops_the_whole_archive(self, read, study_line):
        data = make_zip({"bomb.json": b'{"' + b"0" * 30_000_000, "one.json": study_line(1)})
        records = read(data, max_unchecked_bytes=1_000_000)
        assert all("max_archive_ratio" in record.message for record in records)

    def test_layers_count_together(self, read):
        data = gzip.compress(gzip.compress(b"0" * 30_000_000))
        (rejected,) = read(data, max_unchecked_bytes=100_000)
        assert "max_archive_ratio" in rejected.message

    def test_small_repetitive_file_is_no_bomb(self, read, study_line):
        data = lzma.compress((study_line(1) + b"\n") * 3_000)
        assert len(data) * 200 < len(study_line(1)) * 3_000
        assert len(read(data)) == 3_000

    def test_endless_nesting(self, read, study_line):
        data = study_line(1)
        for _ in range(10):
            data = gzip.compress(data)
        (rejected,) = read(data)
        assert "max_archive_depth" in rejected.message

    def test_members(self, read, study_line):
        data = {f"{n}.json": study_line(n) for n in range(1, 6)}
        for packed in (make_zip(data), make_tar(data)):
            *kept, rejected = read(packed, max_archive_members=3)
            assert len(kept) == 3
            assert "max_archive_members" in rejected.message

    def test_member_size(self, read, study_line):
        lines = b"\n".join(study_line(n) for n in range(1, 3000))
        data = make_zip({"large.json": lines, "one.json": study_line(1)})
        records = read(data, max_member_bytes=300_000)
        (rejected,) = [record for record in records if isinstance(record, RejectedRecord)]
        assert "max_member_bytes" in rejected.message
        assert records[-1].locator == "one.json: line 1"

    def test_zip_inside_archive_is_copied_up_to_a_limit(self, read, study_line):
        inner = make_zip({"one.json": study_line(1)}, zipfile.ZIP_STORED)
        (rejected,) = read(make_tar({"in.zip": inner}), max_spooled_bytes=100)
        assert "max_spooled_bytes" in rejected.message

    def test_overlapping_zip_members(self, read):
        """Many directory entries for one packed member multiply it without nesting."""
        packed = make_zip({"a.json": b"0" * 1_000_000})
        at = packed.index(b"PK\x01\x02")
        end = packed.index(b"PK\x05\x06")
        directory = packed[at:end] * 50
        tail = bytearray(packed[end:])
        tail[8:12] = (50).to_bytes(2, "little") * 2
        tail[12:16] = len(directory).to_bytes(4, "little")
        records = read(packed[:at] + directory + bytes(tail), max_unchecked_bytes=5_000_000)
        assert "max_archive_ratio" in records[-1].message

    def test_hostile_xz_header_asks_for_too_much_memory(self, read):
        data = bytearray(lzma.compress(b"{}"))
        header = slice(12, 12 + 4 * (data[12] + 1) - 4)
        data[16] = 40  # the dictionary: 4 GiB
        data[header.stop : header.stop + 4] = zlib.crc32(data[header]).to_bytes(4, "little")
        (rejected,) = read(bytes(data))
        assert "limit" in rejected.message


def test_pipe(tmp_path, study_line):
    """What cannot seek is read too; a zip is copied first."""
    import threading

    from kg.sources import read_sources

    for data in (gzip.compress(study_line(1)), make_zip({"one.json": study_line(1)})):
        pipe = tmp_path / f"pipe{len(data)}"
        os.mkfifo(pipe)
        writer = threading.Thread(target=pipe.write_bytes, args=(data,))
        writer.start()
        records = list(read_sources([pipe]))
        writer.join()
        assert read_ids(records) == ["NCT00000001"]


def test_deflate_answer_of_exactly_the_asked_size():
    """A full answer may leave output behind inside zlib."""
    from kg.sources.compression import UnpackedStream
    from kg.sources.limits import SourceLimits
    from kg.sources.streams import Meter

    data = gzip.compress(bytes(1000))
    stream = UnpackedStream(io.BytesIO(data), "gzip", Meter(len(data), SourceLimits()))
    parts = []
    while part := stream.read(10):
        parts.append(part)
    assert b"".join(parts) == bytes(1000)
    assert zlib.crc32(b"".join(parts)) == zlib.crc32(bytes(1000))
