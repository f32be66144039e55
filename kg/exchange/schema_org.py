"""A study in schema.org's words, for search engines and data catalogues.

References
----------
.. [1] schema.org, health-lifesci section: MedicalStudy, MedicalTrial, MedicalObservationalStudy.
"""

from __future__ import annotations

from typing import Any

from kg.iris import trial_iri
from kg.study import Study

_STATUSES = {
    "ACTIVE_NOT_RECRUITING": "ActiveNotRecruiting",
    "COMPLETED": "Completed",
    "ENROLLING_BY_INVITATION": "EnrollingByInvitation",
    "NOT_YET_RECRUITING": "NotYetRecruiting",
    "RECRUITING": "Recruiting",
    "SUSPENDED": "Suspended",
    "TERMINATED": "Terminated",
    "WITHDRAWN": "Withdrawn",
}
_MASKINGS = {
    "NONE": "OpenTrial",
    "SINGLE": "SingleBlindedTrial",
    "DOUBLE": "DoubleBlindedTrial",
    "TRIPLE": "TripleBlindedTrial",
}
_OBSERVED = {"COHORT": "CohortStudy", "CASE_ONLY": "CaseSeries"}
_BASE = "https://schema.org/"


def schema_org(study: Study, *, page_url: str | None = None) -> dict[str, Any]:
    """Return a study as schema.org JSON-LD, JSON-ready, for embedding in its page.

    Parameters
    ----------
    study : Study
    page_url : str, optional
        Address of the page that shows it.

    Returns
    -------
    dict
        A MedicalTrial, a MedicalObservationalStudy, or a MedicalStudy where the record says
        neither; without what the record does not say.
    """
    identification, status, design = study.identification, study.status, study.design
    observational = design.study_type == "OBSERVATIONAL"
    interventional = design.study_type == "INTERVENTIONAL"
    kind = (
        "MedicalTrial"
        if interventional
        else "MedicalObservationalStudy"
        if observational
        else "MedicalStudy"
    )
    said: dict[str, Any] = {
        "@context": _BASE.rstrip("/"),
        "@type": kind,
        "@id": trial_iri(study.nct_id),
        "identifier": {
            "@type": "PropertyValue",
            "propertyID": "ClinicalTrials.gov",
            "value": study.nct_id,
        },
        "name": identification.brief_title or identification.official_title or study.nct_id,
        "alternateName": [
            name for name in (identification.acronym, identification.official_title) if name
        ],
        "description": study.description.brief_summary,
        "url": page_url,
        "sameAs": trial_iri(study.nct_id),
        "status": _term(_STATUSES.get(status.overall_status or "")),
        "healthCondition": _conditions(study),
        "sponsor": _sponsor(study.sponsor_collaborators.lead_sponsor.name),
        "studyLocation": _places(study),
    }
    if interventional:
        said["phase"] = [phase for phase in design.phases if phase != "NA"]
        said["trialDesign"] = _designs(study)
    if observational:
        said["studyDesign"] = _term(_OBSERVED.get(design.design_info.observational_model or ""))
    return {name: value for name, value in said.items() if value not in (None, "", [])}


def _term(name: str | None) -> str | None:
    return None if name is None else _BASE + name


def _conditions(study: Study) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = [
        {"@type": "MedicalCondition", "name": name} for name in study.conditions.conditions
    ]
    for mesh in study.condition_browse.meshes:
        if mesh.id is not None and mesh.term is not None:
            code = {"@type": "MedicalCode", "codeValue": mesh.id, "codingSystem": "MeSH"}
            found.append({"@type": "MedicalCondition", "name": mesh.term, "code": code})
    return found


def _sponsor(name: str | None) -> dict[str, Any] | None:
    return None if name is None else {"@type": "Organization", "name": name}


def _places(study: Study) -> list[dict[str, Any]]:
    countries = {
        place.country for place in study.contacts_locations.locations if place.country is not None
    }
    return [{"@type": "AdministrativeArea", "name": country} for country in sorted(countries)]


def _designs(study: Study) -> list[str]:
    info, places = study.design.design_info, study.contacts_locations.locations
    found = []
    if info.allocation == "RANDOMIZED":
        found.append("RandomizedTrial")
    masking = _MASKINGS.get(info.masking_info.masking or "")
    if masking is not None:
        found.append(masking)
    if any(arm.type == "PLACEBO_COMPARATOR" for arm in study.arms_interventions.arm_groups):
        found.append("PlaceboControlledTrial")
    if places:
        found.append("SingleCenterTrial" if len(places) == 1 else "MultiCenterTrial")
    if len({place.country for place in places if place.country is not None}) > 1:
        found.append("InternationalTrial")
    return [_BASE + name for name in found]
