"""A ResearchStudy is built of R5's elements only, each of its type, as often as is allowed."""

from __future__ import annotations

import gzip
import json
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.exchange.fhir import research_study
from kg.study import parse_study
from tests.conftest import ROOT
from tests.kg.exchange.r5_elements import CODE_VALUES, PRIMITIVES, TYPES
from tests.web.records import ACCESS, BARE, FULL, records

GOLDEN = sorted((ROOT / "tests/kg/golden").glob("*.json"))


def check(kind: str, value: Any, path: str) -> None:
    """Assert that a value is of a type of FHIR, all the way down."""
    if kind in TYPES:
        assert isinstance(value, dict), path
        assert value, f"{path} is empty"
        elements = TYPES[kind]
        for name, inner in value.items():
            assert name in elements, f"{path}.{name} is no element of {kind}"
            inner_kind, _, most = elements[name]
            several = inner if most is None else [inner]
            assert isinstance(several, list), f"{path}.{name}"
            assert several, f"{path}.{name} is empty"
            for one in several:
                check(inner_kind, one, f"{path}.{name}")
                known = CODE_VALUES.get(f"{kind}.{name}")
                assert known is None or one in known, f"{path}.{name}: {one}"
        for name, (_, least, _) in elements.items():
            assert least == 0 or name in value, f"{path} lacks {name}"
    elif kind == "boolean":
        assert isinstance(value, bool), path
    elif kind == "unsignedInt":
        assert isinstance(value, int), path
        assert 0 <= value < 2**31, path
    else:
        assert isinstance(value, str), path
        assert re.fullmatch(PRIMITIVES[kind], value), f"{path}: {value[:80]!r} is no {kind}"


def study_of(record: dict[str, Any]) -> Any:
    return research_study(parse_study(record))


@pytest.mark.parametrize("path", GOLDEN, ids=lambda path: path.stem)
def test_golden_records_are_well_formed(path: Path) -> None:
    check("ResearchStudy", study_of(json.loads(path.read_bytes())), "ResearchStudy")


@pytest.mark.parametrize("record", records()[:8])
def test_hostile_and_bare_records_are_well_formed(record: dict[str, Any]) -> None:
    check("ResearchStudy", study_of(record), "ResearchStudy")


@pytest.mark.shared
def test_real_records_are_well_formed(shared_dir: Path) -> None:
    with gzip.open(shared_dir / "data/ctgov_v2_studies.ndjson.gz", "rt", encoding="utf-8") as lines:
        checked = 0
        for line in lines:
            record = json.loads(line)
            check("ResearchStudy", study_of(record), record["protocolSection"]
                  ["identificationModule"]["nctId"])  # fmt: skip
            checked += 1
    assert checked > 500


def test_what_is_registered_is_told() -> None:
    found = study_of(records()[0])
    assert found["id"] == FULL
    assert found["url"] == f"https://clinicaltrials.gov/study/{FULL}"
    assert found["phase"]["coding"][0]["code"] == "phase-1-phase-2"
    assert found["progressStatus"][0]["state"]["coding"][0]["code"] == "recruiting"
    assert found["recruitment"] == {
        "targetNumber": 18,
        "eligibility": {"reference": "#eligibility"},
    }
    assert found["contained"][0]["id"] == "eligibility"
    assert "Minimum age: 18 Years" in found["contained"][0]["description"]
    assert found["period"] == {"start": "2022-11", "end": "2025"}
    assert [one["name"] for one in found["comparisonGroup"]] == ["Cells", "Placebo"]
    kinds = [one["type"][0]["coding"][0]["code"] for one in found["outcomeMeasure"]]
    assert kinds == ["primary"] + 9 * ["secondary"]
    roles = {one["role"]["coding"][0]["code"]: one["name"] for one in found["associatedParty"]}
    assert roles == {
        "lead-sponsor": "A Hospital",
        "collaborator": "A Company",
        "primary-investigator": "A. Person",
    }
    assert found["identifier"][1] == {
        "use": "old",
        "system": "https://clinicaltrials.gov",
        "value": "NCT90000901",
    }


def test_what_is_not_stated_is_left_out() -> None:
    by_id = {one["protocolSection"]["identificationModule"]["nctId"]: one for one in records()}
    bare = study_of(by_id[BARE])
    assert set(bare) == {"resourceType", "id", "meta", "url", "identifier", "status"}
    access = study_of(by_id[ACCESS])
    assert "recruitment" not in access  # 99999999 is no number of people


@given(st.text(max_size=80))
def test_no_text_makes_it_malformed(text: str) -> None:
    record = {
        "protocolSection": {
            "identificationModule": {"nctId": FULL, "officialTitle": text or None},
            "statusModule": {"startDateStruct": {"date": text}, "overallStatus": text},
            "conditionsModule": {"conditions": [text], "keywords": [text]},
            "designModule": {"phases": [text], "designInfo": {"primaryPurpose": text}},
            "armsInterventionsModule": {"armGroups": [{"label": text, "type": text}]},
            "outcomesModule": {"primaryOutcomes": [{"measure": text}]},
            "referencesModule": {"references": [{"pmid": text, "citation": text}],
                                 "seeAlsoLinks": [{"url": text, "label": text}]},
            "contactsLocationsModule": {"locations": [{"country": text}]},
            "sponsorCollaboratorsModule": {"leadSponsor": {"name": text}},
        }
    }  # fmt: skip
    check("ResearchStudy", study_of(record), "ResearchStudy")
