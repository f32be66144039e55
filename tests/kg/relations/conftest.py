"""Small records to relate, by hand."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

import kg.relations.rules_programme as programme
import kg.relations.rules_shared as shared
import kg.relations.rules_succession as succession
from kg.conditions import find_conditions
from kg.relations import Relation, RelationKey, find_relations, relation_key, rules
from kg.study import parse_study

Make = Callable[..., RelationKey]
SMALL_LIMIT = 3
Relate = Callable[..., dict[tuple[str, str, str], Relation]]


def record(nct_id: str, **given: Any) -> dict[str, Any]:
    """A record of API v2 shape from a few plain values."""
    names = given.get("interventions", ())
    return {
        "protocolSection": {
            "identificationModule": {
                "nctId": nct_id,
                "nctIdAliases": given.get("aliases", []),
                "briefTitle": given.get("title", f"Trial number {int(nct_id[3:])} of cells"),
                "officialTitle": given.get("official_title"),
                "acronym": given.get("acronym"),
                "orgStudyIdInfo": {"id": given.get("org_id")},
                "secondaryIdInfos": [
                    {"id": id_, "type": type_} for id_, type_ in given.get("secondary_ids", [])
                ],
            },
            "statusModule": {
                "overallStatus": given.get("status", "COMPLETED"),
                "startDateStruct": {"date": given.get("start", "2015-01")},
            },
            "sponsorCollaboratorsModule": {
                "leadSponsor": {"name": given.get("sponsor", "Alpha Hospital")}
            },
            "descriptionModule": {
                "briefSummary": given.get("summary", "Cells are given."),
                "detailedDescription": given.get("description"),
            },
            "conditionsModule": {"conditions": given.get("conditions", ["Multiple Sclerosis"])},
            "designModule": {
                "studyType": given.get("study_type", "INTERVENTIONAL"),
                "phases": given.get("phases", ["PHASE1"]),
                "enrollmentInfo": {"count": given.get("enrollment", 20)},
            },
            "armsInterventionsModule": {
                "armGroups": given.get("arms", []),
                "interventions": [
                    name if isinstance(name, dict) else {"type": "BIOLOGICAL", "name": name}
                    for name in names
                ],
            },
            "eligibilityModule": {
                "eligibilityCriteria": given.get("eligibility"),
                "minimumAge": given.get("ages", (None, None))[0],
                "maximumAge": given.get("ages", (None, None))[1],
            },
            "contactsLocationsModule": {
                "locations": [{"country": country} for country in given.get("countries", ["Italy"])]
            },
            "referencesModule": {
                "references": [
                    {"pmid": pmid, "type": type_, "citation": citation}
                    for pmid, type_, citation in given.get("references", [])
                ],
                "seeAlsoLinks": [{"url": url} for url in given.get("links", [])],
            },
        }
    }


@pytest.fixture
def make_key() -> Make:
    """Make the key of a record given by a few plain values."""

    def make(nct_id: str, **given: Any) -> RelationKey:
        study = parse_study(record(nct_id, **given))
        return relation_key(study, find_conditions(study))

    return make


@pytest.fixture
def relate() -> Relate:
    """Find relations, by kind and ids."""

    def run(*keys: RelationKey) -> dict[tuple[str, str, str], Relation]:
        return {(one.kind, one.from_nct_id, one.to_nct_id): one for one in find_relations(keys)}

    return run


@pytest.fixture
def small_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let ten records be enough to pass every limit."""
    limits = ("SHARED_ID_LIMIT", "SHARED_NAME_LIMIT", "SHARED_PAPER_LIMIT", "SHARED_TITLE_LIMIT")
    for module in (rules, programme, shared, succession):
        for limit in limits:
            if hasattr(module, limit):
                monkeypatch.setattr(module, limit, SMALL_LIMIT)
