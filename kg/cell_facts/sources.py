"""Rules for the tissue that the given cells come from."""

from __future__ import annotations

import re
from collections.abc import Iterator

from kg.cell_facts.clauses import clause_around
from kg.cell_facts.context import Context, Passage, Voice
from kg.cell_facts.findings import Finding, guide_value
from kg.cell_facts.types import HEMATOPOIETIC
from ontology.matching import Match
from ontology.schemes import Concept, load_scheme

_CELL = (
    r"(?:cells?\b|\w{0,8}mscs?\b|\w{0,6}mncs?\b|\w{0,4}mpcs?\b|mesench\w+|stromal\b|stem\b|"
    r"exosomes?|vesicles?|"
    r"secretome|aspirates?|concentrat\w+|conditioned medi|progenitors?|mononuclear|\w*exos?\b|"
    r"fibroblasts?|keratinocytes?|chondrocytes?|myoblasts?|culture)"
)
# Words that may not stand between a tissue and the cells named after it: behind them another
# thought begins ("lung injury treated with stem cells").
_STOP = (
    r"(?!(?:in|for|on|to|with|by|is|are|was|were|will|after|during|patients?|treat\w*|therap\w*|"
    r"diseases?|injur\w+|repair|regenerat\w+|failure|cirrhosis|fibrosis|defects?|lesions?|"
    r"disorders?|"
    r"function|wounds?|ulcers?|burns?|ischemi\w+|infarct\w*|transplant\w*|surg\w+|cancer|loss|"
    r"grafts?|grafting|damage|aging|using|via|through|into|the|donors?|stimulat\w+|biops\w+|block|"
    r"niche|biomarkers?|molecular|response|growth|institute|association|cycle|"
    r"cervix|cavity|days?|network|society)\b)"
)
_AFTER = re.compile(
    rf"[\s\-\u2010-\u2015,)(/'\u00ae]*(?:{_STOP}[\w+\u00ae/'()\-\u2010-\u2015,]+[\s\-]+){{0,6}}?{_STOP}\w*{_CELL}",
    re.IGNORECASE,
)
_PRODUCT = (
    r"(?:cells?|mscs?|mncs?|exosomes?|vesicles?|secretome|fraction|product|stromal|"
    r"fibroblasts?|concentrate|aspirate|prp|svf|keratinocytes?|chondrocytes?|myoblasts?)"
)
_FROM = re.compile(
    r"\b(?:from|source(?:d from| is|:)|origin(?:ate[sd]?|ating)? (?:of|in)|of)\b", re.IGNORECASE
)
_BEFORE = re.compile(
    rf"{_PRODUCT}\b[^.;]{{0,80}}?\b(?:from|source(?:d from| is|:)|origin(?:ate[sd]?|ating)? (?:of|"
    rf"in))\b[^.;]{{0,45}}$"
    rf"|{_PRODUCT}\)?\s+of\s+(?:[\w-]+\s+){{0,3}}$",
    re.IGNORECASE,
)
# What was done to the patient before or beside the product.
_OTHERS_TREATMENT = re.compile(
    r"\b(?:after|following|undergo\w*|underwent|post|prior to|before|recipients? of|with|receiv\w+|"
    r"candidates? for|ineligible for|during)[\s-]+(?:[\w/-]+\s+){0,5}$",
    re.IGNORECASE,
)
_TRANSPLANT = re.compile(
    r"[\s(/]*(?:or [\w ]+)?(?:peripheral blood\s+)?(?:stem cell\s+)?(?:transplant\w*|BMT|HSCT|HCT|donors?)\b",
    re.IGNORECASE,
)
_TAKEN = re.compile(
    r"\b(?:aspirat\w*|harvest\w*|collect\w*|obtain\w*|isolat\w*|extract\w*|liposuction|biops\w*|"
    r"taken|drawn|deriv\w*|prepared)\b",
    re.IGNORECASE,
)
_TO_GROW = re.compile(
    r"\bto (?:\w+ )?(?:grow|isolate|obtain|prepare|culture|expand|produce|manufacture)\b|"
    r"(?:from which|grown|isolated|cultured|expanded|separated)",
    re.IGNORECASE,
)
_NOT_SOURCE = re.compile(
    r"(?:cells?|mscs?)[ -]derived\s+$|differentiat\w+\s+(?:\w+\s+){0,6}$|"
    r"\bsuffer\w*\s+from\s+(?:\w+\s+){0,3}$|\bin vitro-treated\s+$|"
    r"\b(?:[tb][ -]cells?|lymphocytes?)\b[^.;,]{0,40}$|"
    r"\badherent stromal cells?\s*\(?$|"
    r"\b(?:samples?|tests?|smears?|levels?|counts?)\s+(?:of|from|in)\s+(?:\w+\s+){0,2}$|"
    r"\b(?:recruit\w*|not|non|rather than|instead of|unlike|without|except|no|"
    r"compared (?:with|"
    r"to)|than)"
    r"\s+(?:\w+\s+){0,2}$",
    re.IGNORECASE,
)
_POSSIBLE = re.compile(
    r"\b(?:can|may|could|might) (?:also )?be (?:\w+ )?(?:isolated|obtained|derived|harvested|"
    r"found|extracted)",
    re.IGNORECASE,
)
_BACKGROUND = re.compile(
    r"\bsuch as\b|previous(?:ly)?\b|\bstudies\b|\bshown\b|\breported\b|\banimals?\b(?!-)|\bmice\b|"
    r"\brats?\b"
    r"|\bliterature\b|various (?:tissues|sources)|different (?:tissues|sources)|"
    r"\bfirst (?:described|isolated)"
    r"|\bare (?:found|present) in\b|\bsources? of\b|\bother\b|\bfound that\b",
    re.IGNORECASE,
)
_SAMPLE_ONLY = re.compile(
    r"\b(?:samples?|biops(?:y|ies)|smear|examination|suppress\w*|failure|toxicity|recovery|"
    r"function|"
    r"engraftment|injury|disease|cirrhosis|lesions?|defects?|regeneration|repair|fibrosis|"
    r"stimulation|cancer|cellularity)\b",
    re.IGNORECASE,
)
_BLOOD = re.compile(
    r"\b(?:(?:peripheral|venous|whole|autologous|own) )*blood\b(?! (?:cell|sugar|pressure|vessel|"
    r"flow|count|test|glucose|supply))",
    re.IGNORECASE,
)
_PLASMA = re.compile(r"platelet|plasma|\bprp\b|\bprf\b|\bprgf\b", re.IGNORECASE)
_DRAWN = re.compile(
    r"collect|drawn|draw\b|taken|withdraw|centrifug|autologous|own\b|obtain|prepar|patient's|"
    r"aspirat|"
    r"extract|deriv|sampl|venipunct",
    re.IGNORECASE,
)
_DERIVED = re.compile(r"[\s\-\u2010-\u2015]*(?:tissue[\s\-]*)?(?:derived|origin)", re.IGNORECASE)
USUAL_SOURCES = frozenset(
    (
        "umbilical_cord",
        "umbilical_cord_blood",
        "bone_marrow",
        "adipose_tissue",
        "placenta",
        "amnion",
        "amniotic_fluid",
        "dental_pulp",
        "menstrual_blood",
        "peripheral_blood",
        "embryonic_stem_cell",
        "induced_pluripotent_stem_cell",
        "fetal_tissue",
    )
)
"""Tissues that a text seldom names as the ill organ; others must be said to be the source."""
_NOT_CELLS = re.compile(
    r"[\s-]*(?:collagen )?(?:matrix|scaffold|wrap|patch|graft|dressing|stage|development)\b",
    re.IGNORECASE,
)
_DISTANT = re.compile(r"\bfrom\b(?:\W+\w+){4,}\W*$", re.IGNORECASE)
_GROWN_INTO = re.compile(
    r"(?:differentiat\w*|progenitors?|source)\b[^.;]{0,50}?\b(?:to|into|of)\s+([^.;]{0,40})",
    re.IGNORECASE,
)
_GROWTH_FACTOR = re.compile(r"[\s-]*(?:derived )?growth factor", re.IGNORECASE)
MAX_SOURCES_IN_PROSE = 2
"""A sentence of prose with more tissues lists where such cells may come from at all."""


