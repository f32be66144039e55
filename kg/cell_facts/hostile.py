"""Texts that no sponsor writes: endless, or of one endless word or gap.

Patterns that look back over words take time that grows with the square of a run of blanks or
letters. Such runs do not occur in the registry; they are made harmless here, so that a record
cannot hold up a build.
"""

from __future__ import annotations

import re
from functools import lru_cache

LONGEST_TEXT = 32_768
"""Characters of one text that are read; the registry admits 32,000."""
_HARMLESS = 3_000
"""Shorter texts need no check: the square of their length is small."""
_GAP, _WORD = 24, 160
_RUN = re.compile(rf"\s{{{_GAP},}}|\S{{{_WORD},}}")
_FILLER = "_; " * 64


@lru_cache(maxsize=16)  # Each text is asked for twice, for concepts and for doses.
def tamed(text: str) -> str:
    """Return a text that patterns can bear, its spans those of the text that was given.

    It ends after `LONGEST_TEXT` characters; of longer texts (3,000 characters), runs of 24
    blanks or 160 other characters are replaced by as many that stand for nothing.

    Examples
    --------
    >>> tamed("MSC   given")
    'MSC   given'
    >>> len(tamed("cells" + " " * 4_000 + "given"))
    4010
    """
    if len(text) <= _HARMLESS:
        return text
    text = text[:LONGEST_TEXT]
    # Counting words costs a fourth of looking for runs.
    lengths = [len(word) for word in text.split()]
    blanks = len(text) - sum(lengths)
    if max(lengths, default=0) < _WORD and blanks - len(lengths) < _GAP - 1:
        return text
    return _RUN.sub(_filled, text)


def _filled(run: re.Match[str]) -> str:
    length = run.end() - run.start()
    return (_FILLER * (length // len(_FILLER) + 1))[:length]
