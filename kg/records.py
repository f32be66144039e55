"""`Records`: the raw records of a generation, their cards and facts, and full-text search."""

from __future__ import annotations

import itertools
import re
import sqlite3
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from kg.cards import StudyCard
from kg.cell_facts.model import CellFact, CellFacts
from kg.iris import canonical_nct_id, canonical_nct_ids
from kg.mapping.entities import EntityMention
from kg.study import Study, canonical_json, json_fingerprint, parse_study
from ontology.errors import StoreError, UnknownTrialError

_SCHEMA = """
CREATE TABLE study (
    nct_id TEXT PRIMARY KEY,
    payload BLOB NOT NULL,           -- canonical JSON of the record, zlib
    fingerprint TEXT NOT NULL,       -- sha256 of the canonical JSON
    last_update_posted TEXT NOT NULL,
    source_format TEXT NOT NULL,
    card BLOB,
    facts BLOB
) WITHOUT ROWID;
CREATE TABLE alias (nct_id_alias TEXT NOT NULL, nct_id TEXT NOT NULL,
                    PRIMARY KEY (nct_id_alias, nct_id)) WITHOUT ROWID;
CREATE TABLE entity_mention (iri TEXT, label TEXT, agency_class TEXT, nct_id TEXT, kind TEXT,
                             PRIMARY KEY (iri, label, agency_class, nct_id)) WITHOUT ROWID;
CREATE INDEX entity_mention_of ON entity_mention (nct_id);
CREATE VIRTUAL TABLE study_text USING fts5(
    nct_id UNINDEXED, title, ids, conditions, interventions, facts, summary, description,
    tokenize = "porter unicode61 remove_diacritics 2"
);
"""
# bm25 weights in the order of study_text's columns: a word in a title says more than one in a
# long description.
_RANK = "bm25(study_text, 0, 10, 10, 8, 5, 5, 2, 1)"
_WORD = re.compile(r"\w+")
_FACTS = msgspec.json.Decoder(list[CellFact])
_CARD = msgspec.json.Decoder(StudyCard)


class StudyRow(NamedTuple):
    """One record as it is stored before anything is derived from it."""

    study: Study
    payload: dict[str, Any]
    fingerprint: str
    source_format: str


class SearchHit(NamedTuple):
    """One found trial; `score` is BM25 with its sign turned, so that higher is better."""

    card: StudyCard
    score: float


