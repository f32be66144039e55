"""Which form a JSON object is in, and its way into API v2 shape.

Some records in API v2 shape were made by others from v1 answers and keep a few of its words
("UNKNOWN_STATUS", "ESTIMATE", "EudraCT Number"): these are put in v2 words, so that a query need
not know how a record came.
"""

from __future__ import annotations

from typing import Any

from kg.sources.display_values import api_word
from kg.sources.full_studies_v1 import full_study_to_api_v2
from kg.sources.study_fields_v1 import study_fields_to_api_v2
from ontology.errors import RecordError

_NCT_ID = "protocolSection.identificationModule.nctId"


def to_api_v2(value: dict[str, Any]) -> tuple[dict[str, Any], str]:
    """Return a record in API v2 shape, and the name of the form in which it came.

    Raises
    ------
    RecordError
        If the object is in none of the forms, or a value in it is of the wrong kind.

    Examples
    --------
    >>> to_api_v2({"NCTId": ["NCT04356287"]})[1]
    'v1-study-fields'
    """
    if "protocolSection" in value:
        _put_in_v2_words(value["protocolSection"])
        return value, "api-v2"
    study: Any = value
    for wrapper in ("FullStudy", "Study"):
        if isinstance(study, dict) and wrapper in study:
            study = study[wrapper]
    if isinstance(study, dict) and "ProtocolSection" in study:
        return full_study_to_api_v2(study), "v1-full-study"
    if "NCTId" in value:
        return study_fields_to_api_v2(value), "v1-study-fields"
    raise RecordError(
        "The record has no NCT id: there is neither protocolSection (API v2), nor "
        "ProtocolSection (v1), nor NCTId (v1 fields). Add it, or leave the record out.",
        field=_NCT_ID,
    )


def _put_in_v2_words(protocol: Any) -> None:
    """Replace words of older forms, in place; what is of the wrong kind is refused later."""
    identification = _part(protocol, "identificationModule")
    status = _part(protocol, "statusModule")
    for name in ("overallStatus", "lastKnownStatus"):
        _replace(status, name, "status")
    for name, struct in status.items():
        if name.endswith("DateStruct"):
            _replace(struct, "type", "date_type")
    _replace(_part(_part(protocol, "designModule"), "enrollmentInfo"), "type", "date_type")
    for info in _items(identification, "secondaryIdInfos"):
        _replace(info, "type", "secondary_id_type")
    for location in _items(_part(protocol, "contactsLocationsModule"), "locations"):
        _replace(location, "status", "status")


def _part(parent: Any, name: str) -> dict[str, Any]:
    child = parent.get(name) if isinstance(parent, dict) else None
    return child if isinstance(child, dict) else {}


def _items(parent: dict[str, Any], name: str) -> list[Any]:
    items = parent.get(name)
    return items if isinstance(items, list) else []


def _replace(parent: Any, name: str, kind: str) -> None:
    value = parent.get(name) if isinstance(parent, dict) else None
    if isinstance(value, str):
        parent[name] = api_word(value, kind)
