"""How reading from a place can go wrong."""

from __future__ import annotations

from kg.patience import PassingFailure
from ontology.errors import ReplicaError


class MissingFileError(ReplicaError):
    """A place does not have a file, or does not have it any more."""


class PassingReadError(PassingFailure, ReplicaError):
    """Reading failed in a way that may pass."""


class DamagedFileError(ReplicaError):
    """A file is not the one that the list tells of."""
