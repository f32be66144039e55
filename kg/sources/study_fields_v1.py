"""The flat v1 answer ("study fields"): every field a list of texts, all groups torn apart.

A field that repeats (arms, interventions, locations) comes as one list over all its groups, in
which absent values are simply missing. Columns as long as the longest of their group are put
together again by place. Of a shorter one nobody can say to which rows its values belong: its
descriptions stand together on the first row, so that no text is lost to search, and any other
stays in the payload under ``unplacedFields``, out of the study.
"""

from __future__ import annotations

from typing import Any

from kg.sources.full_studies_v1 import add_masked
from kg.sources.v1_fields import STUDY_PARTS
from kg.sources.v1_parts import Group, Leaf, Part, Rows, Texts
from ontology.errors import RecordError

UNPLACED = "unplacedFields"
_RESULT_FIELDS = ("ResultsFirstPostDate", "ResultsFirstSubmitDate")


def study_fields_to_api_v2(fields: dict[str, Any]) -> dict[str, Any]:
    """Return a v1 "study fields" record in API v2 shape.

    Parameters
    ----------
    fields : dict
        Lists of texts by field name (``NCTId``, ``BriefTitle``, ...); a bare text counts as a
        list of one.

    Returns
    -------
    dict
        With ``unplacedFields`` if some columns could not be placed.

    Raises
    ------
    RecordError
        If a field is no list of texts; the error names it.

    Examples
    --------
    >>> record = study_fields_to_api_v2({"NCTId": ["NCT04356287"], "Phase": ["Phase 1"]})
    >>> record["protocolSection"]["designModule"]
    {'phases': ['PHASE1']}
    """
    columns = {name: _column(name, value) for name, value in fields.items() if name != "Rank"}
    unplaced: dict[str, list[str]] = {}
    payload = _object(columns, STUDY_PARTS, unplaced)
    payload["hasResults"] = any(columns.get(name) for name in _RESULT_FIELDS)
    masking = columns.get("DesignMasking")
    add_masked(payload, masking[0] if masking else None)
    if unplaced:
        payload[UNPLACED] = unplaced
    return payload


def _column(name: str, value: Any) -> list[str]:
    texts = value if isinstance(value, list) else [value]
    for text in texts:
        if text is not None and not isinstance(text, str | int | float):
            raise RecordError(
                f"{name} is no list of texts; correct it or leave it out.", field=name
            )
    return [str(text) for text in texts if text is not None and str(text).strip()]


def _object(
    columns: dict[str, list[str]], parts: tuple[Part, ...], unplaced: dict[str, list[str]]
) -> dict[str, Any]:
    result: dict[str, Any] = {}
    for part in parts:
        value: Any
        if isinstance(part, Group):
            value = _object(columns, part.parts, unplaced)
        elif isinstance(part, Rows):
            value = _rows(columns, part.parts, unplaced)
        else:
            value = _values(columns.get(part.v1, []), part)
        if value is not None and value != {} and value != []:
            result[part.name] = value
    return result


def _values(texts: list[str], part: Leaf | Texts) -> Any:
    if not texts:
        return None
    if isinstance(part, Leaf):
        return part.convert(texts[0])
    values: list[Any] = []
    for text in texts:
        converted = part.convert(text)
        values += converted if isinstance(converted, list) else [converted]
    return values[0] if part.is_single else values


def _rows(
    columns: dict[str, list[str]], parts: tuple[Part, ...], unplaced: dict[str, list[str]]
) -> list[dict[str, Any]]:
    leaves = [part for part in parts if isinstance(part, Leaf)]
    lists = [part for part in parts if isinstance(part, Texts)]
    count = max((len(columns.get(leaf.v1, [])) for leaf in leaves), default=0)
    rows: list[dict[str, Any]] = [{} for _ in range(count)]
    for leaf in leaves:
        texts = columns.get(leaf.v1, [])
        if len(texts) == count:
            for row, text in zip(rows, texts, strict=True):
                row[leaf.name] = leaf.convert(text)
        elif texts and leaf.name == "description":
            rows[0][leaf.name] = "\n\n".join(texts)
        elif texts:
            unplaced[leaf.v1] = texts
    for part in lists:
        texts = columns.get(part.v1, [])
        if texts and count == 1:
            rows[0][part.name] = _values(texts, part)
        elif texts:
            unplaced[part.v1] = texts
    return rows
