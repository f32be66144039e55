"""People, places, publications and numbers of a trial page."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from kg.sources.api_values import AGENCY_CLASSES, STATUSES

Sections = dict[str, list[str]]
"""The lines of a page by heading."""

LABELLED = re.compile(r"(NCT ID|Last Updated|Role|Identifier (?:Type|Source|Domain)):\s*(.*)")
_NCT_ID = re.compile(r"NCT\d{8}", re.ASCII)
_PMID = re.compile(r"(?:PMID|PubMed(?: ID)?)\s*:?\s*(\d{1,8})", re.ASCII)


def read_sponsors(lines: list[str]) -> dict[str, Any]:
    """Read sponsors, each with the class below it; the last is the lead sponsor."""
    sponsors: list[dict[str, str]] = []
    for line in lines:
        if line in AGENCY_CLASSES and sponsors and "class" not in sponsors[-1]:
            sponsors[-1]["class"] = line
        else:
            sponsors.append({"name": line})
    if not sponsors:
        return {}
    return {"leadSponsor": sponsors[-1], "collaborators": sponsors[:-1]}


def read_responsible_party(lines: list[str]) -> dict[str, Any]:
    """Read name and title; the page does not say of which kind the party is."""
    names = ("investigatorFullName", "investigatorTitle", "investigatorAffiliation")
    return dict(zip(names, lines, strict=False)) if len(lines) > 1 else {}


def read_officials(lines: list[str]) -> Iterator[dict[str, str]]:
    """Read name, role and affiliation: the role tells where a person begins."""
    roles = [index for index, line in enumerate(lines) if line.startswith("Role:")]
    for number, index in enumerate(roles):
        end = roles[number + 1] - 1 if number + 1 < len(roles) else len(lines)
        official = {"role": lines[index].removeprefix("Role:").strip()}
        if index > 0:
            official["name"] = lines[index - 1]
        if index + 1 < end:
            official["affiliation"] = lines[index + 1]
        yield official


def read_locations(sections: Sections) -> list[dict[str, str]]:
    """Read the places: a facility, then where it is; then countries without a facility."""
    locations: list[dict[str, str]] = []
    facility: str | None = None
    for line in sections.get("Locations", []):
        if line in STATUSES and locations:
            locations[-1]["status"] = line
        elif facility is None:
            facility = line
        else:
            locations.append({"facility": facility, **_address(line)})
            facility = None
    if facility is not None:
        locations.append({"facility": facility})
    placed = {location.get("country") for location in locations}
    listed = sections.get("Countries", [])
    return locations + [{"country": line} for line in listed if line not in placed]


def _address(line: str) -> dict[str, str]:
    """Read ``City, State, Country`` or ``City, Country``; a city may itself have commas."""
    *before, country = line.split(", ")
    if not before:
        return {"country": country}
    if len(before) == 1:
        return {"city": before[0], "country": country}
    return {"city": ", ".join(before[:-1]), "state": before[-1], "country": country}


def read_references(lines: list[str]) -> Iterator[dict[str, str]]:
    """Read citations, with the PubMed id in or below them."""
    reference: dict[str, str] = {}
    for line in lines:
        pmid = _PMID.search(line)
        if pmid is not None and pmid.span() == (0, len(line)):
            reference["pmid"] = pmid[1]
            continue
        if reference:
            yield reference
        reference = {"citation": line}
        if pmid is not None:
            reference["pmid"] = pmid[1]
    if reference:
        yield reference


def read_links(lines: list[str]) -> Iterator[dict[str, str]]:
    """Read links: a label, an address, or both."""
    label: str | None = None
    for line in lines:
        if line.startswith(("http://", "https://")):
            yield {"url": line} if label is None else {"label": label, "url": line}
            label = None
        else:
            if label is not None:
                yield {"label": label}
            label = line
    if label is not None:
        yield {"label": label}


def read_identifiers(lines: list[str]) -> dict[str, Any]:
    """Read each number with the type, source and domain that follow it."""
    own: dict[str, str] = {}
    others: list[dict[str, str]] = []
    current: dict[str, str] = {}
    for line in lines:
        found = LABELLED.fullmatch(line)
        if found is None:
            current = {"id": line}
            others.append(current)
        elif found[1] == "Identifier Source" and found[2] == "org_study_id":
            own = current
        elif found[2] not in ("", "-") and found[1] in ("Identifier Type", "Identifier Domain"):
            current["type" if found[1].endswith("Type") else "domain"] = found[2]
    return {
        "orgStudyIdInfo": own,
        "secondaryIdInfos": [info for info in others if info is not own],
    }


def read_related(sections: Sections) -> Iterator[dict[str, str]]:
    """Read the trials that the page lists, each a title above an NCT id."""
    seen: set[str] = set()
    for heading in ("Related Clinical Trials", "More Related Trials"):
        title: str | None = None
        for line in sections.get(heading, []):
            if _NCT_ID.fullmatch(line) is None:
                title = line
            elif line not in seen:
                seen.add(line)
                yield {"nctId": line} if title is None else {"nctId": line, "briefTitle": title}
                title = None