class Records:
    """The records of one generation, in one SQLite file.

    Parameters
    ----------
    path : Path
        The file.
    writable : bool
        Whether to create it; else it is opened read-only and never changed.

    Notes
    -----
    A connection belongs to the thread that made it; open one `Records` a thread.
    """

    def __init__(self, path: Path, *, writable: bool = False):
        if writable:
            self._connection = sqlite3.connect(path)
            # The file is thrown away if the build does not end, so it needs no journal.
            self._connection.executescript(
                "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;" + _SCHEMA
            )
        else:
            if not path.is_file():
                raise StoreError(f"{path} is missing; build the store again.")
            # A generation never changes once published: immutable spares all locking.
            uri = f"{path.resolve().as_uri()}?mode=ro&immutable=1"
            self._connection = sqlite3.connect(uri, uri=True)

    def __enter__(self) -> Records:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the file; what was written is kept."""
        self._connection.commit()
        self._connection.close()

    def put(self, study: Study, payload: dict[str, Any], source_format: str) -> bool:
        """Store a record; of two with one id the one updated later stays, else the first.

        Returns
        -------
        bool
            Whether there was a record of this id already.
        """
        raw = canonical_json(payload)
        updated = study.status.last_update_post_date_struct.date or ""
        row = (
            study.nct_id,
            zlib.compress(raw, 6),
            json_fingerprint(raw),
            updated,
            source_format,
        )
        known = self._connection.execute(
            "SELECT last_update_posted FROM study WHERE nct_id = ?", (study.nct_id,)
        ).fetchone()
        if known is None or updated > known[0]:
            self._connection.execute(
                "INSERT OR REPLACE INTO study VALUES (?, ?, ?, ?, ?, NULL, NULL)", row
            )
        return known is not None

    def derive(
        self, study: Study, card: StudyCard, facts: CellFacts, mentions: Iterable[EntityMention]
    ) -> None:
        """Store what was derived from a record: card, facts, shared entities, searchable text."""
        encode = msgspec.json.encode
        nct_id, execute = study.nct_id, self._connection.execute
        execute(
            "UPDATE study SET card = ?, facts = ? WHERE nct_id = ?",
            (encode(card), zlib.compress(encode(facts.facts), 6), nct_id),
        )
        self._connection.executemany(
            "INSERT OR IGNORE INTO entity_mention VALUES (?, ?, ?, ?, ?)",
            [(e.iri, e.label, e.agency_class, nct_id, e.kind) for e in sorted(mentions)],
        )
        self._connection.executemany(
            "INSERT OR IGNORE INTO alias VALUES (?, ?)",
            [(alias, nct_id) for alias in canonical_nct_ids(study.identification.nct_id_aliases)],
        )
        execute("INSERT INTO study_text VALUES (?, ?, ?, ?, ?, ?, ?, ?)", _searchable(study, card))

    def rows(self) -> Iterator[StudyRow]:
        """Yield every stored record in the order of NCT ids."""
        cursor = self._connection.cursor()
        last = ""
        query = (
            "SELECT nct_id, payload, fingerprint, source_format FROM study "
            "WHERE nct_id > ? ORDER BY nct_id LIMIT 500"
        )
        while batch := cursor.execute(query, (last,)).fetchall():
            for nct_id, payload, fingerprint, source_format in batch:
                record = msgspec.json.decode(zlib.decompress(payload))
                yield StudyRow(parse_study(record), record, fingerprint, source_format)
                last = nct_id

    def nct_ids(self) -> list[str]:
        """Return the NCT ids of all records, sorted."""
        return [row[0] for row in self._connection.execute("SELECT nct_id FROM study ORDER BY 1")]

    def fingerprints(self) -> dict[str, str]:
        """Return the fingerprint of every record by NCT id, sorted."""
        query = "SELECT nct_id, fingerprint FROM study ORDER BY nct_id"
        return dict(self._connection.execute(query).fetchall())

    def count(self) -> int:
        """Return the number of records."""
        return int(self._connection.execute("SELECT count(*) FROM study").fetchone()[0])

    def watermark(self) -> str | None:
        """Return the latest date on which the registry posted an update of a record here."""
        found = self._connection.execute("SELECT max(last_update_posted) FROM study").fetchone()[0]
        return str(found) if found else None

    def source_formats(self) -> dict[str, int]:
        """Return how many records came in which format."""
        query = "SELECT source_format, count(*) FROM study GROUP BY 1 ORDER BY 1"
        return dict(self._connection.execute(query).fetchall())

    def entities(self) -> Iterator[tuple[str, str, str, tuple[str, ...]]]:
        """Yield IRI, kind, label and agency classes of everything that records share, sorted."""
        query = (
            "SELECT iri, kind, label, agency_class, count(*) FROM entity_mention "
            "GROUP BY iri, kind, label, agency_class ORDER BY iri"
        )
        rows = self._connection.execute(query)
        for iri, group in itertools.groupby(rows, key=lambda row: row[0]):
            counts: dict[str, int] = {}
            classes: set[str] = set()
            kind = ""
            for _, kind, label, agency_class, count in group:  # noqa: B007
                counts[label] = counts.get(label, 0) + count
                if agency_class:
                    classes.add(agency_class)
            label = min(counts, key=lambda text: (-counts[text], text))
            yield str(iri), kind, label, tuple(sorted(classes))

    def resolve(self, nct_id: str) -> str:
        """Return the id under which a trial is stored here, following aliases.

        Raises
        ------
        InvalidIdentifierError
            If `nct_id` is no NCT id.
        UnknownTrialError
            If there is no such trial; the error names the nearest ids.
        """
        canonical = canonical_nct_id(nct_id)
        if self._has(canonical):
            return canonical
        found = self._connection.execute(
            "SELECT nct_id FROM alias WHERE nct_id_alias = ?", (canonical,)
        ).fetchone()
        if found is None:
            raise UnknownTrialError(canonical, self._nearest(canonical))
        return str(found[0])

    def payload(self, nct_id: str) -> dict[str, Any]:
        """Return the record as it came, in API v2 shape."""
        raw = self._one("payload", nct_id)
        record: dict[str, Any] = msgspec.json.decode(zlib.decompress(raw))
        return record

    def study(self, nct_id: str) -> Study:
        """Return the record as a `Study`."""
        return parse_study(self.payload(nct_id))

    def facts(self, nct_id: str) -> CellFacts:
        """Return the cell facts of a trial."""
        return CellFacts(
            self.resolve(nct_id),
            tuple(_FACTS.decode(zlib.decompress(self._one("facts", nct_id)))),
        )

    def card(self, nct_id: str) -> StudyCard:
        """Return the card of a trial."""
        return _CARD.decode(self._one("card", nct_id))

    def cards(self, nct_ids: Iterable[str]) -> dict[str, StudyCard]:
        """Return the cards of those of the given ids that are stored."""
        wanted = list(nct_ids)
        found: dict[str, StudyCard] = {}
        for start in range(0, len(wanted), 500):
            batch = wanted[start : start + 500]
            marks = ",".join("?" * len(batch))
            query = f"SELECT nct_id, card FROM study WHERE nct_id IN ({marks})"  # noqa: S608
            for nct_id, card in self._connection.execute(query, batch):
                found[nct_id] = _CARD.decode(card)
        return found

    def search(self, words: str, limit: int = 20, offset: int = 0) -> list[SearchHit]:
        """Find trials by words, NCT ids or acronyms; the best first, ties by NCT id.

        All words must occur; the last one may be the beginning of a word. If no trial has all
        of them, those that have any are found.
        """
        match = self._match(words)
        if match is None:
            return []
        query = (
            f"SELECT study.card, -{_RANK} FROM study_text "  # noqa: S608
            "JOIN study ON study.nct_id = study_text.nct_id WHERE study_text MATCH ? "
            f"ORDER BY round({_RANK}, 6), study_text.nct_id LIMIT ? OFFSET ?"
        )
        rows = self._connection.execute(query, (match, limit, offset))
        return [SearchHit(_CARD.decode(card), score) for card, score in rows]

    def search_count(self, words: str) -> int:
        """Return how many trials `search` can find for these words."""
        match = self._match(words)
        if match is None:
            return 0
        query = "SELECT count(*) FROM study_text WHERE study_text MATCH ?"
        return int(self._connection.execute(query, (match,)).fetchone()[0])

    def _match(self, words: str) -> str | None:
        # Every word is quoted, so nothing that a person types is FTS5 syntax.
        quoted = [f'"{word}"' for word in _WORD.findall(words)[:32]]
        if not quoted:
            return None
        every = " ".join(quoted) + "*"
        query = "SELECT 1 FROM study_text WHERE study_text MATCH ? LIMIT 1"
        if self._connection.execute(query, (every,)).fetchone() is not None:
            return every
        return " OR ".join(quoted)

    def _has(self, nct_id: str) -> bool:
        query = "SELECT 1 FROM study WHERE nct_id = ?"
        return self._connection.execute(query, (nct_id,)).fetchone() is not None

    def _one(self, column: str, nct_id: str) -> bytes:
        query = f"SELECT {column} FROM study WHERE nct_id = ?"  # noqa: S608
        value: bytes = self._connection.execute(query, (self.resolve(nct_id),)).fetchone()[0]
        return value

    def _nearest(self, nct_id: str) -> tuple[str, ...]:
        """Ids that one wrong or swapped digit would explain, then the neighbours in number."""
        digits = nct_id[3:]
        typed = {
            f"NCT{digits[:place]}{digit}{digits[place + 1 :]}"
            for place in range(8)
            for digit in "0123456789"
        } | {
            f"NCT{digits[:place]}{digits[place + 1]}{digits[place]}{digits[place + 2 :]}"
            for place in range(7)
        }
        slips = sorted(self.cards(typed))
        around = [
            row[0]
            for query in (
                "SELECT nct_id FROM study WHERE nct_id < ? ORDER BY nct_id DESC LIMIT 1",
                "SELECT nct_id FROM study WHERE nct_id > ? ORDER BY nct_id LIMIT 1",
            )
            for row in self._connection.execute(query, (nct_id,))
        ]
        return tuple(dict.fromkeys(slips + around))[:5]


def _searchable(study: Study, card: StudyCard) -> tuple[str, ...]:
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
