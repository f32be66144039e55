"""Rules for whose cells are given: the patient's own or another person's."""

from __future__ import annotations

import re

from kg.cell_facts.context import Context, Passage, Voice
from kg.cell_facts.findings import Finding
from kg.cell_facts.types import HEMATOPOIETIC
from ontology.matching import Match
from ontology.schemes import Concept

# Between the donor and "transplantation" no word for the product itself may stand.
_TRANSPLANT = re.compile(
    r"[\s\-(]*(?:(?!\w*msc|mesench|stromal|\w*derived|umbilical|adipose|fat\b)[\w-]+[\s\-(]+){0,4}?"
    r"(?:\w*hsct|\w*hct|\w*sct|bmt|h[a]?ematopoietic|hemopoietic|"
    r"bone marrow transplant\w*|cord blood transplant\w*|peripheral blood(?! mesench|"
    r"[ -]derived))\b"
)
_STEM_CELL_TRANSPLANT = re.compile(
    r"[\s\-(]*(?:(?!\w*msc|mesench|stromal|\w*derived|umbilical|adipose|fat\b)[\w-]+[\s\-(]+){0,4}?"
    r"(?:blood )?stem cell transplant\w*"
)
_BLOOD_DISEASE = re.compile(
    r"gvhd|graft|leuk|lymphoma|myelo(?:ma|dys)|h[a]?ematolog|anemia|anaemia|hsct|transplant\w* "
    r"(?:patients|recipients)|engraft|thalass|immunodefic"
)
_ITS_PRODUCT = re.compile(
    r"[\s\-(]*(?:[\w-]+[\s\-(]+){0,4}?(?:\w*msc|mesench|adipose|stromal|umbilical|wharton)"
)
_NOT_DONOR = re.compile(
    r"[\s\-]*(?:hosts?|barriers?|lymphocytes?|fillers?|responses?|rejection|age|t[ -]cells?|"
    r"tissue source|cardiac stem|and xeno|antigens?|environment|reaction)\b"
)
_OTHER_GRAFT = re.compile(
    r"[\s\-]*(?:(?!\w*mscs?\b|cells?\b|in\b|for\b|of\b)[\w-]+[\s\-]+){0,2}?"
    r"(?:bone (?:grafts?|tissue|matrix|allografts?|blocks?|chips)|"
    r"demineral\w+|skin grafts?|"
    r"serum|plasma lysate|immune|transfus\w+|kidney|renal|liver|organ|collagen|iliac bone|"
    r"cancellous|red blood|blood transfusion|islet|hematopoetic)\b"
)
_OTHERS_TREATMENT = re.compile(
    r"\b(?:after|following|undergoing|undergo|underwent|post|prior to|before|recipients? of|"
    r"candidates? for|ineligible for)\s+(?:\w+\s+){0,3}$"
)
_PRODUCT = re.compile(
    r"cells?\b|\w*mscs?\b|\bstem\b|exosom|vesicle|secretome|\bsvf\b|\bprp\b|concentrate|aspirate|"
    r"marrow|adipose|\bfat\b|\w*mncs?\b|plasma|umbilical|placent"
)
_OTHER_TRANSPLANT = re.compile(
    r"hsct|\bhct|\bbmt\b|hematopoietic|haematopoietic|kidney|renal|liver transpl|"
    r"\bt[- ]?(?:cells?|lymphocytes?)\b"
)
_BACKGROUND = re.compile(
    r"previous(?:ly)?\b|\bstudies\b|\breported\b|\banimals?\b(?!-)|\bmice\b|\brats?\b|"
    r"\bliterature\b|"
    r"\bgold standard\b|\btraditional|\bconventional\b|\btrials (?:have|using|with|of)\b|"
    r"\bbeing used in\b|\bhave been (?:performed|used|carried)|\bnon-?immunogenic|"
    r"\bgained acceptance"
)


def find_donors(context: Context, types: frozenset[str]) -> list[Finding]:
    """Return the mentions that say whose cells are given, from the closest voices."""
    # "Stem cell transplantation" is the product itself where there is no other.
    other_transplant = "mesenchymal_stromal_cell" in types and HEMATOPOIETIC not in types
    for rule, voices, confidence in (
        ("donor.named", (Voice.TITLE, Voice.NAME, Voice.ARM), 0.97),
        ("donor.summary", (Voice.SUMMARY,), 0.9),
        ("donor.description", (Voice.DESCRIPTION,), 0.85),
        ("donor.keyword", (Voice.KEYWORD,), 0.75),
    ):
        findings = []
        for passage in context.voiced(*voices):
            for match in _stated(passage, other_transplant, context):
                findings.append(Finding(match.payload, passage, match, rule, confidence))
        if findings:
            return findings
    return []


def _stated(passage: Passage, other_transplant: bool, context: Context) -> list[Match[Concept]]:
    """Return the words of a passage that say whose cells the product is made of."""
    if not passage.about_product:
        return []
    kept = []
    for match in passage.matches("donors"):
        sentence = passage.sentence(match.start)
        before = passage.text[sentence.start : match.start]
        after = passage.text[match.end : sentence.end]
        if _OTHERS_TREATMENT.search(before) and not _ITS_PRODUCT.match(after):
            continue
        if _OTHER_GRAFT.match(after) or _NOT_DONOR.match(after):
            continue
        if other_transplant and _TRANSPLANT.match(after):
            continue
        if other_transplant and _STEM_CELL_TRANSPLANT.match(after) and _of_blood(context):
            continue
        if passage.voice in (Voice.SUMMARY, Voice.DESCRIPTION) and (
            _names_both(sentence.text.lower())
            or _BACKGROUND.search(sentence.text)
            or not _PRODUCT.search(sentence.text)
            or (other_transplant and _OTHER_TRANSPLANT.search(sentence.text))
        ):
            continue
        kept.append(match)
    return kept


def _of_blood(context: Context) -> bool:
    """Return whether patients have a disease for which blood stem cells are transplanted."""
    return any(
        _BLOOD_DISEASE.search(passage.text)
        for passage in context.voiced(Voice.TITLE, Voice.KEYWORD)
    )


def _names_both(prose: str) -> bool:
    """Return whether prose weighs both kinds of donor; then it does not say which is given."""
    return "autolog" in prose and "allogen" in prose
