"""What a refresh asks the registry, and what the answers say of the stored records."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from kg.progress import Progress
from kg.records import Records
from kg.refresh.changes import Changes, is_removed
from kg.refresh.state import UNASKED, FollowState
from kg.registry.answers import RefusedRequestError
from kg.registry.client import RegistryClient
from kg.registry.fetching import Fetched, fetch
from kg.registry.scope import Parameters, Scope, day_before, id_requests
from kg.registry.spool import Spool
from kg.runs import Run

_log = logging.getLogger(__name__)

_MOST_TIMES = 10
_MOST_UNASKED = 10_000
"""Records that a refresh without a scope fetches at most, where ten times the store is less."""


@dataclass(frozen=True, slots=True)
class Question:
    """What is to be asked.

    Attributes
    ----------
    scope : Scope
    since : str or None
        From which day on; None for all records of the scope.
    is_explicit : bool
        Whether somebody asked for this scope, now or at an earlier refresh.
    """

    scope: Scope
    since: str | None
    is_explicit: bool

    @classmethod
    def of(
        cls,
        watermark: str | None,
        state: FollowState,
        *,
        scope: Scope | None,
        since: str | None,
        full: bool,
    ) -> Question:
        """Decide on scope and window.

        The window begins a day before the one up to which the scope was followed: each scope has
        its own, since what one of them brings says nothing of the others. A scope that is new is
        fetched as a whole. A store that was built from files and never refreshed holds what its
        files hold, so without a scope only news are asked for.

        Parameters
        ----------
        watermark : str or None
            Latest day of a posted update among the stored records, not after `timestamp`.
        state : FollowState
            True of the published generation.
        scope : Scope, optional
        since : str, optional
        full : bool
        """
        chosen = scope or state.scope or Scope()
        is_explicit = scope is not None or state.scope is not None
        if since is None and not full:
            followed = state.followed.get(str(chosen) if is_explicit else UNASKED)
            if followed is None and not is_explicit:
                followed = watermark
            since = None if followed is None else day_before(_whole_day(followed))
        return cls(chosen, since, is_explicit)

    @property
    def name(self) -> str:
        """What `FollowState.followed` calls it."""
        return str(self.scope) if self.is_explicit else UNASKED


def until(watermark: str | None, timestamp: str) -> str | None:
    """Return the day up to which a fetch has brought all updates, None if that is not known.

    Parameters
    ----------
    watermark : str or None
        Latest day of a posted update among the records that are stored now.
    timestamp : str
        Of the registry's data: no update is later, whatever date a record tells. One with a day
        in the future would hide all updates until then.

    Examples
    --------
    >>> until("2026-11-01", "2026-11-20T09:00:06")
    '2026-11-01'
    >>> until("2062-11-01", "2026-11-20T09:00:06")
    '2026-11-20'
    """
    if watermark is None:
        return None
    known = [day for day in (_whole_day(watermark), timestamp[:10]) if is_day(day)]
    return min(known) if known else None


def _whole_day(date_: str) -> str:
    # Records of older forms carry a date of lesser precision; then from its beginning.
    return (date_ + "-01-01")[:10]


def is_day(text: str) -> bool:
    """Return whether a text is a day (YYYY-MM-DD)."""
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


class Asking:
    """Asks the registry and finds out what has changed.

    Parameters
    ----------
    client : RegistryClient
    records : Records
        What is stored.
    run : Run
    work : Path
        Folder for pages that came.
    progress : Progress
    """

    def __init__(
        self, client: RegistryClient, records: Records, run: Run, work: Path, progress: Progress
    ):
        self._client, self._records, self._run = client, records, run
        self._work, self._progress = work, progress
        self._spools: list[Spool] = []
        self.changes = Changes()

    def ask(
        self,
        question: Question,
        state: FollowState,
        timestamp: str,
    ) -> None:
        """Fetch the window of a question, what failed before, and what has to be asked singly.

        Parameters
        ----------
        question : Question
        state : FollowState
        timestamp : str
            Of the registry's data.
        """
        scope, since = question.scope, question.since
        requests = [*scope.requests(since), *id_requests(state.pending)]
        stored = self._records.count()
        most = None if question.is_explicit else max(_MOST_UNASKED, _MOST_TIMES * stored)
        fetched = self._fetch(
            requests, f"{scope} since {since}; {state.pending}", "window", most, timestamp
        )
        self._run.data_timestamp = fetched.data_timestamp
        self.changes.take(fetched.paths, self._records, self._run)
        if since is None:
            self._look_up(self._missing(scope))

    def verify(self, number: int, state: FollowState) -> str:
        """Look some stored records up by their ids, in turn from run to run; return the last."""
        listed = [nct_id for nct_id in self._records.nct_ids() if nct_id > state.verified]
        chosen = listed[:number]
        self._look_up(nct_id for nct_id in chosen if nct_id not in self.changes.seen)
        return chosen[-1] if len(chosen) == number else ""

    def forget(self) -> None:
        """Throw away the pages: what they said is published."""
        for spool in self._spools:
            spool.clear()

    def _missing(self, scope: Scope) -> Iterator[str]:
        """Yield ids that the whole scope should have brought, and that have not come."""
        asked = scope.nct_ids or self._records.nct_ids()
        yield from (nct_id for nct_id in asked if nct_id not in self.changes.seen)

    def _look_up(self, nct_ids: Iterable[str]) -> None:
        """Ask for records by their ids: an answer that does not come is no sign of absence."""
        wanted = sorted(nct_ids)
        if not wanted:
            return
        try:
            fetched = self._fetch(list(id_requests(wanted)), " ".join(wanted), "ids")
        except RefusedRequestError as error:  # one bad id refuses them all: then one by one
            _log.warning("looked up one by one: %s", error)
        else:
            self.changes.take(fetched.paths, self._records, self._run)
        for nct_id in wanted:
            if nct_id not in self.changes.seen:
                self._look_up_one(nct_id)

    def _look_up_one(self, nct_id: str) -> None:
        found = self._client.study(nct_id)
        stored = self._records.row(nct_id)
        if found is not None:
            path = self._spool("single").add_single(found.raw, nct_id)
            self.changes.take([path], self._records, self._run)
            if found.nct_id == nct_id:
                return
            self.changes.moved[nct_id] = found.nct_id
        elif stored is None:
            self._run.fail(nct_id, "fetch", "The registry has no such record.")
        if stored is not None and not is_removed(stored):
            self.changes.remove([nct_id], self._records, self._run.started[:10])

    def _fetch(
        self,
        requests: list[Parameters],
        key: str,
        name: str,
        most: int | None = None,
        timestamp: str | None = None,
    ) -> Fetched:
        spool = self._spool(name)
        full_key = f"{self._client.base_url} {key}"
        return fetch(
            self._client,
            requests,
            full_key,
            spool,
            most=most,
            timestamp=timestamp,
            progress=self._progress,
        )

    def _spool(self, name: str) -> Spool:
        spool = Spool(self._work / name)
        self._spools.append(spool)
        return spool


def pending_ids(run: Run) -> list[str]:
    """Return the ids of records that came and could not be taken in: they are asked for again."""
    return sorted({
        failure.record
        for failure in run.failures
        if failure.stage in ("read", "map") and failure.record.startswith("NCT")
    })  # fmt: skip
