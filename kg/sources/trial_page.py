"""The plain text of a public trial page: sections by their headings, one value a line.

Such a page prints a trial for readers, so some of what a record holds is not on it (kinds of
arms and interventions, PubMed ids, types of dates) and stays absent. Two rules rest on what the
pages show, not on a description: of the two dates under "Basic Information" the first is the
start and the second the completion, and the last of the sponsors is the lead sponsor.

The trials that the page lists as related go into ``listedAsRelated``, a key of ours beside the
registry's sections: they are the page's opinion and no part of the record.
"""

from __future__ import annotations

import re
from typing import Any

from kg.sources.api_values import (
    ALLOCATIONS,
    INTERVENTION_MODELS,
    MASKINGS,
    OBSERVATIONAL_MODELS,
    PURPOSES,
    SEXES,
    STATUSES,
    STUDY_TYPES,
    TIME_PERSPECTIVES,
)
from kg.sources.json_values import clean_text, kept
from kg.sources.limits import SourceLimits
from kg.sources.page_groups import read_arms, read_interventions, read_outcomes
from kg.sources.page_parties import (
    LABELLED,
    Sections,
    read_identifiers,
    read_links,
    read_locations,
    read_officials,
    read_references,
    read_related,
    read_responsible_party,
    read_sponsors,
)
from kg.sources.records import Found, Refusal
from kg.sources.streams import CHUNK_BYTES, PeekStream

# Each heading, and the words with which the site's own line of explanation below it begins.
_HEADINGS = {
    "Study Results": "The study",
    "Basic Information": "Get a",
    "Official Title": "Review the",
    "Brief Summary": "Review the",
    "Related Clinical Trials": "Explore similar",
    "Detailed Description": "Dive into",
    "Conditions": "See the",
    "Keywords": "Explore important",
    "Study Design": "Understand how",
    "Study Groups": "Review each",
    "Interventions": "Learn about",
    "Other Intervention Names": "Discover alternative",
    "Primary Outcomes": "Find out",
    "Secondary Outcomes": "Find out",
    "Other Outcomes": "Find out",
    "Eligibility Criteria": "Check the",
    "Sponsors": "Meet the",
    "Responsible Party": "Identify the",
    "Principal Investigators": "Learn about",
    "Locations": "Explore where",
    "Countries": "Review the",
    "Central Contacts": "Reach out",
    "Facility Contacts": "Find local",
    "References": "Explore related",
    "Related Links": "Access external",
    "Other Identifiers": "Review additional",
    "More Related Trials": "Additional clinical",
}
_DATE = re.compile(r"\d{4}-\d{2}(?:-\d{2})?", re.ASCII)
_PARTICIPANTS = re.compile(r"(\d[\d,]{0,14}) participants?", re.ASCII)
_AGE = re.compile(r"\d+ (?:Year|Month|Week|Day|Hour|Minute)s?", re.ASCII)
_PHASE = re.compile(r"(?:(?:EARLY_)?PHASE\d|NA)(?:/PHASE\d)*", re.ASCII)

# In the order in which a page prints them; "OTHER" and "NA" belong to more than one.
_DESIGN = (
    ("allocation", ALLOCATIONS),
    ("interventionModel", INTERVENTION_MODELS),
    ("observationalModel", OBSERVATIONAL_MODELS - {"OTHER"}),
    ("timePerspective", TIME_PERSPECTIVES - {"OTHER"}),
    ("primaryPurpose", PURPOSES),
)
_MASKED = {
    "participant": "PARTICIPANT",
    "caregiver": "CARE_PROVIDER",
    "care provider": "CARE_PROVIDER",
    "investigator": "INVESTIGATOR",
    "outcome assessor": "OUTCOMES_ASSESSOR",
    "outcomes assessor": "OUTCOMES_ASSESSOR",
}


def read_trial_page(stream: PeekStream, limits: SourceLimits) -> Found | Refusal:
    """Read the text of one trial page.

    Parameters
    ----------
    stream : PeekStream
        UTF-8 text.
    limits : SourceLimits

    Returns
    -------
    Found or Refusal
        The record in API v2 shape, with ``listedAsRelated``; a refusal if the text is too
        large or is not UTF-8.
    """
    data = bytearray()
    while more := stream.read(CHUNK_BYTES):
        data += more
        if len(data) > limits.max_record_bytes:
            return Refusal(f"the page is larger than {limits.max_record_bytes:,} bytes.")
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        bad = data[error.start]
        return Refusal(f"is not UTF-8 (byte 0x{bad:02x}); save the page as UTF-8.")
    lines = [line.strip() for line in clean_text(text).split("\n")]
    return Found(trial_page_to_api_v2([line for line in lines if line]), "", "trial-page")


