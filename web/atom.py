"""Atom feeds: what readers of news and scripts subscribe to.

References
----------
.. [1] RFC 4287, The Atom Syndication Format, 2005; sections 4.1.1 (feed), 4.1.2 (entry) and 3.3
   (dates).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from lxml import etree

ATOM_TYPE = "application/atom+xml"
_ATOM = "http://www.w3.org/2005/Atom"
_XHTML = "http://www.w3.org/1999/xhtml"
_ILLEGAL = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What XML 1.0 cannot hold, not even escaped."""


@dataclass(frozen=True, slots=True)
class Line:
    """A line of an entry: some words, and where they lead if anywhere."""

    text: str
    address: str | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """One piece of news.

    Attributes
    ----------
    id : str
        An IRI that stays, wherever the feed is served.
    title : str
    updated : str
        ISO 8601 with the offset from UTC.
    address : str
        Where to read more.
    lines : sequence of Line
    """

    id: str
    title: str
    updated: str
    address: str
    lines: Sequence[Line]


@dataclass(frozen=True, slots=True)
class Feed:
    """A feed; `self_address` is where it is, `address` the page that tells the same."""

    id: str
    title: str
    updated: str
    self_address: str
    address: str
    entries: Sequence[Entry]
    subtitle: str = ""


def atom_bytes(feed: Feed) -> bytes:
    """Return a feed as XML in UTF-8. Characters that XML cannot hold are left out."""
    root = etree.Element(f"{{{_ATOM}}}feed", nsmap={None: _ATOM})
    _child(root, "id", feed.id)
    _child(root, "title", feed.title)
    if feed.subtitle:
        _child(root, "subtitle", feed.subtitle)
    _child(root, "updated", feed.updated)
    _child(_child(root, "author"), "name", "TrialKin")
    _child(root, "generator", "TrialKin")
    _link(root, "self", feed.self_address, ATOM_TYPE)
    _link(root, "alternate", feed.address, "text/html")
    for entry in feed.entries:
        node = _child(root, "entry")
        _child(node, "id", entry.id)
        _child(node, "title", entry.title)
        _child(node, "updated", entry.updated)
        _link(node, "alternate", entry.address, "text/html")
        _content(node, entry.lines)
    return etree.tostring(root, xml_declaration=True, encoding="utf-8", pretty_print=True)


def xml_text(text: str) -> str:
    r"""Return a text without the characters that XML 1.0 cannot hold.

    Examples
    --------
    >>> xml_text("a\x00b\x0bc")
    'abc'
    """
    return _ILLEGAL.sub("", text)


def _child(parent: etree._Element, name: str, text: str | None = None) -> etree._Element:
    node = etree.SubElement(parent, f"{{{_ATOM}}}{name}")
    if text is not None:
        node.text = xml_text(text)
    return node


def _link(parent: etree._Element, rel: str, address: str, type_: str) -> None:
    node = _child(parent, "link")
    node.set("rel", rel)
    node.set("type", type_)
    node.set("href", xml_text(address))


def _content(entry: etree._Element, lines: Sequence[Line]) -> None:
    content = _child(entry, "content")
    content.set("type", "xhtml")
    box = etree.SubElement(content, f"{{{_XHTML}}}div", nsmap={None: _XHTML})
    for line in lines:
        node = etree.SubElement(box, f"{{{_XHTML}}}p")
        if line.address is not None:
            node = etree.SubElement(node, f"{{{_XHTML}}}a")
            node.set("href", xml_text(line.address))
        node.text = xml_text(line.text)
