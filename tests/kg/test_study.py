"""`parse_study`: what is wrong is named; the form in which a text came leaves no trace."""

from __future__ import annotations

import json
from typing import Any

import pytest

from kg.sections import study_sections
from kg.study import canonical_json, parse_study, record_fingerprint
from ontology.errors import RecordError
from tests.conftest import ROOT


def record(**modules: Any) -> dict[str, Any]:
    identification = {"nctId": "NCT00000001"} | modules.pop("identificationModule", {})
    return {"protocolSection": {"identificationModule": identification} | modules}


@pytest.mark.parametrize(
    ("payload", "nct_id", "field", "message"),
    [
        ({}, None, "protocolSection.identificationModule.nctId", "has no NCT id"),
        (
            record(identificationModule={"nctId": "12"}),
            None,
            "protocolSection.identificationModule.nctId",
            "is not an NCT id",
        ),
        (
            record(designModule={"enrollmentInfo": {"count": "many"}}),
            "NCT00000001",
            "protocolSection.designModule.enrollmentInfo.count",
            "Expected `int",
        ),
        (
            record(conditionsModule={"conditions": ["a", 3]}),
            "NCT00000001",
            "protocolSection.conditionsModule.conditions[1]",
            "Expected `str`",
        ),
        (
            record(designModule=7),
            "NCT00000001",
            "protocolSection.designModule",
            "Expected `object`",
        ),
    ],
)
def test_errors_name_record_field_and_remedy(
    payload: dict[str, Any], nct_id: str | None, field: str, message: str
) -> None:
    with pytest.raises(RecordError) as caught:
        parse_study(payload)
    assert (caught.value.nct_id, caught.value.field) == (nct_id, field)
    assert message in str(caught.value)
    assert any(word in str(caught.value) for word in ("correct", "write", "add"))


def test_nesting_without_end_is_refused() -> None:
    deep: Any = "x"
    for _ in range(100_000):
        deep = [deep]
    with pytest.raises(RecordError, match="nested too deeply"):
        parse_study(record(extra=deep))


def test_markdown_escapes_are_undone_and_other_backslashes_stay() -> None:
    study = parse_study(
        record(descriptionModule={"briefSummary": r"mRss \> 20 \[1\], 10\^6, C:\new \\x"})
    )
    assert study.description.brief_summary == r"mRss > 20 [1], 10^6, C:\new \\x"


def test_nulls_and_the_order_of_keys_do_not_change_the_fingerprint() -> None:
    one = record(statusModule={"overallStatus": "COMPLETED", "whyStopped": None})
    other = {"protocolSection": dict(reversed(one["protocolSection"].items()))}
    other["protocolSection"]["statusModule"] = {"overallStatus": "COMPLETED"}
    assert record_fingerprint(one) == record_fingerprint(other)
    assert canonical_json(one) == canonical_json(other)
    assert record_fingerprint(one) != record_fingerprint(record())


def test_ids_come_out_canonical_and_unknown_fields_are_let_be() -> None:
    study = parse_study(record(identificationModule={"nctId": "nct7"}, newModule={"a": 1}))
    assert study.nct_id == "NCT00000007"


def test_sections_are_unique_and_hold_the_text_as_it_is() -> None:
    path = ROOT / "tests/kg/golden/interventional_two_phases.json"
    study = parse_study(json.loads(path.read_text("utf-8")))
    sections = list(study_sections(study))
    paths = [section.path for section in sections]
    assert len(paths) == len(set(paths))
    by_path = {section.path: section for section in sections}
    assert by_path["arm_groups[1].label"].text == "Placebo"
    assert by_path["arm_groups[1].label"].item == 1
    assert by_path["interventions[0].other_names[1]"].text == "umbilical cord MSC"
    assert by_path["eligibility_criteria"].text.startswith("Inclusion")
    assert all(section.text for section in sections)
