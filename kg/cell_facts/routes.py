"""Rules for how the product is given.

A route is told by its manner ("intravenously", "nebulised"), by a place that the product is
put into ("injected along the fistula tract"), or by surgery ("implanted on a scaffold").
Manner speaks for itself where the product or its intervention is spoken of; a place needs a
word of delivery; surgery and surface words count only where nothing says it more exactly.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from kg.cell_facts.clauses import Span, clause_around
from kg.cell_facts.context import Context, Passage, Voice
from kg.cell_facts.findings import Finding
from ontology.matching import Match
from ontology.schemes import Concept, load_scheme

_MANNER = re.compile(
    r"intra|inter|trans(?!pl)|sub(?!mu)|epi(?!th)|peri(?!ph|p|o[dps])|retro|supra|"
    r"endo(?!th|me)|para|i\.|i ?v\b|"
    r"im\b|topical|inhal|nebul|aerosol|atomi|nasal|eye ?drop|oral|rectal|sc\b|s\.c|it\b|icv\b|"
    r"central (?:venous|line|catheter)|"
    r"peripheral ve|venous (?:infusion|transfusion|injection|drip|route)|lumbar puncture|"
    r"core.decompression|lumbar injection",
    re.IGNORECASE,
)
_GIVEN = re.compile(
    r"inject|infus|administ|transplant|implant|deliver|appl(?:i|y)|given|giving|instil|infiltrat|"
    r"transfus|introduc|inoculat|graft|receiv|treat|seeded|placed|deposit|paint|smear|drip|cover|"
    r"dropp|coat|perfus|spray|insert|put (?:in|on)|mixed|loaded|combin|fill|pack|contain",
    re.IGNORECASE,
)
_PUT = re.compile(
    r"inject|infus|transfus|administ|implant|deliver|appl(?:i|y)|instil|infiltrat|introduc|inoculat|placed|"
    r"deposit|transplant|insert|drip|fill|plug|graft|given",
    re.IGNORECASE,
)
_TAKEN = re.compile(
    r"\b(?:harvest\w*|aspirat\w*|collect\w*|drawn|biops\w*|obtain\w*|taken from|extract\w*|"
    r"liposuction|blood samples?|sampling|puncture[sd]? (?:for|to)|isolated)\b",
    re.IGNORECASE,
)
# "Injected into the anal fistula": delivery, then a preposition, then at most four words.
_PUT_INTO = re.compile(
    rf"(?:{_PUT.pattern})(?:(?!\b(?:for|patients?|subjects?|participants|treat\w*|therapy|after|"
    rf"following|"
    r"during|because|and then|who|improve\w*)\b)[^.;]){0,140}?"
    r"\b(?:in|into|via|through|by|to|at|on|onto|around|inside|within|over|along|upon|between|"
    r"near)\s+"
    r"(?:(?!patients?|subjects?|participants?|wom[ae]n|men\b|man\b|children|adults?|people|"
    r"individuals|infants?|recipients?|with\b|the treatment|above|below)[\w/\-]+\s+){0,4}$",
    re.IGNORECASE,
)
_INTO_WITHIN = re.compile(
    rf"(?:in|into|via|through|by|to|at|on|onto|around|inside|within|over|along)\b|"
    rf".*(?:{_PUT.pattern})",
    re.IGNORECASE,
)
_PUT_VIA = re.compile(
    rf"(?:{_PUT.pattern})[^.;]{{0,140}}?\b(?:into|via|through|by)\s+(?:[\w/\-]+\s+){{0,4}}$",
    re.IGNORECASE,
)
_PUT_AFTER = re.compile(
    r"[\s-]*(?:injections?|infusions?|administration|delivery|implantation|instillation|"
    r"infiltration|"
    r"(?:was|were|is|are|will be) (?:injected|infused|infiltrated|filled))\b",
    re.IGNORECASE,
)
_PRODUCT = re.compile(
    r"cells?\b|[mdaubps]scs?\b|\bstem\b|exosom|vesicle|secretome|\bsvf\b|\bprp\b|conditioned medi|"
    r"\bproduct\b|bmac|aspirate|concentrate|m[np]cs?\b|marrow|adipose|\bfat\b|suspension|"
    r"study drug|"
    r"investigational|\bevs?\b|mesench|mixture|platelet",
    re.IGNORECASE,
)
_TREATMENT = re.compile(
    r"\b(?:treatment|therapy|doses?|infusions?|injections?|transplantation|implantation)\b",
    re.IGNORECASE,
)
_NOT_PRODUCT = re.compile(
    r"\d ?(?:mg|\u00b5g|ug|mcg|g|iu|units?)\b|\b(?:steroids?|cortico|predniso|methylpred|anesth|"
    r"anaesth|sedati|placebo|saline|g-?csf|filgrastim|tacrolimus|chemotherapy|antibiotic|heparin|"
    r"hydrocortisone|methotrexate|cyclophosphamide|busulfan|fludarabine|contrast|hyaluronic|"
    r"insulin|"
    r"vitamin|ointment|granule|diuretic|chlorphen|acetaminophen|premedicat|control group|cefa|"
    r"blood pressure|fluids?\b|aspirin|alteplase|radiotherapy|laser)|"
    r"sporine?\b|globulin|caine\b|histamin|mab\b|prazole\b",
    re.IGNORECASE,
)
_OTHER_THING_GIVEN = re.compile(
    r"[^.;,]{0,25}?\b(?:injections?|infusions?|administration|doses?)?\s*(?:of|with)\s+"
    r"(?:[\w-]+\s+){0,2}?(?:filgrastim|g-?csf|steroid\w*|cortico\w+|placebo|saline|anesthe\w+|"
    r"anaesthe\w+|hyaluron\w+|insulin|\w+caine|cyclophosphamide|methotrexate|\w+mab|contrast|"
    r"heparin|"
    r"immunoglobulin\w*|vehicle|antibiotic\w*|chemotherapy|granulocyte|pain|analges\w+|local)\b",
    re.IGNORECASE,
)
_NUMERAL = re.compile(
    r"\b(?:stages?|grades?|phase|type|class|group|factor|arm|cohort|nyha|level|aim|part)s?[\s-]*$|"
    r"\b[IVX]+\s*(?:and|or|to|-|/|&|,)?\s*$",
    re.IGNORECASE,
)
# A place that is the site of a disease or of surgery is no route.
_DISEASED = re.compile(
    r"[\s-]*(?:marrow|the (?:\d|first|second|third|day|same day))|[\s-]*(?:\w+\s+)?(?:infarct\w*|occlu\w+|diseases?|stenos\w+|bypass|strokes?|territory|"
    r"ischa?emi\w+|nail\w*|fixation|rates?|syndrome|disorders?|injur\w+|failure|cancer|pain|"
    r"osteoarthritis|fractures?|depression|thromb\w+|pressure|dysplasia|insufficiency|disc disease|"
    r"decompression surgery only|hemorrhage|haemorrhage|hypertension|tumou?rs?|abscess|ultraso\w+|"
    r"degeneration|immunoglobulin|antibiotics?|steroids?|corticosteroids?|laser|line placement|"
    r"transplant\w*|recipients?|function\w*|status|tests?|enzymes?|repair|regenerat\w+|damage|healing|allograft\w*)\b",
    re.IGNORECASE,
)
# What else is done along a route: "intravenous antibiotics", "subretinal fluid".
_OTHER_USE = re.compile(
    r"[\s-]*(?:immunoglobulin|antibiotic|steroid|cortico|ultraso|sedation|an[a]?esthe|laser|access|"
    r"fluids?\b|h[a]?emorrhage|hypertension|thrombolysis|tpa\b|rt-?pa|contrast|alteplase|"
    r"antiviral|insulin|bleeding|fibrosis|insemination|tumou?r|catheter (?:place|insert)|device|"
    r"pressure|aspirat|biops|nail|fixation|lung|pulmon|cystit|pneumon|nephrit|keratit|space|cells)",
    re.IGNORECASE,
)
_BACKGROUND = re.compile(
    r"previous(?:ly)?\b|\bstudies\b|\breported\b|\banimals?\b(?!-)|\bmice\b|\brats?\b|\bliterature\b|"
    r"\bshown\b|\bdemonstrated\b|\bpre-?clinical|\bmay (?:provide|help|improve|offer|represent|"
    r"enable|lead)\b|\bhypothesi|\bin the future\b|\bultimately\b",
    re.IGNORECASE,
)
_IMPLANT = re.compile(r"(?:surgical(?:ly)? )?(?:implant|graft)|covered", re.IGNORECASE)
_BY_SURGERY_WORD = re.compile(
    r"scaffold|matri(?:x|ces)|surg|arthroscop|ceramic|sponge|collagen|fibrin|calcium|granules|"
    r"bone (?:graft|substitute|defect|void)|construct|\bpatch|\bmesh\b|seeded|hydroxyapatite|"
    r"fusion|plug|"
    r"sutur|cartilage defect|chondral|carrier|open reduction|internal fixation|osteosynthesis",
    re.IGNORECASE,
)
_IN_FLASK = re.compile(
    r"seeded\b[^.;]{0,60}\b(?:flasks?|dish\w*|plates?|density|concentration|cm\^?2|medium)",
    re.IGNORECASE,
)
_INJECTED = re.compile(r"inject|infiltrat|percutan|needle|syringe", re.IGNORECASE)
_VESSEL_FISTULA = re.compile(r"(?:arterio-?\s?venous|\bav|dialysis)\s*$", re.IGNORECASE)
MANNER, PLACE, BY_SURGERY = "route.manner", "route.place", "route.surgery"
_BY_MOUTH = re.compile(
    r"oral(?:ly)?[\s-]*(?:ad|route|dos|intake|use\b|solution|capsule|tablet|deliver|liquid|ingest|given)|"
    r"orally|by mouth|per os|sublingual",
    re.IGNORECASE,
)
# "Into the liver through the hepatic artery" is a way by the vessel.
_ORGANS = frozenset(("intrahepatic", "intrapancreatic", "intrarenal", "intracerebral"))
_VESSELS = frozenset(("intra_arterial", "intraportal", "intravenous"))
_BY_RECTUM = re.compile(
    r"rectally|rectal[\s-]*(?:ad|route|dos|enema|instil|infus|deliver)|.*(?:enema|suppository|intra)",
    re.IGNORECASE,
)
_TISSUE_ROUTES = frozenset(("subcutaneous", "intradermal", "intramuscular"))
_TISSUE = re.compile(r"[\s-]*(?:white )?(?:fat|tissue|adipose|lesion|area|nodule)", re.IGNORECASE)
SURGERY = "surgical_implantation"
_LOOSE = frozenset((SURGERY, "topical"))
_YIELDING = frozenset((SURGERY, "topical", "intralesional", "other", "oral"))
"""Routes that give way to a more exact one found in the same texts."""
_SOME_ARTERY = re.compile(r"arter(?:y|ia)$|^(?:into )?(?:the )?arter", re.IGNORECASE)


def find_routes(context: Context) -> list[Finding]:
    """Return the mentions that say how the product is given, from the closest voice."""
    found: list[Finding] = []
    for voices, confidence in (
        ((Voice.TITLE, Voice.NAME, Voice.ARM), 0.95),
        ((Voice.SUMMARY,), 0.85),
        ((Voice.DESCRIPTION,), 0.8),
    ):
        new = [
            Finding(concept, passage, match, rule, confidence)
            for passage in context.voiced(*voices)
            for match, concept, rule in _stated(passage)
        ]
        # "Implantation" alone is the least exact word; of the prose, only a manner says more.
        found += [item for item in new if not found or item.rule == MANNER]
        if any(item.rule != BY_SURGERY for item in found):
            break
    if all(item.rule == BY_SURGERY or item.concept.name in _LOOSE for item in found):
        found = _at_fistula(context) or _at_lesion(context, found) or found
    return _most_exact(found)


# What is injected for one of these, by no way that is told, is injected there.
_LESIONS = (
    (
        "intraosseous",
        re.compile(
            r"non-?\s?union|delayed (?:union|fracture)|pseud[oa]?arthrosis|osteonecrosis|"
            r"avascular necrosis|bone cyst",
            re.IGNORECASE,
        ),
    ),
    (
        "intralesional",
        re.compile(
            r"tend[io]n|rotator cuff|epicondyl|ligament|vocal|fistula|\bscars?\b|muscle (?:tear|"
            r"injur)|sphincter|meniscus",
            re.IGNORECASE,
        ),
    ),
)
_INJECTED_PRODUCT = re.compile(
    r"(?:cells?|mscs?|\bsvf|fat|tissue|product|\basc\w*|exosomes?)\b[^.;]{0,60}\binject|"
    r"\binject\w*\s+(?:of|with|the|autologous|[\w-]+)\b[^.;]{0,60}?(?:cells?|mscs?|\bsvf|fat|"
    r"tissue|nbmc|product|asc\b)",
    re.IGNORECASE,
)


def _at_lesion(context: Context, found: list[Finding]) -> list[Finding]:
    """Take the lesion under treatment for the place of a product that is injected."""
    if any(item.concept.name == "topical" for item in found):
        return []
    ill = " ".join(p.text for p in context.passages if p.voice in (Voice.TITLE, Voice.KEYWORD))
    for name, lesion in _LESIONS:
        if not lesion.search(ill):
            continue
        for passage in context.passages:
            if passage.voice == Voice.KEYWORD or not passage.about_product:
                continue
            for told in _INJECTED_PRODUCT.finditer(passage.text):
                sentence = passage.sentence(told.start())
                if _BACKGROUND.search(sentence.text) or _of_other_thing(sentence):
                    continue
                concept = load_scheme("routes")[name]
                match = Match(told.start(), told.end(), told.group(), concept)
                return [Finding(concept, passage, match, "route.lesion", 0.7)]
    return []


def _at_fistula(context: Context) -> list[Finding]:
    """Take a fistula under treatment for the place of a product that is applied there."""
    found = []
    for passage in context.voiced(Voice.TITLE, Voice.KEYWORD):
        for match in passage.matches("routes"):
            if match.payload.name != "intralesional" or "istul" not in match.words:
                continue
            if not _VESSEL_FISTULA.search(passage.text[: match.start]):
                found.append(Finding(match.payload, passage, match, "route.fistula", 0.75))
    return found


def _most_exact(found: list[Finding]) -> list[Finding]:
    """Leave out what another finding says more exactly."""
    names = {finding.concept.name for finding in found}
    rules = {finding.rule for finding in found}
    told = {item.rule for item in found if item.concept.name != "other"}
    exact = any(item.concept.name not in _YIELDING for item in found)
    kept = []
    for item in found:
        name = item.concept.name
        if item.rule == BY_SURGERY and rules != {BY_SURGERY}:
            continue
        if name in _YIELDING and item.rule != MANNER and (exact or MANNER in told):
            continue
        # By an endoscope or between tissues: so it comes to the lesion.
        if name == "other" and "intralesional" in names:
            continue
        if name in _ORGANS and item.rule == PLACE and names & _VESSELS:
            continue
        # "Intraparenchymal" is of the brain unless another organ is named.
        if name == "intracerebral" and names & _ORGANS - {name} and "arench" in item.match.words:
            continue
        if (
            name == "intra_arterial"
            and "intracoronary" in names
            and _SOME_ARTERY.search(item.match.words)
        ):
            continue
        kept.append(item)
    return kept


def _stated(passage: Passage) -> Iterator[tuple[Match[Concept], Concept, str]]:
    """Yield the routes that a passage says of the product, each with its rule."""
    if not passage.about_product:
        return
    prose = passage.voice in (Voice.SUMMARY, Voice.DESCRIPTION)
    judged: dict[int, bool] = {}  # by where the sentence begins
    for match in passage.matches("routes"):
        name = match.payload.name
        sentence = passage.sentence(match.start)
        if sentence.start not in judged:
            judged[sentence.start] = not _of_other_thing(sentence) and (
                not prose or _of_product(sentence)
            )
        if not judged[sentence.start]:
            continue
        clause = clause_around(sentence, match.start, match.end)
        manner = _MANNER.match(match.words) is not None
        # The cheap question first: most words for places are no places of delivery.
        if not manner and name not in _LOOSE and not _PUT.search(clause.text):
            continue
        before = passage.text[clause.start : match.start]
        after = passage.text[match.end : clause.end]
        if _NUMERAL.search(before[-24:]) or _OTHER_THING_GIVEN.match(after):
            continue
        if _TAKEN.search(before) and not _tells_delivery(clause.text):
            continue
        if clause.text != sentence.text and _of_other_thing(clause):
            continue
        if name == "oral" and not (
            _names_product(clause.text) and _BY_MOUTH.match(match.words + after)
        ):
            continue
        if manner:
            if name == "rectal" and not _BY_RECTUM.match(match.words + after):
                continue
            if not (_OTHER_USE.match(after) or (name in _TISSUE_ROUTES and _TISSUE.match(after))):
                yield match, match.payload, MANNER
        elif _DISEASED.match(after) or (name == SURGERY and _IN_FLASK.match(match.words + after)):
            continue
        elif name in _LOOSE:
            if _laid_or_implanted(passage, match, sentence):
                yield match, match.payload, BY_SURGERY if name == SURGERY else PLACE
        elif _brought_to(passage, match, sentence):
            if (
                name == "intraosseous"
                and not _INJECTED.search(clause.text)
                and _BY_SURGERY_WORD.search(passage.text)
            ):
                yield match, load_scheme("routes")[SURGERY], BY_SURGERY
            else:
                yield match, match.payload, PLACE


def _names_product(text: str) -> bool:
    """Return whether a text speaks of cells; the plain words, asked first, save most searches."""
    lower = text.lower()
    if "cells" in lower or "cell " in lower or "mscs" in lower:
        return True
    return _PRODUCT.search(lower) is not None


def _tells_delivery(text: str) -> bool:
    """Return whether a text tells of giving."""
    lower = text.lower()
    if "inject" in lower or "infus" in lower or "administ" in lower or "transplant" in lower:
        return True
    return _GIVEN.search(lower) is not None


def _of_other_thing(around: Span) -> bool:
    """Return whether words speak of a drug beside the product and not of the product."""
    return not _names_product(around.text) and _NOT_PRODUCT.search(around.text) is not None


def _of_product(sentence: Span) -> bool:
    """Return whether a sentence of prose says how this study's product is given."""
    if not _tells_delivery(sentence.text) or _BACKGROUND.search(sentence.text):
        return False
    if _names_product(sentence.text):
        return True
    return _TREATMENT.search(sentence.text) is not None and not _NOT_PRODUCT.search(sentence.text)


