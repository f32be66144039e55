"""Trials side by side: one row a question, one column a trial, differences marked."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from werkzeug.datastructures import MultiDict

from kg.cell_facts.model import FIELDS
from kg.records import Records
from kg.study import Study
from web.config import COMPARED_TRIALS
from web.presentation import (
    FIELD_LABELS,
    fact_value,
    masking_words,
    phase_words,
)
from web.study_answers import ages, arm, code_answer, date_answer, participants


@dataclass(frozen=True, slots=True)
class ComparedRow:
    """One question and each trial's answers.

    Attributes
    ----------
    name, label : str
        As in files and as on pages.
    extracted : bool
        Whether the answers were read from the text.
    cells : tuple of tuple of str
        One a trial; an empty one is "not stated".
    """

    name: str
    label: str
    extracted: bool
    cells: tuple[tuple[str, ...], ...]

    @property
    def differs(self) -> bool:
        """Whether the trials do not all give the same answer."""
        return len({frozenset(cell) for cell in self.cells}) > 1


def asked_ids(args: MultiDict[str, str], records: Records) -> list[str]:
    """Return the ids of the trials that an address names, each once, as many as it names.

    Raises
    ------
    InvalidIdentifierError, UnknownTrialError
        If one of them is no NCT id or not here.
    """
    asked = [one for said in args.getlist("nct_id") for one in said.replace(",", " ").split()]
    return list(dict.fromkeys(records.resolve(one) for one in dict.fromkeys(asked)))


def compared_ids(args: MultiDict[str, str], records: Records) -> list[str]:
    """Return those of `asked_ids` that fit beside each other."""
    return asked_ids(args, records)[:COMPARED_TRIALS]


def compare(nct_ids: Sequence[str], records: Records) -> list[ComparedRow]:
    """Return the rows of the comparison; a question that no trial answers is left out."""
    studies = [records.study(nct_id) for nct_id in nct_ids]
    cards = records.cards(nct_ids)
    facts = [records.facts(nct_id) for nct_id in nct_ids]

    def row(name: str, label: str, cells: Iterable[Iterable[str]], read: bool = False) -> None:
        held = tuple(tuple(dict.fromkeys(cell)) for cell in cells)
        if any(held):
            rows.append(ComparedRow(name, label, read, held))

    def registered(name: str, label: str, cells: Iterable[str | None]) -> None:
        row(name, label, (() if cell is None else (cell,) for cell in cells))

    rows: list[ComparedRow] = []
    row("conditions", "Condition", (cards[one].condition_labels for one in nct_ids))
    registered("overall_status", "Status", (code_answer(s.status.overall_status) for s in studies))
    row(
        "phases",
        "Phase",
        ([phase_words(s.design.phases)] if s.design.phases else [] for s in studies),
    )
    registered("study_type", "Study type", (code_answer(s.design.study_type) for s in studies))
    registered("enrollment_count", "Participants", map(participants, studies))
    for field in FIELDS:
        values = ([fact_value(field, value) for value in one.values(field)] for one in facts)
        row(field, FIELD_LABELS.get(field, field.replace("_", " ")), values, True)
    designs = [study.design.design_info for study in studies]
    registered("allocation", "Allocation", (code_answer(one.allocation) for one in designs))
    registered(
        "intervention_model", "Model", (code_answer(one.intervention_model) for one in designs)
    )
    registered("masking", "Masking", map(_masking, studies))
    row("arm_groups", "Study groups", map(_arms, studies))
    row("primary_outcomes", "Primary outcomes", map(_primary_outcomes, studies))
    registered("sex", "Sex", (code_answer(study.eligibility.sex) for study in studies))
    registered("ages", "Ages", map(ages, studies))
    registered("lead_sponsor", "Lead sponsor", (_sponsor(study) for study in studies))
    row("countries", "Countries", (cards[one].countries for one in nct_ids))
    registered(
        "start_date", "Start", (date_answer(s.status.start_date_struct.date) for s in studies)
    )
    registered(
        "completion_date",
        "Completion",
        (date_answer(s.status.completion_date_struct.date) for s in studies),
    )
    row("pmids", "Publications (PubMed)", map(_pmids, studies))
    return rows


def _masking(study: Study) -> str | None:
    masking = study.design.design_info.masking_info.masking
    return None if masking is None else masking_words(masking)


def _arms(study: Study) -> list[str]:
    return [arm(group) for group in study.arms_interventions.arm_groups]


def _primary_outcomes(study: Study) -> list[str]:
    return [one.measure for one in study.outcomes.primary_outcomes if one.measure is not None]


def _sponsor(study: Study) -> str | None:
    return study.sponsor_collaborators.lead_sponsor.name


def _pmids(study: Study) -> list[str]:
    return [one.pmid for one in study.references.references if one.pmid is not None]
