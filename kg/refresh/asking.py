"""What a refresh asks the registry, and what the answers say of the stored records."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import islice
from pathlib import Path

from kg.progress import Progress
from kg.records import Records
from kg.refresh.changes import Changes, is_removed
from kg.refresh.options import MAX_FAILED
from kg.refresh.rows import Rows
from kg.refresh.state import UNASKED, FollowState
from kg.registry.answers import RefusedRequestError
from kg.registry.client import RegistryClient
from kg.registry.fetching import Fetched, fetch
from kg.registry.scope import Parameters, Scope, day_before, id_requests
from kg.registry.spool import Spool
from kg.runs import Run
from ontology.errors import RegistryError

_log = logging.getLogger(__name__)

_MANY_GONE = 100
"""So many stored records that the registry does not list make one doubt, if they are a large share
of those that were asked for."""
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
    registry : str
        Base of its API.
    """

    scope: Scope
    since: str | None
    is_explicit: bool
    registry: str

    @classmethod
    def of(
        cls,
        watermark: str | None,
        state: FollowState,
        registry: str,
        *,
        scope: Scope | None,
        since: str | None,
        full: bool,
    ) -> Question:
        """Decide on scope and window.

        The window begins a day before the one up to which the scope was followed: each scope of
        each registry has its own, since what one brings says nothing of the others. A scope that
        is new is fetched as a whole. A store that was built from files and never refreshed holds
        what its files hold, so without a scope only news are asked for.

        Parameters
        ----------
        watermark : str or None
            Latest day of a posted update among the stored records, not after `timestamp`.
        state : FollowState
            True of the published generation.
        registry : str
            Base of its API.
        scope : Scope, optional
        since : str, optional
        full : bool
        """
        chosen = scope or state.scope or Scope()
        is_explicit = scope is not None or state.scope is not None
        question = cls(chosen, since, is_explicit, registry)
        if since is not None or full:
            return question
        followed = state.followed.get(question.name)
        if followed is None and not is_explicit:
            followed = watermark
        day = None if followed is None else _whole_day(followed)
        return question if day is None else replace(question, since=day_before(day))

    @property
    def name(self) -> str:
        """What `FollowState.followed` calls it."""
        return f"{self.registry} {self.scope if self.is_explicit else UNASKED}"


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
    latest = timestamp[:10] if is_day(timestamp[:10]) else None
    known = [day for day in (_whole_day(watermark), latest) if day is not None]
    return min(known) if known else None


def _whole_day(text: str) -> str | None:
    """Return the day that a text tells, the first of its month or year if it tells no more."""
    # Records of older forms carry a date of lesser precision; others none that is right.
    days = (text[:10], f"{text[:7]}-01", f"{text[:4]}-01-01")
    return next((day for day in days if is_day(day)), None)


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
    max_failed : float
        Share of the stored records that were asked for that may be gone at once, if they are many.
    """

    def __init__(
        self,
        client: RegistryClient,
        records: Records,
        run: Run,
        work: Path,
        progress: Progress,
        *,
        max_failed: float = MAX_FAILED,
    ):
        self._client, self._records, self._run = client, records, run
        self._work, self._progress, self._max_failed = work, progress, max_failed
        self._spools: list[Spool] = []
        self.changes = Changes(Rows(work))

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
            self._look_up(self._missing(scope), stored)

    def verify(self, number: int, state: FollowState) -> str:
        """Look some stored records up by their ids, in turn from run to run; return the last."""
        listed = [nct_id for nct_id in self._records.nct_ids() if nct_id > state.verified]
        chosen = listed[:number]
        left = (nct_id for nct_id in chosen if nct_id not in self.changes.seen)
        self._look_up(left, len(chosen))
        return chosen[-1] if len(chosen) == number else ""

    def forget(self) -> None:
        """Throw away the pages: what they said is published."""
        for spool in self._spools:
            spool.clear()

    def _missing(self, scope: Scope) -> Iterator[str]:
        """Yield ids that the whole scope should have brought, and that have not come."""
        asked = scope.nct_ids or self._records.nct_ids()
        yield from (nct_id for nct_id in asked if nct_id not in self.changes.seen)

    def _look_up(self, nct_ids: Iterable[str], number: int) -> None:
        """Ask for those of so many records by their ids that have not come.

        An answer that does not come is no sign of absence.
        """
        wanted = sorted(nct_ids)
        if not wanted:
            return
        try:
            fetched = self._fetch(list(id_requests(wanted)), " ".join(wanted), "ids")
        except RefusedRequestError as error:  # one bad id refuses them all: then one by one
            _log.warning("looked up one by one: %s", error)
        else:
            self.changes.take(fetched.paths, self._records, self._run)
        left = [nct_id for nct_id in wanted if nct_id not in self.changes.seen]
        self._check_gone(left, number)
        for nct_id in left:
            self._look_up_one(nct_id)

    def _check_gone(self, nct_ids: Sequence[str], number: int) -> None:
        """Refuse to take a large part of the store for removed: the registry may not be whole."""
        most = max(_MANY_GONE, int(self._max_failed * number))
        gone = (nct_id for nct_id in nct_ids if self._is_listed(nct_id))
        if sum(1 for _ in islice(gone, most + 1)) > most:
            raise RegistryError(
                f"{self._client.base_url} does not list more than {most:,} of {number:,} stored "
                "trials; is it the registry that they are from, and whole? Nothing was published. "
                "If they are gone, give --max-failed 1."
            )

    def _is_listed(self, nct_id: str) -> bool:
        """Return whether a record is stored, and not marked as removed."""
        row = self._records.row(nct_id)
        return row is not None and not is_removed(row)

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
