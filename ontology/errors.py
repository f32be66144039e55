"""What can go wrong, one class for each thing a caller can do about it.

Every error that TrialKin raises on purpose derives from :class:`TrialKinError`, so that a
script can catch all of them and nothing else.
"""

from __future__ import annotations

from typing import Any


class TrialKinError(Exception):
    """Base of every error that TrialKin raises on purpose."""


class InvalidIdentifierError(TrialKinError):
    """An identifier (NCT id, concept, path) is malformed: correct it.

    Parameters
    ----------
    message : str
    nearest : tuple of str, optional
        Ids that may have been meant.

    Attributes
    ----------
    reason : str
        The message without them, for those who are given them apart.
    """

    def __init__(self, message: str, nearest: tuple[str, ...] = ()):
        hint = f" Nearest ids here: {', '.join(nearest)}." if nearest else ""
        super().__init__(message + hint)
        self.reason = message
        self.nearest = nearest


class RecordError(TrialKinError):
    """One record cannot be read: mend the record; the others still go in.

    Parameters
    ----------
    message : str
        What is wrong, and what to do about it.
    nct_id : str, optional
        The record, where it is known.
    field : str, optional
        The registry's path of the field, such as
        ``protocolSection.designModule.enrollmentInfo.count``.
    """

    def __init__(self, message: str, *, nct_id: str | None = None, field: str | None = None):
        super().__init__(message)
        self.nct_id = nct_id
        self.field = field


class SourceError(TrialKinError):
    """A file or folder cannot be read at all: check its path, rights and format."""


class SchemeError(TrialKinError):
    """A concept scheme is not well formed: mend the Turtle file."""


class EncoderError(TrialKinError):
    """An encoder is missing or is not the one it should be: install or name another."""


class StoreError(TrialKinError):
    """The store is missing, locked, of another version or damaged: build it again."""


class EngineError(StoreError):
    """A graph server cannot be reached, or does not do its part: start it, or name another."""


class BuildError(TrialKinError):
    """A build was given up; what was published before stays published."""


class UnknownTrialError(TrialKinError):
    """No such trial in the published graph: check the NCT id; `reason` names no other."""

    def __init__(self, nct_id: str, nearest: tuple[str, ...] = ()):
        hint = f" Nearest ids here: {', '.join(nearest)}." if nearest else ""
        self.reason = f"{nct_id} is not in this graph."
        super().__init__(self.reason + hint)
        self.nct_id = nct_id
        self.nearest = nearest


class NoPathError(TrialKinError):
    """No chain of kin joins two trials: follow more kin of each, or compare them directly."""


class QueryError(TrialKinError):
    """A SPARQL query cannot be answered: base of the reasons why."""


class QuerySyntaxError(QueryError):
    """The query is not SPARQL: mend it at `line` and `column`, both from 1, where known."""

    def __init__(self, message: str, *, line: int | None = None, column: int | None = None):
        super().__init__(message)
        self.line = line
        self.column = column


class QueryRefusedError(QueryError):
    """The query asks for what is not allowed (SERVICE, FROM, LOAD, updates)."""


class QueryBusyError(QueryError):
    """All workers are busy, or the caller has as many queries under way as it may: come back."""


class QueryTimeoutError(QueryError):
    """The query ran past its deadline and was stopped: make it narrower."""


class QueryTooLargeError(QueryError):
    """The query or its result is larger than allowed: add a LIMIT."""


class StoreLockedError(StoreError):
    """Another process writes the store: try again when it is done.

    `holder` tells its process, host, command and since when; None if it has not said so yet.
    """

    def __init__(self, message: str, *, holder: dict[str, Any] | None = None):
        super().__init__(message)
        self.holder = holder


class RegistryError(TrialKinError):
    """The registry cannot be reached, or does not answer as it should: try again later."""


class RefreshError(TrialKinError):
    """A refresh was given up; what was published before stays published."""


class ReplicaError(TrialKinError):
    """A pull was given up; what was published before stays published."""
