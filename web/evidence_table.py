"""Evidence table: trials by the columns of a systematic review, one row a trial."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from kg.cards import StudyCard
from kg.cell_facts.model import CellFacts
from kg.study import Study
from kg.study_modules import Outcome
from web.presentation import (
    FIELD_LABELS,
    fact_value,
    phase_words,
    words,
)
from web.served import Served
from web.study_answers import ages, arm, code_answer, date_answer, participants

_COMPARATORS = ("PLACEBO_COMPARATOR", "ACTIVE_COMPARATOR", "SHAM_COMPARATOR", "NO_INTERVENTION")
_DOSES = (("dose_per_kg", "per kg"), ("dose_total", "in all"), ("dose_other", ""))
Cell = tuple[str, ...]
"""The values of one cell; an empty one is "not stated"."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One trial with all that a column may ask for."""

    study: Study
    card: StudyCard
    facts: CellFacts


@dataclass(frozen=True, slots=True)
class Column:
    """One column.

    Attributes
    ----------
    name : str
        As in addresses and in files.
    label : str
        As on pages.
    read : callable
        Entry -> cell.
    extracted : bool
        Whether the values were read from the text.
    usual : bool
        Whether it is shown unless the reader chooses columns.
    """

    name: str
    label: str
    read: Callable[[Entry], Iterable[str]]
    extracted: bool = False
    usual: bool = False


def _registered(read: Callable[[Study], str | None]) -> Callable[[Entry], Iterable[str]]:
    def cell(entry: Entry) -> Iterable[str]:
        value = read(entry.study)
        return () if not value else (value,)

    return cell


def _fact(field: str) -> Callable[[Entry], Iterable[str]]:
    return lambda entry: [fact_value(field, value) for value in entry.facts.values(field)]


def _design(entry: Entry) -> Iterable[str]:
    design = entry.study.design
    info = design.design_info
    parts = [
        code_answer(info.allocation),
        code_answer(info.intervention_model or info.observational_model),
        code_answer(info.time_perspective),
        _masking(info.masking_info.masking),
    ]
    said = [part for part in parts if part is not None and part != "Not applicable"]
    if not said:
        return [words(design.study_type)] if design.study_type else []
    return [", ".join([said[0], *(part[:1].lower() + part[1:] for part in said[1:])])]


def _masking(code: str | None) -> str | None:
    if code is None:
        return None
    return "open label" if code == "NONE" else f"{words(code)} masking"


def _dose(entry: Entry) -> Iterable[str]:
    return [
        f"{fact_value(field, value)} {unit}".strip()
        for field, unit in _DOSES
        for value in entry.facts.values(field)
    ]


def _comparator(entry: Entry) -> Iterable[str]:
    groups = entry.study.arms_interventions.arm_groups
    return [arm(group) for group in groups if group.type in _COMPARATORS]


def _outcome(outcome: Outcome) -> str | None:
    if outcome.measure is None:
        return None
    return (
        outcome.measure if not outcome.time_frame else f"{outcome.measure} [{outcome.time_frame}]"
    )


def _outcomes(outcomes: Iterable[Outcome]) -> Iterable[str]:
    return [said for outcome in outcomes if (said := _outcome(outcome)) is not None]


def _publications(entry: Entry) -> Iterable[str]:
    return [
        f"PMID {one.pmid}{' (result)' if one.type == 'RESULT' else ''}"
        for one in entry.study.references.references
        if one.pmid
    ]


COLUMNS = (
    Column("acronym", "Acronym", _registered(lambda s: s.identification.acronym)),
    Column("title", "Title", lambda e: (e.card.title,), usual=True),
    Column(
        "disease", "Disease", lambda e: e.card.condition_labels or e.card.conditions, usual=True
    ),
    Column("design", "Design", _design, usual=True),
    Column(
        "phase",
        "Phase",
        lambda e: (phase_words(e.card.phases),) if e.card.phases else (),
        usual=True,
    ),
    Column("n", "n", _registered(participants), usual=True),
    Column("source", FIELD_LABELS["cell_sources"], _fact("cell_sources"), True, True),
    Column("cell_type", FIELD_LABELS["cell_types"], _fact("cell_types"), True),
    Column("donor", FIELD_LABELS["donor"], _fact("donor"), True, True),
    Column("dose", "Dose", _dose, True, True),
    Column("infusions", "Administrations", _fact("administrations"), True, True),
    Column("route", FIELD_LABELS["routes"], _fact("routes"), True, True),
    Column("preparation", FIELD_LABELS["preparation"], _fact("preparation"), True),
    Column("passage", FIELD_LABELS["passage"], _fact("passage"), True),
    Column("comparator", "Comparator", _comparator, usual=True),
    Column(
        "primary_outcomes",
        "Primary outcomes",
        lambda e: _outcomes(e.study.outcomes.primary_outcomes),
        usual=True,
    ),
    Column(
        "secondary_outcomes",
        "Secondary outcomes",
        lambda e: _outcomes(e.study.outcomes.secondary_outcomes),
    ),
    Column("ages", "Ages", _registered(ages)),
    Column("sex", "Sex", _registered(lambda s: code_answer(s.eligibility.sex))),
    Column(
        "status", "Status", _registered(lambda s: code_answer(s.status.overall_status)), usual=True
    ),
    Column("start", "Start", _registered(lambda s: date_answer(s.status.start_date_struct.date))),
    Column(
        "completion",
        "Completion",
        _registered(lambda s: date_answer(s.status.completion_date_struct.date)),
    ),
    Column(
        "sponsor",
        "Lead sponsor",
        _registered(lambda s: s.sponsor_collaborators.lead_sponsor.name),
    ),
    Column("countries", "Countries", lambda e: e.card.countries),
    Column("results", "Results", lambda e: ("posted" if e.card.has_results else "none posted",)),
    Column("publications", "Publications", _publications, usual=True),
)
"""In the order in which they stand, whatever the order in an address."""


@dataclass(frozen=True, slots=True)
class EvidenceRow:
    """One trial of the table; `cells` are in the order of the columns asked for."""

    nct_id: str
    cells: tuple[Cell, ...]


def chosen_columns(names: Sequence[str]) -> tuple[Column, ...]:
    """Return the columns of these names (``all`` for all), or the usual ones if there is none."""
    wanted = {name for said in names for name in said.split(",")}
    if "all" in wanted:
        return COLUMNS
    found = tuple(column for column in COLUMNS if column.name in wanted)
    return found or tuple(column for column in COLUMNS if column.usual)


def evidence_rows(
    served: Served, nct_ids: Iterable[str], columns: Sequence[Column]
) -> Iterable[EvidenceRow]:
    """Yield a row a trial, in the order of the ids.

    Raises
    ------
    UnknownTrialError
        If a trial is not in the store.
    """
    for nct_id in nct_ids:
        cells = _cells(served, nct_id)
        yield EvidenceRow(nct_id, tuple(cells[column.name] for column in columns))


@lru_cache(maxsize=2_000)
def _cells(served: Served, nct_id: str) -> dict[str, Cell]:
    """Return all cells of a trial; a review comes back to the same trials again and again."""
    records = served.generation.records
    entry = Entry(records.study(nct_id), records.card(nct_id), records.facts(nct_id))
    return {column.name: tuple(dict.fromkeys(column.read(entry))) for column in COLUMNS}
