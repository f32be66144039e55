"""`RelationKeys`: the keys of all records in a database, and what a change of some touches.

Limits ("a number of thirteen trials tells nothing") and rules such as "one earlier trial alone"
make a relation of two records depend on third ones. `RelationKeys.region` names all records
whose relations among each other a change may touch; everything else stays as it is.
"""

from __future__ import annotations

import sqlite3
import zlib
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from hashlib import blake2b
from typing import Any, ClassVar, NamedTuple

from kg.relations.finding import find_relations
from kg.relations.keys import RelationKey, decode_key, encode_key
from kg.relations.model import Relation
from kg.relations.tokens import AFFECTS, RESTS_ON, Token, limit_of, tokens_of

_BATCH = 500
_BATCH_RECORDS = 2000
"""Records whose relations are found at a time: with what they reach, some 50 MB of keys."""

_SEEDS = 50
"""Records with which what they reach comes into the same batch."""


class _Reached(NamedTuple):
    """Records that are reached, keys of some of them, and tokens that are held by too many."""

    nct_ids: set[str]
    keys: dict[str, RelationKey]
    common: set[Token]

    def joined(self, other: _Reached) -> _Reached:
        """Return what these records reach, and others."""
        return _Reached(
            self.nct_ids | other.nct_ids, self.keys | other.keys, self.common | other.common
        )


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

    def put(self, key: RelationKey) -> bool:
        """Store the key of a record, in place of an earlier one; tell whether that differed."""
        raw = encode_key(key)
        query = "SELECT key FROM relation_key WHERE nct_id = ?"
        known = self._connection.execute(query, (key.nct_id,)).fetchone()
        if known is not None:
            if zlib.decompress(known[0]) == raw:
                return False
            self.remove(key.nct_id)
        self._connection.execute(
            "INSERT INTO relation_key VALUES (?, ?)", (key.nct_id, zlib.compress(raw, 6))
        )
        self._connection.executemany(
            "INSERT OR IGNORE INTO relation_token VALUES (?, ?)",
            [(_digest(token), key.nct_id) for token in sorted(tokens_of(key))],
        )
        return True

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
        keys = self._load(ids)
        # A limit that the change itself crosses counts on both sides: of a token, as many of its
        # holders may go, or have come, as are among the changed ones.
        slack = Counter(token for key in keys.values() for token in tokens_of(key))
        return ids | self._reached(keys, AFFECTS, slack=slack).nct_ids

    def relations_within(self, region: Collection[str]) -> list[Relation]:
        """Return all relations both of whose records lie in a region.

        They are those that `find_relations` gives for all keys, sorted likewise; the keys
        that are read are those of the region and of what decides on its relations.
        """
        inside = set(region)
        found = self._reached(self._load(inside), RESTS_ON)
        return [
            relation
            for relation in self._found(found)
            if relation.from_nct_id in inside and relation.to_nct_id in inside
        ]

    def relations(self, *, batch_records: int = _BATCH_RECORDS) -> Iterator[Relation]:
        """Yield all relations, each once: those that `find_relations` gives for all keys.

        Parameters
        ----------
        batch_records : int, optional
            Records whose relations are found at a time; the keys of these, and of what they
            reach, are in memory.

        Yields
        ------
        Relation
            Of some records to any others, sorted as `find_relations` does; then of some others.
        """
        (number,) = self._connection.execute("SELECT count(*) FROM relation_key").fetchone()
        if number <= batch_records:
            yield from find_relations(self)
            return
        for inside, reached in self._batches(batch_records):
            for relation in self._found(reached):
                if relation.from_nct_id in inside:
                    yield relation

    def _batches(self, records: int) -> Iterator[tuple[set[str], _Reached]]:
        """Yield the ids of all records in sets of `records` or a few more, and what they reach.

        Records that reach each other come together, as far as may be: what a batch reaches
        beyond itself is read, and searched, once more for each batch that does.
        """
        common: set[Token] = set()

        def reach(nct_ids: set[str]) -> _Reached:
            return self._reached(self._load(nct_ids), AFFECTS, common=common)

        done: set[str] = set()
        inside, asked, reached = set[str](), set[str](), _Reached(set(), {}, set())
        last = ""
        query = "SELECT nct_id FROM relation_key WHERE nct_id > ? ORDER BY nct_id LIMIT ?"
        while some := self._connection.execute(query, (last, _SEEDS)).fetchall():
            last = some[-1][0]
            seeds = {nct_id for (nct_id,) in some} - done
            found = reach(seeds)
            inside |= found.nct_ids - done
            done |= found.nct_ids
            asked, reached = asked | seeds, reached.joined(found)
            if len(inside) >= records:
                yield inside, reached.joined(reach(inside - asked))
                inside, asked, reached = set(), set(), _Reached(set(), {}, set())
        if inside:
            yield inside, reached.joined(reach(inside - asked))

    def _reached(
        self,
        keys: dict[str, RelationKey],
        reach: Mapping[str, tuple[str, ...]],
        *,
        slack: Mapping[Token, int] | None = None,
        common: set[Token] | None = None,
    ) -> _Reached:
        """Find what some records reach, over all names of their products.

        Of a token with more holders than its limit and `slack` none are reached. Such tokens are
        put into `common`, and not looked up if they are there already.
        """
        common = set() if common is None else common
        own = {token for key in keys.values() for token in tokens_of(key)}
        waiting = {Token(kind, token.text) for token in own for kind in reach[token.kind]}
        seen, met = set(waiting), set(keys)
        while waiting:
            waiting -= common
            # Most tokens are held by one record alone, the one that they are known from.
            holders = self._holders(waiting & own, slack or {}, least=2)
            holders |= self._holders(waiting - own, slack or {}, least=1)
            common.update(token for token, held in holders.items() if held is None)
            few = {token: held for token, held in holders.items() if held is not None}
            met.update(*few.values())
            # Names that any record gives to one intervention are one product.
            named = {token: held for token, held in few.items() if token.kind == "name"}
            keys |= self._load(set[str]().union(*named.values()) - keys.keys())
            waiting = {
                Token("name", name)
                for token, held in named.items()
                for nct_id in held
                for synonyms in keys[nct_id].products.synonyms
                if token.text in synonyms
                for name in synonyms
            } - seen
            seen |= waiting
        return _Reached(met, keys, common & seen)

    def _found(self, reached: _Reached) -> Iterator[Relation]:
        """Find the relations among some records and what they reach."""
        keys = reached.keys | self._load(reached.nct_ids - reached.keys.keys())
        return find_relations(keys.values(), reached.common)

    def _holders(
        self, tokens: Iterable[Token], slack: Mapping[Token, int], *, least: int
    ) -> dict[Token, list[str] | None]:
        """Return who holds tokens that are held by so many records at least.

        None stands for more of them than the token's limit and `slack`.
        """
        limits = {kind: limit_of(kind) for kind in AFFECTS}
        by_digest = {_digest(token): token for token in tokens}
        found: dict[Token, list[str] | None] = {}
        few: list[bytes] = []
        # First how many there are: a common name has tens of thousands.
        query = (
            "SELECT token, count(*) FROM relation_token WHERE token IN ({}) "
            "GROUP BY token HAVING count(*) >= ?"
        )
        for digest, number in self._of_many(query, by_digest, least):
            token = by_digest[digest]
            limit = limits[token.kind]
            if limit is not None and number > limit + slack.get(token, 0):
                found[token] = None
            else:
                found[token] = []
                few.append(digest)
        query = "SELECT token, nct_id FROM relation_token WHERE token IN ({})"
        for digest, nct_id in self._of_many(query, few):
            held = found[by_digest[digest]]
            if held is not None:
                held.append(nct_id)
        return found

    def _load(self, nct_ids: Iterable[str]) -> dict[str, RelationKey]:
        query = "SELECT nct_id, key FROM relation_key WHERE nct_id IN ({})"
        return {
            nct_id: decode_key(zlib.decompress(raw))
            for nct_id, raw in self._of_many(query, nct_ids)
        }

    def _of_many(
        self, query: str, values: Iterable[Any], *more: object
    ) -> Iterator[tuple[Any, Any]]:
        """Yield the rows of a query for many values, some hundred at a time, in their order."""
        wanted = sorted(values)
        for start in range(0, len(wanted), _BATCH):
            batch = wanted[start : start + _BATCH]
            marks = ",".join("?" * len(batch))
            yield from self._connection.execute(query.format(marks), (*batch, *more))


def _digest(token: Token) -> bytes:
    """Return a token in eight bytes: titles are long, and only equality counts."""
    return blake2b(
        f"{token.kind}|{token.text}".encode("utf-8", "surrogatepass"), digest_size=8
    ).digest()
