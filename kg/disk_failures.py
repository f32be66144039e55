"""What becomes of a run when the disk fails: an error that says what remains as it was."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from ontology.errors import TrialKinError


@contextmanager
def disk_failures(kind: type[TrialKinError], what: str) -> Iterator[None]:
    """Turn failures of the disk into errors that say what remains as it was.

    Parameters
    ----------
    kind : type of TrialKinError
        To raise.
    what : str
        What was given up, for the message.
    """
    try:
        yield
    except (OSError, sqlite3.Error) as error:
        filename = getattr(error, "filename", None)
        where = f" ({filename})" if filename else ""
        reason = getattr(error, "strerror", None) or error
        raise kind(
            f"The {what} was given up: {reason}{where}. What was published before is unchanged."
        ) from error
