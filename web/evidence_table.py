"""Evidence table: trials by the columns of a systematic review, one row a trial."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache, partial

from kg.study_modules import Outcome
from web import study_answers as answers
from web.figures import FIGURES_OF, Figure, Value
from web.labels import FIELD_LABELS, fact_value
from web.presentation import words
from web.served import Served
from web.study_answers import Answer, Entry, answered, code_answer, entry_of

_COMPARATORS = ("PLACEBO_COMPARATOR", "ACTIVE_COMPARATOR", "SHAM_COMPARATOR", "NO_INTERVENTION")
_DOSES = (("dose_per_kg", "per kg"), ("dose_total", "in all"), ("dose_other", ""))


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
        Entry -> answer.
    extracted : bool
        Whether the values were read from the text.
    usual : bool
        Whether it is shown unless the reader chooses columns.
    figures : tuple of Figure
        What files hold beside it, as numbers.
    """

    name: str
    label: str
    read: Callable[[Entry], Answer]
    extracted: bool = False
    usual: bool = False
    figures: tuple[Figure, ...] = ()


def _fact(name: str, field: str, *, usual: bool = False) -> Column:
    return Column(
        name,
        FIELD_LABELS[field],
        partial(answers.facts, field=field),
        True,
        usual,
        FIGURES_OF.get(field, ()),
    )


def _design(entry: Entry) -> Answer:
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
        return (words(design.study_type),) if design.study_type else ()
    return (", ".join([said[0], *(part[:1].lower() + part[1:] for part in said[1:])]),)


def _masking(code: str | None) -> str | None:
    if code is None:
        return None
    return "open label" if code == "NONE" else f"{words(code)} masking"


def _dose(entry: Entry) -> Answer:
    return answered(
        *(
            f"{fact_value(field, value)} {unit}".strip()
            for field, unit in _DOSES
            for value in entry.facts.values(field)
        )
    )


def _comparator(entry: Entry) -> Answer:
    found = answers.arms(entry, _COMPARATORS)
    if found or entry.study.design.design_info.intervention_model != "SINGLE_GROUP":
        return found
    return ("none (single group)",)


def _outcomes(outcomes: Iterable[Outcome]) -> Answer:
    return answered(
        *(
            one.measure
            if not one.measure or not one.time_frame
            else f"{one.measure} [{one.time_frame}]"
            for one in outcomes
        )
    )


def _publications(entry: Entry) -> Answer:
    return answered(
        *(
            f"PMID {one.pmid}{' (result)' if one.type == 'RESULT' else ''}"
            for one in entry.study.references.references
            if one.pmid
        )
    )


COLUMNS = (
    Column("acronym", "Acronym", lambda e: answered(e.study.identification.acronym)),
    Column("title", "Title", lambda e: (e.card.title,), usual=True),
    Column("disease", "Disease", answers.conditions, usual=True),
    Column("design", "Design", _design, usual=True),
    Column("phase", "Phase", answers.phases, usual=True),
    Column("n", "n", answers.participants, usual=True, figures=FIGURES_OF["enrollment"]),
    _fact("source", "cell_sources", usual=True),
    _fact("cell_type", "cell_types"),
    _fact("donor", "donor", usual=True),
    Column(
        "dose",
        "Dose",
        _dose,
        True,
        True,
        (*FIGURES_OF["dose_per_kg"], *FIGURES_OF["dose_total"]),
    ),
    _fact("infusions", "administrations", usual=True),
    _fact("route", "routes", usual=True),
    _fact("preparation", "preparation"),
    _fact("passage", "passage"),
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
    Column("ages", "Ages", answers.ages),
    Column("sex", "Sex", answers.sex),
    Column("status", "Status", answers.status, usual=True),
    Column("start", "Start", answers.start, figures=FIGURES_OF["start"]),
    Column("completion", "Completion", answers.completion, figures=FIGURES_OF["completion"]),
    Column("sponsor", "Lead sponsor", answers.lead_sponsor),
    Column("countries", "Countries", lambda e: answered(*e.card.countries)),
    Column("results", "Results", lambda e: ("posted" if e.card.has_results else "none posted",)),
    Column("publications", "Publications", _publications, usual=True),
)
"""In the order in which they stand, whatever the order in an address."""


@dataclass(frozen=True, slots=True)
class EvidenceRow:
    """One trial of the table.

    Attributes
    ----------
    nct_id : str
    cells : tuple of tuple of str
        In the order of the columns asked for; an empty one is "not stated".
    figures : tuple of tuple of values
        What files hold beside each cell, see `Column.figures`.
    """

    nct_id: str
    cells: tuple[Answer, ...]
    figures: tuple[tuple[Value, ...], ...]


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
        held = _answers(served, nct_id)
        cells, figures = zip(*(held[column.name] for column in columns), strict=True)
        yield EvidenceRow(nct_id, cells, figures)


@lru_cache(maxsize=2_000)
def _answers(served: Served, nct_id: str) -> dict[str, tuple[Answer, tuple[Value, ...]]]:
    """Return all of a trial; a review comes back to the same trials again and again."""
    entry = entry_of(served.generation.records, nct_id)
    return {
        column.name: (column.read(entry), tuple(figure.read(entry) for figure in column.figures))
        for column in COLUMNS
    }