def trial_page_to_api_v2(lines: list[str]) -> dict[str, Any]:
    """Return a trial page, as lines that are not empty, in API v2 shape."""
    head, sections = _sections(lines)
    labels = {m[1]: m[2] for line in head if (m := LABELLED.fullmatch(line)) is not None}
    title = next((line for line in head if not LABELLED.fullmatch(line)), None)
    updated = labels.get("Last Updated")
    interventions = read_interventions(sections.get("Interventions", []))
    arms = read_arms(sections.get("Study Groups", []), interventions)
    basic = _basic(sections.get("Basic Information", []))
    identification = {
        "nctId": labels.get("NCT ID"),
        "briefTitle": title,
        "officialTitle": _joined(sections, "Official Title"),
        **read_identifiers(sections.get("Other Identifiers", [])),
    }
    status = {
        **basic["status"],
        "lastUpdatePostDateStruct": {"date": updated} if updated else None,
    }
    protocol = {
        "identificationModule": identification,
        "statusModule": status,
        "sponsorCollaboratorsModule": {
            **read_sponsors(sections.get("Sponsors", [])),
            "responsibleParty": read_responsible_party(sections.get("Responsible Party", [])),
        },
        "descriptionModule": {
            "briefSummary": _joined(sections, "Brief Summary"),
            "detailedDescription": _joined(sections, "Detailed Description"),
        },
        "conditionsModule": {
            "conditions": sections.get("Conditions", []),
            "keywords": sections.get("Keywords", []),
        },
        "designModule": {**basic["design"], "designInfo": _design(sections)},
        "armsInterventionsModule": {"armGroups": arms, "interventions": interventions},
        "outcomesModule": {
            key: read_outcomes(sections.get(heading, []))
            for key, heading in (
                ("primaryOutcomes", "Primary Outcomes"),
                ("secondaryOutcomes", "Secondary Outcomes"),
                ("otherOutcomes", "Other Outcomes"),
            )
        },
        "eligibilityModule": _eligibility(sections.get("Eligibility Criteria", [])),
        "contactsLocationsModule": {
            "overallOfficials": list(read_officials(sections.get("Principal Investigators", []))),
            "locations": read_locations(sections),
        },
        "referencesModule": {
            "references": list(read_references(sections.get("References", []))),
            "seeAlsoLinks": list(read_links(sections.get("Related Links", []))),
        },
    }
    payload = {
        "protocolSection": protocol,
        "listedAsRelated": list(read_related(sections)),
    }
    result: dict[str, Any] = kept(payload)
    return result


def _sections(lines: list[str]) -> tuple[list[str], Sections]:
    """Tell the head and the sections apart; the site's explanations are left out."""
    following = [*lines[1:], ""]
    is_explained = any(map(_is_explanation, lines, following))
    head: list[str] = []
    sections: Sections = {}
    current = head
    skip = False
    for line, after in zip(lines, following, strict=True):
        if skip:
            skip = False
        elif (
            line in _HEADINGS
            and line not in sections
            and (_is_explanation(line, after) or not is_explained)
        ):
            current = sections[line] = []
            skip = _is_explanation(line, after)
        else:
            current.append(line)
    return head, sections


def _is_explanation(heading: str, line: str) -> bool:
    opening = _HEADINGS.get(heading)
    return opening is not None and line.startswith(opening) and line.endswith(".")


def _joined(sections: Sections, heading: str) -> str | None:
    return "\n\n".join(sections.get(heading, [])) or None


def _basic(lines: list[str]) -> dict[str, dict[str, Any]]:
    status: dict[str, Any] = {}
    design: dict[str, Any] = {}
    dates = [line for line in lines if _DATE.fullmatch(line)]
    for name, date in zip(("startDateStruct", "completionDateStruct"), dates, strict=False):
        status[name] = {"date": date}
    for line in lines:
        participants = _PARTICIPANTS.fullmatch(line)
        if line in STATUSES:
            status["overallStatus"] = line
        elif line in STUDY_TYPES:
            design["studyType"] = line
        elif _PHASE.fullmatch(line):
            design["phases"] = line.split("/")
        elif participants is not None:
            design["enrollmentInfo"] = {"count": int(participants[1].replace(",", ""))}
    return {"status": status, "design": design}


def _design(sections: Sections) -> dict[str, Any]:
    info: dict[str, Any] = {}
    masking: dict[str, Any] = {}
    for line in sections.get("Study Design", []):
        name = next((n for n, values in _DESIGN if n not in info and line in values), None)
        masked = [_MASKED.get(part.strip().lower().removesuffix("s")) for part in line.split(",")]
        if name is not None:
            info[name] = line
        elif line in MASKINGS:
            masking["masking"] = line
        elif None not in masked:
            masking["whoMasked"] = masked
    return {**info, "maskingInfo": masking}


def _eligibility(lines: list[str]) -> dict[str, Any]:
    """Read the criteria, and the ages, the sex and the yes or no that end the section."""
    module: dict[str, Any] = {}
    rest = list(lines)
    if rest and rest[-1] in ("Yes", "No"):
        module["healthyVolunteers"] = rest.pop() == "Yes"
    if rest and rest[-1] in SEXES:
        module["sex"] = rest.pop()
    ages: list[str] = []
    while rest and len(ages) < 2 and _AGE.fullmatch(rest[-1]):
        ages.insert(0, rest.pop())
    for name, age in zip(("minimumAge", "maximumAge"), ages, strict=False):
        module[name] = age
    module["eligibilityCriteria"] = "\n".join(rest) or None
    return module
