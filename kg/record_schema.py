"""The tables of `records.sqlite`: records, what was derived of each, and their history.

Everything that a refresh looks up is found by a key: changing one record costs the same in a
store of any size. Tables whose rows are large are kept apart from those that are walked.
"""

from __future__ import annotations

TOKENIZER = "porter unicode61 remove_diacritics 2"
"""Of the full text: words without accents, as stems."""
SCHEMA = f"""
CREATE TABLE study (
    nct_id TEXT PRIMARY KEY,
    fingerprint TEXT NOT NULL,       -- sha256 of the canonical JSON
    last_update_posted TEXT NOT NULL,
    source_format TEXT NOT NULL
) WITHOUT ROWID;
CREATE INDEX study_updated ON study (last_update_posted);
CREATE TABLE payload (
    number INTEGER PRIMARY KEY,      -- the digits of the NCT id
    json BLOB NOT NULL               -- canonical JSON of the record, zlib
);
CREATE TABLE derived (
    number INTEGER PRIMARY KEY,
    card BLOB NOT NULL,
    facts BLOB NOT NULL              -- JSON, zlib
);
CREATE TABLE alias (nct_id_alias TEXT NOT NULL, nct_id TEXT NOT NULL,
                    PRIMARY KEY (nct_id_alias, nct_id)) WITHOUT ROWID;
CREATE INDEX alias_of ON alias (nct_id);
CREATE TABLE moved (                 -- ids from which the registry sends one on
    nct_id_alias TEXT PRIMARY KEY, nct_id TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE entity_mention (nct_id TEXT, iri TEXT, label TEXT, agency_class TEXT, kind TEXT,
                             PRIMARY KEY (nct_id, iri, label, agency_class)) WITHOUT ROWID;
CREATE TABLE entity_label (          -- how many records name a thing so
    iri TEXT, label TEXT, agency_class TEXT, kind TEXT, mentions INTEGER NOT NULL,
    PRIMARY KEY (iri, label, agency_class)) WITHOUT ROWID;
CREATE VIRTUAL TABLE study_text USING fts5(
    nct_id UNINDEXED, title, ids, conditions, interventions, facts, summary, description,
    tokenize = "{TOKENIZER}"
);                                   -- its rowid is the number of the NCT id
CREATE TABLE version (               -- each state of a record that was seen
    nct_id TEXT, run TEXT, seen_at TEXT, kind TEXT, fingerprint TEXT, last_update_posted TEXT,
    PRIMARY KEY (nct_id, run)) WITHOUT ROWID;
CREATE INDEX version_seen ON version (seen_at);
CREATE TABLE change (                -- what differed from the state before, field by field
    nct_id TEXT, run TEXT, path TEXT, before TEXT, after TEXT,
    PRIMARY KEY (nct_id, run, path)) WITHOUT ROWID;
CREATE TABLE kin_change (            -- trials that a refresh put in a kin list or took from one
    run TEXT, nct_id TEXT, kin TEXT, entered INTEGER,
    PRIMARY KEY (run, nct_id, kin)) WITHOUT ROWID;
CREATE INDEX kin_change_of ON kin_change (nct_id);
"""
HISTORY_TABLES = ("moved", "version", "change", "kin_change")
"""What a full build takes over from the generation before."""


def nct_number(nct_id: str) -> int:
    """Return the number in a canonical NCT id: the key of the large tables."""
    return int(nct_id[3:])


def nct_id_of(number: int) -> str:
    """Return the canonical NCT id with a number."""
    return f"NCT{number:08d}"
