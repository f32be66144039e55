"""Texts of legacy XML, put back as they were before the registry laid them out.

The registry printed texts wrapped at 100 columns, indented, and with an empty line after every
paragraph and list item; two lines that follow each other are always one wrapped paragraph (none
of 16,800 such pairs in 600 records has room for the next word). API v2 gives the same texts
unwrapped, with list items as ``* item``.
"""

from __future__ import annotations

import re

_ITEM = re.compile(r"(?P<indent> *)-  (?P<text>.*)", re.DOTALL)
_ITEM_COLUMNS = 5
"""By how many columns the registry set a list deeper than the one around it."""


def unwrap(text: str) -> str:
    r"""Return a printed text unwrapped.

    Examples
    --------
    >>> unwrap("\n      Wrapped\n      words.\n\n          -  One\n\n          -  Two\n    ")
    'Wrapped words.\n\n* One\n* Two'
    """
    result: list[str] = []
    outer: int | None = None
    was_item = False
    for paragraph in _paragraphs(text):
        item = _ITEM.match(paragraph)
        if item is None:
            line = paragraph.strip()
            outer = None
        else:
            indent = len(item["indent"])
            outer = indent if outer is None else min(outer, indent)
            level = (indent - outer) // _ITEM_COLUMNS
            line = f"{'  ' * level}* {item['text'].strip()}"
        if result:
            result.append("\n" if was_item and item is not None else "\n\n")
        result.append(line)
        was_item = item is not None
    return "".join(result)


def _paragraphs(text: str) -> list[str]:
    """Join wrapped lines; the indent of the first line of each paragraph is kept."""
    paragraphs: list[list[str]] = [[]]
    for line in text.replace("\r\n", "\n").replace("\r", "\n").split("\n"):
        if not line.strip():
            paragraphs.append([])
        elif paragraphs[-1]:
            paragraphs[-1].append(line.strip())
        else:
            paragraphs[-1].append(line.rstrip())
    return [" ".join(lines) for lines in paragraphs if lines]
