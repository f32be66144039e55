"""How reading from a place can go wrong."""

from __future__ import annotations

from ontology.errors import ReplicaError


class MissingFileError(ReplicaError):
    """A place does not have a file, or does not have it any more."""


class PassingFailureError(ReplicaError):
    """Reading failed in a way that may pass; `wait` is what the place asks for, in seconds."""

    def __init__(self, message: str, wait: float | None = None):
        super().__init__(message)
        self.wait = wait


class DamagedFileError(ReplicaError):
    """A file is not the one that the list tells of."""
