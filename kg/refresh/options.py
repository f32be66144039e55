"""`RefreshOptions`: how to refresh."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kg.store import KEPT

if TYPE_CHECKING:
    from kg.cell_facts.corrections import Corrections
    from kg.registry.scope import Scope

MAX_FAILED = 0.1
"""Share of records that may fail before nothing is published."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RefreshOptions:
    """How to refresh.

    Attributes
    ----------
    scope : Scope, optional
        What to follow; that of the last refresh by default.
    since : str, optional
        From which day on (ISO 8601); by default a day before the one up to which the scope was
        followed.
    full : bool
        Whether to fetch the whole scope, whatever was fetched before.
    verify : int
        Stored records to look up by their ids besides, in turn from run to run.
    keep : int
        Published generations to keep besides the new one.
    max_failed : float
        Share of records that may fail before nothing is published.
    corrections : Corrections, optional
        In place of those that the store remembers.
    graph_kin : int, optional
        So many of each trial's stored kin stand in the graph; as before by default. Another
        number links all trials anew.
    command : str
        What the run record says it was called with.
    """

    scope: Scope | None = None
    since: str | None = None
    full: bool = False
    verify: int = 0
    keep: int = KEPT
    max_failed: float = MAX_FAILED
    corrections: Corrections | None = None
    graph_kin: int | None = None
    command: str = ""
