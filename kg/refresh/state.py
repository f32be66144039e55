"""`FollowState`: what a store follows and how far, kept beside its generations.

Losing the file costs a longer fetch and nothing else.
"""

from __future__ import annotations

import os
from pathlib import Path

import msgspec

from kg.registry.scope import Scope

_FILE = "following.json"


class FollowState(msgspec.Struct, kw_only=True):
    """What a store follows.

    Attributes
    ----------
    scope : Scope or None
        The one of the last refresh.
    completed : dict
        Scope in one line to the generation that was published when all of it had been fetched.
    pending : list of str
        NCT ids of records that could not be read; they are asked for again.
    verified : str
        The id up to which stored records were last looked up one by one.
    """

    scope: Scope | None = None
    completed: dict[str, int] = {}
    pending: list[str] = []
    verified: str = ""

    def covers(self, scope: Scope, generation: int) -> bool:
        """Return whether a generation has all of a scope, up to its watermark.

        One that is older than that fetch (after a rollback) has not.
        """
        return self.completed.get(str(scope), generation + 1) <= generation


def read_state(store_path: Path) -> FollowState:
    """Read what a store follows; a missing or damaged file is as if it followed nothing."""
    try:
        return msgspec.json.decode((store_path / _FILE).read_bytes(), type=FollowState)
    except (OSError, msgspec.DecodeError):
        return FollowState()


def write_state(state: FollowState, store_path: Path) -> None:
    """Write what a store follows, whole or not at all."""
    waiting = store_path / f"{_FILE}.new"
    with open(waiting, "wb") as file:
        file.write(msgspec.json.encode(state))
        file.flush()
        os.fsync(file.fileno())
    os.replace(waiting, store_path / _FILE)
