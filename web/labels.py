"""What pages call things: fields, aspects of a comparison, states, and values of cell facts."""

from __future__ import annotations

from kg.cell_facts.wording import FIELD_LABELS, concept_label, fact_value

__all__ = [
    "FACET_GROUPS",
    "FACET_LABELS",
    "FIELD_LABELS",
    "RELATION_LABELS",
    "STATUS_KINDS",
    "concept_label",
    "fact_value",
]

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
