"""Whether whoever asked a query still waits for its answer.

Only the web server knows that, and only what runs a query can stop it. In between lies code that
has no use for it, so it is known to all that a thread does for a request.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from ontology.errors import QueryError


class AskerLeftError(QueryError):
    """A query was given up, as nobody waits for its answer."""


_HAS_LEFT: ContextVar[Callable[[], bool] | None] = ContextVar("has_left", default=None)


@contextmanager
def asked_by(has_left: Callable[[], bool] | None) -> Iterator[None]:
    """Run a block for somebody who may leave.

    Parameters
    ----------
    has_left : callable or None
        Tells at once whether they have; None where nobody knows.
    """
    before = _HAS_LEFT.set(has_left)
    try:
        yield
    finally:
        _HAS_LEFT.reset(before)


def check_asker() -> None:
    """Stop here if nobody waits.

    Raises
    ------
    AskerLeftError
    """
    has_left = _HAS_LEFT.get()
    if has_left is not None and has_left():
        raise AskerLeftError("Whoever asked the query has left; it was stopped.")