def find_sources(context: Context, types: frozenset[str]) -> list[Finding]:
    """Return the mentions that name the source, from the closest voice that has any.

    Parameters
    ----------
    context : Context
    types : frozenset of str
        The cell types found; a transplant of blood stem cells gives no source unless it is
        among them, and blood is the source of platelet-rich plasma alone.
    """
    for rule, voices, confidence in (
        ("source.named", (Voice.TITLE, Voice.NAME, Voice.ARM), 0.97),
        ("source.summary", (Voice.SUMMARY,), 0.9),
        ("source.description", (Voice.DESCRIPTION,), 0.85),
        ("source.keyword", (Voice.KEYWORD,), 0.75),
    ):
        bound: list[Finding] = []
        taken: list[Finding] = []
        for passage in context.voiced(*voices):
            for match, named in _bound(passage, types):
                finding = Finding(match.payload, passage, match, rule, confidence)
                (bound if named else taken).append(finding)
        # A harvest is told where the name of the product does not tell the tissue.
        findings = bound or taken
        if findings:
            break
    findings = _one_cord(_undifferentiated(context, findings))
    if "platelet_rich_plasma" in types:
        findings = [*findings, *_drawn_blood(context)]
    return findings


def _undifferentiated(context: Context, findings: list[Finding]) -> list[Finding]:
    """Leave out the tissue that the cells are made to resemble before they are given."""
    if all(guide_value(finding.concept) in USUAL_SOURCES for finding in findings):
        return findings
    grown = " ".join(
        told.group(1).lower()
        for passage in context.passages
        for told in _GROWN_INTO.finditer(passage.text)
    )
    kept = [
        finding
        for finding in findings
        if guide_value(finding.concept) in USUAL_SOURCES
        or finding.match.words.lower().rstrip("s") not in grown
    ]
    return kept or findings


