"""The words by which records say how a product is given."""

from __future__ import annotations

import re

from kg.cell_facts.screening import Screened

MANNER_WORDS = re.compile(
    r"intra|inter|trans(?!pl)|sub(?!mu)|epi(?!th)|peri(?!ph|p|o[dps])|retro|supra|"
    r"endo(?!th|me)|para|i\.|i ?v\b|"
    r"im\b|topical|inhal|nebul|aerosol|atomi|nasal|eye ?drop|oral|rectal|sc\b|s\.c|it\b|icv\b|"
    r"i/v|(?:by|via|through) (?:an? |the )?vein|extracorporeal|c-cath|"
    r"i[ac] infus|ic and iv|"
    r"central (?:venous|line|catheter)|"
    r"peripheral ve|venous (?:infusion|transfusion|injection|drip|route)|lumbar puncture|"
    r"core.decompression|lumbar injection",
    re.IGNORECASE,
)
GIVEN = re.compile(
    r"inject|infus|administ|transplant|implant|deliver|appl(?:i|y)|given|giving|instil|infiltrat|"
    r"transfus|introduc|inoculat|graft|receiv|treat|seeded|placed|deposit|paint|smear|drip|cover|"
    r"dropp|coat|perfus|spray|insert|put (?:in|on)|mixed|loaded|combin|fill|pack|contain|\broute:"
)
PUT = re.compile(
    r"inject|receive\w*\b[^.;]{0,60}\b(?:via|into)\b|infus|transfus|administ|implant|deliver|appl(?:i|y)|"
    r"instil|infiltrat|introduc|inoculat|placed|"
    r"deposit|transplant|insert|drip|fill|plug|graft|given"
)
TAKEN = re.compile(
    r"\b(?:harvest\w*|aspirat\w*|collect\w*|drawn|biops\w*|obtain\w*|taken from|extract\w*|"
    r"liposuction|blood samples?|samplings?|puncture[sd]? (?:for|to)|isolated)\b"
)
# "Injected into the anal fistula": delivery, then a preposition, then at most four words.
PUT_INTO = re.compile(
    rf"(?:{PUT.pattern})(?:(?!\b(?:for|patients?|subjects?|participants|treat\w*|therapy|after|"
    rf"following|"
    r"during|because|and then|who|improve\w*)\b)[^.;]){0,140}?"
    r"\b(?:in|into|via|through|by|to|at|on|onto|around|inside|within|over|along|upon|between|"
    r"near)\s+"
    r"(?:(?:the )?(?:edges?|margins?|borders?|base|sites?|areas?|regions?|cent(?:er|re)|"
    r"sides?|walls?|periphery) of )?"
    r"(?:(?!patients?|subjects?|participants?|wom[ae]n|men\b|man\b|children|adults?|people|"
    r"individuals|infants?|recipients?|with\b|the treatment|above|below)[\w/\-]+\s+){0,4}$"
)
INTO_WITHIN = re.compile(
    rf"(?:in|into|via|through|by|to|at|on|onto|around|inside|within|over|along)\b|"
    rf".*(?:{PUT.pattern})",
    re.IGNORECASE,
)
PUT_VIA = re.compile(
    rf"(?:{PUT.pattern}|receiv)[^.;]{{0,140}}?\b(?:into|via|through|by)\s+(?:[\w/\-]+\s+){{0,4}}$"
)
PUT_AFTER = re.compile(
    r"[\s-]*(?:injections?|infusions?|administration|delivery|implantation|instillation|"
    r"infiltration|"
    r"(?:was|were|is|are|will be) (?:injected|infused|infiltrated|filled)|"
    r"catheteri\w+[^.;]{0,60}\b(?:injection|infusion|transplantation|implantation|delivery))\b"
)
# A sentence that tells on of what the one before it names.
GOES_ON = re.compile(
    r"^\W*(?:it|they|these|this|the (?:needle|catheter|micro-?catheter|injection|infusion|"
    r"procedure|puncture|solution|final product))\b|\b(?:catheters?|micro-?catheters?|tubes?)\b"
)
TREATMENT = re.compile(
    r"\b(?:treatment|therapy|doses?|infusions?|injections?|transplantation|implantation)\b"
)
NOT_PRODUCT = re.compile(
    r"\d ?(?:mg|\u00b5g|ug|mcg|g|iu|units?)\b|\b(?:steroids?|cortico|predniso|methylpred|anesth|"
    r"anaesth|sedati|placebo|saline|g-?csf|filgrastim|tacrolimus|chemotherapy|antibiotic|heparin|"
    r"hydrocortisone|methotrexate|cyclophosphamide|busulfan|fludarabine|contrast|hyaluronic|"
    r"insulin|"
    r"vitamin|ointment|granule|diuretic|chlorphen|acetaminophen|premedicat|control group|cefa|"
    r"blood pressure|fluids?\b|aspirin|alteplase|radiotherapy|laser)|"
    r"sporine?\b|globulin|caine\b|histamin|mab\b|prazole\b"
)
OTHER_THING_GIVEN = re.compile(
    r"[^.;,]{0,25}?\b(?:injections?|infusions?|administration|doses?)?\s*(?:of|with)\s+"
    r"(?:[\w-]+\s+){0,2}?(?:filgrastim|g-?csf|steroid\w*|cortico\w+|placebo|saline|anesthe\w+|"
    r"anaesthe\w+|hyaluron\w+|insulin|\w+caine|cyclophosphamide|methotrexate|\w+mab|contrast|"
    r"heparin|"
    r"immunoglobulin\w*|vehicle|antibiotic\w*|chemotherapy|granulocyte|pain|analges\w+|local)\b"
)
NUMERAL = re.compile(
    r"\b(?:stages?|grades?|degrees?|phase|type|class|group|factor|arm|cohort|nyha|level|aim|part)s?[\s-]*$|"
    r"\b[ivx]+\s*(?:and|or|to|-|/|&|,)?\s*$"
)
# A place that is the site of a disease or of surgery is no route.
DISEASED = re.compile(
    r"[\s-]*(?:marrow|the (?:\d|first|second|third|day|same day))|"
    r"[\s-]*(?:(?!under|by|with|using|via|through|guided|in\b|at\b|on\b|after|for\b|to\b)\w+\s+)?"
    r"(?:infarct\w*|"
    r"occlu\w+|diseases?|stenos\w+|bypass|strokes?|territory|"
    r"ischa?emi\w+|nail\w*|fixation|rates?|syndrome|disorders?|injur\w+|failure|cancer|pain|"
    r"osteoarthritis|fractures?|depression|thromb\w+|pressure|dysplasia|insufficiency|disc disease|"
    r"decompression surgery only|hemorrhage|haemorrhage|hypertension|tumou?rs?|abscess|ultraso\w+|"
    r"degeneration|cirrhosis|fibrosis|immunoglobulin|antibiotics?|"
    r"steroids?|corticosteroids?|laser|line placement|"
    r"transplant\w*|recipients?|function\w*|status|tests?|enzymes?|repair|regenerat\w+|damage|"
    r"healing|allograft\w*|stasis|ulcers?|structure|perfusion|volume|activity|clamp\w*|"
    r"anastomos\w*)\b"
)
# What else is done along a route: "intravenous antibiotics", "subretinal fluid".
OTHER_USE = re.compile(
    r"[\s-]*(?:immunoglobulin|antibiotic|steroid|cortico|ultraso|sedation|an[a]?esthe|laser|access|"
    r"fluids?\b|h[a]?emorrhage|hypertension|thrombolysis|tpa\b|rt-?pa|contrast|alteplase|"
    r"antiviral|insulin|bleeding|fibrosis|insemination|tumou?r|catheter (?:place|insert)|device|"
    r"pressure|aspirat|biops|nail|fixation|lung|pulmon|cystit|pneumon|nephrit|keratit|"
    r"space (?:narrow|width)|cells|"
    r"skin\b|cd\d|[- ]?degree|[- ]?grade|valves?\b|membrane oxy|life support|shock|circul|"
    r"photoph|h[a]?ematoma|dust|smoke|nitric|thrombect)"
)
BACKGROUND = Screened(
    r"previous(?:ly)?\b|\bet al\b|\bporcine\b|\bfirst reported\b|\bendogenous|"
    r"\bcurrent(?:ly)? (?:\w+ )?(?:procedures|treatments|treatment is|techniques|"
    r"therapies|surgical|used)\b|"
    r"\brecent (?:study|studies|research)\b|\bha(?:s|ve) been (?:widely )?used\b|"
    r"\bstudies\b|\breported\b|\banimals?\b(?!-)|\bmice\b|\brats?\b|"
    r"\bliterature\b|"
    r"\bshown\b|\bdemonstrated\b|\bpre-?clinical|\bmay (?:provide|help|improve|offer|represent|"
    r"enable|lead)\b|\bhypothesi|\bin the future\b|\bultimately\b",
    "recent_ has_been have_been previous et_al porcine reported endogenous current studies animal "
    "mice rat literature shown demonstrated clinical may_ hypothesi future ultimately ",
)
# "Depending on the wound size", "above the knee": no places of delivery.
NO_PLACE = re.compile(
    r"\b(?:depend\w*|based|according(?: to)?|above|below|proximal to|distal to)\s+(?:the\s+)?$"
)
SEWN = re.compile(r"\bbone\b[^.;]{0,30}\bcovered with\b|\bsutured? (?:in(?:to)? place|to)\b")
FETAL_SURGERY = re.compile(r"[^.;]{0,40}\b(?:surgery|repair|operation)\b")
IMPLANT = re.compile(r"(?:surgical(?:ly)? )?(?:implant|graft)|covered", re.IGNORECASE)
BY_SURGERY_WORD = re.compile(
    r"scaffold|matri(?:x|ces)|surg|arthroscop|ceramic|sponge|collagen|fibrin|calcium|granules|"
    r"bone (?:graft|substitute|defect|void)|construct|\bpatch|\bmesh\b|seeded|hydroxyapatite|"
    r"fusion|plug|"
    r"sutur|cartilage defect|chondral|carrier|open reduction|internal fixation|osteosynthesis"
)
IN_FLASK = re.compile(
    r"seeded\b[^.;]{0,60}\b(?:flasks?|dish\w*|plates?|density|concentration|cm\^?2|medium)",
    re.IGNORECASE,
)
INJECTED = re.compile(r"inject|infiltrat|percutan|needle|syringe")
VESSEL_FISTULA = re.compile(r"(?:arterio-?\s?venous|\bav|dialysis)\s*$")
MANNER, PLACE, BY_SURGERY = "route.manner", "route.place", "route.surgery"
BY_MOUTH = re.compile(
    r"oral(?:ly)?[\s-]*(?:ad|route|dos|intake|use\b|solution|capsule|tablet|deliver|liquid|"
    r"ingest|given)|"
    r"orally|by mouth|per os|sublingual",
    re.IGNORECASE,
)
DOSED = re.compile(r"\d ?(?:mg|\u00b5g|ug|mcg)\b(?:/\w+)*[^.;]{0,12}$")
# "Into the liver through the hepatic artery" is a way by the vessel.
ORGANS = frozenset(("intrahepatic", "intrapancreatic", "intrarenal", "intracerebral"))
VESSELS = frozenset(("intra_arterial", "intraportal", "intravenous"))
AND_LOCAL = re.compile(
    r"(?:muscular|venous|arterial|thecal)(?:ly)? and local(?:ly)? (?:inject|admin)|"
    r"\blocal(?:ly)? and intra(?:muscul|ven|arter)"
)
INTO_TISSUE = re.compile(r"parenchym")
OF_BONE = re.compile(r"[\s-]*(?:progenitor|bone\b|cysts?\b|plate\b|lesions?\b)")
BY_RECTUM = re.compile(
    r"rectally|rectal[\s-]*(?:ad|route|dos|enema|instil|infus|deliver)|.*(?:enema|suppository|"
    r"intra)",
    re.IGNORECASE,
)
OTHER_LAID_ON = re.compile(r"\s(?:application|use|administration) of (?:the )?\w+(?:[^.;,]{0,40})")
TISSUE_ROUTES = frozenset(("subcutaneous", "intradermal", "intramuscular"))
TISSUE = re.compile(r"[\s-]*(?:white |abdominal )?(?:fat|tissue|adipose|lesion|area|nodule)")
# The chambers of the heart are ventricles too.
OF_HEART = re.compile(r"\b(?:left|right)[\s-]+$")
# "Three million cells per brain": a dose for each organ is put into it.
COUNTED = frozenset(("intracerebral", "intraovarian"))
PER_ORGAN = re.compile(r"\bcells ?(?:/|per) ?(?:affected |each )?$")
BONE_UNDER_CARTILAGE = re.compile(r"sub-?chondral", re.IGNORECASE)
SURGERY = "surgical_implantation"
LOOSE = frozenset((SURGERY, "topical"))
YIELDING = frozenset((SURGERY, "topical", "intralesional", "other", "oral"))
"""Routes that give way to a more exact one found in the same texts."""
SOME_ARTERY = re.compile(r"arter(?:y|ia)$|^(?:into )?(?:the )?arter", re.IGNORECASE)
