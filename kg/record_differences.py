"""What differs between two states of a record, field by field."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import msgspec

_LONGEST_VALUE = 4000


class FieldChange(NamedTuple):
    """One field of a record before and after; None where it is absent.

    `path` is the registry's (``protocolSection.statusModule.overallStatus``). A list of single
    values is given whole; of a list of objects `before` holds those that went and `after` those
    that came, as JSON. Texts of more than 4,000 characters are cut.
    """

    path: str
    before: str | None
    after: str | None


def record_differences(
    before: Mapping[str, Any], after: Mapping[str, Any]
) -> Iterator[FieldChange]:
    """Yield the fields in which two records differ, in the order of their paths."""
    yield from _differences(before, after, "")


def _differences(before: Any, after: Any, path: str) -> Iterator[FieldChange]:
    if before == after:
        return
    if isinstance(before, Mapping | None) and isinstance(after, Mapping | None):
        old, new = before or {}, after or {}
        for key in sorted({*old, *new}):
            inner = f"{path}.{key}" if path else key
            yield from _differences(old.get(key), new.get(key), inner)
        if not old and not new:  # an empty object came or went
            yield FieldChange(path, _shown(before), _shown(after))
        return
    if isinstance(before, list) and isinstance(after, list) and _are_objects(before + after):
        went = [item for item in before if item not in after]
        came = [item for item in after if item not in before]
        # Nothing but the order or the number of equal items differs: then the lists are told.
        before, after = (went or None, came or None) if went or came else (before, after)
    yield FieldChange(path, _shown(before), _shown(after))


def _are_objects(items: list[Any]) -> bool:
    return any(isinstance(item, Mapping) for item in items)


def _shown(value: Any) -> str | None:
    if value is None:
        return None
    text = value if isinstance(value, str) else msgspec.json.encode(value).decode()
    return text if len(text) <= _LONGEST_VALUE else f"{text[: _LONGEST_VALUE - 3]}..."