def _told(passage: Passage, sentence: Span) -> str:
    """Return the text in which the product must be spoken of: all of a text on it alone."""
    return passage.text if passage.voice in (Voice.NAME, Voice.ARM) else sentence.text


def _laid_or_implanted(passage: Passage, match: Match[Concept], sentence: Span) -> bool:
    """Return whether the product is laid on, or put in with surgery."""
    if not _names_product(_told(passage, sentence)):
        return False
    near = sentence if passage.voice == Voice.DESCRIPTION else passage
    if _IMPLANT.match(match.words) and not _BY_SURGERY_WORD.search(near.text):
        return False
    return _tells_delivery(sentence.text)


def _brought_to(passage: Passage, match: Match[Concept], sentence: Span) -> bool:
    """Return whether a place is where the product is brought to."""
    if not _names_product(_told(passage, sentence)):
        return False
    if match.payload.name == "intralesional" and not _INJECTED.search(sentence.text):
        return False
    before = passage.text[max(sentence.start, match.start - 200) : match.start]
    if _VESSEL_FISTULA.search(before):
        return False
    if _INTO_WITHIN.match(match.words) or _PUT_AFTER.match(passage.text[match.end : sentence.end]):
        return True
    return _PUT_INTO.search(before) is not None or _PUT_VIA.search(before) is not None
