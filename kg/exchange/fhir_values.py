"""Values of FHIR's data types, from values of a record; what says nothing gives nothing.

References
----------
.. [1] HL7 FHIR Release 5 (5.0.0), 2023; data types.
"""

from __future__ import annotations

import re
from typing import Any

Json = dict[str, Any]

_DATE = re.compile(r"\d{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01]))?)?", re.ASCII)

PHASE_CODES = {
    ("EARLY_PHASE1",): "early-phase-1",
    ("PHASE1",): "phase-1",
    ("PHASE1", "PHASE2"): "phase-1-phase-2",
    ("PHASE2",): "phase-2",
    ("PHASE2", "PHASE3"): "phase-2-phase-3",
    ("PHASE3",): "phase-3",
    ("PHASE4",): "phase-4",
    ("NA",): "n-a",
}
"""Phases of the registry -> research-study-phase."""
PURPOSES = frozenset(
    [
        "TREATMENT", "PREVENTION", "DIAGNOSTIC", "SUPPORTIVE_CARE", "SCREENING",
        "HEALTH_SERVICES_RESEARCH", "BASIC_SCIENCE", "DEVICE_FEASIBILITY",
    ]
)  # fmt: skip
"""Purposes that research-study-prim-purp-type has too."""
STATE_CODES = {
    "ACTIVE_NOT_RECRUITING": "active-but-not-recruiting",
    "COMPLETED": "completed",
    "ENROLLING_BY_INVITATION": "enrolling-by-invitation",
    "NOT_YET_RECRUITING": "not-yet-recruiting",
    "RECRUITING": "recruiting",
    "SUSPENDED": "temporarily-closed-to-accrual",
    "TERMINATED": "terminated",
    "WITHDRAWN": "withdrawn",
}
"""Overall status -> research-study-status."""
OFFICIAL_CODES = {
    "PRINCIPAL_INVESTIGATOR": "primary-investigator",
    "SUB_INVESTIGATOR": "sub-investigator",
    "STUDY_DIRECTOR": "study-director",
    "STUDY_CHAIR": "study-chair",
}
"""Role of an official -> research-study-party-role."""


def kept(**elements: Any) -> Json:
    """Return the elements that say something: FHIR forbids empty ones."""
    return {
        name: value
        for name, value in elements.items()
        if value is not None and value not in ([], {}) and not _is_blank(value)
    }


def _is_blank(value: Any) -> bool:
    return isinstance(value, str) and not value.strip()


def codeable_concept(*, text: str | None = None, system: str = "", code: str | None = None) -> Json:
    """Return a CodeableConcept; with no text and no code an empty one."""
    coding = [{"system": system, "code": code}] if code is not None else []
    return kept(coding=coding, text=text)


def code_words(code: str) -> str:
    """Return a code of the registry as words; what is no code comes back as it is."""
    return code.replace("_", " ").capitalize() if code.isupper() else code


def pubmed_address(pmid: str | None) -> str | None:
    """Return the address of a publication, None where the number is none."""
    known = pmid is not None and pmid.isascii() and pmid.isdecimal()
    return f"https://pubmed.ncbi.nlm.nih.gov/{pmid}/" if known else None


def web_address(url: str | None) -> str | None:
    """Return an address of the web that may stand as a uri, else None."""
    found = (url or "").strip()
    plain = found.startswith(("http://", "https://")) and not re.search(r"[\s<>\"]", found)
    return found if plain else None


def date_time(text: str | None) -> str | None:
    """Return a date of any precision as a dateTime, None where it is none."""
    return text if text is not None and _DATE.fullmatch(text) else None


def period(start: str | None, end: str | None) -> Json:
    """Return a Period; without dates an empty one."""
    return kept(start=date_time(start), end=date_time(end))
