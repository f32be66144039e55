"""The texts of a record as named sections, which encoders, lexicon and evidence refer to."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from kg.study import Study


class Section(NamedTuple):
    """One text of a record.

    Attributes
    ----------
    name : str
        The kind of text, such as ``brief_title`` or ``arm_group.description``.
    path : str
        Where it stands, such as ``arm_groups[1].description``; unique within the record, and
        what evidence cites together with a character span.
    text : str
        The text as registered, never changed: spans count its characters.
    item : int or None
        The place of the arm group, intervention, outcome, ... in its list.
    """

    name: str
    path: str
    text: str
    item: int | None = None


def study_sections(study: Study) -> Iterator[Section]:
    """Yield every text of `study` that is not empty, in the order of the record."""
    identification, description = study.identification, study.description
    single = (
        ("brief_title", identification.brief_title),
        ("official_title", identification.official_title),
        ("acronym", identification.acronym),
        ("brief_summary", description.brief_summary),
        ("detailed_description", description.detailed_description),
    )
    for name, text in single:
        if text:
            yield Section(name, name, text)
    yield from _listed("condition", "conditions", study.conditions.conditions)
    yield from _listed("keyword", "keywords", study.conditions.keywords)
    masking = study.design.design_info
    for name, text in (
        ("intervention_model_description", masking.intervention_model_description),
        ("masking_description", masking.masking_info.masking_description),
    ):
        if text:
            yield Section(name, name, text)
    for index, arm in enumerate(study.arms_interventions.arm_groups):
        yield from _fields("arm_group", index, label=arm.label, description=arm.description)
    for index, intervention in enumerate(study.arms_interventions.interventions):
        yield from _fields(
            "intervention", index, name=intervention.name, description=intervention.description
        )
        for number, other in enumerate(intervention.other_names):
            if other:
                path = f"interventions[{index}].other_names[{number}]"
                yield Section("intervention.other_name", path, other, index)
    outcomes = study.outcomes
    for name, listed in (
        ("primary_outcome", outcomes.primary_outcomes),
        ("secondary_outcome", outcomes.secondary_outcomes),
        ("other_outcome", outcomes.other_outcomes),
    ):
        for index, outcome in enumerate(listed):
            yield from _fields(
                name,
                index,
                measure=outcome.measure,
                description=outcome.description,
                time_frame=outcome.time_frame,
            )
    if study.eligibility.eligibility_criteria:
        criteria = study.eligibility.eligibility_criteria
        yield Section("eligibility_criteria", "eligibility_criteria", criteria)


def _listed(name: str, path: str, texts: tuple[str, ...]) -> Iterator[Section]:
    for index, text in enumerate(texts):
        if text:
            yield Section(name, f"{path}[{index}]", text, index)


def _fields(part: str, index: int, **fields: str | None) -> Iterator[Section]:
    for field, text in fields.items():
        if text:
            yield Section(f"{part}.{field}", f"{part}s[{index}].{field}", text, index)
