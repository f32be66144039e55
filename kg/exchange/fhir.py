"""A study as a FHIR R5 ResearchStudy.

References
----------
.. [1] HL7 FHIR Release 5 (5.0.0), 2023; ResearchStudy, Group, RelatedArtifact, Reference.
"""

from __future__ import annotations

from collections.abc import Iterable

from kg.exchange.fhir_values import (
    OFFICIAL_CODES,
    PHASE_CODES,
    PURPOSES,
    STATE_CODES,
    Json,
    code_words,
    codeable_concept,
    date_time,
    kept,
    period,
    pubmed_address,
    web_address,
)
from kg.iris import trial_iri
from kg.study import Study
from kg.study_modules import (
    ENROLLMENT_SENTINEL,
    IdentificationModule,
    OrgStudyIdInfo,
    Outcome,
    SecondaryIdInfo,
)

REGISTRY_SYSTEM = "https://clinicaltrials.gov"
MESH_SYSTEM = "http://id.nlm.nih.gov/mesh/"
_TERMINOLOGY = "http://terminology.hl7.org/CodeSystem"
_STATUS_SYSTEM = "http://hl7.org/fhir/research-study-status"
_PARTY_SYSTEM = "http://hl7.org/fhir/research-study-party-role"
_ELIGIBILITY = "eligibility"


def research_study(study: Study) -> Json:
    """Return a study as a ResearchStudy resource, JSON-ready.

    Parameters
    ----------
    study : Study

    Returns
    -------
    dict
        Without empty elements, as FHIR forbids them. Its `status` is that of the record
        (always ``active``), where the study itself stands is in `progressStatus`. Who may take
        part is a contained Group.
    """
    identification, design = study.identification, study.design
    eligibility = _eligibility(study)
    resource: Json = {
        "resourceType": "ResearchStudy",
        "id": study.nct_id,
        "meta": {"source": trial_iri(study.nct_id)},
        "contained": [eligibility] if eligibility else [],
        "url": trial_iri(study.nct_id),
        "identifier": _identifiers(study),
        "name": identification.acronym,
        "title": identification.official_title or identification.brief_title,
        "label": _labels(identification),
        "relatedArtifact": _artifacts(study),
        "date": date_time(study.status.last_update_post_date_struct.date),
        "status": "active",
        "primaryPurposeType": _purpose(design.design_info.primary_purpose),
        "phase": _phase(design.phases),
        "studyDesign": [codeable_concept(text=code_words(code)) for code in _designs(study)],
        "focus": [
            {"concept": codeable_concept(text=item.name)}
            for item in study.arms_interventions.interventions
            if item.name
        ],
        "condition": _conditions(study),
        "keyword": [
            codeable_concept(text=word) for word in study.conditions.keywords if word.strip()
        ],
        "region": [codeable_concept(text=country) for country in _countries(study)],
        "descriptionSummary": study.description.brief_summary,
        "description": study.description.detailed_description,
        "period": period(
            study.status.start_date_struct.date, study.status.completion_date_struct.date
        ),
        "site": _sites(study),
        "associatedParty": _parties(study),
        "progressStatus": _progress(study),
        "whyStopped": codeable_concept(text=study.status.why_stopped),
        "recruitment": _recruitment(study, eligible=bool(eligibility)),
        "comparisonGroup": _arms(study),
        "outcomeMeasure": _outcomes(study),
    }
    return kept(**resource)


def _identifiers(study: Study) -> list[Json]:
    identification = study.identification
    found = [{"use": "official", "system": REGISTRY_SYSTEM, "value": study.nct_id}]
    found += [
        {"use": "old", "system": REGISTRY_SYSTEM, "value": alias}
        for alias in identification.nct_id_aliases
    ]
    others: list[OrgStudyIdInfo | SecondaryIdInfo] = [
        identification.org_study_id_info,
        *identification.secondary_id_infos,
    ]
    return found + [
        {"use": "secondary", **kept(type=codeable_concept(text=code_words(one.type or "")))}
        | {"value": one.id.strip()}
        for one in others
        if one.id is not None and one.id.strip()
    ]


def _labels(module: IdentificationModule) -> list[Json]:
    """Return the brief title, where it is not the title already."""
    if module.official_title is None or module.brief_title is None:
        return []
    kind = codeable_concept(
        system=f"{_TERMINOLOGY}/title-type", code="short-title", text="Short title"
    )
    label = kept(type=kind, value=module.brief_title)
    return [label] if "value" in label else []


def _artifacts(study: Study) -> list[Json]:
    cited = [
        kept(
            type="cites",
            citation=one.citation,
            resource=pubmed_address(one.pmid),
        )
        for one in study.references.references
    ]
    links = [
        kept(type="documentation", label=one.label, resource=web_address(one.url))
        for one in study.references.see_also_links
    ]
    return [one for one in cited + links if len(one) > 1]