def _one_cord(findings: list[Finding]) -> list[Finding]:
    """Take cord and cord blood of one product for what the closest voice calls it.

    Records say "umbilical cord blood" for the cord itself by mistake, and the other way.
    """
    both = ("umbilical_cord", "umbilical_cord_blood")
    counts = {name: [0] * len(Voice) for name in both}
    for finding in findings:
        name = guide_value(finding.concept)
        if name in counts:
            counts[name][finding.passage.voice] += 1
    cord, blood = (tuple(counts[name]) for name in both)
    if not any(cord) or not any(blood) or (cord[Voice.TITLE] and blood[Voice.TITLE]):
        return findings
    wrong = both[cord > blood]
    return [finding for finding in findings if guide_value(finding.concept) != wrong]


def _drawn_blood(context: Context) -> list[Finding]:
    """Find the blood that platelet-rich plasma is made of, where the record says so."""
    blood = load_scheme("cell_sources")["peripheral_blood"]
    found = []
    for passage in context.passages:
        for words in _BLOOD.finditer(passage.text):
            clause = passage.sentence(words.start())
            told = passage.text if passage.voice == Voice.ARM else clause.text
            spun = passage.voice == Voice.ARM and "centrifug" in clause.text
            if (spun or _PLASMA.search(told)) and _DRAWN.search(clause.text):
                match = Match(words.start(), words.end(), words.group(), blood)
                found.append(Finding(blood, passage, match, "source.plasma_blood", 0.85))
    return found


def _bound(passage: Passage, types: frozenset[str]) -> Iterator[tuple[Match[Concept], bool]]:
    """Yield the tissues of a passage that a cell product comes from, and whether by its name."""
    found = passage.matches("cell_sources")
    if not found:
        return
    transplant = HEMATOPOIETIC in types
    named = passage.matches("cell_types")
    prose = passage.voice in (Voice.SUMMARY, Voice.DESCRIPTION)
    for match in found:
        sentence = passage.sentence(match.start)
        clause = clause_around(sentence, match.start, match.end)
        before = passage.text[max(sentence.start, match.start - 130) : match.start]
        after = passage.text[match.end : min(sentence.end, match.end + 90)]
        if _NOT_SOURCE.search(before):
            continue
        if _GROWTH_FACTOR.match(after) or _NOT_CELLS.match(after):
            continue
        # A capital abbreviation behind a hyphen is the tail of a brand ("iSCLife-ACI").
        if match.words.isupper() and len(match.words) < 4 and before.endswith("-"):
            continue
        if _TRANSPLANT.match(after) and _OTHERS_TREATMENT.search(before):
            continue
        if passage.voice >= Voice.ARM:
            if prose and _BACKGROUND.search(sentence.text):
                continue
            tissues = {
                guide_value(other.payload)
                for other in found
                if sentence.start <= other.start < sentence.end
            }
            if len(tissues) > MAX_SOURCES_IN_PROSE:
                continue
            if len(tissues) > 1 and _POSSIBLE.search(sentence.text):
                continue
        if not transplant and (
            _TRANSPLANT.match(after)
            or any(
                other.payload.name == HEMATOPOIETIC
                and other.start < match.end
                and match.start < other.end
                for other in named
            )
        ):
            continue
        itself = any(
            other.payload.name in types
            and (
                (other.start <= match.start and match.end <= other.end)
                or (match.start <= other.start and other.end <= match.end)
            )
            for other in named
        )
        usual = passage.voice < Voice.ARM or guide_value(match.payload) in USUAL_SOURCES
        if (
            itself
            or (_AFTER if usual else _DERIVED).match(after)
            or (
                _FROM.search(before, max(0, len(before) - 60))
                and _BEFORE.search(before)
                and (usual or not _DISTANT.search(before))
            )
        ):
            yield match, True
        elif (
            (
                passage.voice == Voice.KEYWORD
                and usual
                and types != {"platelet_rich_plasma"}
                and not _SAMPLE_ONLY.search(passage.text)
                and len(match.words) >= len(passage.text.strip()) - 6
            )
            or (prose and _TAKEN.search(clause.text) and _TO_GROW.search(sentence.text))
            or (
                passage.voice == Voice.ARM
                and _TAKEN.search(clause.text)
                and not _SAMPLE_ONLY.match(after.strip())
                and (_surely_given(match) or _TO_GROW.search(sentence.text))
            )
        ):
            yield match, passage.voice == Voice.KEYWORD


def _surely_given(match: Match[Concept]) -> bool:
    """Return whether the tissue is seldom taken but for cells; blood is drawn for tests too."""
    value = guide_value(match.payload)
    return value in USUAL_SOURCES and value != "peripheral_blood"
