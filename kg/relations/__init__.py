"""Typed relations between trials, each with the words it leans on; kept apart from likeness.

`relation_key` takes from one record the little that relations need; `find_relations` compares
the keys of all records by what they share, never pair by pair. What a reader of stored
relations does not need (patterns, lexicons) is loaded when it is first asked for.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from kg.relations.model import (
    RELATION_KINDS,
    SYMMETRIC_KINDS,
    Relation,
    RelationEvidence,
)

if TYPE_CHECKING:
    from kg.relations.finding import find_relations
    from kg.relations.key_reading import relation_key
    from kg.relations.keys import RelationKey, decode_key, encode_key

__all__ = [
    "RELATION_KINDS",
    "SYMMETRIC_KINDS",
    "Relation",
    "RelationEvidence",
    "RelationKey",
    "decode_key",
    "encode_key",
    "find_relations",
    "relation_key",
]

_MODULES = {
    "RelationKey": "keys",
    "decode_key": "keys",
    "encode_key": "keys",
    "find_relations": "finding",
    "relation_key": "key_reading",
}


def __getattr__(name: str) -> Any:
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_MODULES[name]}"), name)
