"""The files that a trial can be had as."""

from __future__ import annotations

from typing import NamedTuple

from flask import url_for


class TrialFile(NamedTuple):
    """One form of a trial: what people call it, and its address."""

    label: str
    address: str


_RDF_FORMS = (("Turtle", "ttl"), ("JSON-LD", "jsonld"))


def trial_files(nct_id: str) -> list[TrialFile]:
    """Return the forms in which the trial can be had, those of the graph first."""
    files = [
        TrialFile(label, url_for("linked_data.trial", nct_id=nct_id, ending=ending))
        for label, ending in _RDF_FORMS
    ]
    files += [
        TrialFile("JSON", url_for("exports.trial_json", nct_id=nct_id)),
        TrialFile("FHIR", url_for("linked_data.trial_fhir", nct_id=nct_id)),
        TrialFile("RIS", url_for("citations.trial_ris", nct_id=nct_id)),
        TrialFile("CSV", url_for("tables.evidence_csv", nct_id=nct_id, columns="all")),
        TrialFile("Kin as CSV", url_for("exports.kin_csv", nct_id=nct_id)),
    ]
    return files
