"""Rules for the kind of cells, or of what is made from cells."""

from __future__ import annotations

import re

from kg.cell_facts.context import Context, Passage, Voice
from kg.cell_facts.findings import Finding
from kg.cell_facts.screening import Screened
from ontology.matching import Match
from ontology.schemes import Concept, load_scheme

_OTHERS_TREATMENT = re.compile(
    r"\b(?:after|following|undergoing|undergo|underwent|post|prior to|before|recipients? of|"
    r"received?|receiving|patients with|related to|eligible for|candidates? for|complication of)\b"
    r"[^.;]{0,60}$|post[- ]?$"
)
_BACKGROUND = Screened(
    r"previous(?:ly)?\b|\bstudies\b|\bshown\b|\breported\b|\banimals?\b(?!-)|\bmice\b|\brats?\b|"
    r"\bliterature\b|\bsimilar to\b|\bsuch as\b|\bdifferentiat|\battract|\binhibit|\bsuppress",
    "previous studies shown reported animal mice rat literature similar_to such_as "
    "differentiat attract inhibit suppress ",
)
_NOT_GIVEN = re.compile(
    r"[\s-]*(?:and \w+ )?(?:growth factors?|deplet\w*|repertoire|chimerism|recovery|reconstitution|"
    r"found circulating|responses?|biomarkers?|mobili[sz]\w+|counts?|"
    r"recruitment|niche|"
    r"migration|homing|derived growth|level|functions?|expansion|feeder|co-?cultur\w+)\b"
    r"|[^.;,]{0,12}?\b(?:systems?|devices?|kits?|tubes?)\b"
)
_DERIVED = ("extracellular_vesicle", "conditioned_medium")
# Cells on which the product is grown, factors that it secretes.
_GROWN_ON = re.compile(
    r"\bexpand\w*\s+(?:with|on|by|using)\s+(?:[\w-]+\s+){0,2}$|"
    r"\b(?:promot|induc|increas|enhanc|stimulat)(?:ing|e|es)\s+(?:the\s+)?(?:[\w-]+\s+){0,1}$|"
    r"\bendogenous\s+(?:\w+\s+){0,1}$|\bas (?:an? |the )?source of\s+(?:\w+\s+){0,1}$|"
    r"\bsecret\w+\s+(?:neuro)?$|neuro[ -]?$|"
    r"\ballows?\s+(?:the\s+)?(?:[\w-]+\s+){0,2}$"
)
# Stromal cells grown from the fraction.
_OF_FRACTION = re.compile(r"[\s-]*(?:\(?svf\)?[\s-]*)?(?:derived )?(?:mesench|mscs?\b)")
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
_ENRICHED = re.compile(r"(?:cells?|mscs?)\s+(?:enriched|combined|mixed)\s+(?:by|with)\b")
_SURELY_STROMAL = re.compile(r"mesench|msc", re.IGNORECASE)
# Fat cut small is given for the stromal cells in it, which such records name.
_MINCED_FAT = re.compile(
    r"micro-?\s?(?:fragment|fractur|fat\b)|nano-?fat|lipogems|stem cell.enriched"
)
_CONCENTRATE = re.compile(r"\bbmac|marrow (?:aspirat\w+ )?concentrat")
# A device that can make plasma, used for something else.
_CARRIED = re.compile(
    r"(?:suspended|suspension|mixed|combined|diluted|together|along|enriched)\s(?:in|on|with)\b[^.;]*$|"
    r"\band (?:\d[\d.-]* ?ml )?(?:of )?(?:activated )?(?:autologous )?$"
)
_BY_DEVICE = re.compile(r"\b(?:system|device)s?\b[^.;]*$")
HEMATOPOIETIC = "hematopoietic_stem_cell"
STROMAL = "mesenchymal_stromal_cell"
MONONUCLEAR = "mononuclear_cell"
FRACTION = "stromal_vascular_fraction"
PLASMA = "platelet_rich_plasma"
_MAX_TYPES_IN_PROSE = 3
"""A description with more kinds of cells speaks of how tissues work."""
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
        if rule == "type.description":
            findings = _not_listed(findings)
        findings = _weigh(context, findings)
        names = {finding.concept.name for finding in findings}
        if names == {"other"}:
            findings = _stromal_in(context, _MINCED_FAT, "type.minced_fat") or findings
        if names == {HEMATOPOIETIC} and _of_cord_blood_alone(context, findings):
            continue
        if names == {HEMATOPOIETIC} and _of_marrow_alone(context, findings):
            some = load_scheme("cell_types")["other"]
            return [finding._replace(concept=some) for finding in findings]
        if findings and names == {PLASMA} and not plasma:
            # Plasma is what the cells are given in; the cells may be named further on.
            plasma = findings
        elif findings and not (plasma and rule != "type.arm"):
            if not plasma and PLASMA not in names:
                plasma = _carriers(context)
            return plasma + findings
    if plasma and any(
        _MINCED_FAT.search(passage.text) for passage in context.voiced(Voice.TITLE, Voice.NAME)
    ):
        return plasma + _stromal_in(context, _MINCED_FAT, "type.minced_fat")
    return plasma or _stromal_in(context, _CONCENTRATE, "type.concentrate")


