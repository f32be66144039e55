"""Which parts of a record are facts that may be shipped, and what is kept of each.

What a sponsor wrote as prose (summary, description, criteria, outcomes, descriptions of arms and
interventions, citations) is the sponsor's; what it registered as a fact (number, name, code,
date, place, count) is nobody's. The tree `KEPT` names every field that is kept: a field that is
not in it is left out, so a field that the registry adds later is never shipped unseen.
"""

from __future__ import annotations

import enum
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from kg.shipped.names import FreeText, shorten_name
from ontology.mesh import canonical_mesh_id


class Kept(enum.Enum):
    """What is done with a value that is kept."""

    FACT = "as registered"
    CODE = "as registered, in the words of API v2"
    TITLE = "whole, spaces made single"
    NAME = "cut to its leading part if it is a sentence"
    ORGANIZATION = "without masked e-mail addresses and what stands beside them"
    MESH_ID = "in canonical form"


FACT, CODE, TITLE, NAME = Kept.FACT, Kept.CODE, Kept.TITLE, Kept.NAME
ORGANIZATION, MESH_ID = Kept.ORGANIZATION, Kept.MESH_ID
_DATE = {"date": FACT, "type": CODE}
_SPONSOR = {"name": ORGANIZATION, "class": FACT}
_MESH = {"id": MESH_ID, "term": FACT}
_BROWSE = {"meshes": _MESH, "ancestors": _MESH}


def _facts(names: str, kept: Kept = FACT) -> dict[str, Kept]:
    return dict.fromkeys(names.split(), kept)


KEPT: Mapping[str, Any] = {
    "protocolSection": {
        "identificationModule": {
            **_facts("nctId nctIdAliases"),
            "orgStudyIdInfo": {"id": FACT, "type": CODE, "link": FACT},
            "secondaryIdInfos": {"id": FACT, "type": CODE, "domain": ORGANIZATION, "link": FACT},
            "briefTitle": TITLE,
            "officialTitle": TITLE,
            "acronym": NAME,
            "organization": {"fullName": ORGANIZATION, "class": FACT},
        },
        "statusModule": {
            **_facts("overallStatus lastKnownStatus", CODE),
            **_facts("statusVerifiedDate delayedPosting resultsWaived"),
            "expandedAccessInfo": {
                **_facts("hasExpandedAccess nctId"),
                "statusForNctId": CODE,
            },
            **_facts("studyFirstSubmitDate studyFirstSubmitQcDate lastUpdateSubmitDate"),
            **_facts("resultsFirstSubmitDate resultsFirstSubmitQcDate"),
            **_facts("dispFirstSubmitDate dispFirstSubmitQcDate"),
            "startDateStruct": _DATE,
            "primaryCompletionDateStruct": _DATE,
            "completionDateStruct": _DATE,
            "studyFirstPostDateStruct": _DATE,
            "resultsFirstPostDateStruct": _DATE,
            "dispFirstPostDateStruct": _DATE,
            "lastUpdatePostDateStruct": _DATE,
        },
        "sponsorCollaboratorsModule": {
            "responsibleParty": {"type": FACT},
            "leadSponsor": _SPONSOR,
            "collaborators": _SPONSOR,
        },
        "oversightModule": _facts(
            "oversightHasDmc isFdaRegulatedDrug isFdaRegulatedDevice isUnapprovedDevice isPpsd "
            "isUsExport fdaaa801Violation"
        ),
        "conditionsModule": {"conditions": NAME, "keywords": NAME},
        "designModule": {
            **_facts("studyType phases patientRegistry targetDuration nPtrsToThisExpAccNctId"),
            "expandedAccessTypes": _facts("individual intermediate treatment"),
            "designInfo": {
                **_facts("allocation interventionModel primaryPurpose"),
                **_facts("observationalModel timePerspective"),
                "maskingInfo": _facts("masking whoMasked"),
            },
            "bioSpec": {"retention": FACT},
            "enrollmentInfo": {"count": FACT, "type": CODE},
        },
        "armsInterventionsModule": {
            "armGroups": {"label": NAME, "type": FACT},
            "interventions": {
                "type": FACT,
                **_facts("name otherNames armGroupLabels", NAME),
            },
        },
        "eligibilityModule": _facts(
            "healthyVolunteers sex genderBased minimumAge maximumAge stdAges samplingMethod"
        ),
        "contactsLocationsModule": {
            "overallOfficials": {
                **_facts("name affiliation", ORGANIZATION),
                "role": FACT,
            },
            "locations": {
                "facility": ORGANIZATION,
                "status": CODE,
                **_facts("city state country countryCode"),
            },
        },
        "referencesModule": {
            "references": _facts("pmid type"),
            "seeAlsoLinks": {"url": FACT},
            "availIpds": _facts("id type url"),
        },
        "ipdSharingStatementModule": _facts("ipdSharing infoTypes"),
    },
    "derivedSection": {
        "miscInfoModule": _facts("versionHolder removedCountries"),
        "conditionBrowseModule": _BROWSE,
        "interventionBrowseModule": _BROWSE,
    },
    "hasResults": FACT,
}
"""Every field that is kept, by its place in the record; lists are passed through."""

