"""What a record answers to the questions that tables of trials ask, in words.

An answer is a tuple of values; an empty one is "not stated".
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from kg.cards import StudyCard
from kg.cell_facts.model import CellFacts
from kg.records import Records
from kg.study import Study
from kg.study_modules import ENROLLMENT_SENTINEL, ArmGroup, PartialDateStruct
from web.labels import fact_value
from web.presentation import age_range_words, date_words, number, phase_words, words

Answer = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Entry:
    """One trial with all that a table may ask of it."""

    study: Study
    card: StudyCard
    facts: CellFacts


def entry_of(records: Records, nct_id: str) -> Entry:
    """Return a trial with all that a table may ask of it.

    Raises
    ------
    InvalidIdentifierError, UnknownTrialError
    """
    return Entry(records.study(nct_id), records.card(nct_id), records.facts(nct_id))


def answered(*values: str | None) -> Answer:
    """Return the values that there are, each once.

    Examples
    --------
    >>> answered("a", None, "", "a")
    ('a',)
    """
    return tuple(dict.fromkeys(value for value in values if value))


def code_answer(code: str | None) -> str | None:
    """Return a code of the registry in words, None if the record has none."""
    return None if code is None else words(code)


def enrollment(study: Study) -> int | None:
    """Return how many take part; None if it is not stated, or a number stands for that."""
    count = study.design.enrollment_info.count
    return None if count == ENROLLMENT_SENTINEL else count


def participants(entry: Entry) -> Answer:
    """Answer how many take part, and whether that is an estimate."""
    count, kind = enrollment(entry.study), entry.study.design.enrollment_info.type
    if count is None:
        return ()
    return (number(count) if kind is None else f"{number(count)} ({kind.lower()})",)


def phases(entry: Entry) -> Answer:
    """Answer in which phase the trial is."""
    return (phase_words(entry.card.phases),) if entry.card.phases else ()


def conditions(entry: Entry) -> Answer:
    """Answer what the trial is about: concepts, or the record's own words where none matches."""
    return answered(*(entry.card.condition_labels or entry.card.conditions))


def status(entry: Entry) -> Answer:
    """Answer how far the trial is."""
    return answered(code_answer(entry.study.status.overall_status))


def sex(entry: Entry) -> Answer:
    """Answer who can take part by sex."""
    return answered(code_answer(entry.study.eligibility.sex))


def ages(entry: Entry) -> Answer:
    """Answer who can take part by age."""
    who = entry.study.eligibility
    return answered(age_range_words(who.minimum_age, who.maximum_age))


def lead_sponsor(entry: Entry) -> Answer:
    """Answer who leads the trial."""
    return answered(entry.study.sponsor_collaborators.lead_sponsor.name)


def start(entry: Entry) -> Answer:
    """Answer when the trial begins."""
    return _date(entry.study.status.start_date_struct)


def completion(entry: Entry) -> Answer:
    """Answer when the trial ends."""
    return _date(entry.study.status.completion_date_struct)


def facts(entry: Entry, field: str) -> Answer:
    """Answer what was read from the text of a field of cell facts."""
    return tuple(dict.fromkeys(fact_value(field, value) for value in entry.facts.values(field)))


def arms(entry: Entry, types: Iterable[str] | None = None) -> Answer:
    """Answer which study groups there are, of all types or of these, with their types."""
    groups = entry.study.arms_interventions.arm_groups
    wanted = None if types is None else frozenset(types)
    return answered(*(_arm(one) for one in groups if wanted is None or one.type in wanted))


def _arm(group: ArmGroup) -> str:
    kind = "" if group.type is None else f" ({words(group.type).lower()})"
    return f"{group.label or 'Unnamed'}{kind}"


def _date(said: PartialDateStruct) -> Answer:
    if said.date is None:
        return ()
    planned = " (estimated)" if said.type == "ESTIMATED" else ""
    return (f"{date_words(said.date)}{planned}",)
