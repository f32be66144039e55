"""Changed records: many of them lie in a file that nobody sees."""

from __future__ import annotations

from pathlib import Path

import pytest

from kg.records import StudyRow
from kg.refresh.rows import Rows
from kg.study import parse_study, record_fingerprint
from tests.kg.refresh.conftest import golden_records, titled
from tests.registry_server import Record, nct_id_of


def row(record: Record) -> StudyRow:
    return StudyRow(parse_study(record), record, record_fingerprint(record), "api-v2")


def test_records_come_back_as_they_were(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kg.refresh.rows._OPEN", 2)
    records = golden_records()
    rows = Rows(tmp_path)
    for record in records:
        rows[nct_id_of(record)] = row(record)
    assert len(rows) == len(records)
    assert sorted(rows) == sorted(map(nct_id_of, records))
    for record in records:
        found = rows[nct_id_of(record)]
        assert found == row(record)
        assert record_fingerprint(found.payload) == found.fingerprint
    assert list(tmp_path.iterdir()) == []


def test_a_full_disk_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kg.refresh.rows._OPEN", 0)
    monkeypatch.setattr("os.pwrite", lambda descriptor, block, at: len(block) - 1)
    record = golden_records()[0]
    with pytest.raises(OSError, match="No space left"):
        Rows(tmp_path)[nct_id_of(record)] = row(record)


@pytest.mark.parametrize("place", [0, -1])
def test_a_record_is_replaced_and_taken_out(
    place: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kg.refresh.rows._OPEN", 2)
    records = golden_records()
    rows = Rows(tmp_path)
    for record in records:
        rows[nct_id_of(record)] = row(record)
    nct_id = nct_id_of(records[place])
    rows[nct_id] = row(titled(records[place], "Another", "2026-11-30"))
    assert len(rows) == len(records)
    assert rows[nct_id].study.protocol_section.identification_module.brief_title == "Another"
    del rows[nct_id]
    assert nct_id not in rows
    assert rows.get(nct_id) is None
    with pytest.raises(KeyError):
        del rows[nct_id]