# A list item is nothing without this field: a citation without its PMID is only the sponsor's text.
_REQUIRED = {"references": "pmid", "seeAlsoLinks": "url"}

# Words of older answers of the registry -> the enumerations of API v2 (OpenAPI 2.0.3).
_API_V2_CODES = {
    "UNKNOWN_STATUS": "UNKNOWN",
    "ESTIMATE": "ESTIMATED",
    "EudraCT Number": "EUDRACT_NUMBER",
    "Other Grant/Funding Number": "OTHER_GRANT",
    "Other Identifier": "OTHER",
    "Registry Identifier": "REGISTRY",
    "U.S. FDA Grant/Contract": "FDA",
    "U.S. NIH Grant/Contract": "NIH",
}

_MASKED_EMAIL = "[e-mail]"


def keep_facts(record: Mapping[str, Any], free_text: FreeText | None = None) -> dict[str, Any]:
    """Return what `KEPT` keeps of a record; empty parts are left out.

    Parameters
    ----------
    record : mapping
        A record in API v2 shape.
    free_text : FreeText, optional
        Texts of which no name may copy a sentence.
    """

    def convert(kept: Kept, value: Any) -> Any:
        if kept is Kept.NAME and isinstance(value, str):
            return shorten_name(value, free_text)
        return _CONVERT[kept](value) if isinstance(value, str) else value

    result: dict[str, Any] = _keep(record, KEPT, convert) or {}
    return result


def _keep(value: Any, kept: Any, convert: Callable[[Kept, Any], Any], key: str = "") -> Any:
    if isinstance(value, list):
        items = [_keep(item, kept, convert) for item in value]
        required = _REQUIRED.get(key)
        items = [item for item in items if item is not None and (not required or required in item)]
        return items or None
    if isinstance(kept, Kept):
        # A mapping where a value belongs is no fact of this field: leave it out.
        converted = None if isinstance(value, Mapping) else convert(kept, value)
        return None if converted == "" else converted
    if not isinstance(value, Mapping):
        return None
    parts = {name: _keep(value.get(name), kept[name], convert, name) for name in kept}
    return {name: part for name, part in parts.items() if part is not None} or None


def _without_email(text: str) -> str:
    # The source masks addresses; the longest part beside the mask is the name.
    return max((part.strip() for part in _single_spaced(text).split(_MASKED_EMAIL)), key=len)


def _single_spaced(text: str) -> str:
    return " ".join(text.split())


_CONVERT: Mapping[Kept, Callable[[str], str]] = {
    Kept.FACT: str.strip,
    Kept.CODE: lambda code: _API_V2_CODES.get(code, code),
    Kept.TITLE: _single_spaced,
    Kept.NAME: shorten_name,
    Kept.ORGANIZATION: _without_email,
    Kept.MESH_ID: canonical_mesh_id,
}


def kept_names(record: Mapping[str, Any]) -> Iterator[str]:
    """Yield the titles and names of a record as they are kept where nothing is copied."""
    yield from _names(record, KEPT)


def left_out_texts(record: Mapping[str, Any]) -> Iterator[str]:
    """Yield every text of a record that is not kept."""
    yield from _left_out(record, KEPT)


def _names(value: Any, kept: Any) -> Iterator[str]:
    if isinstance(value, list):
        for item in value:
            yield from _names(item, kept)
    elif isinstance(value, Mapping) and isinstance(kept, Mapping):
        for name in kept:
            yield from _names(value.get(name), kept[name])
    elif isinstance(value, str) and kept in (Kept.TITLE, Kept.NAME):
        yield _CONVERT[kept](value)


def _left_out(value: Any, kept: Any) -> Iterator[str]:
    if isinstance(value, list):
        for item in value:
            yield from _left_out(item, kept)
    elif isinstance(value, Mapping):
        for name, part in value.items():
            yield from _left_out(part, kept.get(name) if isinstance(kept, Mapping) else None)
    elif isinstance(value, str) and kept is None:
        yield value
