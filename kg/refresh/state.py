"""`FollowState`: what a store follows and how far, kept beside its generations.

Losing the file costs a longer fetch and nothing else.
"""

from __future__ import annotations

import os
from pathlib import Path

import msgspec

from kg.registry.scope import Scope

_FILE = "following.json"
UNASKED = ""
"""What `FollowState.followed` calls a window that nobody named a scope for."""


class FollowState(msgspec.Struct, kw_only=True):
    """What a store follows.

    Attributes
    ----------
    scope : Scope or None
        The one of the last refresh.
    run : str
        Id of the run that made the generation of which `followed` is true. Of another one, after
        a rollback or a build, nothing is known.
    followed : dict
        Scope in one line to the day up to which all of its updates are stored; `UNASKED` for
        what was fetched where nobody named a scope.
    pending : list of str
        NCT ids of records that could not be read; they are asked for again.
    verified : str
        The id up to which stored records were last looked up one by one.
    """

    scope: Scope | None = None
    run: str = ""
    followed: dict[str, str] = {}
    pending: list[str] = []
    verified: str = ""

    def hold_to(self, run: str) -> None:
        """Forget what was followed if a generation is not of the run that it is true of."""
        if run != self.run:
            self.run, self.followed = run, {}


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
