"""A curator's review: every fact with its sentence as a table, corrections on the way back.

The table (`review_rows`, `write_review`) holds one row for each piece of evidence of each fact,
and one for each field that is not stated. A curator fills the columns `correction`, `note` and
`curator` of the rows that are wrong and hands the same file back, or writes a file of
corrections (`kg.cell_facts.corrections`).
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from typing import TextIO

from kg.cell_facts.clauses import Sentences
from kg.cell_facts.corrections import (
    CORRECTION_COLUMNS,
    REVIEW_COLUMNS,
    Correction,
    Corrections,
    apply_corrections,
    read_corrections,
)
from kg.cell_facts.model import FIELDS, CellFacts, Evidence
from kg.sections import study_sections
from kg.study import Study
from ontology.folding import small_letters

__all__ = [
    "CORRECTION_COLUMNS",
    "REVIEW_COLUMNS",
    "Correction",
    "Corrections",
    "apply_corrections",
    "read_corrections",
    "review_rows",
    "write_review",
]

# Spreadsheets run a cell that begins with one of these as a formula; registry text may.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def review_rows(records: Iterable[tuple[Study, CellFacts]]) -> Iterator[dict[str, str]]:
    """Yield the rows of the review table, with the keys `REVIEW_COLUMNS`.

    Parameters
    ----------
    records : iterable of (Study, CellFacts)
        Each record with the facts read from it.

    Yields
    ------
    dict of str to str
        One row for each piece of evidence; for a field without a fact one row whose value,
        rule and evidence are empty.
    """
    for study, facts in records:
        texts = {section.path: section.text for section in study_sections(study)}
        cut: dict[str, Sentences] = {}
        for name in FIELDS:
            found = facts.of(name)
            if not found:
                yield _row(nct_id=facts.nct_id, field=name)
            for fact in found:
                for evidence in fact.evidence:
                    yield _row(
                        nct_id=facts.nct_id,
                        field=name,
                        value=str(fact.value),
                        confidence=f"{fact.confidence:g}",
                        rule=fact.rule,
                        section=evidence.path,
                        start=str(evidence.start),
                        end=str(evidence.end),
                        words=_harmless(evidence.words),
                        sentence=_harmless(_sentence(evidence, texts, cut)),
                    )


def write_review(records: Iterable[tuple[Study, CellFacts]], file: TextIO) -> int:
    """Write the review table as CSV and return the number of its rows."""
    writer = csv.DictWriter(file, REVIEW_COLUMNS, lineterminator="\n")
    writer.writeheader()
    count = 0
    for row in review_rows(records):
        writer.writerow(row)
        count += 1
    return count


def _row(**known: str) -> dict[str, str]:
    return dict.fromkeys(REVIEW_COLUMNS, "") | known


def _harmless(text: str) -> str:
    """Return the text on one line, so that no spreadsheet takes it for a formula."""
    flat = " ".join(text.split())
    return f"'{flat}" if flat.startswith(_FORMULA) else flat


def _sentence(evidence: Evidence, texts: dict[str, str], cut: dict[str, Sentences]) -> str:
    text = texts.get(evidence.path)
    if text is None:  # a curator's own words stand in no section
        return evidence.words
    sentences = cut.setdefault(evidence.path, Sentences(text, small_letters(text)))
    first, last = sentences.around(evidence.start), sentences.around(max(evidence.end - 1, 0))
    return text[first.start : last.end]
