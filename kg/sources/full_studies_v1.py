"""The nested v1 answer ("full studies"): groups, and lists that are wrapped twice."""

from __future__ import annotations

from typing import Any

from kg.sources.display_values import api_masking
from kg.sources.v1_fields import STUDY_PARTS
from kg.sources.v1_parts import Group, Leaf, Part, Texts
from ontology.errors import RecordError


def full_study_to_api_v2(study: dict[str, Any]) -> dict[str, Any]:
    """Return a v1 "full study" in API v2 shape.

    Parameters
    ----------
    study : dict
        The object that holds ``ProtocolSection``.

    Returns
    -------
    dict
        A list that v1 wraps (``ConditionList: {Condition: [...]}``) is a plain one; printed
        values are in v2 form. Contacts are left out.

    Raises
    ------
    RecordError
        If a group or value is of the wrong kind; the error names its field.
    """
    payload = _object(study, STUDY_PARTS, "")
    payload["hasResults"] = isinstance(study.get("ResultsSection"), dict)
    protocol = study.get("ProtocolSection")
    design = protocol.get("DesignModule") if isinstance(protocol, dict) else None
    add_masked(payload, _deep_value(design, "DesignInfo", "DesignMaskingInfo", "DesignMasking"))
    return payload


def add_masked(payload: dict[str, Any], masking: Any) -> None:
    """Add who is masked from a printed masking, where no field of its own says it."""
    if not isinstance(masking, str):
        return
    who = api_masking(masking)[1]
    if who:
        info = payload["protocolSection"]["designModule"]["designInfo"]["maskingInfo"]
        info.setdefault("whoMasked", who)


def _deep_value(value: Any, *keys: str) -> Any:
    for key in keys:
        value = value.get(key) if isinstance(value, dict) else None
    return value


def _object(source: dict[str, Any], parts: tuple[Part, ...], path: str) -> dict[str, Any]:
    result: dict[str, Any] = {}
    for part in parts:
        place = f"{path}.{part.name}" if path else part.name
        value = _part(source, part, place)
        if value is not None and value != {} and value != []:
            result[part.name] = value
    return result


def _part(source: dict[str, Any], part: Part, path: str) -> Any:
    if isinstance(part, Leaf):
        value = source.get(part.v1)
        return None if value is None else _text(value, part, path)
    if isinstance(part, Group):
        value = source.get(part.v1)
        if value is None:
            return None
        return _object(_checked_object(value, part.v1, path), part.parts, path)
    items = _items(source, part.v1)
    if isinstance(part, Texts):
        values = []
        for item in items:
            converted = _text(item, part, path)
            values += converted if isinstance(converted, list) else [converted]
        return (values[0] if values else None) if part.is_single else values
    return [
        _object(_checked_object(item, part.v1, f"{path}[{index}]"), part.parts, f"{path}[{index}]")
        for index, item in enumerate(items)
    ]


def _items(source: dict[str, Any], v1: str) -> list[Any]:
    """Return the items of a list, which v1 wraps in an object named ``...List``."""
    found = source.get(v1, source.get(f"{v1}List"))
    if found is None or isinstance(found, dict):
        wrappers = [found, *source.values()] if isinstance(found, dict) else source.values()
        wrapped = (value[v1] for value in wrappers if isinstance(value, dict) and v1 in value)
        found = next(wrapped, found)
    if found is None:
        return []
    return found if isinstance(found, list) else [found]


def _text(value: Any, part: Leaf | Texts, path: str) -> Any:
    if isinstance(value, bool | int | float):
        return value
    if not isinstance(value, str):
        raise RecordError(
            f"{part.v1} is {type(value).__name__}, not text; correct the value or leave it out.",
            field=path,
        )
    return part.convert(value) if value.strip() else None


def _checked_object(value: Any, v1: str, path: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise RecordError(
            f"{v1} is {type(value).__name__}, not an object; correct it or leave it out.",
            field=path,
        )
    return value
