"""`keep_short`: answers about short texts are kept, as the same stand in thousands of records."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache, wraps
from typing import TypeVar

Answer = TypeVar("Answer")


def keep_short(
    *, longest: int, most: int
) -> Callable[[Callable[[str], Answer]], Callable[[str], Answer]]:
    """Return a decorator that keeps the answers to `most` texts of up to `longest` letters.

    Longer ones are rarely met twice, and would fill the memory: they are answered anew.
    """

    def keep(answer: Callable[[str], Answer]) -> Callable[[str], Answer]:
        kept = lru_cache(maxsize=most)(answer)

        @wraps(answer)
        def answered(text: str) -> Answer:
            return kept(text) if len(text) <= longest else answer(text)

        return answered

    return keep
