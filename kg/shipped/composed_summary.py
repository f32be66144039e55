"""A short summary of a trial, composed from its registered facts by one template.

It stands in for the sponsor's own summary where that is not shipped, and ends in `MARK`, so that
nobody takes it for the sponsor's words. Where a fact is not registered, its part is left out.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from kg.study import Study
from kg.study_modules import ENROLLMENT_SENTINEL

MARK = "Composed from registered facts."
"""The last sentence of every composed summary."""

_LISTED = 6
"""Names that are listed before the rest is only counted."""

_PHASES = {
    "EARLY_PHASE1": "early phase 1",
    "PHASE1": "phase 1",
    "PHASE2": "phase 2",
    "PHASE3": "phase 3",
    "PHASE4": "phase 4",
}
_ALLOCATIONS = {"RANDOMIZED": "randomized", "NON_RANDOMIZED": "non-randomized"}
_MASKINGS = {
    "NONE": "open-label",
    "SINGLE": "single-masked",
    "DOUBLE": "double-masked",
    "TRIPLE": "triple-masked",
    "QUADRUPLE": "quadruple-masked",
}
_CONTROLS = {"PLACEBO_COMPARATOR": "placebo-controlled", "SHAM_COMPARATOR": "sham-controlled"}
_MODELS = {
    "SINGLE_GROUP": "single-group",
    "PARALLEL": "parallel-group",
    "CROSSOVER": "crossover",
    "FACTORIAL": "factorial",
    "SEQUENTIAL": "sequential",
}
_PURPOSES = {
    "TREATMENT": "treatment",
    "PREVENTION": "prevention",
    "DIAGNOSTIC": "diagnostic",
    "SUPPORTIVE_CARE": "supportive care",
    "SCREENING": "screening",
    "HEALTH_SERVICES_RESEARCH": "health services research",
    "BASIC_SCIENCE": "basic science",
    "DEVICE_FEASIBILITY": "device feasibility",
}
_OBSERVED = {
    "COHORT": "cohort",
    "CASE_CONTROL": "case-control",
    "CASE_ONLY": "case-only",
    "CASE_CROSSOVER": "case-crossover",
    "ECOLOGIC_OR_COMMUNITY": "ecologic or community",
    "FAMILY_BASED": "family-based",
    "DEFINED_POPULATION": "defined-population",
    "NATURAL_HISTORY": "natural-history",
}
_PERSPECTIVES = {
    "PROSPECTIVE": "prospective",
    "RETROSPECTIVE": "retrospective",
    "CROSS_SECTIONAL": "cross-sectional",
}
_STANDARD_AGES = {"CHILD": "children", "ADULT": "adults", "OLDER_ADULT": "older adults"}
_SEXES = {"FEMALE": "female ", "MALE": "male "}

_COMPARATOR = re.compile(r"\b(?:placebo|sham)\b", re.IGNORECASE)
_WORD = re.compile(r"[^\W_]+")
_AGE = re.compile(r"(\d+) (\w+?)s?")
# Some records name the product where the condition belongs; as registered it stays in the
# conditions, but "a trial in mesenchymal stem cells" is not what the trial is about.
_PRODUCT_WORDS = frozenset(
    {"mesenchymal", "multipotent", "stem", "stromal", "cell", "cells", "msc", "mscs"}
    | {"adult", "human", "allogeneic", "autologous", "adipose", "bone", "marrow"}
    | {"umbilical", "cord", "tissue", "derived"}
)
_CELL_WORDS = frozenset({"cell", "cells", "msc", "mscs"})


def compose_summary(study: Study, remark: str | None = None) -> str:
    """Compose a summary from the facts of a study.

    Parameters
    ----------
    study : Study
        Its summary and description are not looked at.
    remark : str, optional
        A sentence of facts that no field of the record takes.

    Returns
    -------
    str
        One to five sentences, the last of which is `MARK`.
    """
    sentences = (
        _headline(study),
        remark,
        _arms(study),
        _participants(study),
        _sponsor_and_sites(study),
        MARK,
    )
    return " ".join(sentence for sentence in sentences if sentence)


def _headline(study: Study) -> str:
    interventions = [item.name for item in study.arms_interventions.interventions if item.name]
    tested = [name for name in interventions if _COMPARATOR.search(name) is None]
    compared = [name for name in interventions if name not in tested] if tested else []
    text = _kind(study)
    if interventions:
        text += f" of {_series(tested or interventions)}"
    if compared:
        text += f", compared with {_series(compared)},"
    conditions = _conditions(study)
    if conditions:
        text += f" in {_series(conditions)}"
    text = text.rstrip(",.")
    return f"{text[0].upper()}{text[1:]}."


def _kind(study: Study) -> str:
    """Say what kind of study it is, such as "phase 1 randomized treatment trial"."""
    design, info = study.design, study.design.design_info
    if design.study_type == "EXPANDED_ACCESS":
        return "expanded access"
    if design.study_type == "OBSERVATIONAL":
        perspective = _PERSPECTIVES.get(info.time_perspective or "")
        model = _OBSERVED.get(info.observational_model or "")
        return " ".join(word for word in ("observational", perspective, model, "study") if word)
    arm_types = {arm.type for arm in study.arms_interventions.arm_groups}
    adjectives = (
        _ALLOCATIONS.get(info.allocation or ""),
        _MASKINGS.get(info.masking_info.masking or ""),
        *(control for arm_type, control in _CONTROLS.items() if arm_type in arm_types),
        _MODELS.get(info.intervention_model or ""),
    )
    phases = [_PHASES[phase] for phase in design.phases if phase in _PHASES]
    phase = "/".join([*phases[:1], *(phase.removeprefix("phase ") for phase in phases[1:])])
    default = "interventional" if design.study_type == "INTERVENTIONAL" else None
    purpose = _PURPOSES.get(info.primary_purpose or "", default)
    described = ", ".join(adjective for adjective in adjectives if adjective)
    return " ".join(word for word in (phase, described, purpose, "trial") if word)


def _conditions(study: Study) -> list[str]:
    registered = [text for text in study.conditions.conditions if text]
    diseases = [text for text in registered if not _names_product(text)]
    return diseases or registered


def _names_product(text: str) -> bool:
    words = set(_WORD.findall(text.lower()))
    return words <= _PRODUCT_WORDS and not words.isdisjoint(_CELL_WORDS)


def _arms(study: Study) -> str | None:
    named = {item.name for item in study.arms_interventions.interventions}
    arms = [arm for arm in study.arms_interventions.arm_groups if arm.label]
    if not arms or all(arm.label in named for arm in arms):
        return None
    listed = [
        f"{arm.label} ({arm.type.replace('_', ' ').lower()})" if arm.type else str(arm.label)
        for arm in arms
    ]
    return f"{'Arm' if len(arms) == 1 else 'Arms'}: {_series(listed, last='; ')}."


def _participants(study: Study) -> str | None:
    enrollment, eligibility = study.design.enrollment_info, study.eligibility
    count = enrollment.count if enrollment.count != ENROLLMENT_SENTINEL else None
    sex = _SEXES.get(eligibility.sex or "", "")
    ages = _ages(study)
    if count is None and not sex and ages is None:
        return None
    text = f"{'' if count is None else f'{count} '}{sex}participant{'' if count == 1 else 's'}"
    if count is not None and enrollment.type is not None:
        text += f" ({enrollment.type.lower()})"
    if ages is not None:
        text += f", {ages}" if ages.startswith("aged") else f": {ages}"
    if eligibility.healthy_volunteers:
        text += "; healthy volunteers accepted"
    return f"{text[0].upper()}{text[1:]}."


def _ages(study: Study) -> str | None:
    youngest = _AGE.fullmatch(study.eligibility.minimum_age or "")
    oldest = _AGE.fullmatch(study.eligibility.maximum_age or "")
    if youngest is not None and oldest is not None:
        same = youngest[2] == oldest[2]
        return f"aged {youngest[1] if same else _age(youngest)} to {_age(oldest)}"
    if youngest is not None:
        return f"aged {_age(youngest)} or older"
    if oldest is not None:
        return f"aged up to {_age(oldest)}"
    groups = [_STANDARD_AGES[age] for age in study.eligibility.std_ages if age in _STANDARD_AGES]
    return _series(groups) if groups else None


def _age(found: re.Match[str]) -> str:
    return f"{found[1]} {found[2].lower()}{'' if found[1] == '1' else 's'}"


def _sponsor_and_sites(study: Study) -> str | None:
    sponsor = study.sponsor_collaborators.lead_sponsor.name
    collaborators = len(study.sponsor_collaborators.collaborators)
    countries = [place.country for place in study.contacts_locations.locations if place.country]
    parts = []
    if sponsor is not None:
        helped = f" with {collaborators} collaborator{'' if collaborators == 1 else 's'}"
        parts.append(f"sponsored by {sponsor}{helped if collaborators else ''}")
    if countries:
        parts.append(f"sites in {_series(countries)}")
    if not parts:
        return None
    text = "; ".join(parts)
    return f"{text[0].upper()}{text[1:].rstrip('.')}."


def _series(names: Sequence[str], last: str = " and ") -> str:
    """Join names for reading, without repeats; with semicolons where a name holds a comma."""
    by_folded: dict[str, str] = {}
    for name in names:
        by_folded.setdefault(name.casefold().rstrip(" ."), name.rstrip(" ."))
    distinct = list(by_folded.values())
    if len(distinct) > _LISTED + 1:
        distinct[_LISTED:] = [f"{len(distinct) - _LISTED} more"]
    if len(distinct) == 1:
        return distinct[0]
    if last == " and " and any("," in name for name in distinct):
        return f"{'; '.join(distinct[:-1])}; and {distinct[-1]}"
    separator = ", " if last == " and " else last
    return f"{separator.join(distinct[:-1])}{last}{distinct[-1]}"
