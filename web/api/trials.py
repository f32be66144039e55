"""Operations on trials: lists, one trial, its facts and relations, several side by side."""

from __future__ import annotations

from typing import Any

import msgspec

from kg.cell_facts.model import CellFacts
from kg.iris import trial_iri
from web.api.answers import (
    ComparedQuestion,
    ComparisonTable,
    FactItem,
    FactList,
    FactWords,
    RelationItem,
    RelationList,
    Status,
    Trial,
    TrialPage,
)
from web.api.listing import facet_counts, list_trials
from web.api.requests import (
    CompareRequest,
    FactsRequest,
    NothingAsked,
    OneTrialRequest,
    RelationsRequest,
    SearchRequest,
    TrialRequest,
    TrialsRequest,
)
from web.compare import compare
from web.search_table import CSV_COLUMNS, csv_rows
from web.served import Served

FACT_COLUMNS = ("nct_id", "field", "value", "rule", "confidence", "arms", "words")
RELATION_COLUMNS = ("nct_id", "title", "kind", "direction", "words", "confidence", "evidence")


def status(now: Served, asked: NothingAsked) -> Status:
    """Say what is published."""
    manifest = now.generation.manifest
    return Status(
        generation=now.number,
        built_at=manifest.built_at,
        watermark=manifest.watermark,
        software_version=manifest.software_version,
        encoder=manifest.encoder,
        counts=manifest.counts,
        not_stated=manifest.not_stated,
    )


def trials(now: Served, asked: TrialsRequest | SearchRequest) -> TrialPage:
    """Return a page of trials, and by facet how many of all that were found have which value."""
    listed = list_trials(now, asked)
    cards = now.generation.records.cards(listed.nct_ids)
    return TrialPage(
        generation=now.number,
        total=len(listed.found.nct_ids),
        cut=listed.found.cut,
        items=[cards[nct_id] for nct_id in listed.nct_ids],
        facets=facet_counts(now, listed.found, asked) if asked.facets else None,
        next=listed.next,
    )


def trial_rows(page: TrialPage) -> tuple[list[dict[str, Any]], tuple[str, ...]]:
    """Return a page of trials as a table."""
    return csv_rows(page.items), CSV_COLUMNS


def trial(now: Served, asked: TrialRequest) -> Trial:
    """Return a trial; an id that it had before leads to it too."""
    records = now.generation.records
    nct_id = records.resolve(asked.nct_id)
    payload = records.payload(nct_id)
    protocol = payload.get("protocolSection", {})
    return Trial(
        **msgspec.structs.asdict(records.card(nct_id)),
        generation=now.number,
        iri=trial_iri(nct_id),
        official_title=protocol.get("identificationModule", {}).get("officialTitle"),
        brief_summary=protocol.get("descriptionModule", {}).get("briefSummary"),
        record=payload if asked.record else None,
    )


def facts(now: Served, asked: FactsRequest) -> FactList:
    """Return the facts of a page of trials."""
    listed = list_trials(now, asked)
    items = [
        item
        for nct_id in listed.nct_ids
        for item in _fact_items(now.generation.records.facts(nct_id))
    ]
    return FactList(
        generation=now.number, total=len(listed.found.nct_ids), items=items, next=listed.next
    )


def trial_facts(now: Served, asked: OneTrialRequest) -> FactList:
    """Return the facts of one trial."""
    items = _fact_items(now.generation.records.facts(asked.nct_id))
    return FactList(generation=now.number, total=1, items=items)


def fact_rows(answer: FactList) -> tuple[list[dict[str, Any]], tuple[str, ...]]:
    """Return facts as a table, the words that each leans on in one cell."""
    rows = [
        msgspec.structs.asdict(item) | {"words": [one.words for one in item.evidence]}
        for item in answer.items
    ]
    return rows, FACT_COLUMNS


def relations(now: Served, asked: RelationsRequest) -> RelationList:
    """Return the typed relations of a trial."""
    from kg.trial_relations import relation_rows

    rows = relation_rows(now.generation, asked.nct_id, kinds=asked.kind or None)
    return RelationList(
        generation=now.number,
        nct_id=now.generation.records.resolve(asked.nct_id),
        items=[msgspec.convert(row, RelationItem) for row in rows],
    )


def relation_table(answer: RelationList) -> tuple[list[dict[str, Any]], tuple[str, ...]]:
    """Return relations as a table, the words of the records in one cell."""
    rows = [
        msgspec.structs.asdict(item) | {"evidence": [one.words for one in item.evidence]}
        for item in answer.items
    ]
    return rows, RELATION_COLUMNS


def comparison(now: Served, asked: CompareRequest) -> ComparisonTable:
    """Return trials side by side; a question that none of them answers is left out."""
    records = now.generation.records
    nct_ids = list(dict.fromkeys(records.resolve(one) for one in asked.nct_id))
    rows = [
        ComparedQuestion(
            name=row.name,
            label=row.label,
            extracted=row.extracted,
            differs=row.differs,
            cells=[list(cell) for cell in row.cells],
        )
        for row in compare(nct_ids, records)
    ]
    return ComparisonTable(generation=now.number, nct_ids=nct_ids, rows=rows)


def comparison_rows(answer: ComparisonTable) -> tuple[list[dict[str, Any]], tuple[str, ...]]:
    """Return compared trials as a table, one row a trial."""
    rows = [
        {"nct_id": nct_id} | {row.name: row.cells[place] or ["not stated"] for row in answer.rows}
        for place, nct_id in enumerate(answer.nct_ids)
    ]
    return rows, ("nct_id", *(row.name for row in answer.rows))


def _fact_items(found: CellFacts) -> list[FactItem]:
    return [
        FactItem(
            nct_id=found.nct_id,
            field=fact.field,
            value=fact.value,
            rule=fact.rule,
            confidence=fact.confidence,
            arms=list(fact.arms),
            evidence=[FactWords(one.path, one.start, one.end, one.words) for one in fact.evidence],
        )
        for fact in found.facts
    ]
