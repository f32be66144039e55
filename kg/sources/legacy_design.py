"""The design of a legacy record, which was printed in two ways over the years."""

from __future__ import annotations

from typing import Any

from lxml import etree

from kg.sources.api_values import OBSERVATIONAL_MODELS, TIME_PERSPECTIVES
from kg.sources.display_values import api_enum, api_masking, api_number, api_one_of, api_phases
from kg.sources.legacy_elements import block_at, bool_at, enum_at, text_at

_OLD_DESIGN = {
    "Allocation": "allocation",
    "Intervention Model": "intervention_model",
    "Observational Model": "observational_model",
    "Primary Purpose": "primary_purpose",
    "Time Perspective": "time_perspective",
    "Masking": "masking",
}


def design_module(study: etree._Element) -> dict[str, Any]:
    """Return the design module of a legacy record."""
    texts = _old_design(study)
    for name in (*_OLD_DESIGN.values(), "intervention_model_description", "masking_description"):
        text = text_at(study, f"study_design_info/{name}")
        if text is not None:
            texts[name] = text
    model, purpose = texts.get("intervention_model"), texts.get("primary_purpose")
    observed, perspective = texts.get("observational_model"), texts.get("time_perspective")
    masking, masked = api_masking(texts["masking"]) if "masking" in texts else (None, [])
    study_type = text_at(study, "study_type") or ""
    phase = text_at(study, "phase")
    access = "expanded_access_info/expanded_access_type"
    duration = text_at(study, "target_duration")
    enrollment = study.find("enrollment")
    enrollment_type = None if enrollment is None else enrollment.get("type")
    count = text_at(study, "enrollment")
    return {
        "studyType": api_enum(study_type, "study_type") or None,
        "expandedAccessTypes": {
            "individual": bool_at(study, f"{access}_individual"),
            "intermediate": bool_at(study, f"{access}_intermediate"),
            "treatment": bool_at(study, f"{access}_treatment"),
        },
        "patientRegistry": True if "Patient Registry" in study_type else None,
        "targetDuration": duration,
        "phases": [] if phase is None else api_phases(phase),
        "designInfo": {
            "allocation": api_enum(texts["allocation"]) if "allocation" in texts else None,
            "interventionModel": None if model is None else api_enum(model, "intervention_model"),
            "interventionModelDescription": texts.get("intervention_model_description"),
            "primaryPurpose": None if purpose is None else api_enum(purpose, "purpose"),
            "observationalModel": observed and api_one_of(observed, OBSERVATIONAL_MODELS),
            "timePerspective": perspective and api_one_of(perspective, TIME_PERSPECTIVES),
            "maskingInfo": {
                "masking": masking,
                "maskingDescription": texts.get("masking_description"),
                "whoMasked": masked,
            },
        },
        "bioSpec": {
            "retention": enum_at(study, "biospec_retention"),
            "description": block_at(study, "biospec_descr"),
        },
        "enrollmentInfo": {
            "count": None if count is None else api_number(count),
            "type": None if enrollment_type is None else api_enum(enrollment_type, "date_type"),
        },
    }


def _old_design(study: etree._Element) -> dict[str, str]:
    """Read the one-line design of records printed before 2017 (``Allocation: ..., ...``)."""
    text = text_at(study, "study_design")
    if text is None:
        return {}
    found: dict[str, str] = {}
    name: str | None = None
    for part in text.split(", "):
        label, colon, value = part.partition(": ")
        if colon:
            name = _OLD_DESIGN.get(label.strip())
            if name is not None:
                found[name] = value.strip()
        elif name is not None:  # a value that itself has commas, as masking does
            found[name] += f", {part}"
    return found
