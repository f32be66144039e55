"""Blood stem cells: the graft that a trial gives, or the transplant that patients have anyway."""

from __future__ import annotations

import re
from collections.abc import Callable

from kg.cell_facts.context import Context, Passage, Voice
from kg.cell_facts.findings import Finding
from ontology.matching import Match
from ontology.schemes import Concept, load_scheme

HEMATOPOIETIC = "hematopoietic_stem_cell"
OTHERS_TREATMENT = re.compile(
    r"\b(?:after|following|undergoing|undergo|underwent|post|prior to|before|recipients? of|"
    r"received?|receiving|patients with|related to|eligible for|candidates? for|complication of)\b"
    r"[^.;]{0,60}$|post[- ]?$"
)
"""What before a transplant says that it is no part of what the trial gives."""
# "Bone marrow transplant" for an ill organ is one of marrow cells of any kind.
_MARROW_TRANSPLANT = re.compile(
    r"(?:autologous |allogeneic )?bone[ -]marrow transplant", re.IGNORECASE
)
_ORGAN_DISEASE = re.compile(
    r"spinal|cirrhosis|liver|heart|cardi|infarct|diabet|stroke|knee|arthr|osteogenesis|palsy|autis|"
    r"limb isch|ovar|retin|brain|necrosis|fracture|non-?union"
)
_TOGETHER = re.compile(
    r"\bco-?\s?(?:transplant|infus|administ|tx\b|inject)|simultaneous|combined (?:transplant|"
    r"with h)|"
    r"together with|combination of|"
    r"peripheral blood stem cells?\)? (?:combined with|with or without|plus|and|\+) (?:\w+ ){0,3}?"
    r"(?:mesench|msc)|(?:mesench\w+ (?:stem |stromal )?cells?|mscs?)\)? (?:combined with|"
    r"with or without|plus|\+) (?:[\w-]+ ){0,3}?peripheral (?:blood )?stem"
)
_GRAFT = re.compile(
    r"\b(?:bone marrow|marrow|cord blood|\bucb\b|cord|peripheral blood|haplo\w*|stem cells?|"
    r"hematopoietic|haematopoietic|progenitor cells?|donor)\b(?:(?!mesench|msc|stromal|lymphocyte|"
    r"for\b|after|follow|aspirat|deplet)[^.;]){0,45}?"
    r"\b(?:transplant(?:ation|s)?\b|infusions?\b|grafts?\b|units?\b)(?! recipients?| patients?)"
    r"|\b(?:infusion|transplantation) of (?:(?!mesench|msc|stromal|lymphocyte)[\w-]+ ){0,5}?"
    r"(?:cord blood|cord units?|marrow|grafts?)\b"
)
_CONDITIONING = re.compile(
    r"busulfan|fludarabine|melphalan|thiotepa|treosulfan|body irradiation|\btbi\b|"
    r"(?<!non)(?<!non-)myeloablat|conditioning (?:regimen|chemo)|reduced[- ]intensity"
)
_BLOOD_DISEASE = re.compile(
    r"leuk(?:a|e)mia|lymphoma|myelo(?:ma|dysplas|prolif|id)|"
    r"h(?:a)?ematologic\w* (?:malig|neopl|dis|cancer)|thalass|sickle|aplastic an|immunodeficien"
)
_OTHER_ARMS = frozenset(
    {"PLACEBO_COMPARATOR", "SHAM_COMPARATOR", "NO_INTERVENTION", "ACTIVE_COMPARATOR"}
)


def find_graft(context: Context, given: Callable[[Passage], list[Match[Concept]]]) -> list[Finding]:
    """Find the graft of blood stem cells that a trial lists among what it gives.

    A transplant or infusion of marrow, cord blood or blood stem cells that an intervention or arm
    is named after is part of the product where patients are conditioned for it or have a
    disease of the blood, unless arms without the product get it too (then it is what patients
    have anyway), or the intervention is named by a kind of cells already.

    Parameters
    ----------
    context : Context
    given : callable
        Returns the kinds of cells that a passage says to be given.

    Returns
    -------
    list of Finding
        With the rule ``type.graft``; empty where no such graft is listed.
    """
    module = context.study.arms_interventions
    if any(arm.type in _OTHER_ARMS for arm in module.arm_groups):
        return []
    named = [
        (passage, match)
        for passage in context.voiced(Voice.NAME)
        if passage.section.name != "intervention.other_name"
        and (match := _GRAFT.search(passage.text)) is not None
        and not given(passage)
    ]
    if not named or not _conditioned(context):
        return []
    concept = load_scheme("cell_types")[HEMATOPOIETIC]
    return [
        Finding(
            concept,
            passage,
            Match(*match.span(), passage.section.text[match.start() : match.end()], concept),
            "type.graft",
            0.8,
        )
        for passage, match in named
    ]


def _conditioned(context: Context) -> bool:
    """Return whether patients are prepared for a graft, or have a disease of the blood."""
    study = context.study
    texts = [item.name or "" for item in study.arms_interventions.interventions]
    texts += [item.description or "" for item in study.arms_interventions.interventions]
    texts += [arm.description or "" for arm in study.arms_interventions.arm_groups]
    if any(_CONDITIONING.search(text.lower()) for text in texts):
        return True
    titles = context.voiced(Voice.TITLE)
    if any(_ORGAN_DISEASE.search(passage.text) for passage in titles):
        return False
    named = [*study.conditions.conditions, *(passage.text for passage in titles)]
    return any(_BLOOD_DISEASE.search(text.lower()) for text in named)


def of_marrow_alone(context: Context, findings: list[Finding]) -> bool:
    """Return whether blood stem cells are only told by a marrow transplant for an ill organ."""
    return all(_MARROW_TRANSPLANT.match(item.match.words) for item in findings) and any(
        _ORGAN_DISEASE.search(passage.text) for passage in context.voiced(Voice.TITLE)
    )


def of_cord_blood_alone(context: Context, findings: list[Finding]) -> bool:
    """Return whether only "cord blood stem cells" are named, for an ill organ."""
    return all(
        item.match.words.lower().startswith("blood stem")
        and item.passage.text[: item.match.start].endswith(("cord ", "cord-"))
        for item in findings
    ) and any(_ORGAN_DISEASE.search(passage.text) for passage in context.voiced(Voice.TITLE))


def transplant_is_background(context: Context) -> bool:
    """Return whether a blood stem cell transplant is what patients have anyway.

    It is where a title speaks of patients who undergo or underwent it, or no title or name
    speaks of it, unless the record says that both are given together.
    """
    named = False
    for passage in context.voiced(Voice.TITLE, Voice.NAME, Voice.ARM):
        if _TOGETHER.search(passage.text):
            return False
        for match in passage.matches("cell_types"):
            if match.payload.name != HEMATOPOIETIC:
                continue
            if OTHERS_TREATMENT.search(passage.text[: match.start]):
                if passage.voice == Voice.TITLE:
                    return True
            elif passage.voice != Voice.TITLE:
                named = True
    return not named
