"""A v2 record printed as legacy XML: what single lines hold, lists and dates; no long texts."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from typing import Any

from lxml import etree

_TEXTS = {
    "brief_title": "identificationModule.briefTitle",
    "official_title": "identificationModule.officialTitle",
    "acronym": "identificationModule.acronym",
    "source": "identificationModule.organization.fullName",
    "why_stopped": "statusModule.whyStopped",
    "id_info/org_study_id": "identificationModule.orgStudyIdInfo.id",
    "id_info/nct_id": "identificationModule.nctId",
    "sponsors/lead_sponsor/agency": "sponsorCollaboratorsModule.leadSponsor.name",
    "enrollment": "designModule.enrollmentInfo.count",
    "eligibility/minimum_age": "eligibilityModule.minimumAge",
    "eligibility/maximum_age": "eligibilityModule.maximumAge",
}
_ENUMS = {
    "overall_status": "statusModule.overallStatus",
    "study_type": "designModule.studyType",
    "study_design_info/allocation": "designModule.designInfo.allocation",
    "eligibility/gender": "eligibilityModule.sex",
}
_DATES = {
    "start_date": "statusModule.startDateStruct",
    "completion_date": "statusModule.completionDateStruct",
    "last_update_posted": "statusModule.lastUpdatePostDateStruct",
    "study_first_posted": "statusModule.studyFirstPostDateStruct",
    "results_first_posted": "statusModule.resultsFirstPostDateStruct",
}
_LISTS = {
    "condition": ("conditionsModule.conditions", None),
    "keyword": ("conditionsModule.keywords", None),
    "sponsors/collaborator": ("sponsorCollaboratorsModule.collaborators", {"agency": "name"}),
    "primary_outcome": (
        "outcomesModule.primaryOutcomes",
        {"measure": "measure", "time_frame": "timeFrame", "description": "description"},
    ),
    "secondary_outcome": (
        "outcomesModule.secondaryOutcomes",
        {"measure": "measure", "time_frame": "timeFrame", "description": "description"},
    ),
    "arm_group": (
        "armsInterventionsModule.armGroups",
        {"arm_group_label": "label", "arm_group_type": "type"},
    ),
    "intervention": (
        "armsInterventionsModule.interventions",
        {
            "intervention_type": "type",
            "intervention_name": "name",
            "arm_group_label": "armGroupLabels",
            "other_name": "otherNames",
            "description": "description",
        },
    ),
    "overall_official": (
        "contactsLocationsModule.overallOfficials",
        {"last_name": "name", "role": "role", "affiliation": "affiliation"},
    ),
    "location": (
        "contactsLocationsModule.locations",
        {
            "facility/name": "facility",
            "facility/address/city": "city",
            "facility/address/state": "state",
            "facility/address/zip": "zip",
            "facility/address/country": "country",
            "status": "status",
        },
    ),
    "link": ("referencesModule.seeAlsoLinks", {"url": "url", "description": "label"}),
}


def printed_as_legacy(record: dict[str, Any]) -> bytes:
    """Return a ``<clinical_study>`` of what of the record this form prints on single lines."""
    study = etree.Element("clinical_study")
    protocol = record["protocolSection"]
    for path, field in _TEXTS.items():
        for value in at(protocol, field):
            put(study, path, str(value))
    for path, field in _ENUMS.items():
        for value in at(protocol, field):
            put(study, path, words(value))
    for path, field in _DATES.items():
        for value in at(protocol, field):
            if "date" in value:
                element = put(study, path, printed_date(value["date"]))
                if "type" in value:
                    element.set("type", value["type"].capitalize())
    for path, (field, parts) in _LISTS.items():
        for items in at(protocol, field):
            for item in items:
                put_item(study, path, item, parts)
    for references in at(protocol, "referencesModule.references"):
        for reference in references:
            name = "results_reference" if reference.get("type") == "RESULT" else "reference"
            put_item(study, name, reference, {"citation": "citation", "PMID": "pmid"})
    return etree.tostring(study, encoding="utf-8", xml_declaration=True)


def at(value: Any, path: str) -> Iterator[Any]:
    """Yield the value at a dotted path, if there is one."""
    for name in path.split("."):
        value = value.get(name) if isinstance(value, dict) else None
    if value is not None:
        yield value


def put(parent: etree._Element, path: str, text: str) -> etree._Element:
    """Append an element with a text; the elements around it are shared."""
    *around, name = path.split("/")
    for tag in around:
        found = parent.find(tag)
        parent = etree.SubElement(parent, tag) if found is None else found
    element = etree.SubElement(parent, name)
    element.text = text
    return element


def put_item(study: etree._Element, path: str, item: Any, parts: dict[str, str] | None) -> None:
    """Append an element for an item of a list, with its parts or its text."""
    if parts is None:
        put(study, path, item)
        return
    element = put(study, path, "")
    for inner, field in parts.items():
        values = item.get(field, [])
        for value in values if isinstance(values, list) else [values]:
            is_enum = field in ("type", "status", "role")
            put(element, inner, words(value) if is_enum else value)


def words(value: str) -> str:
    """Return an enumeration value as it was printed."""
    return value.replace("_", " ").capitalize()


def printed_date(value: str) -> str:
    """Return an ISO date, or a month of a year, in the words of the time."""
    if len(value) == len("2022-11-03"):
        day = datetime.date.fromisoformat(value)
        return f"{day:%B} {day.day}, {day.year}"
    return f"{datetime.date.fromisoformat(value + '-01'):%B %Y}"
