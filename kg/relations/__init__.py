"""Typed relations between trials, each with the words it leans on; kept apart from likeness.

`relation_key` takes from one record the little that relations need; `find_relations` compares
the keys of all records by what they share, never pair by pair.
"""

from kg.relations.finding import find_relations
from kg.relations.keys import RelationKey, relation_key
from kg.relations.model import (
    RELATION_KINDS,
    SYMMETRIC_KINDS,
    Relation,
    RelationEvidence,
)

__all__ = [
    "RELATION_KINDS",
    "SYMMETRIC_KINDS",
    "Relation",
    "RelationEvidence",
    "RelationKey",
    "find_relations",
    "relation_key",
]
