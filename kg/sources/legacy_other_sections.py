"""What stands beside the protocol in a legacy record: results, documents, MeSH terms, version."""

from __future__ import annotations

from typing import Any

from lxml import etree

from kg.sources.display_values import api_date
from kg.sources.legacy_elements import bool_at, date_at, enum_at, text_at, texts_at

_PENDING = {"submitted": "RELEASE", "returned": "RESET", "submission_canceled": "UNRELEASE"}
_PROCESSED = "processed this data on "


def results(element: etree._Element) -> dict[str, Any]:
    """Return the titles of the measured outcomes from ``<clinical_results>``."""
    measures = [
        {"type": enum_at(outcome, "type"), "title": text_at(outcome, "title")}
        for outcome in element.iterfind("outcome_list/outcome")
    ]
    return {"outcomeMeasuresModule": {"outcomeMeasures": measures}}


def pending(study: etree._Element) -> dict[str, Any]:
    """Return the steps in the review of results that are not posted yet."""
    events = []
    for element in study.iterfind("pending_results/*"):
        kind = _PENDING.get(element.tag) if isinstance(element.tag, str) else None
        if kind is not None:
            events.append({"type": kind, "date": date_at(element, ".")})
    return {"unpostedEvents": events}


def documents(study: etree._Element) -> list[dict[str, Any]]:
    """Return the uploaded documents."""
    found = []
    for element in study.iterfind("provided_document_section/provided_document"):
        address = text_at(element, "document_url")
        found.append(
            {
                "hasProtocol": bool_at(element, "document_has_protocol"),
                "hasSap": bool_at(element, "document_has_sap"),
                "hasIcf": bool_at(element, "document_has_icf"),
                "label": text_at(element, "document_type"),
                "date": date_at(element, "document_date"),
                "filename": None if address is None else address.rpartition("/")[2],
            }
        )
    return found


def meshes(study: etree._Element, path: str) -> list[dict[str, Any]]:
    """Return the MeSH terms, which have no ids in this form."""
    return [{"term": text} for text in texts_at(study, f"{path}/mesh_term")]


def version_holder(study: etree._Element) -> str | None:
    """Return the day on which the registry printed the record."""
    text = text_at(study, "required_header/download_date")
    if text is None or _PROCESSED not in text:
        return None
    return api_date(text.partition(_PROCESSED)[2])
