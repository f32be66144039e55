"""`RelationKeys`: the keys of all records in a database, and what a change of some touches.

Limits ("a number of thirteen trials tells nothing") and rules such as "one earlier trial alone"
make a relation of two records depend on third ones. `RelationKeys.region` names all records
whose relations among each other a change may touch; everything else stays as it is.
"""

from __future__ import annotations

import sqlite3
import zlib
from collections.abc import Collection, Iterable, Iterator, Mapping
from hashlib import blake2b
from typing import ClassVar

from kg.relations.finding import find_relations
from kg.relations.keys import RelationKey, decode_key, encode_key
from kg.relations.model import Relation
from kg.relations.tokens import AFFECTS, RESTS_ON, Token, limit_of, tokens_of

_BATCH = 500


class RelationKeys:
    """The relation keys of a generation's records.

    Parameters
    ----------
    connection : sqlite3.Connection
        The caller's, on a database that `SCHEMA` was run on; never committed or closed here.
    """

    SCHEMA: ClassVar[str] = """
    CREATE TABLE relation_key (nct_id TEXT PRIMARY KEY, key BLOB NOT NULL) WITHOUT ROWID;
    CREATE TABLE relation_token (token BLOB NOT NULL, nct_id TEXT NOT NULL,
                                 PRIMARY KEY (token, nct_id)) WITHOUT ROWID;
    """

    def __init__(self, connection: sqlite3.Connection):
        self._connection = connection

    def __iter__(self) -> Iterator[RelationKey]:
        """Yield all keys in the order of NCT ids."""
        last = ""
        query = "SELECT nct_id, key FROM relation_key WHERE nct_id > ? ORDER BY nct_id LIMIT ?"
        while batch := self._connection.execute(query, (last, _BATCH)).fetchall():
            for _, raw in batch:
                yield decode_key(zlib.decompress(raw))
            last = batch[-1][0]

    def put(self, key: RelationKey) -> None:
        """Store the key of a record, in place of an earlier one."""
        self.remove(key.nct_id)
        self._connection.execute(
            "INSERT INTO relation_key VALUES (?, ?)",
            (key.nct_id, zlib.compress(encode_key(key), 6)),
        )
        self._connection.executemany(
            "INSERT OR IGNORE INTO relation_token VALUES (?, ?)",
            [(_digest(token), key.nct_id) for token in sorted(tokens_of(key))],
        )

    def remove(self, nct_id: str) -> None:
        """Forget a record; one that is not there is no error."""
        for key in self._load([nct_id]).values():
            self._connection.executemany(
                "DELETE FROM relation_token WHERE token = ? AND nct_id = ?",
                [(_digest(token), nct_id) for token in tokens_of(key)],
            )
        self._connection.execute("DELETE FROM relation_key WHERE nct_id = ?", (nct_id,))

    def region(self, changed: Collection[str]) -> set[str]:
        """Return the records whose relations among each other a change of some may touch.

        Ask once before the keys are changed and once after, with all ids that are changed,
        added or removed, and join both answers.

        Parameters
        ----------
        changed : collection of str
            NCT ids; those without a key are taken as they are.
        """
        ids = set(changed)
        # A limit that the change itself crosses counts on both sides.
        return ids | self._reached(self._load(ids), AFFECTS, slack=len(ids))

    def relations_within(self, region: Collection[str]) -> list[Relation]:
        """Return all relations both of whose records lie in a region.

        They are those that `find_relations` gives for all keys, sorted likewise; the keys
        that are read are those of the region and of what decides on its relations.
        """
        inside = set(region)
        keys = self._load(inside)
        keys |= self._load(self._reached(keys, RESTS_ON, with_too_many=True) - keys.keys())
        return [
            relation
            for relation in find_relations(keys.values())
            if relation.from_nct_id in inside and relation.to_nct_id in inside
        ]

    def _reached(
        self,
        keys: Mapping[str, RelationKey],
        reach: Mapping[str, tuple[str, ...]],
        *,
        slack: int = 0,
        with_too_many: bool = False,
    ) -> set[str]:
        """Return the holders of what some records reach, over all names of their products.

        Of a token with more holders than its limit and `slack` there are none, or as many as
        show that they are too many.
        """
        met: set[str] = set()
        waiting = {
            Token(kind, token.text)
            for key in keys.values()
            for token in tokens_of(key)
            for kind in reach[token.kind]
        }
        seen = set(waiting)
        while waiting:
            named: set[str] = set()
            names: set[str] = set()
            for token in waiting:
                limit = limit_of(token.kind)
                most = None if limit is None else limit + slack
                held = self._holders(token, most)
                too_many = most is not None and len(held) > most
                if with_too_many or not too_many:
                    met.update(held)
                if token.kind == "name" and not too_many:
                    named.update(held)
                    names.add(token.text)
            # Names that any record gives to one intervention are one product.
            further = {
                Token("name", name)
                for key in self._load(named).values()
                for synonyms in key.products.synonyms
                if not names.isdisjoint(synonyms)
                for name in synonyms
            }
            waiting = further - seen
            seen |= waiting
        return met

    def _holders(self, token: Token, most: int | None) -> list[str]:
        """Return the records that hold a token, at most one more than `most`."""
        query = "SELECT nct_id FROM relation_token WHERE token = ? ORDER BY nct_id LIMIT ?"
        rows = self._connection.execute(query, (_digest(token), -1 if most is None else most + 1))
        return [row[0] for row in rows]

    def _load(self, nct_ids: Iterable[str]) -> dict[str, RelationKey]:
        found = {}
        wanted = sorted(nct_ids)
        for start in range(0, len(wanted), _BATCH):
            batch = wanted[start : start + _BATCH]
            marks = ",".join("?" * len(batch))
            query = f"SELECT nct_id, key FROM relation_key WHERE nct_id IN ({marks})"  # noqa: S608
            for nct_id, raw in self._connection.execute(query, batch):
                found[nct_id] = decode_key(zlib.decompress(raw))
        return found


def _digest(token: Token) -> bytes:
    """Return a token in eight bytes: titles are long, and only equality counts."""
    return blake2b(
        f"{token.kind}|{token.text}".encode("utf-8", "surrogatepass"), digest_size=8
    ).digest()
