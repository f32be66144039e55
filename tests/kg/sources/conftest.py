"""Hand-written records in every form, and ways to read them back."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from kg.sources import RejectedRecord, SourceLimits, SourceRecord, read_sources

Record = SourceRecord | RejectedRecord
Reader = Callable[..., list[Record]]


@pytest.fixture
def study_json() -> Callable[..., dict[str, Any]]:
    """Make a small API v2 record."""

    def make(number: int = 1, **identification: Any) -> dict[str, Any]:
        module = {"nctId": f"NCT{number:08d}", "briefTitle": f"Cells, part {number}"}
        return {
            "protocolSection": {
                "identificationModule": {**module, **identification},
                "conditionsModule": {"conditions": ["Systemic sclerosis {braces} [brackets]"]},
                "designModule": {"phases": ["PHASE1"], "enrollmentInfo": {"count": 10 + number}},
            },
            "hasResults": False,
        }

    return make


@pytest.fixture
def study_line(study_json: Callable[..., dict[str, Any]]) -> Callable[..., bytes]:
    """Make a small API v2 record as JSON text."""

    def make(number: int = 1, **identification: Any) -> bytes:
        return json.dumps(study_json(number, **identification)).encode()

    return make


@pytest.fixture
def legacy_xml() -> Callable[..., str]:
    """Make a small legacy record."""

    def make(number: int = 1, inside: str = "") -> str:
        return (
            f"<clinical_study><id_info><nct_id>NCT{number:08d}</nct_id></id_info>"
            f"<brief_title>Cells, part {number}</brief_title>{inside}</clinical_study>"
        )

    return make


@pytest.fixture
def read(tmp_path: Path) -> Reader:
    """Write bytes to a file and read it."""

    def read_back(data: bytes, name: str = "records", **limits: int) -> list[Record]:
        path = tmp_path / name
        path.write_bytes(data)
        return list(read_sources([path], limits=SourceLimits(**limits)))

    return read_back


@pytest.fixture
def summarise() -> Callable[[list[Record]], list[tuple[str, str]]]:
    """Shorten what was read to (NCT id or "rejected", locator)."""

    def shorten(records: list[Record]) -> list[tuple[str, str]]:
        return [
            (
                record.study.nct_id if isinstance(record, SourceRecord) else "rejected",
                record.locator,
            )
            for record in records
        ]

    return shorten
