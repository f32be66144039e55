"""Full-text search over the records: what is searched, and how typed words become a query."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterable
from typing import NamedTuple

import msgspec

from kg.cards import StudyCard
from kg.study import Study

# bm25 weights in the order of study_text's columns: a word in a title says more than one in a
# long description.
_RANK = "bm25(study_text, 0, 10, 10, 8, 5, 5, 2, 1)"
_WORD = re.compile(r"\w+")
_CARD = msgspec.json.Decoder(StudyCard)


class SearchHit(NamedTuple):
    """One found trial; `score` is BM25 with its sign turned, so that higher is better."""

    card: StudyCard
    score: float


def search(
    connection: sqlite3.Connection, words: str, limit: int = 20, offset: int = 0
) -> list[SearchHit]:
    """Find trials by words; see `kg.records.Records.search`."""
    match = _match(connection, words)
    if match is None:
        return []
    query = (
        f"SELECT derived.card, -{_RANK} FROM study_text "  # noqa: S608
        "JOIN derived ON derived.number = study_text.rowid WHERE study_text MATCH ? "
        f"ORDER BY round({_RANK}, 6), study_text.nct_id LIMIT ? OFFSET ?"
    )
    rows = connection.execute(query, (match, limit, offset))
    return [SearchHit(_CARD.decode(card), score) for card, score in rows]


def search_ids(connection: sqlite3.Connection, words: str, limit: int) -> list[str]:
    """Return the ids of what `search` finds, in its order: quicker where no card is shown."""
    match = _match(connection, words)
    if match is None:
        return []
    query = (
        "SELECT nct_id FROM study_text WHERE study_text MATCH ? "  # noqa: S608
        f"ORDER BY round({_RANK}, 6), nct_id LIMIT ?"
    )
    return [row[0] for row in connection.execute(query, (match, limit))]


def search_count(connection: sqlite3.Connection, words: str) -> int:
    """Return how many trials `search` can find for these words."""
    match = _match(connection, words)
    if match is None:
        return 0
    query = "SELECT count(*) FROM study_text WHERE study_text MATCH ?"
    return int(connection.execute(query, (match,)).fetchone()[0])


def _match(connection: sqlite3.Connection, words: str) -> str | None:
    # Every word is quoted, so nothing that a person types is FTS5 syntax.
    quoted = [f'"{word}"' for word in _WORD.findall(words)[:32]]
    if not quoted:
        return None
    every = " ".join(quoted) + "*"
    query = "SELECT 1 FROM study_text WHERE study_text MATCH ? LIMIT 1"
    if connection.execute(query, (every,)).fetchone() is not None:
        return every
    return " OR ".join(quoted)


def searchable_texts(study: Study, card: StudyCard) -> tuple[str, ...]:
    """Return what stands in the columns of the full-text table for a trial."""
    identification, module = study.identification, study.arms_interventions
    ids = [study.nct_id, *identification.nct_id_aliases, identification.org_study_id_info.id]
    ids += [info.id for info in identification.secondary_id_infos]
    interventions = [
        text for item in module.interventions for text in (item.name, *item.other_names)
    ]
    interventions += [arm.label for arm in module.arm_groups]
    title = [identification.brief_title, identification.official_title, identification.acronym]
    conditions = [*card.condition_labels, *study.conditions.conditions, *study.conditions.keywords]
    facts = [str(value).replace("_", " ") for values in card.facts.values() for value in values]
    sponsors = [card.lead_sponsor, *card.countries]
    return (
        study.nct_id,
        _joined(title),
        _joined(ids),
        _joined(conditions),
        _joined(interventions),
        _joined(facts),
        _joined([study.description.brief_summary, *sponsors]),
        study.description.detailed_description or "",
    )


def _joined(texts: Iterable[str | None]) -> str:
    return " \n ".join(text for text in texts if text)
