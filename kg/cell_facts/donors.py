"""Rules for whose cells are given: the patient's own or another person's."""

from __future__ import annotations

import re

from kg.cell_facts.clauses import Span
from kg.cell_facts.context import Context, Passage, Voice
from kg.cell_facts.findings import Finding, guide_value
from kg.cell_facts.screening import Screened
from kg.cell_facts.source_phrases import HARVESTED_SOURCES, USUAL_SOURCES
from kg.cell_facts.type_grafts import HEMATOPOIETIC
from ontology.matching import Match
from ontology.schemes import Concept, load_scheme

# Between the donor and "transplantation" no word for the product itself may stand.
_TRANSPLANT = re.compile(
    r"[\s\-(]*(?:(?!\w*msc|mesench|stromal|\w*derived|umbilical|adipose|fat\b)[\w-]+[\s\-(]+){0,4}?"
    r"(?:\w*hsct|\w*hct(?!-msc)|\w*sct|bmt|h[a]?ematopoietic|hemopoietic|"
    r"bone marrow transplant\w*|cord blood transplant\w*|peripheral blood(?! mesench|"
    r"[ -]derived))\b"
)
_STEM_CELL_TRANSPLANT = re.compile(
    r"[\s\-(]*(?:(?!\w*msc|mesench|stromal|\w*derived|umbilical|adipose|fat\b)[\w-]+[\s\-(]+){0,4}?"
    r"(?:blood )?stem cell transplant\w*"
)
_ANY_TRANSPLANT = re.compile(r"\s*(?:stem cell\s+)?transplant")
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
    r"[\s\-]*(?:(?!\w*mscs?\b|cells?\b|in\b|for\b|of\b)[\w-]+[\s\-]+){0,3}?"
    r"(?:bone (?:grafts?|tissue|matrix|allografts?|blocks?|chips)|"
    r"demineral\w+|skin grafts?|"
    r"serum|plasma lysate|immune|transfus\w+|kidney|renal|liver|organ|collagen|iliac bone|"
    r"scaffolds?|trachea\w*|decellulari[sz]ed|dura|"
    r"cancellous|red blood|blood transfusion|islet|hematopoetic)\b"
)
_NEGATED = re.compile(
    r"\b(?:not|without|rather than|instead of)\s+(?:(?:use|using|an?|any)\s+){0,2}$"
)
_OTHERS_TREATMENT = re.compile(
    r"\b(?:after|following|undergoing|undergo|underwent|post|prior to|before|recipients? of|"
    r"candidates? for|ineligible for)\s+(?:\w+\s+){0,3}$"
)
_PRODUCT = re.compile(
    r"cells?\b|\w*mscs?\b|\bstem\b|exosom|vesicle|secretome|\bsvf\b|\bprp\b|concentrate|aspirate|"
    r"marrow|adipose|\bfat\b|\w*mncs?\b|plasma|umbilical|placent|\bm[np]cs?\b"
)
_OTHER_TRANSPLANT = re.compile(
    r"hsct|\bhct(?!-msc)|\bbmt\b|hematopoietic|haematopoietic|(?:kidney|renal|liver) (?:\w+ )?"
    r"(?:allo)?(?:transpl|graft)|"
    r"\bt[- ]?(?:cells?|lymphocytes?)\b"
)
_BACKGROUND = Screened(
    r"previous(?:ly)?\b|\bstudies\b|\breported\b|\banimals?\b(?!-)|\bmice\b|\brats?\b|"
    r"\bliterature\b|\bet al\b|\bfirst patient to receive\b|\bstrategies\b|"
    r"\bconcept of\b|\bbaboons?\b|"
    r"\bgold standard\b|\btraditional(?!ly)|\bconventional\b|\btrials (?:have|using|with|of)\b|"
    r"\bbeing used in\b|\bhave been (?:performed|used|carried)|\bnon-?immunogenic|"
    r"\bgained acceptance|\bha(?:s|ve) (?:also )?(?:been )?(?:demonstrated|shown|significantly|"
    r"carried out)\b|"
    r"\bwas observed\b|\brecent (?:research|study|findings)\b",
    "et_al first_patient baboon strategies concept_of previous studies reported animal "
    "mice rat literature "
    "gold_ traditional conventional trials_ being_used have_been immunogenic acceptance "
    "has_ have_ was_observed recent_ ",
)


