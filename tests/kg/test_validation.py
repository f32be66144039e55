"""The shapes find what is wrong with a trial, and only that."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from kg.build import build
from kg.store import Store
from kg.validation import changed_nct_ids, validate
from tests.conftest import ROOT, WordEncoder
from trialkin import main

GOLDEN = ROOT / "tests/kg/golden"


def findings(store: Store) -> set[tuple[str, str, str]]:
    generation = store.published()
    batches = validate(generation, generation.records.nct_ids())
    return {(f.nct_id, f.severity, f.message) for batch in batches for f in batch}


def test_the_golden_records_break_the_shapes_only_where_they_are_odd(tiny_store: Store) -> None:
    assert findings(tiny_store) == {
        ("NCT90000008", "Warning", "an arm has one label"),
        ("NCT90000011", "Violation", "the start is no date"),
    }


@pytest.mark.parametrize(
    ("module", "content", "severity", "message"),
    [
        (
            "designModule",
            {"enrollmentInfo": {"count": -1}},
            "Violation",
            "the enrolment is a number from 0",
        ),
        (
            "designModule",
            {"studyType": "MYSTERY"},
            "Warning",
            "the study type is none of the registry's values",
        ),
        ("designModule", {"phases": ["PHASE9"]}, "Violation", "a phase is none of the known ones"),
        (
            "statusModule",
            {"overallStatus": "LOST"},
            "Warning",
            "the status is none of the registry's values",
        ),
        (
            "statusModule",
            {"completionDateStruct": {"date": "soon"}},
            "Violation",
            "the completion is no date",
        ),
        (
            "contactsLocationsModule",
            {"locations": [{"country": "X", "geoPoint": {"lat": 91, "lon": 0}}]},
            "Violation",
            "a latitude is from -90 to 90",
        ),
        (
            "outcomesModule",
            {"primaryOutcomes": [{"timeFrame": "1 year"}]},
            "Violation",
            "an outcome says what is measured",
        ),
        (
            "armsInterventionsModule",
            {"interventions": [{"type": "DRUG"}]},
            "Violation",
            "an intervention has one name",
        ),
        (
            "referencesModule",
            {"references": [{"pmid": "PMC12"}]},
            "Violation",
            "a PubMed id is a number",
        ),
    ],
)
def test_each_kind_of_fault_is_found(
    tmp_path: Path,
    word_encoder: WordEncoder,
    module: str,
    content: dict[str, Any],
    severity: str,
    message: str,
) -> None:
    record = {
        "protocolSection": {
            "identificationModule": {"nctId": "NCT00000001", "briefTitle": "T"},
            module: content,
        }
    }
    source = tmp_path / "record.json"
    source.write_text(json.dumps(record))
    store = Store(tmp_path / "store")
    build(store, [source], word_encoder)
    assert findings(store) == {("NCT00000001", severity, message)}


def test_only_changed_trials_are_checked_on_request(
    tmp_path: Path, word_encoder: WordEncoder
) -> None:
    store = Store(tmp_path / "store")
    first, second = GOLDEN / "odd_dates_and_ages.json", GOLDEN / "withdrawn.json"
    build(store, [first], word_encoder)
    before = store.published()
    assert changed_nct_ids(before, None) == ["NCT90000011"]
    build(store, [first, second], word_encoder)
    now = store.published()
    earlier = store.before(now)
    assert earlier is not None
    assert earlier.manifest.generation == before.manifest.generation
    assert changed_nct_ids(now, earlier) == ["NCT90000004"]
    result = CliRunner().invoke(main, ["validate", "--changed", "--store", str(store.path)])
    assert (result.exit_code, result.stdout) == (0, "1 trials checked, 0 of them break a shape.\n")


def test_the_command_reports_for_machines_and_fails_if_a_shape_is_broken(tiny_store: Store) -> None:
    arguments = ["validate", "--format", "json", "--store", str(tiny_store.path)]
    result = CliRunner().invoke(main, arguments)
    assert result.exit_code == 1
    said = json.loads(result.stdout)
    assert (said["trials"], said["broken"]) == (14, 1)
    assert {"nct_id", "severity", "message", "focus", "path", "value"} == set(said["findings"][0])
