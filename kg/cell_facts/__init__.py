"""What a trial gives, from whom and how, read from its record with the evidence.

The rules are imported when first used: those that only read facts back need not wait for the
lexicon.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from kg.cell_facts.extraction import extract_cell_facts, extract_concept_facts

__all__ = ["extract_cell_facts", "extract_concept_facts"]


def __getattr__(name: str) -> Any:
    if name in __all__:
        from kg.cell_facts import extraction

        return getattr(extraction, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
