"""How values are shown to people: codes, dates, ages, numbers, and what is not stated."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from urllib.parse import urlsplit

from kg.iris import TRIAL_BASE

NOT_STATED = "not stated"

_WORDS = {
    "ACTIVE_NOT_RECRUITING": "Active, not recruiting",
    "ALL": "All",
    "CASE_CONTROL": "Case-control",
    "CASE_CROSSOVER": "Case-crossover",
    "CROSS_SECTIONAL": "Cross-sectional",
    "EARLY_PHASE1": "Early phase 1",
    "ECOLOGIC_OR_COMMUNITY": "Ecologic or community",
    "EUDRACT_NUMBER": "EudraCT number",
    "FED": "US federal agency",
    "INDIV": "Individual",
    "NA": "Not applicable",
    "NIH": "US National Institutes of Health",
    "NON_RANDOMIZED": "Non-randomized",
    "ORG_STUDY_ID": "Sponsor's own number",
    "OTHER_GOV": "Government",
    "OTHER_GRANT": "Other grant",
    "PHASE1": "Phase 1",
    "PHASE2": "Phase 2",
    "PHASE3": "Phase 3",
    "PHASE4": "Phase 4",
    "SPONSOR_INVESTIGATOR": "Sponsor-investigator",
    "UNKNOWN": "Unknown status",
    "UNKNOWN_STATUS": "Unknown status",
}
_MASKINGS = {"NONE": "None (open label)"}
_CODE = re.compile(r"[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)*")
_AGE = re.compile(r"(\d+)\s+([A-Za-z]+)")
_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September",
    "October", "November", "December",
)  # fmt: skip
_PARTIAL_DATE = re.compile(r"(\d{4})(?:-(\d{2}))?(?:-(\d{2}))?", re.ASCII)
_NCT_IRI = re.compile(re.escape(TRIAL_BASE) + r"(NCT\d{8})", re.ASCII)
_WEB_SCHEMES = ("http", "https")


def words(code: str | None) -> str:
    """Return a registry code as words; what is no code comes back as it is.

    Examples
    --------
    >>> words("NOT_YET_RECRUITING"), words("EudraCT Number"), words(None)
    ('Not yet recruiting', 'EudraCT Number', 'not stated')
    """
    if code is None:
        return NOT_STATED
    known = _WORDS.get(code)
    if known is not None:
        return known
    return code.replace("_", " ").capitalize() if _CODE.fullmatch(code) else code


def masking_words(code: str | None, who: Sequence[str] = ()) -> str:
    """Return masking as words, with who is masked."""
    if code is None:
        return NOT_STATED
    said = _MASKINGS.get(code) or words(code)
    return f"{said} ({', '.join(words(one).lower() for one in who)})" if who else said


def phase_words(phases: Sequence[str]) -> str:
    """Return phases in short form.

    Examples
    --------
    >>> phase_words(("PHASE1", "PHASE2")), phase_words(("NA",)), phase_words(())
    ('Phase 1/2', 'No phase', 'not stated')
    """
    if not phases:
        return NOT_STATED
    if tuple(phases) == ("NA",):
        return "No phase"
    shown = [words(phase) for phase in phases]
    if all(one.startswith("Phase ") for one in shown):
        return f"Phase {'/'.join(one.removeprefix('Phase ') for one in shown)}"
    return ", ".join(shown)


def date_words(text: str | None) -> str:
    """Return a date of any precision as people write it; what is no date comes back as it is.

    Examples
    --------
    >>> date_words("2022-11-03"), date_words("2022-11"), date_words("2022"), date_words("soon")
    ('3 November 2022', 'November 2022', '2022', 'soon')
    """
    if text is None:
        return NOT_STATED
    found = _PARTIAL_DATE.fullmatch(text.strip())
    if found is None:
        return text
    year, month, day = found.groups()
    if month is None:
        return year
    try:
        date(int(year), int(month), int(day or 1))
    except ValueError:
        return text
    name = f"{_MONTHS[int(month) - 1]} {year}"
    return name if day is None else f"{int(day)} {name}"


def timestamp_words(text: str | None) -> str:
    """Return an ISO time stamp to the minute, UTC."""
    if text is None:
        return NOT_STATED
    return f"{date_words(text[:10])}, {text[11:16]} UTC" if len(text) >= 16 else text


def age_words(text: str | None) -> str:
    """Return an age in words; the registry leaves it out where there is no limit.

    Examples
    --------
    >>> age_words("18 Years"), age_words("1 Year"), age_words(None)
    ('18 years', '1 year', 'no limit stated')
    """
    if text is None:
        return "no limit stated"
    found = _AGE.fullmatch(text.strip())
    return text if found is None else f"{found[1]} {found[2].lower()}"


def age_range_words(low: str | None, high: str | None) -> str | None:
    """Return the ages that a trial admits in words; None where it states no limit.

    Examples
    --------
    >>> age_range_words("18 Years", None), age_range_words(None, "70 Years")
    ('18 years and older', 'up to 70 years')
    >>> age_range_words("18 Years", "70 Years"), age_range_words("6 Months", "2 Years")
    ('18 to 70 years', '6 months to 2 years')
    """
    if low is None:
        return None if high is None else f"up to {age_words(high)}"
    if high is None:
        return f"{age_words(low)} and older"
    least, most = age_words(low), age_words(high)
    unit = f" {most.rpartition(' ')[2]}"
    return f"{least.removesuffix(unit)} to {most}"


def yes_no(value: bool | None) -> str:
    """Return a truth value as a word."""
    return NOT_STATED if value is None else "Yes" if value else "No"


def number(value: int | float | None) -> str:
    """Return a number with its thousands apart.

    Examples
    --------
    >>> number(1535), number(2e6), number(0.5)
    ('1,535', '2,000,000', '0.5')
    """
    if value is None:
        return NOT_STATED
    if isinstance(value, float) and not value.is_integer():
        return f"{value:,.6g}"
    return f"{int(value):,}"


def date_words_of_timestamp(text: str | None) -> str:
    """Return the day of an ISO time stamp."""
    return NOT_STATED if text is None else date_words(text[:10])


def capitalize_first(text: str) -> str:
    """Return a text with a capital first; unlike `str.capitalize` the rest stays as it is.

    Examples
    --------
    >>> capitalize_first("acute GVHD"), capitalize_first("")
    ('Acute GVHD', '')
    """
    return text[:1].upper() + text[1:]


def shortened(text: str, length: int) -> str:
    """Return a text of at most `length` characters; a cut one ends in an ellipsis."""
    return text if len(text) <= length else f"{text[: length - 1].rstrip()}…"


def shortened_start(text: str, length: int) -> str:
    """Return the end of a text, at most `length` characters; a cut one begins with an ellipsis."""
    return text if len(text) <= length else f"…{text[1 - length :].lstrip()}"


def web_address(address: str | None) -> str | None:
    """Return an address that may stand in a link: http or https with a host, else None."""
    if address is None:
        return None
    try:
        parts = urlsplit(address.strip())
    except ValueError:
        return None
    return address.strip() if parts.scheme in _WEB_SCHEMES and parts.netloc else None


def trial_id_of(iri: str) -> str | None:
    """Return the NCT id that an IRI of a trial holds, else None."""
    found = _NCT_IRI.fullmatch(iri)
    return None if found is None else found[1]
