"""A v2 record printed as the v1 API printed it, nested and flat."""

from __future__ import annotations

import datetime
from typing import Any

from kg.sources.display_values import api_date
from kg.sources.v1_parts import Group, Leaf, Part, Rows, Texts


def printed(value: Any, part: Leaf | Texts) -> str:
    """Print a v2 value as the v1 API printed it."""
    if isinstance(value, bool):
        return "Yes" if value else "No"
    if not isinstance(value, str):
        return str(value)
    if part.convert is api_date and len(value) == len("2022-11-03"):
        day = datetime.date.fromisoformat(value)
        return f"{day:%B} {day.day}, {day.year}"
    if part.convert is api_date:
        return f"{datetime.date.fromisoformat(value + '-01'):%B %Y}"
    if part.convert is not str and part.name not in ("minimumAge", "maximumAge", "uploadDate"):
        return value.replace("_", " ").capitalize()
    return value


def as_nested(value: dict[str, Any], parts: tuple[Part, ...]) -> dict[str, Any]:
    result: dict[str, Any] = {}
    for part in parts:
        if part.name not in value:
            continue
        item = value[part.name]
        if isinstance(part, Leaf):
            result[part.v1] = printed(item, part)
        elif isinstance(part, Group):
            result[part.v1] = as_nested(item, part.parts)
        elif isinstance(part, Rows):
            result[f"{part.v1}List"] = {part.v1: [as_nested(row, part.parts) for row in item]}
        else:
            texts = item if isinstance(item, list) else [item]
            result[f"{part.v1}List"] = {part.v1: [printed(text, part) for text in texts]}
    return result


def as_flat(nested: dict[str, Any]) -> dict[str, list[str]]:
    columns: dict[str, list[str]] = {}
    for name, value in nested.items():
        for item in value if isinstance(value, list) else [value]:
            if isinstance(item, dict):
                for column, texts in as_flat(item).items():
                    columns.setdefault(column, []).extend(texts)
            else:
                columns.setdefault(name, []).append(item)
    return columns


def known_to_v1(value: dict[str, Any], parts: tuple[Part, ...]) -> dict[str, Any]:
    """Return what of a v2 record the v1 API had."""
    result: dict[str, Any] = {}
    for part in parts:
        item = value.get(part.name)
        if isinstance(part, Group) and item:
            item = known_to_v1(item, part.parts)
        elif isinstance(part, Rows) and item:
            item = [row for row in (known_to_v1(row, part.parts) for row in item) if row]
        if item is not None and item not in ({}, [], ""):
            result[part.name] = item
    return result
