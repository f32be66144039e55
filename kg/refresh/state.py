"""`FollowState`: what a store follows and how far, kept beside its generations.

Losing the file costs the scope, which must be named again, and a longer fetch.
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
        Registry and scope in one line to the day up to which all of its updates are stored;
        `UNASKED` for what was fetched where nobody named a scope.
    pending : list of str
        NCT ids of records that could not be read; they are asked for again.
    verified : str
        The id up to which stored records were last looked up one by one.
    promised : FollowState or None
        True once the generation of its run is published: written before that, so that a process
        that is killed in between loses no scope.
    """

    scope: Scope | None = None
    run: str = ""
    followed: dict[str, str] = {}
    pending: list[str] = []
    verified: str = ""
    promised: FollowState | None = None


def read_state(store_path: Path, run: str) -> FollowState:
    """Read what a store follows; a missing or damaged file is as if it followed nothing.

    Parameters
    ----------
    store_path : Path
    run : str
        The one that made the published generation.
    """
    try:
        state = msgspec.json.decode((store_path / _FILE).read_bytes(), type=FollowState)
    except (OSError, msgspec.DecodeError):
        state = FollowState()
    if state.promised is not None and state.promised.run == run:
        return state.promised
    state.promised = None
    if state.run != run:
        state.run, state.followed = run, {}
    return state


def promise_state(state: FollowState, store_path: Path, run: str) -> None:
    """Write what will be followed once the generation that is being made is published.

    Parameters
    ----------
    state : FollowState
        True of that generation.
    store_path : Path
    run : str
        The one that made the generation which is published until then.
    """
    before = read_state(store_path, run)
    before.promised = state
    write_state(before, store_path)


def write_state(state: FollowState, store_path: Path) -> None:
    """Write what a store follows, whole or not at all."""
    waiting = store_path / f"{_FILE}.new"
    with open(waiting, "wb") as file:
        file.write(msgspec.json.encode(state))
        file.flush()
        os.fsync(file.fileno())
    os.replace(waiting, store_path / _FILE)
