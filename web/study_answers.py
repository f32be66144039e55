"""What a record answers to the questions that tables of trials ask, in words."""

from __future__ import annotations

from kg.study import Study
from kg.study_modules import ENROLLMENT_SENTINEL, ArmGroup
from web.presentation import age_range_words, date_words, number, words


def code_answer(code: str | None) -> str | None:
    """Return a code of the registry in words, None if the record has none."""
    return None if code is None else words(code)


def date_answer(text: str | None) -> str | None:
    """Return a date in words, None if the record has none."""
    return None if text is None else date_words(text)


def participants(study: Study) -> str | None:
    """Return how many take part and whether that is an estimate; None if it is not stated."""
    info = study.design.enrollment_info
    if info.count is None or info.count == ENROLLMENT_SENTINEL:
        return None
    return (
        number(info.count) if info.type is None else f"{number(info.count)} ({info.type.lower()})"
    )


def ages(study: Study) -> str | None:
    """Return the range of ages, None if the record has none."""
    return age_range_words(study.eligibility.minimum_age, study.eligibility.maximum_age)


def arm(group: ArmGroup) -> str:
    """Return a study group by its label and its type."""
    kind = "" if group.type is None else f" ({words(group.type).lower()})"
    return f"{group.label or 'Unnamed'}{kind}"
