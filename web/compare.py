"""Trials side by side: one row a question, one column a trial, differences marked."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial

from werkzeug.datastructures import MultiDict

from kg.cell_facts.model import FIELDS
from kg.records import Records
from web import study_answers as answers
from web.config import COMPARED_TRIALS
from web.figures import FIGURES_OF, Figure, Value
from web.labels import FIELD_LABELS
from web.presentation import NOT_STATED, masking_words
from web.study_answers import Answer, Entry, answered, code_answer, entry_of


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
    figures : tuple of (Figure, tuple)
        What files hold beside the words, or, under the same name, in their place; a value a trial.
    """

    name: str
    label: str
    extracted: bool
    cells: tuple[tuple[str, ...], ...]
    figures: tuple[tuple[Figure, tuple[Value, ...]], ...] = ()

    @property
    def differs(self) -> bool:
        """Whether the trials do not all give the same answer."""
        return len({frozenset(cell) for cell in self.cells}) > 1

    def in_files(self, place: int) -> Iterator[tuple[str, Value | list[str]]]:
        """Yield names of columns and what they hold of the trial at a place."""
        yield self.name, list(self.cells[place]) or [NOT_STATED]
        for figure, values in self.figures:
            value = values[place]
            yield figure.name, NOT_STATED if value is None and figure.name == self.name else value


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


def _masking(entry: Entry) -> Answer:
    masking = entry.study.design.design_info.masking_info.masking
    return () if masking is None else (masking_words(masking),)


def _design(member: str) -> Callable[[Entry], Answer]:
    return lambda entry: answered(code_answer(getattr(entry.study.design.design_info, member)))


def _primary_outcomes(entry: Entry) -> Answer:
    return answered(*(one.measure for one in entry.study.outcomes.primary_outcomes))


def _pmids(entry: Entry) -> Answer:
    return answered(*(one.pmid for one in entry.study.references.references))


QUESTIONS: tuple[tuple[str, str, Callable[[Entry], Answer], bool], ...] = (
    ("conditions", "Condition", answers.conditions, False),
    ("overall_status", "Status", answers.status, False),
    ("phases", "Phase", answers.phases, False),
    (
        "study_type",
        "Study type",
        lambda entry: answered(code_answer(entry.study.design.study_type)),
        False,
    ),
    ("enrollment_count", "Participants", answers.participants, False),
    *(
        (
            field,
            FIELD_LABELS.get(field, field.replace("_", " ")),
            partial(answers.facts, field=field),
            True,
        )
        for field in FIELDS
    ),
    ("allocation", "Allocation", _design("allocation"), False),
    ("intervention_model", "Model", _design("intervention_model"), False),
    ("observational_model", "Observational model", _design("observational_model"), False),
    ("masking", "Masking", _masking, False),
    ("arm_groups", "Study groups", answers.arms, False),
    ("primary_outcomes", "Primary outcomes", _primary_outcomes, False),
    ("sex", "Sex", answers.sex, False),
    ("ages", "Ages", answers.ages, False),
    ("lead_sponsor", "Lead sponsor", answers.lead_sponsor, False),
    ("countries", "Countries", lambda entry: answered(*entry.card.countries), False),
    ("start_date", "Start", answers.start, False),
    ("completion_date", "Completion", answers.completion, False),
    ("pmids", "Publications (PubMed)", _pmids, False),
)
"""Name in files, name on pages, who answers, and whether the answer was read from the text."""
_FIGURED = {
    "enrollment_count": "enrollment",
    "start_date": "start",
    "completion_date": "completion",
}
"""Questions whose figures go by another name."""


def compare(nct_ids: Sequence[str], records: Records) -> list[ComparedRow]:
    """Return the rows of the comparison; a question that no trial answers is left out."""
    entries = [entry_of(records, nct_id) for nct_id in nct_ids]
    rows = []
    for name, label, ask, extracted in QUESTIONS:
        cells = tuple(ask(entry) for entry in entries)
        if any(cells):
            figures = tuple(
                (figure, tuple(figure.read(entry) for entry in entries))
                for figure in FIGURES_OF.get(_FIGURED.get(name, name), ())
            )
            rows.append(ComparedRow(name, label, extracted, cells, figures))
    return rows
