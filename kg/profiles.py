"""From a `Study` and what was found in it to the `Profile` that likeness is computed from."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from kg.cell_facts.model import CONCEPT_FIELDS, CellFacts
from kg.mapping.study_mapping import age_days
from kg.study import Study
from kg.study_modules import ENROLLMENT_SENTINEL
from kg.study_other_sections import Mesh
from ontology.errors import InvalidIdentifierError
from ontology.mesh import canonical_mesh_id
from similarity.profile import Design, Doses, Identifiers, Profile


def make_profile(study: Study, facts: CellFacts, conditions: Sequence[str]) -> Profile:
    """Return the profile of a study.

    Parameters
    ----------
    study : Study
    facts : CellFacts
        What was read from its text.
    conditions : sequence of str
        Names of the matched concepts in the scheme of conditions.
    """
    identification, design = study.identification, study.design
    module, outcomes = study.arms_interventions, study.outcomes
    interventions = [
        text
        for item in module.interventions
        for text in (item.name, *item.other_names, item.description)
    ]
    interventions += [text for arm in module.arm_groups for text in (arm.label, arm.description)]
    planned = (*outcomes.primary_outcomes, *outcomes.secondary_outcomes, *outcomes.other_outcomes)
    texts = {
        "title": _lines(
            (identification.brief_title, identification.official_title, identification.acronym)
        ),
        "conditions": _lines((*study.conditions.conditions, *study.conditions.keywords)),
        "interventions": _lines(interventions),
        "summary": study.description.brief_summary or "",
        "description": study.description.detailed_description or "",
        "outcomes": _lines(outcome.measure for outcome in planned),
        "eligibility": study.eligibility.eligibility_criteria or "",
    }
    concepts = {
        "conditions": tuple(conditions),
        "mesh": _mesh_ids(study.condition_browse.meshes),
        "mesh_ancestors": _mesh_ids(study.condition_browse.ancestors),
    }
    for field, scheme in CONCEPT_FIELDS.items():
        concepts[scheme] = tuple(str(value) for value in facts.values(field))
    count = design.enrollment_info.count
    places = {place.country for place in study.contacts_locations.locations if place.country}
    return Profile(
        nct_id=study.nct_id,
        texts=texts,
        concepts=concepts,
        design=Design(
            study_type=design.study_type,
            phases=design.phases,
            allocation=design.design_info.allocation,
            masking=design.design_info.masking_info.masking,
            primary_purpose=design.design_info.primary_purpose,
            enrollment_count=None if count == ENROLLMENT_SENTINEL else count,
            sex=study.eligibility.sex,
            minimum_age_days=_whole(age_days(study.eligibility.minimum_age)),
            maximum_age_days=_whole(age_days(study.eligibility.maximum_age)),
            lead_sponsor=study.sponsor_collaborators.lead_sponsor.name,
            countries=tuple(sorted(places)),
        ),
        doses=doses_of(facts),
        ids=Identifiers(
            acronym=identification.acronym,
            org_study_id=identification.org_study_id_info.id,
            secondary_ids=tuple(info.id for info in identification.secondary_id_infos if info.id),
            pmids=tuple(item.pmid for item in study.references.references if item.pmid),
        ),
    )


def doses_of(facts: CellFacts) -> Doses:
    """Return the doses among cell facts, where they are numbers."""
    return Doses(
        dose_per_kg=_numbers(facts, "dose_per_kg"),
        dose_total=_numbers(facts, "dose_total"),
        administrations=tuple(int(value) for value in _numbers(facts, "administrations")),
    )


def _lines(texts: Iterable[str | None]) -> str:
    return "\n".join(dict.fromkeys(text for text in texts if text))


def _numbers(facts: CellFacts, field: str) -> tuple[float, ...]:
    return tuple(float(value) for value in facts.values(field) if not isinstance(value, str))


def _mesh_ids(meshes: Sequence[Mesh]) -> tuple[str, ...]:
    found = []
    for mesh in meshes:
        try:
            found.append(canonical_mesh_id(mesh.id or ""))
        except InvalidIdentifierError:  # legacy records carry terms without ids
            continue
    return tuple(found)


def _whole(days: float | None) -> int | None:
    return None if days is None else round(days)
