"""What pages call things: fields, aspects of a comparison, states, and values of cell facts."""

from __future__ import annotations

from kg.cell_facts.model import CONCEPT_FIELDS
from ontology.schemes import load_scheme
from web.presentation import dose_words, number

FIELD_LABELS = {
    "cell_sources": "Cell source",
    "cell_types": "Cell type",
    "donor": "Donor",
    "routes": "Route",
    "dose_per_kg": "Dose per kg",
    "dose_total": "Dose, total",
    "dose_other": "Dose, other unit",
    "administrations": "Doses given",
    "preparation": "Preparation",
    "passage": "Passage",
    "isct_criteria": "ISCT criteria",
}
"""Names of the fields of cell facts."""

FACET_LABELS = {
    "condition": "Condition",
    "mesh": "MeSH terms",
    "cell_source": "Cell source",
    "cell_type": "Cell type",
    "donor": "Donor",
    "route": "Route",
    "dose": "Dose",
    "text": "Text as a whole",
    "words": "Words in common",
    "phase": "Phase",
    "design": "Design",
    "population": "Population",
    "sponsor": "Sponsor",
    "place": "Place",
}
"""What the aspects are called in which trials are compared."""

FACET_GROUPS = {
    "disease": ("Disease", ("condition", "mesh")),
    "cells": ("Cells and route", ("cell_source", "cell_type", "donor", "route", "dose")),
    "wording": ("Wording", ("text", "words")),
    "design": ("Design", ("phase", "design", "population", "sponsor", "place")),
}
"""Groups of facets, for a bar that eyes can tell apart: name -> label and facets."""

STATUS_KINDS = {
    "RECRUITING": "open",
    "ENROLLING_BY_INVITATION": "open",
    "AVAILABLE": "open",
    "NOT_YET_RECRUITING": "ahead",
    "ACTIVE_NOT_RECRUITING": "running",
    "COMPLETED": "done",
    "TERMINATED": "stopped",
    "SUSPENDED": "stopped",
    "WITHDRAWN": "stopped",
}
"""Registry status -> the kind that a mark beside it shows; others have none."""


RELATION_LABELS = {"akin": "similar", "not stated": "stated by one only"}
"""How values stand to each other, where the word for scripts is not the one for people."""


def concept_label(scheme: str, name: str) -> str:
    """Return the preferred label of a concept; its name as words where the scheme lacks it."""
    known = load_scheme(scheme)
    return known[name].pref_label if name in known else name.replace("_", " ")


def fact_value(field: str, value: str | int | float) -> str:
    """Return the value of a cell fact as people read it."""
    scheme = CONCEPT_FIELDS.get(field)
    if scheme is not None:
        return concept_label(scheme, str(value))
    if isinstance(value, str):
        return value.replace("_", " ")
    if field.startswith("dose") and value >= 10_000:
        return dose_words(value)
    return number(value)
