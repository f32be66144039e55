"""`fetch`: all pages of a question, resumable, and never a mix of two states of the registry."""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterator, Mapping, Sequence

from kg.progress import NoProgress, Progress
from kg.registry.answers import RefusedRequestError
from kg.registry.client import RegistryClient
from kg.registry.scope import Parameters
from kg.registry.spool import Spool, SpoolState
from ontology.errors import RegistryError

_log = logging.getLogger(__name__)

RESTARTS = 5
"""How often a window is begun anew before a run is given up."""
_IDLE_PAGES = 100
"""Pages in a row without a record that has not come before: then there is no end to them."""


class Fetched:
    """What a fetch brought.

    Attributes
    ----------
    data_timestamp : str
        Of the registry.
    pages : int
    paths : list of Path
        Files of the pages that hold any record; one record may stand on several.
    """

    def __init__(self, spool: Spool, state: SpoolState):
        self.data_timestamp = state.data_timestamp
        self.pages = len(state.sizes)
        self.paths = spool.paths(state)


class _BeginAnewError(Exception):
    """What was fetched cannot be completed: the window must be begun anew."""


def fetch(
    client: RegistryClient,
    requests: Sequence[Parameters],
    key: str,
    spool: Spool,
    *,
    most: int | None = None,
    timestamp: str | None = None,
    progress: Progress | None = None,
) -> Fetched:
    """Fetch all pages of some requests.

    Parameters
    ----------
    client : RegistryClient
    requests : sequence of mapping
        See `kg.registry.scope.Scope.requests`.
    key : str
        Tells this fetch from others: of an earlier run of the same key, the pages that came are
        not asked for again, while the registry's data have not changed.
    spool : Spool
    most : int, optional
        Records that may be fetched; announced ones beyond it end the fetch at its first page.
    timestamp : str, optional
        Of the registry's data, if it has just been asked for.
    progress : Progress, optional

    Raises
    ------
    RegistryError
        If the registry does not answer, refuses a request, changes again and again, sends fewer
        records than it announced, or announces more than `most`.
    """
    with (progress or NoProgress()).stage("Fetching pages") as advance:
        reason = ""
        for _ in range(RESTARTS):
            if timestamp is None or reason:
                timestamp = client.data_timestamp()
            state = spool.begin(key, timestamp) if not reason else spool.restart(key, timestamp)
            advance(len(state.sizes))
            try:
                came: dict[int, set[str]] = {}
                is_resumed = bool(state.sizes)
                for _ in _pages(client, requests, spool, state, came):
                    advance(1)
                    _check_number(state, most)
                # A page at once is of one state of the registry; of several it must be asked.
                if len(state.sizes) > 1 and client.data_timestamp() != timestamp:
                    raise _BeginAnewError("the registry's data changed meanwhile")
                if not is_resumed:
                    _check_whole(state, came)
            except _BeginAnewError as error:
                reason = str(error)
                _log.warning("begun anew: %s", reason)
                continue
            return Fetched(spool, state)
    spool.clear()
    raise RegistryError(
        f"{client.base_url}: the window was begun {RESTARTS} times and not finished, since "
        f"{reason}; try again later."
    )


def _pages(
    client: RegistryClient,
    requests: Sequence[Parameters],
    spool: Spool,
    state: SpoolState,
    came: dict[int, set[str]],
) -> Iterator[None]:
    """Fetch what is missing; note in `came` the ids by request."""
    seen: set[str] = set()
    idle = 0
    while not state.is_complete:
        if state.request >= len(requests):
            state.is_complete = True
            spool.save(state)
            return
        token = state.token
        try:
            page = client.page(requests[state.request], token)
        except RefusedRequestError as error:
            if token is None:
                raise
            raise _BeginAnewError(f"a page token is no longer taken ({error.status})") from error
        if token is None:
            state.totals.append(page.total)
        place = len(state.sizes)
        ids = {nct_id or f"{place} {number}" for number, nct_id in enumerate(page.nct_ids)}
        known = came.setdefault(state.request, set())
        idle = 0 if ids - known else idle + 1
        known |= ids
        if page.next_token is None:
            state.request += 1
        elif page.next_token in seen:
            raise _BeginAnewError("the pages go round in circles")
        elif idle >= _IDLE_PAGES:
            raise _BeginAnewError(f"{idle} pages in a row brought nothing new")
        else:
            seen.add(page.next_token)
        state.token = page.next_token
        state.is_complete = state.request >= len(requests)
        spool.add(page.raw, len(page.nct_ids), state)
        yield


def _check_number(state: SpoolState, most: int | None) -> None:
    # It may announce nothing, and send nevertheless.
    number = max(sum(total or 0 for total in state.totals), sum(state.sizes))
    if most is not None and number > most:
        raise RegistryError(
            f"The registry has {number:,} records of this kind, far more than the store, and "
            "nobody asked for so many: name a scope (--condition, --intervention, --term, "
            "--ids), or give --everything."
        )


def _check_whole(state: SpoolState, came: Mapping[int, Collection[str]]) -> None:
    """Compare what came with what was announced: a page that was left out must not pass."""
    if len(state.sizes) < 2:
        return
    for request, announced in enumerate(state.totals):
        number = len(came.get(request, ()))
        if announced is not None and number < announced:
            raise _BeginAnewError(f"{number} records came of {announced} announced")
