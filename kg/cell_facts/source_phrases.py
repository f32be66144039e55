"""The words by which records say which tissue the cells come from."""

from __future__ import annotations

import re

from kg.cell_facts.screening import Screened

CELL = (
    r"(?:cells?\b|\w{0,8}mscs?\b|\w{0,6}mncs?\b|\w{0,4}mpcs?\b|mesench\w+|stromal\b|stem\b|"
    r"exosomes?|vesicles?|evs?\b|"
    r"secretome|aspirates?|concentrat\w+|conditioned medi|progenitors?|mononuclear|\w*exos?\b|"
    r"fibroblasts?|keratinocytes?|chondrocytes?|myoblasts?|culture)"
)
# Words that may not stand between a tissue and the cells named after it: behind them another
# thought begins ("lung injury treated with stem cells").
STOP = (
    r"(?!(?:in|for|on|to|with|by|is|are|was|were|will|after|during|patients?|treat\w*|therap\w*|"
    r"diseases?|injur\w+|repair|regenerat\w+|failure|cirrhosis|fibrosis|defects?|lesions?|"
    r"disorders?|"
    r"function|wounds?|ulcers?|burns?|ischemi\w+|infarct\w*|transplant\w*|surg\w+|cancer|loss|"
    r"grafts?|grafting|damage|aging|using|via|through|into|the|donors?|stimulat\w+|biops\w+|block|"
    r"niche|biomarkers?|molecular|response|growth|institute|association|cycle|"
    r"cervix|cavity|days?|network|society|called|termed)\b)"
)
AFTER = re.compile(
    rf"[\s\-\u2010-\u2015,)(/'\u00ae]*(?:{STOP}[\w+\u00ae/'()\-\u2010-\u2015,]+[\s\-]+){{0,6}}?{STOP}\w*{CELL}"
)
PRODUCT = (
    r"(?:cells?|mscs?|mncs?|exosomes?|vesicles?|secretome|fraction|product|stromal|"
    r"fibroblasts?|concentrate|aspirate|prp|svf|keratinocytes?|chondrocytes?|myoblasts?)"
)
FROM = re.compile(r"\b(?:from|source(?:d from| is|:)|origin(?:ate[sd]?|ating)? (?:of|in)|of)\b")
BEFORE = re.compile(
    rf"{PRODUCT}\b[^.;]{{0,80}}?\b(?:from|source(?:d from| is|:)|origin(?:ate[sd]?|ating)? (?:of|"
    rf"in))\b[^.;]{{0,45}}$"
    rf"|{PRODUCT}\)?\s+of\s+(?:[\w-]+\s+){{0,3}}$"
)
# What was done to the patient before or beside the product.
OTHERS_TREATMENT = re.compile(
    r"\b(?:after|following|undergo\w*|underwent|post|prior to|before|recipients? of|with|receiv\w+|"
    r"candidates? for|ineligible for|during)[\s-]+(?:[\w/-]+\s+){0,5}$"
)
TRANSPLANT = re.compile(
    r"[\s(/]*(?:or [\w ]+)?(?:peripheral blood\s+)?(?:stem cell\s+)?(?:transplant\w*|bmt|hsct|"
    r"hct|donors?)\b"
)
TAKEN = re.compile(
    r"\b(?:aspirat\w*|harvest\w*|collect\w*|obtain\w*|isolat\w*|extract\w*|liposuction|biops\w*|"
    r"taken|drawn|deriv\w*|prepared|removed)\b"
)
HARVESTED_SOURCES = frozenset(("bone_marrow", "adipose_tissue"))
HARVEST = re.compile(
    r"(?:fat|adipose(?: tissue)?|marrow) (?:biops|harvest|aspirat|collect|extract)|"
    r"(?:aspirat|harvest|collect|extract)\w*(?: of)?(?: the| their| autologous)? (?:bone|fat|adip)|"
    r"liposuct|lipoaspir"
)
TO_GROW = re.compile(
    r"\bto (?:\w+ )?(?:grow|isolate|obtain|prepare|culture|expand|produce|manufacture)\b|"
    r"(?:from which|grown|isolated|cultured|expanded|separated)"
)
NOT_SOURCE = re.compile(
    r"(?:cells?|mscs?)[ -]derived\s+$|differentiat\w+\s+(?:[\w-]+\s+){0,6}?(?:to|"
    r"into)\s+(?:[\w-]+\s+){0,2}$|"
    r"\bsuffer\w*\s+from\s+(?:\w+\s+){0,3}$|"
    r"\b(?:patients|subjects|participants|children|adults) (?:with|who have|having) (?:(?!cells?\b|"
    r"\w*mscs?\b|autolog|allogen|by\b|using\b|with\b|from\b|of\b)[\w-]+\s+){0,8}$|"
    r"\bin vitro-treated\s+$|"
    r"\b(?:[tb][ -]cells?|lymphocytes?)\b[^.;,]{0,40}$|"
    r"\badherent stromal cells?\s*\(?$|"
    r"\b(?:samples?|tests?|smears?|levels?|counts?)\s+(?:of|from|in)\s+(?:\w+\s+){0,2}$|"
    r"\b(?:recruit\w*|rescue of|not|non|rather than|instead of|unlike|without|except|no|"
    r"compared (?:with|"
    r"to)|than)"
    r"\s+(?:\w+\s+){0,2}$"
)
POSSIBLE = re.compile(
    r"\b(?:can|may|could|might) (?:also )?be (?:\w+ )?(?:isolated|obtained|derived|harvested|"
    r"found|extracted)"
)
BACKGROUND = Screened(
    r"\bsuch as\b|previous(?:ly)?\b(?! (?:harvested|collected|isolated|obtained))|"
    r"\bstudies\b|\bshown\b|\breported\b|\banimals?\b(?!-)|\bmice\b|"
    r"\brats?\b"
    r"|\bliterature\b|various (?:tissues|sources)|different (?:tissues|sources)|"
    r"\bfirst (?:described|isolated)|\breferred to as\b|\bappearance\b"
    r"|\btypes of (?:stem )?cells\b|\bbeen studie[ds]\b|\bcompared (?:with|to) pluripotent|"
    r"\bare (?:found|present) in\b|\bsources? of\b|\bother\b|\bfound that\b",
    "referred appearance such_as previous studies shown reported animal mice rat literature "
    "various_ "
    "different_ first_ are_found are_present source other found_that types_of compared_ been_stud ",
)
SAMPLE_ONLY = re.compile(
    r"\b(?:samples?|biops(?:y|ies)|smear|examination|suppress\w*|failure|toxicity|recovery|"
    r"function|"
    r"engraftment|injury|disease|cirrhosis|lesions?|defects?|regeneration|repair|fibrosis|"
    r"stimulation|cancer|cellularity)\b"
)
BLOOD = re.compile(
    r"\b(?:(?:peripheral|venous|whole|autologous|own) )*blood\b(?! (?:cell|sugar|pressure|vessel|"
    r"flow|count|test|glucose|supply))"
)
PLASMA = re.compile(r"platelet|plasma|\bprp\b|\bprf\b|\bprgf\b")
DRAWN = re.compile(
    r"collect|drawn|draw\b|taken|withdraw|centrifug|autologous|own\b|obtain|prepar|patient's|"
    r"aspirat|"
    r"extract|deriv|sampl|venipunct"
)
DERIVED = re.compile(r"[\s\-\u2010-\u2015]*(?:tissue[\s\-]*)?(?:derived|origin)")
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
NOT_CELLS = re.compile(
    r"[\s-]*(?:collagen )?(?:matrix|scaffold|wrap|patch|graft|dressing|stage|development)\b"
)
DISTANT = re.compile(r"\bfrom\b(?:\W+\w+){4,}\W*$")
GROWN_INTO = re.compile(
    r"(?:differentiat\w*\b[^.;]{0,70}?\b(?:to|into)|\b(?:progenitors?|source)\s+of)\s+([^.;]{0,40})"
)
KINDS_APART = frozenset(
    ("mesenchymal_stromal_cell", "hematopoietic_stem_cell", "cardiac_progenitor_cell", "t_cell",
     "endothelial_progenitor_cell", "chondrocyte", "keratinocyte", "fibroblast")
)  # fmt: skip
"""Cells that seldom come from one tissue together."""
GROWN_FROM = re.compile(
    r"((?:[\w-]+ ){1,2}cells?) (?:differentiated|induced|grown) from (?:\w+ ){0,2}?(?:mesench|msc)"
)
SEVERAL = re.compile(r"\bstrat(?:um|a)\b|\bcohort|\bgroups\b|\barms\b|\bboth\b|\beither\b")
AIMS = re.compile(
    r"\b(?:safety|efficacy|objectives?|aims?|purpose|evaluate|assess|compare|dose escalation)\b"
)
THIS_STUDY = re.compile(
    r"\b(?:this|present|our|the) (?:\w+ ){0,2}(?:study|trial|protocol|project|aim|purpose|"
    r"objective)\b|"
    r"\bwill be\b|\b(?:patients|participants|subjects) (?:will|were|are|receiv|with)|\bwe\b|"
    r"\binvestigators?\b|\bwere (?:\w+ )?(?:isolated|obtained|infused|injected|given|administered)"
)
# "Cells from the umbilical cord were chosen because ..." tells what is behind it only as a reason.
CHOSEN = re.compile(r"\b(?:was|were|is|are) (?:chosen|selected)\b")
GROWTH_FACTOR = re.compile(r"[\s-]*(?:derived )?growth factor")
MAX_SOURCES_IN_PROSE = 2
"""A sentence of prose with more tissues lists where such cells may come from at all."""
