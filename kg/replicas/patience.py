"""Trying again what failed in a way that may pass."""

from __future__ import annotations

import logging
import random
import threading
from collections.abc import Callable
from typing import TypeVar

from kg.registry.client import Patience
from kg.replicas.failures import PassingFailureError
from ontology.errors import ReplicaError

T = TypeVar("T")
PATIENCE = Patience(
    seconds_between=0.0, attempts=6, first_wait=1.0, longest_wait=20.0, timeout=30.0
)
"""With a file server or an object store; several files at once, so no seconds between."""
NO_PATIENCE = Patience(attempts=1)
"""With a folder of this machine."""
_JITTER = 0.25
"""Many replicas are told the same time to wait; they must not all come back at once."""
_log = logging.getLogger(__name__)


def patiently(patience: Patience, call: Callable[[], T], stop: threading.Event | None = None) -> T:
    """Call, and again after growing, jittered waits while it fails in a way that may pass.

    Parameters
    ----------
    patience : Patience
    call : callable
    stop : Event, optional
        When it is set, nothing is waited for or tried again.

    Raises
    ------
    ReplicaError
        If all tries failed, or one in a way that will not pass.
    """
    stop = stop or threading.Event()
    for tried in range(1, patience.attempts + 1):
        try:
            return call()
        except PassingFailureError as error:
            if tried == patience.attempts or stop.is_set():
                given_up = "" if tried == 1 else f" Given up after {tried} tries."
                raise ReplicaError(f"{error}{given_up}") from error
            wait = min(patience.longest_wait, patience.first_wait * 2 ** (tried - 1))
            wait = max(wait, error.wait or 0) * random.uniform(1, 1 + _JITTER)  # noqa: S311
            _log.info("%s Trying again in %.1f s.", error, wait)
            stop.wait(wait)
    raise AssertionError("the loop returns or raises")
