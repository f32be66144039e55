"""A study in schema.org's words: types and properties that the vocabulary has, and no more."""

from __future__ import annotations

from typing import Any

import pytest

from kg.exchange.schema_org import schema_org
from kg.study import parse_study
from tests.web.records import ADIPOSE, BARE, FULL, SCLEROSIS, records

_THING = {"@context", "@type", "@id", "identifier", "name", "alternateName", "description", "url",
          "sameAs"}  # fmt: skip
_STUDY = {"status", "healthCondition", "sponsor", "studyLocation", "studySubject"}
PROPERTIES = {
    "MedicalStudy": _THING | _STUDY,
    "MedicalTrial": _THING | _STUDY | {"phase", "trialDesign"},
    "MedicalObservationalStudy": _THING | _STUDY | {"studyDesign"},
}
BY_ID = {one["protocolSection"]["identificationModule"]["nctId"]: one for one in records()}


def said_of(nct_id: str) -> dict[str, Any]:
    return schema_org(parse_study(BY_ID[nct_id]), page_url=f"http://x/trial/{nct_id}")


@pytest.mark.parametrize("nct_id", BY_ID)
def test_types_have_their_properties(nct_id: str) -> None:
    said = said_of(nct_id)
    assert set(said) <= PROPERTIES[said["@type"]]
    assert all(value not in (None, "", []) for value in said.values())


def test_a_trial_says_how_it_is_built() -> None:
    said = said_of(FULL)
    assert said["@type"] == "MedicalTrial"
    assert said["@id"] == f"https://clinicaltrials.gov/study/{FULL}"
    assert said["status"] == "https://schema.org/Recruiting"
    assert said["phase"] == ["PHASE1", "PHASE2"]
    assert {one.rpartition("/")[2] for one in said["trialDesign"]} == {
        "RandomizedTrial", "DoubleBlindedTrial", "PlaceboControlledTrial", "MultiCenterTrial",
        "InternationalTrial",
    }  # fmt: skip
    assert [place["name"] for place in said["studyLocation"]] == ["Canada", "France"]
    assert said["healthCondition"][0] == {
        "@type": "MedicalCondition",
        "name": "Systemic Sclerosis",
    }


def test_other_kinds_of_studies_have_their_types() -> None:
    assert said_of(SCLEROSIS)["@type"] == "MedicalObservationalStudy"
    assert said_of(SCLEROSIS)["studyDesign"] == "https://schema.org/CohortStudy"
    assert said_of(BARE)["@type"] == "MedicalStudy"
    assert said_of(ADIPOSE)["trialDesign"] == ["https://schema.org/SingleCenterTrial"]
