"""Trying again what failed in a way that may pass, and how long to wait for it."""

from __future__ import annotations

import logging
import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from ontology.errors import TrialKinError

_log = logging.getLogger(__name__)
_T = TypeVar("_T")
_JITTER = 0.25
"""Many machines that fail together are not to come back together."""


@dataclass(frozen=True, slots=True)
class Patience:
    """How long to wait and how often to try.

    Attributes
    ----------
    seconds_between : float
        From one request to the next; the registry's robots.txt asks for 1.
    attempts : int
        Tries of one request before it is given up.
    first_wait, longest_wait : float
        Seconds before the second try, doubled for each further one up to the longest, and up to
        a quarter more or less.
    timeout : float
        Seconds for a connection, and between two pieces of an answer.
    longest_answer : float
        Seconds for all of an answer: one that drips would keep a run for days.
    """

    seconds_between: float = 1.0
    attempts: int = 8
    first_wait: float = 2.0
    longest_wait: float = 60.0
    timeout: float = 60.0
    longest_answer: float = 900.0


class PassingFailure(Exception):  # noqa: N818 -- says of an error that it may pass
    """Mixed into errors that may pass.

    Attributes
    ----------
    wait : float or None
        What the other side asks for before the next try, seconds.
    """

    def __init__(self, message: str, wait: float | None = None):
        super().__init__(message)
        self.wait = wait


def patiently(
    call: Callable[[], _T],
    patience: Patience,
    given_up: type[TrialKinError],
    *,
    sleep: Callable[[float], bool | None] = time.sleep,
) -> _T:
    """Call, and again after growing waits while it raises a `PassingFailure`.

    A loop of our own: the wait is the longer of ours and what the other side asks for, may be
    cut short, and is told to whoever watches.

    Parameters
    ----------
    call : callable
    patience : Patience
    given_up : type
        What is raised when all tries have failed.
    sleep : callable
        Waits for seconds. If it returns True, as `threading.Event.wait` does once the event is
        set, nothing is tried again.

    Raises
    ------
    TrialKinError
        `given_up`, with what the last try said; and whatever `call` raises that will not pass.
    """
    for tried in range(1, patience.attempts + 1):
        try:
            return call()
        except PassingFailure as error:
            if tried < patience.attempts:
                wait = min(patience.longest_wait, patience.first_wait * 2 ** (tried - 1))
                # Jitter only spreads requests; nothing that is kept depends on it.
                wait *= random.uniform(1 - _JITTER, 1 + _JITTER)  # noqa: S311
                wait = max(wait, error.wait or 0.0)
                _log.warning(
                    "%s Trying again in %.0f seconds (%d of %d).",
                    error, wait, tried + 1, patience.attempts,
                )  # fmt: skip
                if not sleep(wait):
                    continue
            tries = "" if tried == 1 else f" Given up after {tried} tries; try again later."
            raise given_up(f"{error}{tries}") from error
    raise ValueError(f"{patience.attempts} tries are none; give at least one.")
