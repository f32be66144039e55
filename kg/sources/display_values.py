"""From the words that the registry prints to the values of its API v2.

Legacy XML and the v1 API print enumerations, dates and yes/no as English words. Most words turn
into the v2 value by upper case and underscores ("Not yet recruiting"); the tables below hold
those that do not. A word that is not known is turned the same way and so is kept, not dropped;
the SHACL shapes report it.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable, Set
from typing import Any

from kg.sources.api_values import MASKINGS

_NOT_WORD = re.compile(r"[^A-Za-z0-9]+")
_COMMON = {"N_A": "NA", "NOT_APPLICABLE": "NA"}

_SPECIAL: dict[str, dict[str, str]] = {
    "status": {"UNKNOWN_STATUS": "UNKNOWN"},
    "phase": {
        **{f"PHASE_{number}": f"PHASE{number}" for number in range(1, 5)},
        "EARLY_PHASE_1": "EARLY_PHASE1",
        "PHASE_0": "EARLY_PHASE1",  # its name until 2016
    },
    "study_type": {"OBSERVATIONAL_PATIENT_REGISTRY": "OBSERVATIONAL"},
    "intervention_model": {
        f"{model}_ASSIGNMENT": model
        for model in ("SINGLE_GROUP", "PARALLEL", "CROSSOVER", "FACTORIAL", "SEQUENTIAL")
    },
    "purpose": {"EDUCATIONAL_COUNSELING_TRAINING": "ECT"},
    "agency_class": {"U_S_FED": "FED"},
    "sex": {"BOTH": "ALL"},
    "date_type": {"ANTICIPATED": "ESTIMATED", "ESTIMATE": "ESTIMATED"},
    "who_masked": {"SUBJECT": "PARTICIPANT", "CAREGIVER": "CARE_PROVIDER"},
    "ipd_info_type": {
        "STATISTICAL_ANALYSIS_PLAN_SAP": "SAP",
        "INFORMED_CONSENT_FORM_ICF": "ICF",
        "CLINICAL_STUDY_REPORT_CSR": "CSR",
    },
    "secondary_id_type": {
        **{
            f"U_S_{agency}_GRANT_CONTRACT": agency
            for agency in ("NIH", "FDA", "VA", "CDC", "AHRQ", "SAMHSA")
        },
        "EUDRACT_NUMBER": "EUDRACT_NUMBER",
        "OTHER_GRANT_FUNDING_NUMBER": "OTHER_GRANT",
        "REGISTRY_IDENTIFIER": "REGISTRY",
        "OTHER_IDENTIFIER": "OTHER",
        "CTIS_NUMBER": "CTIS",
    },
}

_MASKING = re.compile(r"\s*(?P<degree>[^(]*?)\s*(?:\((?P<who>[^)]*)\))?\s*")

_MONTHS = {
    "jan": 1, "feb": 2, "mar": 3, "apr": 4, "may": 5, "jun": 6,
    "jul": 7, "aug": 8, "sep": 9, "oct": 10, "nov": 11, "dec": 12,
}  # fmt: skip
_NUMBER = re.compile(r"-?\d{1,18}(\.\d{1,18})?", re.ASCII)
_PRINTED_DATE = re.compile(r"([A-Za-z]{3,9})\.?(?:\s+(\d{1,2}),)?\s+(\d{4})", re.ASCII)
_PRINTED_MINUTE = re.compile(r"(\d\d)/(\d\d)/(\d{4})\s+(\d\d:\d\d)", re.ASCII)
_YES_NO = {
    **dict.fromkeys(("yes", "y", "true", "accepts healthy volunteers"), True),
    **dict.fromkeys(("no", "n", "false"), False),
}


def api_enum(display: str, kind: str = "") -> str:
    """Return the API v2 value of a printed enumeration value.

    Parameters
    ----------
    display : str
        As printed; a value that is in v2 form already stays as it is.
    kind : str
        The enumeration, such as ``phase``, if it has words of its own.

    Examples
    --------
    >>> api_enum("Active, not recruiting", "status")
    'ACTIVE_NOT_RECRUITING'
    >>> api_enum("Educational/Counseling/Training", "purpose")
    'ECT'
    """
    name = _NOT_WORD.sub("_", display).strip("_").upper()
    return _SPECIAL.get(kind, {}).get(name) or _COMMON.get(name) or name or display


def api_word(display: str, kind: str) -> str:
    """Return the API v2 value of a printed one that has a word of its own; others unchanged.

    Examples
    --------
    >>> api_word("UNKNOWN_STATUS", "status"), api_word("as it is", "status")
    ('UNKNOWN', 'as it is')
    """
    name = _NOT_WORD.sub("_", display).strip("_").upper()
    return _SPECIAL.get(kind, {}).get(name, display)


def api_phases(display: str) -> list[str]:
    """Return the phases of a printed phase.

    Examples
    --------
    >>> api_phases("Phase 1/Phase 2")
    ['PHASE1', 'PHASE2']
    >>> api_phases("N/A")
    ['NA']
    """
    if api_enum(display) == "NA":
        return ["NA"]
    return [api_enum(part, "phase") for part in re.split(r"[/|]", display) if part.strip()]


def api_masking(display: str) -> tuple[str, list[str]]:
    """Return degree and subjects of a printed masking.

    Examples
    --------
    >>> api_masking("Double Blind (Subject, Investigator)")
    ('DOUBLE', ['PARTICIPANT', 'INVESTIGATOR'])
    >>> api_masking("None (Open Label)")
    ('NONE', [])
    """
    found = _MASKING.fullmatch(display)
    name = api_enum(found["degree"] if found else display)
    degree = name.removesuffix("_BLIND").removesuffix("_MASKED")
    if name in ("OPEN_LABEL", "NO_MASKING", "OPEN") or degree == "NONE":
        return "NONE", []
    who = found["who"] if found and found["who"] else ""
    masked = [api_enum(part, "who_masked") for part in who.split(",") if part.strip()]
    return degree if degree in MASKINGS else name, masked


def api_one_of(display: str, known: Set[str]) -> str:
    """Return the one value of a field that old records fill with several, comma-separated.

    The first that API v2 knows counts, since its field holds one.

    Examples
    --------
    >>> api_one_of("Longitudinal, Retrospective", {"PROSPECTIVE", "RETROSPECTIVE"})
    'RETROSPECTIVE'
    """
    values = [api_enum(part) for part in display.split(",") if part.strip()]
    for value in values:
        if value in known:
            return value
    return values[0] if values else display


def api_date(display: str) -> str:
    """Return a printed date in ISO form, as precise as it is printed.

    What is no date, or names a day that no calendar has, is returned as it is.

    Examples
    --------
    >>> api_date("March 3, 2005"), api_date("March 2005"), api_date("2005-03")
    ('2005-03-03', '2005-03', '2005-03')
    """
    found = _PRINTED_DATE.fullmatch(display.strip())
    month = _MONTHS.get(found[1][:3].lower()) if found else None
    if found is None or month is None:
        return display
    if found[2] is None:
        return f"{found[3]}-{month:02d}"
    try:
        return datetime.date(int(found[3]), month, int(found[2])).isoformat()
    except ValueError:
        return display


def api_minute(display: str) -> str:
    """Return a printed date and time in ISO form.

    Examples
    --------
    >>> api_minute("07/12/2019 09:33")
    '2019-07-12T09:33'
    """
    found = _PRINTED_MINUTE.fullmatch(display.strip())
    return display if found is None else f"{found[3]}-{found[1]}-{found[2]}T{found[4]}"


def api_bool(display: str) -> bool | str:
    """Return a printed yes or no; what is neither is returned as it is, to be refused.

    Examples
    --------
    >>> api_bool("Accepts Healthy Volunteers"), api_bool("No")
    (True, False)
    """
    return _YES_NO.get(display.strip().lower(), display)


def api_age(display: str) -> str | None:
    """Return a printed age, ``None`` for ``N/A`` (no limit), which API v2 leaves out."""
    return None if api_enum(display) == "NA" else display


def api_number(display: str) -> int | float | str:
    """Return a printed number; what is none is returned as it is, to be refused."""
    found = _NUMBER.fullmatch(display.strip())
    if found is None:
        return display
    return int(found[0]) if found[1] is None else float(found[0])


def enum_of(kind: str) -> Callable[[str], Any]:
    """Return the converter of one enumeration, for use in a table of fields."""
    return lambda display: api_enum(display, kind)
