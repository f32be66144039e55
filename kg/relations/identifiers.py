"""Study numbers: which tell a trial from others, and which are placeholders or addresses."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

_NOT_ALNUM = re.compile(r"[\W_]+")
_REGISTRY_ID = re.compile(r"\d{4}-?\d{6}-?\d{2}(?:-\d{2})?", re.ASCII)
"""EudraCT (2010-023368-42) and CTIS (2022-501234-12-00) numbers."""

# NIH activity codes of grants that pay for a whole centre, network of sites or training
# programme (grants.nih.gov, "Activity Codes"): hundreds of unrelated trials name one.
_INFRASTRUCTURE = re.compile(
    r"(?:\d?)(?:P30|P50|P51|UL1|U10|UG1|U54|M01|KL2|TL1|UM2|T32|G12|S06|K\d\d)[A-Z]{2}\d{5,6}"
)

# Words that sponsors put where a number is asked for: offices, committees, placeholders.
_PLACEHOLDER = re.compile(
    r"(?:not ?(?:applicable|available|assigned|yet)|unknown|none|pending|protocol|study|trial|"
    r"version|irb|iec|ethics?|committee|department|dept|clinical|hospital|university|"
    r"covid|sars|phase|stem ?cells?|msc)",
    re.IGNORECASE,
)

# "CS10BR05-MSA101-E", "MP-CR-006-F/U-5y", "BSR-CTph3-JS1_FU": the parent's number and a mark.
_EXTENSION_SUFFIX = re.compile(
    r"[\s_\-/(]*(?:LT[\s_-]?FU|F/?U(?:P)?|EXT(?:ENSION)?|OLE|E)(?:[\s_\-/]*\d*\s?(?:Y|YR|YEARS?|M)?)?\)?$",
    re.IGNORECASE,
)

_LONGEST_ID = 100


def fold_id(value: str) -> str:
    """Return an identifier without case, spaces and punctuation.

    Examples
    --------
    >>> fold_id("EudraCT 2010-023368-42")
    'eudract201002336842'
    """
    # What is ASCII is in form NFKC, and most of it is one plain word.
    folded = value.lower() if value.isascii() else unicodedata.normalize("NFKC", value).casefold()
    return folded if folded.isalnum() else _NOT_ALNUM.sub("", folded)


@lru_cache(maxsize=16384)
def is_telling_id(value: str) -> bool:
    """Return whether an identifier can be one trial's or one project's own.

    It must have four digits or letters and digits together, five characters in all, and not
    be zeros, one repeated digit, a year, or a placeholder with a running number.

    Examples
    --------
    >>> is_telling_id("CeTMMo/EM/2010"), is_telling_id("0000"), is_telling_id("IRB 001")
    (True, False, False)
    """
    folded = fold_id(value)
    digits = re.sub(r"\D", "", folded)
    if len(folded) < 5 or len(digits) < 2 or not digits.strip("0"):
        return False
    rest = fold_id(_PLACEHOLDER.sub("", value))
    if len(re.sub(r"0", "", rest)) < 3:
        return False
    if folded.isdigit():
        return len(set(folded)) > 1 and not re.fullmatch(r"(?:19|20)\d\d(?:\d\d)?", folded)
    return True


def is_registry_id(value: str) -> bool:
    """Return whether an identifier has the form of a EudraCT or CTIS number."""
    return _REGISTRY_ID.search(value) is not None and fold_id(value).strip("0") != ""


def is_infrastructure_grant(value: str) -> bool:
    """Return whether a grant number is that of a whole centre, network or training scheme."""
    return _INFRASTRUCTURE.match(fold_id(value).upper()) is not None


def is_citable_id(value: str) -> bool:
    """Return whether an identifier, met in another record's text, can mean this trial only.

    Examples
    --------
    >>> is_citable_id("MSB-GVHD001"), is_citable_id("COVID-19"), is_citable_id("12345")
    (True, False, False)
    """
    folded = fold_id(value)
    if not is_telling_id(value) or " " in value.strip():
        return False
    if is_registry_id(value):
        return True
    if folded.isdigit():
        return len(folded) >= 8 and "-" in value
    digits = sum(map(str.isdigit, folded))
    return len(folded) >= 7 and digits >= 2 and len(folded) - digits >= 2


def without_extension_suffix(value: str) -> str | None:
    """Return the number of the trial that an extension's number points at, None if none.

    Examples
    --------
    >>> without_extension_suffix("CS10BR05-MSA101-E")
    'CS10BR05-MSA101'
    """
    found = _EXTENSION_SUFFIX.search(value) if len(value) <= _LONGEST_ID else None
    if found is None or not found[0][:1].isascii() or found[0][0].isalnum():
        return None
    parent = value[: found.start()].strip()
    return parent if len(fold_id(parent)) >= 4 else None
