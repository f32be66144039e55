"""`RecordsWriter`: writes the records of a generation that is being made."""

from __future__ import annotations

import itertools
import sqlite3
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from kg.derivation import DerivedTrial
from kg.record_schema import HISTORY_TABLES, SCHEMA, nct_number
from kg.records import PARTIAL_FORMATS, Records, last_update_posted, standing
from kg.relations.stored_keys import RelationKeys
from kg.study import Study, canonical_json, json_fingerprint
from ontology.errors import StoreError

# The file is thrown away if the run does not end, so it needs no journal. Keys come in no order:
# with the usual 2 MB of cache every insert into a large table would read from the disk.
_UNSAFE = "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -262144;"

_BY_TRIAL = ("alias", "entity_mention")


class Entity(NamedTuple):
    """Something that records share: its IRI, kind, label and agency classes."""

    iri: str
    kind: str
    label: str
    agency_classes: tuple[str, ...]


class Touched(NamedTuple):
    """What else may be other than it was, now that a record is.

    Attributes
    ----------
    entities : set of str
        IRIs of the shared things that the record names or named.
    relations : bool
        Whether the record's own relation key differs, and so may its relations.
    """

    entities: set[str]
    relations: bool


class RecordsWriter(Records):
    """Records that can be written.

    Parameters
    ----------
    path : Path
        The file: a new one, or a copy of that of another generation.

    Attributes
    ----------
    relation_keys : RelationKeys
        What typed relations are found by.

    Notes
    -----
    Nothing is safe before `close`; a file whose writer has died is thrown away.
    """

    def __init__(self, path: Path):
        is_new = not path.exists()
        self._connection = sqlite3.connect(path)
        made = SCHEMA + RelationKeys.SCHEMA if is_new else ""
        self._connection.executescript(_UNSAFE + made)
        self.relation_keys = RelationKeys(self._connection)

    def put(self, study: Study, payload: dict[str, Any], source_format: str) -> bool:
        """Store a record; of two with one id the one of higher `standing` stays, else the first.

        Returns
        -------
        bool
            Whether there was a record of this id already.
        """
        known = self._connection.execute(
            "SELECT source_format, last_update_posted FROM study WHERE nct_id = ?",
            (study.nct_id,),
        ).fetchone()
        before = None if known is None else (known[0] not in PARTIAL_FORMATS, known[1])
        if before is None or standing(study, source_format) > before:
            self.replace(study, payload, source_format)
        return known is not None

    def replace(self, study: Study, payload: dict[str, Any], source_format: str) -> str:
        """Store a record in place of any of the same id; return its fingerprint."""
        raw = canonical_json(payload)
        fingerprint = json_fingerprint(raw)
        self._connection.execute(
            "INSERT OR REPLACE INTO study VALUES (?, ?, ?, ?)",
            (study.nct_id, fingerprint, last_update_posted(study), source_format),
        )
        self._connection.execute(
            "INSERT OR REPLACE INTO payload VALUES (?, ?)",
            (nct_number(study.nct_id), zlib.compress(raw, 6)),
        )
        return fingerprint

    def remove(self, nct_id: str) -> None:
        """Take out a record from which nothing was derived."""
        execute = self._connection.execute
        execute("DELETE FROM study WHERE nct_id = ?", (nct_id,))
        execute("DELETE FROM payload WHERE number = ?", (nct_number(nct_id),))

    def derive(self, derived: DerivedTrial) -> Touched:
        """Store what was derived from a record, in place of what was there of it."""
        encode = msgspec.json.encode
        nct_id, execute = derived.nct_id, self._connection.execute
        number = nct_number(nct_id)
        touched = self._forget(nct_id) if self._is_derived(number) else set()
        execute(
            "INSERT OR REPLACE INTO derived VALUES (?, ?, ?)",
            (number, encode(derived.card), zlib.compress(encode(derived.facts.facts), 6)),
        )
        for mention in derived.mentions:
            touched.add(mention.iri)
            named = (mention.iri, mention.label, mention.agency_class)
            added = execute(
                "INSERT OR IGNORE INTO entity_mention VALUES (?, ?, ?, ?, ?)",
                (nct_id, *named, mention.kind),
            )
            if added.rowcount:
                execute(
                    "INSERT INTO entity_label VALUES (?, ?, ?, ?, 1) "
                    "ON CONFLICT DO UPDATE SET mentions = mentions + 1",
                    (*named, mention.kind),
                )
        self._connection.executemany(
            "INSERT OR IGNORE INTO alias VALUES (?, ?)",
            [(alias, nct_id) for alias in derived.aliases],
        )
        execute(
            "INSERT INTO study_text (rowid, nct_id, title, ids, conditions, interventions, facts, "
            "summary, description) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (number, *derived.texts),
        )
        return Touched(touched, self.relation_keys.put(derived.relation_key))

    def note_moved(self, nct_id_alias: str, nct_id: str) -> None:
        """Note that the registry sends one from an older id to a record."""
        self._connection.execute(
            "INSERT OR REPLACE INTO moved VALUES (?, ?)", (nct_id_alias, nct_id)
        )

    def entities(self) -> Iterator[Entity]:
        """Yield everything that records share, sorted by IRI."""
        query = "SELECT iri, kind, label, agency_class, mentions FROM entity_label ORDER BY iri"
        rows = self._connection.execute(query)
        for iri, group in itertools.groupby(rows, key=lambda row: row[0]):
            yield _entity(str(iri), group)

    def entity(self, iri: str) -> Entity | None:
        """Return one shared thing; None if no record names it."""
        query = "SELECT iri, kind, label, agency_class, mentions FROM entity_label WHERE iri = ?"
        rows = self._connection.execute(query, (iri,)).fetchall()
        return _entity(iri, iter(rows)) if rows else None

    def take_history(self, path: Path) -> None:
        """Take over the history of records from the file of another generation.

        Raises
        ------
        StoreError
            If the file cannot be read.
        """
        self._connection.commit()
        uri = f"{path.resolve().as_uri()}?mode=ro&immutable=1"
        try:
            self._connection.execute("ATTACH ? AS before", (uri,))
        except sqlite3.Error as error:
            raise StoreError(f"{path} cannot be read ({error}).") from error
        for table in HISTORY_TABLES:
            self._connection.execute(f"INSERT INTO {table} SELECT * FROM before.{table}")  # noqa: S608
        self._connection.commit()
        self._connection.execute("DETACH before")

    def _is_derived(self, number: int) -> bool:
        query = "SELECT 1 FROM derived WHERE number = ?"
        return self._connection.execute(query, (number,)).fetchone() is not None

    def _forget(self, nct_id: str) -> set[str]:
        """Take out what was derived from the state of a record that is replaced."""
        execute = self._connection.execute
        query = "SELECT iri, label, agency_class FROM entity_mention WHERE nct_id = ?"
        named = execute(query, (nct_id,)).fetchall()
        self._connection.executemany(
            "UPDATE entity_label SET mentions = mentions - 1 "
            "WHERE iri = ? AND label = ? AND agency_class = ?",
            named,
        )
        self._connection.executemany(
            "DELETE FROM entity_label "
            "WHERE iri = ? AND label = ? AND agency_class = ? AND mentions = 0",
            named,
        )
        for table in _BY_TRIAL:
            execute(f"DELETE FROM {table} WHERE nct_id = ?", (nct_id,))  # noqa: S608
        execute("DELETE FROM study_text WHERE rowid = ?", (nct_number(nct_id),))
        return {iri for iri, _, _ in named}


def _entity(iri: str, rows: Iterator[tuple[str, str, str, str, int]]) -> Entity:
    counts: dict[str, int] = {}
    classes: set[str] = set()
    kind = ""
    for _, kind, label, agency_class, count in rows:  # noqa: B007
        counts[label] = counts.get(label, 0) + count
        if agency_class:
            classes.add(agency_class)
    label = min(counts, key=lambda text: (-counts[text], text))
    return Entity(iri, kind, label, tuple(sorted(classes)))
