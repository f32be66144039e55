"""`StudyCard`: what lists of trials show of each, ready to read without the whole record."""

from __future__ import annotations

import msgspec

from kg.cell_facts.model import FIELDS, CellFacts
from kg.study import Study
from kg.study_modules import ENROLLMENT_SENTINEL


class StudyCard(msgspec.Struct, frozen=True):
    """A trial in short.

    `condition_labels` are the preferred labels of the matched concepts, `facts` the values of
    the cell facts that are stated, by field. Out of scope: texts, arms, places in detail.
    """

    nct_id: str
    title: str
    acronym: str | None = None
    overall_status: str | None = None
    study_type: str | None = None
    phases: tuple[str, ...] = ()
    enrollment_count: int | None = None
    conditions: tuple[str, ...] = ()
    condition_labels: tuple[str, ...] = ()
    interventions: tuple[str, ...] = ()
    lead_sponsor: str | None = None
    countries: tuple[str, ...] = ()
    start_date: str | None = None
    last_update_post_date: str | None = None
    has_results: bool = False
    facts: dict[str, list[str | int | float]] = {}


def make_card(study: Study, facts: CellFacts, condition_labels: tuple[str, ...]) -> StudyCard:
    """Return the card of a study."""
    identification, status = study.identification, study.status
    count = study.design.enrollment_info.count
    countries = {place.country for place in study.contacts_locations.locations if place.country}
    return StudyCard(
        nct_id=study.nct_id,
        title=identification.brief_title or identification.official_title or study.nct_id,
        acronym=identification.acronym,
        overall_status=status.overall_status,
        study_type=study.design.study_type,
        phases=study.design.phases,
        enrollment_count=None if count == ENROLLMENT_SENTINEL else count,
        conditions=study.conditions.conditions,
        condition_labels=condition_labels,
        interventions=tuple(
            item.name for item in study.arms_interventions.interventions if item.name
        ),
        lead_sponsor=study.sponsor_collaborators.lead_sponsor.name,
        countries=tuple(sorted(countries)),
        start_date=status.start_date_struct.date,
        last_update_post_date=status.last_update_post_date_struct.date,
        has_results=bool(study.has_results),
        facts={field: values for field in FIELDS if (values := facts.values(field))},
    )