_ITS_CELLS = re.compile(
    r"[\s\-(]*(?:(?:donors?|human|adult|bone|marrow|bm|cord|umbilical|adipose|tissue|derived|ex|vivo|"
    r"expanded|cultured)[\s\-(]+){0,6}(?:\w*mscs?\b|mesench|stromal)"
)
_CELLS_FROM = re.compile(
    r"(?:mscs?|mesenchymal (?:stem|stromal) cells?|stromal cells?)[^.;,]{0,30}\bfrom "
    r"(?:an? |the )?$"
)
_SOME_OF_BOTH = re.compile(
    r"\bautolog\w+ (?:[\w-]+ ){2,8}?and allogen|\ballogen\w+ (?:[\w-]+ ){2,8}?and autolog"
)
# "Trinity is an allograft", "allograft stem cells"; other allografts are no cells.
_CELL_ALLOGRAFT = re.compile(r"[\s-]*(?:derived )?(?:mesench|stem|msc|cells?\b|cellular)")
_TAKEN = (
    r"(?:(?:bone[ -])?marrow(?: cells?)? (?:aspirat\w+|harvest\w*|biops\w+|collection)|liposuction|"
    r"lipo-?aspirat\w+|fat biops\w+|harvest\w* of (?:the )?(?:bone marrow|fat|adipose))"
)
_PATIENT = r"\b(?:patients?|subjects?|participants?)\b"
_HARVEST = Screened(
    rf"{_PATIENT}[^.;]{{0,60}}?\b(?:undergo\w*|underwent|exposed to|receive|have|scheduled for)\s"
    rf"[^.;]{{0,40}}?{_TAKEN}|"
    r"\b(?:harvested|obtained|isolated|collected|taken) from [^.;]{0,40}?\b(?:marrow|fat|"
    rf"fat pad|adipose)(?: tissues?)? of (?:the )?{_PATIENT}|"
    rf"\b(?:aspirat\w*|collect\w*|harvest\w*|biops\w+)[^.;]{{0,80}}?\bto the same {_PATIENT}|"
    rf"{_PATIENT}[^.;]{{0,140}}?\b(?:fat|adipose tissue|bone marrow) (?:is|was|will be) "
    rf"(?:collected|harvested|taken|aspirated)\b|"
    r"\bliposuction (?:is|was|will be) (?:carried out|performed|done)\b",
    "aspirat harvest biops collect liposuc taken obtained isolated",
)
_HARVEST_NAME = re.compile(
    r"\W*(?:bone[ -]marrow (?:aspirat(?:ion|e)|harvest\w*|biopsy)\b(?! concentrat)|liposuction)"
)
_NO_OWN = re.compile(r"\bsham\b|\bdonors?\b|healthy|volunteer|\bsimulat|allogen")


def find_donors(context: Context, types: frozenset[str], sources: frozenset[str]) -> list[Finding]:
    """Return the mentions that say whose cells are given, from the closest voices.

    Parameters
    ----------
    context : Context
    types, sources : frozenset of str
        Names of the cell types and tissues found.
    """
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
            for match in _stated(passage, other_transplant, context, sources):
                findings.append(Finding(match.payload, passage, match, rule, confidence))
        if findings:
            return findings
    return _harvested(context) if sources & HARVESTED_SOURCES else []


def _harvested(context: Context) -> list[Finding]:
    """Take patients from whom marrow or fat is taken for the donors of what is made of it."""
    own = load_scheme("donors")["autologous"]
    for passage in context.passages:
        if passage.section.name == "intervention.name":
            told = _HARVEST_NAME.match(passage.text)
        elif passage.voice in (Voice.ARM, Voice.SUMMARY, Voice.DESCRIPTION):
            told = _HARVEST.search(passage.text)
        else:
            continue
        if told is None:
            continue
        sentence = passage.sentence(told.start())
        if _NO_OWN.search(sentence.text) or _BACKGROUND.search(sentence.text):
            continue
        quoted = passage.section.text[told.start() : told.end()]
        match = Match(told.start(), told.end(), quoted, own)
        return [Finding(own, passage, match, "donor.harvest", 0.65)]
    return []


def _stated(
    passage: Passage, other_transplant: bool, context: Context, sources: frozenset[str]
) -> list[Match[Concept]]:
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
        if _OTHER_GRAFT.match(after) or _NOT_DONOR.match(after) or _NEGATED.search(before):
            continue
        if match.words.lower().startswith("allograft") and not (
            _CELL_ALLOGRAFT.match(after) or _is_product(passage, before)
        ):
            continue
        if other_transplant and _TRANSPLANT.match(after):
            continue
        if other_transplant and _STEM_CELL_TRANSPLANT.match(after) and _of_blood(context):
            continue
        if passage.voice == Voice.KEYWORD and _ANY_TRANSPLANT.match(after) and _of_blood(context):
            continue
        if passage.voice in (Voice.SUMMARY, Voice.DESCRIPTION) and (
            _names_both(sentence.text)
            or _BACKGROUND.search(sentence.text)
            or not _PRODUCT.search(sentence.text)
            or (
                other_transplant
                and _OTHER_TRANSPLANT.search(sentence.text)
                and not _ITS_CELLS.match(after)
                and not _CELLS_FROM.search(before)
            )
            or _of_other_tissue(passage, match, sentence, sources)
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
    return "autolog" in prose and "allogen" in prose and not _SOME_OF_BOTH.search(prose)


def _is_product(passage: Passage, before: str) -> bool:
    """Return whether a product's name and "is an" stand right before a word."""
    return before.endswith((" is an ", " are ")) and any(
        brand in before[-40:] for brand in passage.brands
    )


def _of_other_tissue(
    passage: Passage, match: Match[Concept], sentence: Span, sources: frozenset[str]
) -> bool:
    """Return whether a sentence names cells of a tissue that this study's do not come from."""
    named = {
        guide_value(tissue.payload)
        for tissue in passage.matches("cell_sources")
        if sentence.start <= tissue.start < sentence.end
    }
    after = {
        guide_value(tissue.payload)
        for tissue in passage.matches("cell_sources")
        if match.end <= tissue.start < min(sentence.end, match.end + 30)
    }
    if "umbilical_cord" in named:
        named.add("umbilical_cord_blood")  # Records take the one for the other.
    return bool(sources) and bool(after & USUAL_SOURCES) and not named & sources
