"""`Shard`: some hundred records that are derived together, and how a store is cut into them."""

from __future__ import annotations

import sqlite3
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from kg.record_schema import nct_number

SHARD_RECORDS = 500
"""Records in a shard: half a minute's work at most, some 25 MB of N-Quads."""


class ShardRecord(NamedTuple):
    """One record as it is stored: its id, fingerprint and canonical JSON."""

    nct_id: str
    fingerprint: str
    payload: bytes


@dataclass(frozen=True, slots=True)
class Shard:
    """Some records in the order of their ids.

    Attributes
    ----------
    name : str
        Names sort as the shards do: ``000012``, and ``000012.1`` and ``000012.2`` for its halves.
    records : tuple of ShardRecord
    """

    name: str
    records: tuple[ShardRecord, ...]

    def halves(self) -> tuple[Shard, Shard]:
        """Return the first and the second half of a shard of two records or more."""
        middle = len(self.records) // 2
        return (
            Shard(f"{self.name}.1", self.records[:middle]),
            Shard(f"{self.name}.2", self.records[middle:]),
        )


def cut_shards(connection: sqlite3.Connection, size: int = SHARD_RECORDS) -> Iterator[Shard]:
    """Yield all stored records in shards, in the order of NCT ids.

    Parameters
    ----------
    connection : sqlite3.Connection
        Of ``records.sqlite``; may be written to meanwhile.
    size : int, optional
        Records in a shard; the last one may have fewer.
    """
    last, number = "", 0
    query = "SELECT nct_id, fingerprint FROM study WHERE nct_id > ? ORDER BY nct_id LIMIT ?"
    while batch := connection.execute(query, (last, size)).fetchall():
        yield Shard(
            f"{number:06d}",
            tuple(
                ShardRecord(nct_id, fingerprint, _payload(connection, nct_id))
                for nct_id, fingerprint in batch
            ),
        )
        last, number = batch[-1][0], number + 1


def _payload(connection: sqlite3.Connection, nct_id: str) -> bytes:
    query = "SELECT json FROM payload WHERE number = ?"
    (raw,) = connection.execute(query, (nct_number(nct_id),)).fetchone()
    return zlib.decompress(raw)
