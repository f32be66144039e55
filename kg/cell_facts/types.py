"""Rules for the kind of cells, or of what is made from cells."""

from __future__ import annotations

import re

from kg.cell_facts.context import Context, Passage, Voice
from kg.cell_facts.findings import Finding
from kg.cell_facts.screening import Screened
from kg.cell_facts.type_grafts import (
    HEMATOPOIETIC,
    OTHERS_TREATMENT,
    find_graft,
    of_cord_blood_alone,
    of_marrow_alone,
    transplant_is_background,
)
from ontology.matching import Match
from ontology.schemes import Concept, load_scheme

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
    r"migration|homing|derived growth|level|functions?|expansion|feeder|"
    r"(?:\(\w+\) )?co-?cultur\w*(?!\s+with)|expanded (?:umbilical |cord|ucb|cb\b|units?|blood))\b"
    r"|[^.;,]{0,12}?\b(?:systems?|devices?|kits?|tubes?)\b"
)
# "CD45-CD34-CD73+": a marker that the cells lack.
_LACKED = re.compile(
    r"(?:cd ?34|cd ?133|ac133)(?:"
    r"-(?!pos|sel|enr|deriv|stem|cell|expr|h[ae]|progen|mobil|immuno|cd133\+|\+)|"
    r"\s?\(-\)|[\s-]?neg|[\s-]?low)"
)
_DERIVED = ("extracellular_vesicle", "conditioned_medium")
# Cells on which the product is grown, factors that it secretes.
_GROWN_ON = re.compile(
    r"\bexpan(?:d|s)\w*\s+(?:with|on|by|using)\s+(?:[\w-]+\s+){0,2}$|"
    r"\bco-?\s?cult(?:ur|ivat)\w*\s+(?:\w+\s+)?(?:with|on|over)\s+(?:[\w-]+\s+){0,2}$|"
    r"\b(?:incubated|cultured|grown|cultivated) (?:together )?(?:with|on)\s+(?:[\w-]+\s+){0,2}$|"
    r"\bfeeder (?:layer|cells)\s+(?:of|from)\s+(?:[\w-]+\s+){0,2}$|"
    r"\b(?:promot|induc|increas|enhanc|stimulat)(?:ing|e|es)\s+(?:the\s+)?(?:[\w-]+\s+){0,1}$|"
    r"\bendogenous\s+(?:\w+\s+){0,1}$|\bas (?:an? |the )?source of\s+(?:\w+\s+){0,1}$|"
    r"\bsecret\w+\s+(?:neuro)?$|neuro[ -]?$|"
    r"\ballows?\s+(?:the\s+)?(?:[\w-]+\s+){0,2}$"
)
# Stromal cells grown from the fraction.
_OF_FRACTION = re.compile(r"[\s-]*(?:\(?svf\)?[\s-]*)?(?:derived )?(?:mesench|mscs?\b)")
_ENRICHED = re.compile(r"(?:cells?|mscs?)\s+(?:enriched|combined|mixed)\s+(?:by|with)\b")
# "Stem cells + secretome", "stem cells and conditioned medium": two products.
_JOINED = re.compile(
    r"(?:\s(?:therapy|transplantation))?\s?(?:\([^)]*\)\s?)?,?\s?(?:\+|&|plus\b|and\b)"
)
_NEAR = 45
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
        if rule == "type.named" and not _names_blood(findings):
            findings += find_graft(context, _given)
        names = {finding.concept.name for finding in findings}
        if names == {"other"}:
            findings = _stromal_in(context, _MINCED_FAT, "type.minced_fat") or findings
        if names == {HEMATOPOIETIC} and of_cord_blood_alone(context, findings):
            continue
        if names == {HEMATOPOIETIC} and of_marrow_alone(context, findings):
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


def _names_blood(findings: list[Finding]) -> bool:
    return any(finding.concept.name == HEMATOPOIETIC for finding in findings)


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
        if match.payload.name == "hematopoietic_stem_cell" and OTHERS_TREATMENT.search(before):
            continue
        if match.payload.name == HEMATOPOIETIC and _LACKED.match(
            passage.text[match.start : match.end + 12]
        ):
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
        if passage.voice >= Voice.SUMMARY and match.words.lower().startswith("paracrine"):
            continue  # There, what cells release in the body.
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
        transplant_is_background(context)
        or of_marrow_alone(context, [f for f in findings if f.concept.name == HEMATOPOIETIC])
    ):
        drop.add(HEMATOPOIETIC)
    if len(names) > 1:
        drop.add("other")
    kept = [finding for finding in findings if finding.concept.name not in drop]
    return kept or findings


def _named_apart(findings: list[Finding], product: str) -> bool:
    """Return whether stromal cells are given beside what is made of them.

    Then an intervention (where none speaks of either, an arm) has them alone in its name, or a
    title or name joins the two: "stem cells + secretome".
    """
    if any(_ENRICHED.search(finding.passage.text) for finding in findings):
        return True
    stromal = [item for item in findings if item.concept.name == STROMAL]
    products = [item for item in findings if item.concept.name == product]
    if any(_joined(one, other) for one in stromal for other in products):
        return True
    names = [item for item in findings if item.passage.voice == Voice.NAME]
    of_interventions = [
        item for item in names if item.passage.section.name.startswith("intervention")
    ]
    named = of_interventions or names
    with_product = {_item(item) for item in named if item.concept.name == product}
    return any(
        item.concept.name == STROMAL
        and _SURELY_STROMAL.search(item.match.words)
        and _item(item) not in with_product
        for item in named
    )


def _item(finding: Finding) -> tuple[str, int | None]:
    """Return the arm or intervention that a finding is about."""
    section = finding.passage.section
    return section.name.partition(".")[0], section.item


def _joined(one: Finding, other: Finding) -> bool:
    """Return whether a title or name joins two kinds of cells as two products."""
    if one.passage is not other.passage or one.passage.voice > Voice.NAME:
        return False
    first, second = sorted((one.match, other.match), key=lambda match: match.start)
    text = one.passage.text
    return (
        0 < second.start - first.end < _NEAR
        and _JOINED.match(text, first.end) is not None
        and not text.startswith(("-derived", " derived"), second.end)
    )
