"""How long work tells how far it is; the roof decides whether and how to show it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Protocol

Advance = Callable[[int], None]
"""Tell that so many more items are done."""


class Progress(Protocol):
    """Something that shows the stages of long work."""

    def stage(self, label: str, total: int | None = None) -> AbstractContextManager[Advance]:
        """Open a stage of `total` items (None where that is not known beforehand)."""
        ...


class NoProgress:
    """Shows nothing."""

    @contextmanager
    def stage(self, label: str, total: int | None = None) -> Iterator[Advance]:
        """Open a stage that nobody sees."""
        yield lambda done: None