def _purpose(code: str | None) -> Json:
    if code is None:
        return {}
    system = f"{_TERMINOLOGY}/research-study-prim-purp-type"
    known = code.lower().replace("_", "-") if code in PURPOSES else None
    return codeable_concept(system=system, code=known, text=code_words(code))


def _phase(phases: tuple[str, ...]) -> Json:
    if not phases:
        return {}
    return codeable_concept(
        system=f"{_TERMINOLOGY}/research-study-phase",
        code=PHASE_CODES.get(phases),
        text="/".join(code_words(phase) for phase in phases),
    )


def _designs(study: Study) -> Iterable[str]:
    info = study.design.design_info
    said = (
        study.design.study_type,
        info.allocation,
        info.intervention_model,
        info.observational_model,
        info.time_perspective,
        None if info.masking_info.masking is None else f"Masking: {info.masking_info.masking}",
    )
    return (one for one in said if one and one.strip())


def _conditions(study: Study) -> list[Json]:
    registered = [
        codeable_concept(text=text) for text in study.conditions.conditions if text.strip()
    ]
    return registered + [
        codeable_concept(system=MESH_SYSTEM, code=mesh.id.strip(), text=mesh.term)
        for mesh in study.condition_browse.meshes
        if mesh.id is not None and mesh.id.strip()
    ]


def _countries(study: Study) -> list[str]:
    places = study.contacts_locations.locations
    return sorted({text for place in places if (text := (place.country or "").strip())})


def _sites(study: Study) -> list[Json]:
    found = []
    for place in study.contacts_locations.locations:
        parts = (place.facility, place.city, place.state, place.country)
        shown = ", ".join(part.strip() for part in parts if part and part.strip())
        if shown:
            found.append({"type": "Location", "display": shown})
    return found


def _parties(study: Study) -> list[Json]:
    module = study.sponsor_collaborators
    found = [("lead-sponsor", module.lead_sponsor.name)]
    found += [("collaborator", one.name) for one in module.collaborators]
    found += [
        (OFFICIAL_CODES.get(one.role or "", "general-contact"), one.name)
        for one in study.contacts_locations.overall_officials
        if one.role in OFFICIAL_CODES
    ]
    return [
        {
            "name": name.strip(),
            "role": codeable_concept(
                system=_PARTY_SYSTEM, code=role, text=role.replace("-", " ").capitalize()
            ),
        }
        for role, name in found
        if name is not None and name.strip()
    ]


def _progress(study: Study) -> list[Json]:
    status = study.status.overall_status
    if status is None or not status.strip():
        return []
    code = STATE_CODES.get(status)
    return [{"state": codeable_concept(system=_STATUS_SYSTEM, code=code, text=code_words(status))}]


def _recruitment(study: Study, *, eligible: bool) -> Json:
    info = study.design.enrollment_info
    known = info.count is not None and 0 <= info.count < ENROLLMENT_SENTINEL
    number = info.count if known else None
    actual = info.type == "ACTUAL"
    return kept(
        targetNumber=None if actual else number,
        actualNumber=number if actual else None,
        eligibility={"reference": f"#{_ELIGIBILITY}"} if eligible else {},
    )


def _eligibility(study: Study) -> Json:
    module = study.eligibility
    said = (
        (module.eligibility_criteria or "").strip(),
        "" if module.sex is None else f"Sex: {code_words(module.sex)}",
        "" if module.minimum_age is None else f"Minimum age: {module.minimum_age}",
        "" if module.maximum_age is None else f"Maximum age: {module.maximum_age}",
    )
    description = "\n\n".join(part for part in said if part)
    if not description:
        return {}
    return {
        "resourceType": "Group",
        "id": _ELIGIBILITY,
        "type": "person",
        "membership": "definitional",
        "description": description,
    }


def _arms(study: Study) -> list[Json]:
    return [
        kept(
            linkId=f"arm-{number}",
            name=(arm.label or "").strip() or f"Arm {number}",
            type=codeable_concept(text=None if arm.type is None else code_words(arm.type)),
            description=arm.description,
        )
        for number, arm in enumerate(study.arms_interventions.arm_groups, start=1)
    ]


def _outcomes(study: Study) -> list[Json]:
    module = study.outcomes
    groups: tuple[tuple[str, tuple[Outcome, ...]], ...] = (
        ("primary", module.primary_outcomes),
        ("secondary", module.secondary_outcomes),
        ("exploratory", module.other_outcomes),
    )
    system = f"{_TERMINOLOGY}/research-study-objective-type"
    found = []
    for kind, outcomes in groups:
        for one in outcomes:
            said = (
                one.description,
                None if one.time_frame is None else f"Time frame: {one.time_frame}",
            )
            found.append(
                kept(
                    name=one.measure,
                    type=[codeable_concept(system=system, code=kind, text=kind.capitalize())],
                    description="\n\n".join(part.strip() for part in said if part and part.strip()),
                )
            )
    return found
