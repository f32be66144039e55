"""Registered text as blocks: paragraphs, headings and lists, as its line breaks show them."""

from __future__ import annotations

import re
from typing import NamedTuple

_ITEM = re.compile(r"([ \t]*)([*•‣–-]|\(?(?:\d{1,3}|[A-Za-z]|[ivxIVX]{1,5})[.)])[ \t]+(?=\S)(.*)")
_HEADING = re.compile(r"[^.!?;:]{3,80}:")
# The registry escapes what Markdown would take for markup.
_ESCAPED = re.compile(r"\\([\\`*_{}\[\]()#+\-.!<>~|^&=])")
_INDENT_PER_LEVEL = 2
_DEEPEST = 3
_WRAPPED_FROM, _WRAPPED_TO = 58, 84
"""Lengths of lines that were wrapped by a machine, as the registry's legacy records are."""


class Item(NamedTuple):
    """One item of a list; `marker` is empty for a bullet, else as written (``1.``)."""

    level: int
    marker: str
    text: str


class Block(NamedTuple):
    """A piece of text: `kind` is ``paragraph``, ``heading`` or ``list`` (which has `items`).

    The text of a paragraph holds the line breaks that are to be kept.
    """

    kind: str
    text: str = ""
    items: tuple[Item, ...] = ()


def plain(text: str) -> str:
    r"""Return a text without the registry's Markdown escapes.

    Examples
    --------
    >>> plain(r"mRss \> 20")
    'mRss > 20'
    """
    return _ESCAPED.sub(r"\1", text)


def blocks(text: str | None) -> list[Block]:
    """Return registered text as blocks; nothing is left out and no word is changed.

    Parameters
    ----------
    text : str or None
    """
    found: list[Block] = []
    paragraph: list[str] = []
    items: list[Item] = []

    def close_paragraph() -> None:
        if paragraph:
            found.append(Block("paragraph", plain(_joined(paragraph))))
            paragraph.clear()

    def close_list() -> None:
        if items:
            found.append(Block("list", items=tuple(items)))
            items.clear()

    for line in (text or "").splitlines():
        item = _ITEM.fullmatch(line)
        if item is not None:
            close_paragraph()
            indent, marker, rest = item.groups()
            level = min(len(indent.expandtabs(4)) // _INDENT_PER_LEVEL, _DEEPEST)
            shown = marker if marker[-1] in ".)" else ""
            items.append(Item(level, shown, plain(rest.strip())))
        elif not line.strip():
            close_paragraph()
        elif items and line[0] in " \t" and not paragraph:
            last = items.pop()
            items.append(last._replace(text=f"{last.text} {plain(line.strip())}"))
        else:
            close_list()
            if _HEADING.fullmatch(line.strip()) and not paragraph:
                found.append(Block("heading", plain(line.strip())))
            else:
                paragraph.append(line.strip())
    close_paragraph()
    close_list()
    return found


def _joined(lines: list[str]) -> str:
    """Join lines that were wrapped by a machine; keep the breaks that a person made."""
    wrapped = all(_WRAPPED_FROM <= len(line) <= _WRAPPED_TO for line in lines[:-1])
    return (" " if wrapped else "\n").join(lines)
