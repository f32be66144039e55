"""`ReplicaState`: what a replica was told when its origin was last asked.

Losing the file makes the data look older than they are until the next pull, and nothing else.
"""

from __future__ import annotations

from pathlib import Path

import msgspec

from kg.replicas.file_list import write_whole

_FILE = "replica.json"


class ReplicaState(msgspec.Struct, frozen=True, kw_only=True):
    """What a replica knows of its origin.

    Attributes
    ----------
    origin : str
        Address of the store that was asked, without a password.
    asked_at : str
        When (UTC, ISO 8601).
    generation : int
        What it offered, and what is published here.
    current_as_of : str
        When the origin's data were last known to be current.
    """

    origin: str
    asked_at: str
    generation: int
    current_as_of: str


def read_replica_state(store_path: Path) -> ReplicaState | None:
    """Read what a replica knows; None of a store that is none, or whose file is damaged."""
    try:
        return msgspec.json.decode((store_path / _FILE).read_bytes(), type=ReplicaState)
    except (OSError, msgspec.DecodeError):
        return None


def write_replica_state(state: ReplicaState, store_path: Path) -> None:
    """Write what a replica knows, whole or not at all."""
    encoded = msgspec.json.format(msgspec.json.encode(state), indent=2) + b"\n"
    write_whole(store_path / _FILE, encoded)
