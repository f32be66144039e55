"""Changed records in memory, and how little of it they take."""

from __future__ import annotations

import pytest

from kg.records import StudyRow
from kg.refresh.changes import Rows
from kg.study import parse_study, record_fingerprint
from tests.kg.refresh.conftest import golden_records, titled
from tests.registry_server import Record, nct_id_of


def row(record: Record) -> StudyRow:
    return StudyRow(parse_study(record), record, record_fingerprint(record), "api-v2")


def test_records_come_back_as_they_were(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kg.refresh.changes._OPEN", 2)
    records = golden_records()
    rows = Rows()
    for record in records:
        rows[nct_id_of(record)] = row(record)
    assert len(rows) == len(records)
    assert sorted(rows) == sorted(map(nct_id_of, records))
    for record in records:
        found = rows[nct_id_of(record)]
        assert found == row(record)
        assert record_fingerprint(found.payload) == found.fingerprint


@pytest.mark.parametrize("place", [0, -1])
def test_a_record_is_replaced_and_taken_out(place: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kg.refresh.changes._OPEN", 2)
    records = golden_records()
    rows = Rows()
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
