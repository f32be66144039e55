"""How a graph server can fail, and what a person can do about it."""

from __future__ import annotations

import httpx

from kg.engines.answers import ServerAnswer
from kg.patience import PassingFailure
from ontology.errors import EngineError

_PASSING = frozenset([429, 502, 503, 504])
"""Statuses of a server that may do better in a moment."""
_LONGEST_WAIT_S = 120.0


class PassingEngineError(PassingFailure, EngineError):
    """A request failed in a way that may pass."""


def unreachable(shown: str, error: httpx.RequestError) -> EngineError:
    """Return the error of a server that is not there."""
    return EngineError(
        f"The graph server at {shown} cannot be reached ({error or type(error).__name__}); "
        "start it, or name another with --graph."
    )


def check_status(answer: ServerAnswer, shown: str, what: str) -> None:
    """See that a server has done what it was asked.

    Parameters
    ----------
    answer : ServerAnswer
    shown : str
        The server's address, as it may be shown.
    what : str
        What it was asked to do, for errors.

    Raises
    ------
    PassingEngineError
        If it may do so in a moment.
    EngineError
        If it refuses.
    """
    status = answer.status
    if status < 300:
        return
    said = f" ({answer.said})" if answer.said else ""
    told = f"The graph server at {shown} refuses to {what}: status {status}{said}"
    # Virtuoso's "transaction deadlocked" comes with status 500.
    if status in _PASSING or (status == 500 and "40001" in answer.said):
        raise PassingEngineError(f"{told}; see its log.", _retry_after(answer))
    remedy = "see its log"
    if status < 400:
        target = answer.headers.get("location", "")[:200]
        elsewhere = f", which sends one on to {target!r}" if target else ""
        remedy = f"there is no SPARQL at this address{elsewhere}; give the server's own"
    elif status in (401, 403):
        remedy = (
            "give a name and password that may do so in TRIALKIN_GRAPH_USER and "
            "TRIALKIN_GRAPH_PASSWORD"
        )
    elif status in (404, 405, 501):
        remedy = "name its services in the address: ?query=...&update=...&store=..."
    elif status == 413:
        remedy = "let it, or the proxy before it, take larger bodies"
    raise EngineError(f"{told}; {remedy}.")


def _retry_after(answer: ServerAnswer) -> float | None:
    """Return the seconds that a server asks to wait; dates are left out."""
    value = answer.headers.get("retry-after", "").strip()
    return min(float(value), _LONGEST_WAIT_S) if value.isdecimal() else None