def _carriers(context: Context) -> list[Finding]:
    """Find the plasma that the arms say the cells are suspended in or given with."""
    found = []
    for passage in context.voiced(Voice.ARM):
        if not passage.about_product:
            continue
        for match in passage.matches("cell_types"):
            before = passage.text[max(0, match.start - 60) : match.start]
            if match.payload.name == PLASMA and _CARRIED.search(before):
                found.append(Finding(match.payload, passage, match, "type.carrier", 0.75))
    return found


def _stromal_in(context: Context, product: re.Pattern[str], rule: str) -> list[Finding]:
    """Take the stromal cells named of minced fat, or of marrow, for what it is given for."""
    if not any(product.search(passage.text) for passage in context.passages):
        return []
    return [
        Finding(match.payload, passage, match, rule, 0.7)
        for passage in context.passages
        for match in passage.matches("cell_types")
        if match.payload.name == STROMAL
    ]


def _not_listed(findings: list[Finding]) -> list[Finding]:
    """Leave out what a description that names many kinds of cells lists beside the usual ones."""
    names = {finding.concept.name for finding in findings}
    if len(names) <= _MAX_TYPES_IN_PROSE:
        return findings
    kept = [finding for finding in findings if finding.concept.name in (STROMAL, PLASMA)]
    return kept or findings


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
        if _OTHER_PRODUCT.search(before) or _GROWN_ON.search(before[-60:]):
            continue
        if match.payload.name == FRACTION and _OF_FRACTION.match(
            passage.text[match.end : sentence.end]
        ):
            continue
        if before.endswith(("\u00ae-", "\u2122-")) and match.words.isupper():
            continue  # The tail of a brand.
        if match.payload.name == PLASMA and _BY_DEVICE.search(before):
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
    for product in (*_DERIVED, FRACTION):
        if product in names and not _named_apart(findings, product):
            drop.add("mesenchymal_stromal_cell")
    if {HEMATOPOIETIC, STROMAL} <= names and (
        _transplant_is_background(context)
        or _of_marrow_alone(context, [f for f in findings if f.concept.name == HEMATOPOIETIC])
    ):
        drop.add(HEMATOPOIETIC)
    if len(names) > 1:
        drop.add("other")
    kept = [finding for finding in findings if finding.concept.name not in drop]
    return kept or findings


def _of_marrow_alone(context: Context, findings: list[Finding]) -> bool:
    """Return whether blood stem cells are only told by a marrow transplant for an ill organ."""
    return all(_MARROW_TRANSPLANT.match(item.match.words) for item in findings) and any(
        _ORGAN_DISEASE.search(passage.text) for passage in context.voiced(Voice.TITLE)
    )


def _of_cord_blood_alone(context: Context, findings: list[Finding]) -> bool:
    """Return whether only "cord blood stem cells" are named, for an ill organ."""
    return all(
        item.match.words.lower().startswith("blood stem")
        and item.passage.text[: item.match.start].endswith(("cord ", "cord-"))
        for item in findings
    ) and any(_ORGAN_DISEASE.search(passage.text) for passage in context.voiced(Voice.TITLE))


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
