"""Reading the elements of legacy XML; absence is ``None``, and no element is ever truth-tested."""

from __future__ import annotations

from typing import Any

from lxml import etree

from kg.sources.display_values import api_bool, api_date, api_enum
from kg.sources.legacy_text import unwrap


def content(element: etree._Element) -> str:
    """Return all text in an element; an unresolved entity stands as it is written."""
    parts = [element.text or ""]
    for child in element.iterdescendants():
        if not isinstance(child.tag, str):
            parts.append(child.text or "")
        elif child.text is not None:
            parts.append(child.text)
        parts.append(child.tail or "")
    return "".join(parts)


def text_at(parent: etree._Element, path: str) -> str | None:
    """Return the text of the first element at `path` on one line, ``None`` if there is none."""
    element = parent.find(path)
    return None if element is None else " ".join(content(element).split()) or None


def texts_at(parent: etree._Element, path: str) -> list[str]:
    """Return the texts of all elements at `path` that have one."""
    return [text for element in parent.iterfind(path) if (text := text_at(element, "."))]


def block_at(parent: etree._Element, path: str) -> str | None:
    """Return a long text, which may or may not be in a ``<textblock>``, unwrapped."""
    element = parent.find(path)
    return None if element is None else unwrap(content(element)) or None


def enum_at(parent: etree._Element, path: str, kind: str = "") -> str | None:
    """Return a printed enumeration value in v2 form."""
    text = text_at(parent, path)
    return None if text is None else api_enum(text, kind)


def bool_at(parent: etree._Element, path: str) -> bool | str | None:
    """Return a printed yes or no as a truth value."""
    text = text_at(parent, path)
    return None if text is None else api_bool(text)


def date_at(parent: etree._Element, *paths: str) -> str | None:
    """Return the date at the first of `paths` that has one; names changed over the years."""
    for path in paths:
        text = text_at(parent, path)
        if text is not None:
            return api_date(text)
    return None


def date_struct_at(parent: etree._Element, path: str) -> dict[str, Any]:
    """Return a date and its type (actual or estimated)."""
    element = parent.find(path)
    kind = None if element is None else element.get("type")
    return {
        "date": date_at(parent, path),
        "type": None if kind is None else api_enum(kind, "date_type"),
    }
