"""Patterns that are only searched for where one of their words stands in the text.

A long alternation costs a hundred microseconds a sentence; looking for its plain words first costs
two, and most sentences hold none.
"""

from __future__ import annotations

import re
from collections.abc import Mapping


class Screened:
    """A pattern with words of which every text that it matches holds one.

    Parameters
    ----------
    pattern : str
        A regular expression over small letters.
    words : str
        Plain words, separated by spaces; ``_`` stands for a space.
    """

    __slots__ = ("_search", "pattern", "words")

    def __init__(self, pattern: str, words: str) -> None:
        compiled = re.compile(pattern)
        self.pattern = pattern
        self.words = tuple(word.replace("_", " ") for word in words.split())
        self._search = compiled.search

    def search(self, text: str) -> re.Match[str] | None:
        """Return the first match in `text`, which must be in small letters."""
        for word in self.words:
            if word in text:
                return self._search(text)
        return None


class WordPatterns:
    """Whether any of many patterns is found, where each begins with a plain word of its own.

    A pattern that begins with plain letters is searched for at the speed of a plain word, where
    an alternation of all of them tries each at every letter.

    Parameters
    ----------
    patterns : mapping of str to str
        Plain word -> a regular expression over small letters that begins with it; what must
        stand before the word is asked for by a look behind it. An empty one: the word is enough.
    """

    __slots__ = ("_searches", "patterns")

    def __init__(self, patterns: Mapping[str, str]) -> None:
        self.patterns = dict(patterns)
        self._searches = tuple(
            (word, re.compile(pattern).search if pattern else None)
            for word, pattern in patterns.items()
        )

    def in_text(self, text: str) -> bool:
        """Tell whether `text`, which must be in small letters, holds any of them."""
        for word, search in self._searches:
            if word in text and (search is None or search(text) is not None):
                return True
        return False
