"""Rules for the kind of cells, or of what is made from cells."""

from __future__ import annotations

import re

from kg.cell_facts.context import Context, Passage, Voice
from kg.cell_facts.findings import Finding
from ontology.matching import Match
from ontology.schemes import Concept

_OTHERS_TREATMENT = re.compile(
    r"\b(?:after|following|undergoing|undergo|underwent|post|prior to|before|recipients? of|"
    r"received?|receiving|patients with|related to|eligible for|candidates? for|complication of)\b"
    r"[^.;]{0,60}$|post[- ]?$"
)
_BACKGROUND = re.compile(
    r"previous(?:ly)?\b|\bstudies\b|\bshown\b|\breported\b|\banimals?\b(?!-)|\bmice\b|\brats?\b|"
    r"\bliterature\b|\bsimilar to\b|\bsuch as\b|\bdifferentiat|\battract|\binhibit|\bsuppress"
)
_NOT_GIVEN = re.compile(
    r"[\s-]*(?:and \w+ )?(?:growth factors?|responses?|biomarkers?|mobili[sz]\w+|counts?|"
    r"recruitment|niche|"
    r"migration|homing|derived growth|level|functions?|expansion|feeder|co-?cultur\w+)\b"
)
_DERIVED = ("extracellular_vesicle", "conditioned_medium")


_TOGETHER = re.compile(
    r"\bco-?\s?(?:transplant|infus|administ|tx\b|inject)|simultaneous|combined (?:transplant|"
    r"with h)|"
    r"together with|combination of"
)
_ENRICHED = re.compile(r"(?:cells?|mscs?)\s+(?:enriched|combined|mixed)\s+(?:by|with)\b")
_SURELY_STROMAL = re.compile(r"mesench|msc", re.IGNORECASE)
# Fat cut small is given for the stromal cells in it, which such records name.
_MINCED_FAT = re.compile(r"micro-?\s?(?:fragment|fractur)|nano-?fat|lipogems|stem cell.enriched")
HEMATOPOIETIC = "hematopoietic_stem_cell"
STROMAL = "mesenchymal_stromal_cell"
MONONUCLEAR = "mononuclear_cell"
# Mononuclear cells from which stromal cells are grown are not what is given.
_SEPARATED = re.compile(r"ficoll|percoll|gradient|adheren|cultur|seeded|plated|\bisolat|separat")
_OTHER_PRODUCT = re.compile(
    r"\b(?:alternative to|existing products|unlike|instead of|rather than)\b[^.;]{0,70}$"
)


def find_types(context: Context) -> list[Finding]:
    """Return the mentions that name the kind of cells, from the closest voice that has any."""
    plasma: list[Finding] = []
    for rule, voices, confidence in (
        ("type.named", (Voice.TITLE, Voice.NAME), 0.97),
        ("type.arm", (Voice.ARM,), 0.93),
        ("type.summary", (Voice.SUMMARY,), 0.9),
        ("type.description", (Voice.DESCRIPTION,), 0.85),
        ("type.keyword", (Voice.KEYWORD,), 0.75),
    ):
        findings = []
        for passage in context.voiced(*voices):
            for match in _given(passage):
                findings.append(Finding(match.payload, passage, match, rule, confidence))
        findings = _weigh(context, findings)
        names = {finding.concept.name for finding in findings}
        if names == {"other"}:
            findings = _stromal_in_fat(context) or findings
        if findings and names == {"platelet_rich_plasma"} and not plasma:
            # Plasma is what the cells are given in; the cells may be named further on.
            plasma = findings
        elif findings and not (plasma and rule != "type.arm"):
            return plasma + findings
    return plasma


def _stromal_in_fat(context: Context) -> list[Finding]:
    """Take the stromal cells named of minced fat for what it is given for."""
    if not any(_MINCED_FAT.search(passage.text) for passage in context.passages):
        return []
    return [
        Finding(match.payload, passage, match, "type.minced_fat", 0.7)
        for passage in context.passages
        for match in passage.matches("cell_types")
        if match.payload.name == STROMAL
    ]


def _given(passage: Passage) -> list[Match[Concept]]:
    """Return the types of a passage that patients are given."""
    found = passage.matches("cell_types")
    if not found:
        return []
    kept = []
    for match in found:
        sentence = passage.sentence(match.start)
        before = passage.text[sentence.start : match.start]
        if match.payload.name == "hematopoietic_stem_cell" and _OTHERS_TREATMENT.search(before):
            continue
        if _OTHER_PRODUCT.search(before):
            continue
        if _NOT_GIVEN.match(passage.text[match.end : sentence.end]):
            continue
        if passage.voice >= Voice.SUMMARY and _BACKGROUND.search(sentence.text):
            continue
        kept.append(match)
    return kept


def _weigh(context: Context, findings: list[Finding]) -> list[Finding]:
    """Keep the product among the types: vesicles stand before the cells that shed them."""
    names = {finding.concept.name for finding in findings}
    drop = set()
    if {STROMAL, MONONUCLEAR} <= names and all(
        _SEPARATED.search(finding.passage.sentence(finding.match.start).text)
        for finding in findings
        if finding.concept.name == MONONUCLEAR
    ):
        drop.add(MONONUCLEAR)
    for product in (*_DERIVED, "stromal_vascular_fraction"):
        if product in names and not _named_apart(findings, product):
            drop.add("mesenchymal_stromal_cell")
    if {HEMATOPOIETIC, "mesenchymal_stromal_cell"} <= names and _transplant_is_background(context):
        drop.add(HEMATOPOIETIC)
    if len(names) > 1:
        drop.add("other")
    kept = [finding for finding in findings if finding.concept.name not in drop]
    return kept or findings


def _named_apart(findings: list[Finding], product: str) -> bool:
    """Return whether stromal cells have an arm or intervention name to themselves."""
    with_product = {
        finding.passage.section.path for finding in findings if finding.concept.name == product
    }
    if any(_ENRICHED.search(finding.passage.text) for finding in findings):
        return True
    return any(
        finding.concept.name == "mesenchymal_stromal_cell"
        and _SURELY_STROMAL.search(finding.match.words)
        and finding.passage.voice == Voice.NAME
        and finding.passage.section.path not in with_product
        for finding in findings
    )


def _transplant_is_background(context: Context) -> bool:
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
            if _OTHERS_TREATMENT.search(passage.text[: match.start]):
                if passage.voice == Voice.TITLE:
                    return True
            elif passage.voice != Voice.TITLE:
                named = True
    return not named
