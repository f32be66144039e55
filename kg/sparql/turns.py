"""`Turns`: who gets the next free worker, so that no client takes them all.

Clients wait in a row, each with its own queries behind it; a free place goes to the client
that has waited longest of those with fewer places than they may have, and it then goes to the
end of the row.
"""

from __future__ import annotations

import threading
import time
from collections import Counter, OrderedDict, deque
from collections.abc import Iterator
from contextlib import contextmanager

from ontology.errors import QueryBusyError


class Turns:
    """Places shared out among clients; safe to use from many threads.

    Parameters
    ----------
    places : int
    per_client : int
        Places that one client may have at once; 0 for all but one, or the only one.
    waiting_per_client, waiting : int
        Calls that may wait, of one client and of all.
    """

    def __init__(
        self, places: int, *, per_client: int = 0, waiting_per_client: int = 8, waiting: int = 48
    ):
        self._free = places
        self._share = min(places, per_client) if per_client else max(1, places - 1)
        self._waiting_per_client, self._waiting_most = waiting_per_client, waiting
        self._lock = threading.Lock()
        self._taken: Counter[str] = Counter()
        self._rows: OrderedDict[str, deque[threading.Event]] = OrderedDict()
        self._waiting = 0

    def counts(self) -> dict[str, int]:
        """Return how many places are free and taken, and how many calls wait."""
        with self._lock:
            taken = sum(self._taken.values())
            return {"free": self._free, "busy": taken, "waiting": self._waiting}

    @contextmanager
    def turn(self, client: str, wait_s: float) -> Iterator[None]:
        """Wait for a place and hold it.

        Parameters
        ----------
        client : str
            Whoever asks; an address, say.
        wait_s : float

        Raises
        ------
        QueryBusyError
            If there is none in time, or too many wait already.
        """
        self._take(client, wait_s)
        try:
            yield
        finally:
            with self._lock:
                self._free += 1
                self._taken[client] -= 1
                if not self._taken[client]:
                    del self._taken[client]
                self._share_out()

    def _take(self, client: str, wait_s: float) -> None:
        granted = threading.Event()
        started = time.monotonic()
        with self._lock:
            row = self._rows.setdefault(client, deque())
            row.append(granted)
            self._waiting += 1
            self._share_out()
            if not granted.is_set():
                reason = None
                if len(row) > self._waiting_per_client:
                    reason = f"{self._waiting_per_client} of your queries are waiting already"
                elif self._waiting > self._waiting_most:
                    reason = f"{self._waiting_most} queries are waiting already"
                if reason is not None:
                    self._leave(client, granted)
                    raise QueryBusyError(f"{reason[0].upper()}{reason[1:]}; try again later.")
        if granted.wait(wait_s):
            return
        with self._lock:
            if granted.is_set():  # just now
                return
            self._leave(client, granted)
        waited = time.monotonic() - started
        raise QueryBusyError(f"No query worker was free for {waited:.1f} s; try again later.")

    def _leave(self, client: str, granted: threading.Event) -> None:
        self._rows[client].remove(granted)
        if not self._rows[client]:
            del self._rows[client]
        self._waiting -= 1

    def _share_out(self) -> None:
        while self._free:
            chosen = next((c for c in self._rows if self._taken[c] < self._share), None)
            if chosen is None:
                return
            granted = self._rows[chosen][0]
            self._leave(chosen, granted)
            if chosen in self._rows:
                self._rows.move_to_end(chosen)
            self._taken[chosen] += 1
            self._free -= 1
            granted.set()
