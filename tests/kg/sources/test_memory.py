"""Memory stays flat however large a file is."""

from __future__ import annotations

import gzip
import json
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest

SCRIPT = """
import resource, sys
from kg.sources import SourceRecord, read_sources
count = sum(isinstance(record, SourceRecord) for record in read_sources(sys.argv[1:]))
print(count, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""
ALLOWED_KB = 24 * 1024


def measure(path: Path) -> tuple[int, int]:
    """Return the number of records, and the peak of the memory of a process that reads them."""
    root = Path(__file__).resolve().parents[3]
    answer = subprocess.run(
        [sys.executable, "-c", SCRIPT, str(path)],
        cwd=root,
        capture_output=True,
        text=True,
        check=True,
        timeout=300,
    )
    count, kilobytes = map(int, answer.stdout.split())
    return count, kilobytes


def write_lines(path: Path, studies: list[bytes]) -> None:
    with gzip.open(path, "wb", compresslevel=1) as file:
        for study in studies:
            file.write(study + b"\n")


def write_page(path: Path, studies: list[bytes]) -> None:
    with open(path, "wb") as file:
        file.write(b'{"totalCount": 1, "studies": [\n  ' + b",\n  ".join(studies) + b"]}")


def write_zip(path: Path, studies: list[bytes]) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        for number, study in enumerate(studies):
            archive.writestr(f"{number}.json", study)


def write_xml(path: Path, studies: list[bytes]) -> None:
    with tarfile.open(path, "w:gz", compresslevel=1) as archive:
        for number in range(0, len(studies), 50):
            texts = b"".join(
                b"<clinical_study><id_info><nct_id>NCT%08d</nct_id></id_info><brief_summary>"
                b"<textblock>%s</textblock></brief_summary></clinical_study>"
                % (number + index + 1, study.replace(b"<", b"").replace(b"&", b""))
                for index, study in enumerate(studies[number : number + 50])
            )
            info = tarfile.TarInfo(f"{number}.xml")
            info.size = len(texts) + 11
            archive.addfile(info, BytesIO(b"<all>" + texts + b"</all>"))


def make_studies(study_json: Callable[..., dict[str, Any]], count: int) -> list[bytes]:
    text = " ".join(f"word{number}" for number in range(500))
    return [
        json.dumps(study_json(number, officialTitle=text + str(number))).encode()
        for number in range(1, count + 1)
    ]


@pytest.mark.parametrize("write", [write_lines, write_page, write_zip, write_xml])
@pytest.mark.parametrize(
    "count",
    [pytest.param(4_000, id="18 MB"), pytest.param(40_000, id="180 MB", marks=pytest.mark.slow)],
)
def test_memory_does_not_grow_with_the_file(tmp_path, study_json, write, count):
    studies = make_studies(study_json, count)
    write(tmp_path / "small", studies[:200])
    write(tmp_path / "large", studies)
    few, base_kb = measure(tmp_path / "small")
    many, peak_kb = measure(tmp_path / "large")
    assert (few, many) == (200, count)
    assert peak_kb - base_kb < ALLOWED_KB
