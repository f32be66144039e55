"""Rows and files that people and scripts are given: kin, facts, cards, as JSON, CSV or TREC."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from kg.cards import StudyCard
from kg.cell_facts.model import FIELDS, CellFacts
from kg.generation import Generation
from similarity.kin import Fact, Kin

Row = dict[str, Any]

KIN_COLUMNS = ("query_nct_id", "rank", "nct_id", "score", "title", "reason")
CARD_COLUMNS = (
    "nct_id", "title", "overall_status", "phases", "enrollment_count", "conditions",
    "lead_sponsor", "countries", "start_date",
)  # fmt: skip
FACT_COLUMNS = ("nct_id", *FIELDS)


def kin_rows(generation: Generation, query_nct_id: str, kin: Sequence[Kin]) -> list[Row]:
    """Return one JSON-ready row a kin, best first."""
    cards = generation.records.cards(link.nct_id for link in kin)
    return [
        {
            "query_nct_id": query_nct_id,
            "rank": link.rank,
            "nct_id": link.nct_id,
            "score": round(link.score, 6),
            "title": cards[link.nct_id].title,
            "reason": link.reason,
            "contributions": {facet: round(share, 6) for facet, share in link.contributions},
            "shared": [fact_text(fact) for fact in link.shared],
            "differing": [fact_text(fact) for fact in link.differing],
        }
        for link in kin
    ]


def fact_text(fact: Fact) -> str:
    """Return a shared or differing fact in one line."""
    facet = fact.facet.replace("_", " ")
    if fact.relation == "same":
        return f"{facet}: {', '.join(fact.query)}"
    mine, theirs = (", ".join(values) or "not stated" for values in (fact.query, fact.document))
    # In the direction of the reason sentence: the kin's value before that of the query.
    return f"{facet}: {theirs} vs {mine}"


def trec_lines(query_nct_id: str, kin: Iterable[Kin], tag: str) -> list[str]:
    """Return a TREC run's lines: query, Q0, document, rank, score, tag."""
    return [f"{query_nct_id} Q0 {link.nct_id} {link.rank} {link.score:.6f} {tag}\n" for link in kin]


def card_row(card: StudyCard) -> Row:
    """Return a card as one JSON-ready row."""
    values = {name: getattr(card, name) for name in CARD_COLUMNS}
    return {
        name: list(value) if isinstance(value, tuple) else value for name, value in values.items()
    } | {"acronym": card.acronym, "facts": card.facts}


def fact_row(facts: CellFacts) -> Row:
    """Return the values of a trial's cell facts, and the evidence of each."""
    return facts.row() | {
        "evidence": [
            {
                "field": fact.field,
                "value": fact.value,
                "rule": fact.rule,
                "confidence": fact.confidence,
                "arms": list(fact.arms),
                "evidence": [evidence._asdict() for evidence in fact.evidence],
            }
            for fact in facts.facts
        ]
    }


def csv_text(rows: Iterable[Mapping[str, Any]], columns: Sequence[str]) -> str:
    """Return rows as CSV (RFC 4180); several values of a cell stand with "; " between them.

    A cell that a spreadsheet would take for a formula gets a leading apostrophe: records are
    other people's text.
    """
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(columns)
    for row in rows:
        writer.writerow([_cell(row.get(column)) for column in columns])
    return out.getvalue()


def _cell(value: Any) -> Any:
    if isinstance(value, list | tuple):
        value = "; ".join(str(item) for item in value)
    if isinstance(value, str) and value.startswith(("=", "+", "-", "@", "\t", "\r")):
        return f"'{value}"
    return value
