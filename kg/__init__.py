"""Second floor: the graph and its life.

Scripts want `open_store`; it is imported when first used, since rdflib takes its time.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from kg.library import open_store

__all__ = ["open_store"]


def __getattr__(name: str) -> Any:
    if name == "open_store":
        from kg.library import open_store

        return open_store
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
