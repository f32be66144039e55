"""The words by which records say how often a product is given."""

from __future__ import annotations

import re

from kg.cell_facts.screening import Screened

WORD = {
    "one": 1, "single": 1, "once": 1, "sole": 1, "unique": 1, "two": 2, "twice": 2,
    "double": 2, "both": 2,
    "three": 3, "thrice": 3, "triple": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8,
    "nine": 9, "ten": 10, "twelve": 12,
}  # fmt: skip
N = r"(?:\d{1,2}|one|two|three|four|five|six|seven|eight|nine|ten|twelve)"
GIVEN = (
    r"(?:injections?|infusions?|administrations?|doses?|transplantations?|transplants?|"
    r"treatments?|implantations?|"
    r"applications?|instillations?|inhalations?|transfusions?|inoculations?|deliver(?:y|ies)|does|"
    r"bolus(?:es)?|"
    r"sessions?|injectable|dosages?|dosis|administrated|shots?|therap(?:y|ies))"
)
ADJ = (
    r"(?:(?!(?:visits?|follow-up|recipients?|patients?|groups?|weeks?|months?|days?|years?|arms?|"
    r"levels?|different|of|and|or|to|in|the|at|centers?|sites?|"
    r"blind\w*|million|billion|mln|subjects?|participants?|who|that|than|after|before|new|post|pre|"
    r"minutes?|mins?|seconds?|following|additional|more|further|other|another|standard|active|"
    r"alternative|knees|eyes|volunteers?|"
    r"mscs? (?:and|or)|given|cohorts?|healthy|cases|step|ratio|blind\w*|site|center|arm|group|for|"
    r"comparator|placebo|saline|sham|with|hours?|hrs?|place|tooth|points?|divided|mg|ml|ascending|escalating|escalation|x|were|will|cc|kg)\b)"
    r"(?:[(]?[a-z][\w®™'/+-]*[),]?|i\.?[vatmp]\.?)[ -]+){0,6}?"
)

SINGLE = re.compile(
    rf"(?:single|unique|one|1)(?: |-(?=\w))+(?!(?:of|or|to)\b){ADJ}{GIVEN}\b(?![ -](?:levels?|"
    rf"groups?|cohorts?|escalation|limiting|center|arms?))"
    r"|single (?:i\.?v\.?|intravenous|intrathecal|intra-?articular)(?=\s?[,;:)]|$)"
)
ONE_TIME = re.compile(
    r"(?:one[ -]time|1[ -]time|single[ -]time|once[ -]time|single[ -](?:dose|injection|infusion|"
    r"procedure))\b"
)
ONCE = re.compile(
    r"once\b(?!\s*[,-]?\s*(?:a|per|every|about|approx|each|daily|week|weekly|monthly|month|"
    r"in(?! phase)|the|again|they|it|there|you|all|this|we|"
    r"both|cells?|an?|patients?|subjects?|treat|conservative|surg|you|in|eligible|consent|"
    r"enrolled|these|participants?|"
    r"confirmed|isolated|cultured|day|mscs?|removed|inclu|after|time|or|more|inside|he|she|"
    r"approved|no|administered|"
    r"delivered|injected|stopped|obtained|\w+ed|his|her|their|sufficient)\b)"
)
COUNTED = re.compile(
    rf"(?P<n>{N})(?P<orn>(?:\s?(?:or|to|-|and|/)\s?{N})?)(?: |-(?=\w))+{ADJ}{GIVEN}\b"
    r"(?![ -](?:levels?|groups?|cohorts?|sites?|points?|arms?|escalation|strengths?|regimens?|"
    r"sessions?))"
)
TIMES = re.compile(
    rf"(?:(?P<n>{N})\s?(?:(?:or\s|to\s|-\s?)(?P<orn>{N})\s?)?(?:separate\s|consecutive\s)?(?:times?|occasions|"
    rf"rounds|(?:consecutive|successive|continuous)\s(?:days|weeks|months)|days in a row)"
    rf"(?!\s?points?)|(?P<w>twice|"
    rf"thrice))\b"
    r"(?!\s*(?:a|per|every(?!\s(?:\d|two|three|four|six))|each|daily|weekly|/|the|higher|more|as|"
    r"washed|than|upper|normal|greater|less|larger|monthly|"
    r"comparator|placebo|saline|sham|in(?! (?:total|one|all|every|an? \d))|10|"
    r"uln)\b|"
    r"\s*10)"
    r"(?!\s*(?:week|day|month)ly|\s*/\s*(?:day|week))"
)
EVERY = re.compile(
    rf"(?:(?P<twice>twice|thrice|{N} times)\s(?:a\s|per\s|every\s)?(?P<unit0>week|month|"
    rf"day)(?:ly)?"
    rf"|(?:once\s)?(?:every|each|per|a|at)\s(?:(?P<every>{N}|other|second|third|"
    rf"fourth)[ -])?(?P<unit>weeks?|months?|days?)(?:\sintervals?)?"
    rf"|(?:once\s)?(?P<ly>weekly|monthly|daily|biweekly|bi-weekly)(?:\sintervals?)?)\b"
    rf"(?:(?:\s\([^()]{{0,120}}\))?"
    rf"[^.;0-9]{{0,60}}?\b(?:for|x|over|during|within|in|by|lasting|up to|duration\s?:?)|"
    rf"(?:[^.;]|\.(?=\d)){{0,90}}?\bfor)\s?(?:a\s|the\s|each\s)?(?:total\s)?(?:of\s|period of\s|"
    rf"continuous\s|first\s|second\s|"
    rf"next\s|last\s|consecutive\s|up to\s)*"
    rf"(?P<span>{N}|(?<=for )a(?=\s(?:year|month)\b))(?:\s?(?:-|to|or)\s?(?P<orspan>{N}))?[ -]"
    rf"(?:consecutive\s)?"
    rf"(?P<spanunit>weeks?|months?|days?|times?|doses?|years?|"
    rf"infusions?|injections?|treatments?|sessions?|therapies|applications?)\b(?!\s?\(\d+ visits)"
)
FROM_TO = re.compile(
    rf"every\s(?:(?P<every>{N})\s)?(?P<unit>week|month|day)s?[^.;]{{0,40}}?\bfrom\s(?P=unit)\s"
    rf"(?P<first>\d{{1,2}})\s(?:to|through|until)\s(?:(?P=unit)\s)?(?P<last>\d{{1,3}})\b"
)
"""An interval with both its ends: "every 4 weeks from week 0 to week 36"."""
DOSING = re.compile(r"infus|inject|\bdos(?:e|es|ing)\b|implant|transplant|administ|inhal|instil")
ARMS_DIFFER = re.compile(r"\bor\b|\bgroup|\barm\b|cohort|phase|\bstep|\bpart\b|versus|\bvs\b")
COUNT_BEFORE = re.compile(
    r"\b(?:[3-9]|1\d|three|four|five|six|seven|eight|nine|ten|twelve)\s(?:[\w-]+\s){0,4}?"
    r"(?:infusions|injections|doses|administrations|transplantations|treatments)\b[^.;]{0,110}$"
)
AFTER_NAME = re.compile(
    r"(?<!\bwith)(?<!\bof)(?<!\btotal)(?<!\bfor)(?<!\band)(?<!\bor)(?<!\bin)(?<=\w)\s*$"
)
IS_MADE = re.compile(
    r"\s*(?:will be obtained|contains?|equals?|corresponds?|is equal|=| tolerance| toxicity)"
)
THEN = re.compile(r"\bthen\b|\bfollowed by|\bsecond\b|\bnext\b|\bthereafter\b|\bsubsequent")
PER_INTERVAL = re.compile(
    r"\b(two|2|three|3)\s(?:[\w-]+\s){0,2}(?:infusions|doses|injections|times)\b[^.;,]*$"
)
UNIT_DAYS = {"day": 1, "week": 7, "month": 28, "year": 336}

GIVING = re.compile(
    r"inject|infus|administ|transplant|receiv|procedure will be repeated|\bdos(?:e|es|ed|ing|age|"
    r"is)\b|deliver|\bgiven|implant|instil|inhal|transfus|"
    r"(?:procedure|process) (?:is|was|will be) (?:carried out|done|performed)|"
    r"treat(?:ed|ment|s)?\b|appl(?:y|ied|ication)|therapy|intraven|"
    r"\biv\b|intrathecal|\bdrip|dropp"
)
FOLLOW = re.compile(
    r"follow(?!ed by)|observ|evaluat|assess|visit|measur|\bmri\b|serum|plasma|"
    r"(?<!menstrual )(?<!cord )blood(?! stem)|inclusion|drawn|sample|"
    r"clinic|return|monitor|questionnaire|biops|\bafter\b|post|examin|"
    r"collect|score|test|record|safety|efficacy|adverse|determin|primary|secondary|endpoint|"
    r"outcome|phone|scan|compar|x-ray|imaging|scale\b|index\b"
)
OTHER_THERAPY = Screened(
    r"\bmg\b|mg/|\bmcg\b|tablet|capsule|\boral|\bpo\b|chemotherap|radiother|irradiat|g-csf|\bgy\b|"
    r"physiotherap|exercise|"
    r"hyaluron|gel-one|synvisc|repetition|azithro|\bqd\b|\bbid\b|steroid|prednis|methotrex|"
    r"cyclophos|rituximab|fludara|busulfan|plasma exchange|washed|centrifug|"
    r"rehabilitat|antibiotic|vaccin|glucocort|insulin|dialysis|heparin|aspirati|"
    r"(?<!marrow )aspirate|mycophen|tacrolimus|cyclospor|apheresis|"
    r"iodine|antisep|steril|"
    r"paste|chlorhex|mouthwash|brush|recall|suture|laser|needling|\bunits?\b|\biu\b|methyl|"
    r"acupunct|anesthe|anaesthe|stimulation|cisplatin|melphalan|thiotepa|\btbi\b|temozol|biopsy|"
    r"lidocaine",
    "mg mcg tablet capsule oral po chemotherap radiother irradiat csf gy physiotherap "
    "exercis hyaluron gel-one synvisc repetition azithro qd bid steroid prednis "
    "methotrex cyclophos rituximab fludara busulfan plasma_ washed centrifug "
    "rehabilitat antibiotic vaccin glucocort insulin dialysis heparin aspirat "
    "mycophen tacrolimus cyclospor apheresis iodine antisep steril paste chlorhex "
    "mouthwash brush recall suture laser needling unit iu methyl acupunct anesthe "
    "anaesthe stimulation cisplatin melphalan thiotepa tbi temozol biopsy lidocaine ",
)
BACKGROUND = re.compile(
    r"et al(?![^()]*\))|\bmice\b|\brats?\b|\banimals?\b|murine|preclinical|pre-clinical|in vitro|"
    r"previous(?:ly)? (?:stud|clinical|trial|report|experi)|"
    r"other studies|reported that|has been shown|have been|literature|was reported|"
    r"studies (?:have|using|showed)|case report|retrospective|\bdsmb\b|\bcolleagues\b|"
    r"\[\d{1,3}(?:\s?[,-]\s?\d{1,3})*\]"
)
CONJUNCTION = re.compile(r"(?:\s[\w-]+){2,8}?\s(?:is|are|was|were|has|have|been|can|may|will)\b")
"""What after "once" that opens a sentence makes it "as soon as"."""
POINT_ROUTES = re.compile(
    r"intra-?muscular|intramyo|endocardi|sites|points|intra-?dermal|subcutan|each injection|"
    r"injections of|intralesion|"
    r"\bscar|multiple|ventric|myocard|\bim\b|each\)|intracereb|epicard|sub-?mucos|scalp|"
    r"0\.\d+ ?(?:ml|cc)"
)


ANCHOR_WORDS = [
    "second",
    "another",
    "repeat",
    "repeated",
    "again",
    "followed",
    "single",
    "sole",
    "unique",
    "once",
    "one",
    "twice",
    "thrice",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "twelve",
    "every",
    "each",
    "per",
    "weekly",
    "monthly",
    "daily",
    "biweekly",
    "bi-weekly",
    "days",
    "day",
    "weeks",
    "week",
    "wks",
    "wk",
    "months",
    "month",
    "baseline",
]
"""Words at which a rule may start."""
ANCHOR_DIGITS = re.compile(r"\d{1,3}(?!\d)")
ANCHOR_KINDS = {
    **dict.fromkeys(("single", "sole", "unique", "one"), "one"),
    **dict.fromkeys(("twice", "thrice"), "twice"),
    **dict.fromkeys(
        ("every", "each", "per", "weekly", "monthly", "daily", "biweekly", "bi-weekly"), "interval"
    ),
    **dict.fromkeys(
        ("days", "day", "weeks", "week", "wks", "wk", "months", "month", "baseline"), "time"
    ),
    "once": "once",
    "second": "second",
    "another": "second",
    "repeat": "second",
    "repeated": "second",
    "again": "second",
    "followed": "followed",
}
AT_EACH = re.compile(r"\beach (?:of (?:these|the) )?(?:visit|session|time|treatment|cycle|day)s?\b")
"""One dose at each of several occasions."""
NOT_SINGLE = re.compile(
    r"(?:\b(?:first|more than|less than|or|than|within|each|phase|grade|group|cohort|type|per|"
    r"least|x|no\.?|every)|\d\s?-)\s*$"
)
"""What before "one dose" makes it something else than one administration."""
NOT_COUNTED = re.compile(
    r"(?:\+|\b(?:one of the following|one of|either of|each of|phase|group|cohort|arm|level|day|"
    r"week|month|visit|type|"
    r"step|stage|part|infusion|injection|dose|treatment|grade|between|the|last|first|than|"
    r"after|least|nct\d*|of|x|additional|cohort)|-|\d[.,]|"
    r"\b(?:divided|split) (?:in|into|over|between))\s*$"
)
"""What before "3 doses" makes the number a label or a part."""
IN_TOTAL = re.compile(
    r"(?:series|total|maximum|minimum|course|regimen|consist\w*|schedule|protocol|receive) of\s*$|"
    r"receive the\s*$"
)
APART = re.compile(
    r"[^.;]{0,60}?\b(?:intervals?|apart|every|\d (?:days|weeks|months)|weekly|monthly)\b"
)
"""What after "2 treatment" or "at least two doses" says that they are given one after another."""
NOT_GIVEN = re.compile(
    r"[ -]*(?:levels?|groups?|cohorts?|\(low|sites?|escalat|will be (?:tested|evaluated|compared|"
    r"studied|examined)|(?:recipients?|patients?|candidates?|subjects?|cent(?:er|re)s?)\b)"
)
"""What after "3 doses" says that they are levels, or that people are counted."""
SECOND = re.compile(
    r"second (?:\w*mscs? |[\w-]+ cell )?(?:one|dose|infusion|injection|transplant(?:ation)?|"
    r"administration|treatment)(?: of [\w -]{3,50}?)? "
    r"(?:will be|is|was) (?:performed|given|administered|infused|injected|delivered)"
    r"|second (?:\w*mscs? |[\w-]+ cell )(?:infusion|injection|transplantation|administration)\b"
    r"|another (?:[\w-]+ ){0,2}?(?:dose|infusion|injection|transplantation)\b"
    r"(?: of [\w -]{3,50}?)? "
    r"(?:will be|is|was) (?:performed|given|administered|infused|injected)(?![^.;]*cross-?over)"
)
A_DRUG = re.compile(r"\d ?mg\b|\w{3}mab\b")
AFTERWARDS = re.compile(r"\b(?:after|following|before|prior to|post)\b")
SECOND_RECEIVED = re.compile(
    r"(?:second|repeat|another) (?:[\w-]+ ){0,2}?(?:dose|infusion|injection|administration)\b"
    r"(?! levels?| groups?| cohorts?)"
)
RECEIVED = re.compile(
    r"\b(?:receiv\w*|given|get|gets|offered|administered|possible|optional|with)\s(?:an?|the)?\s?$"
)
"""Before a second dose: patients get it, if only on a condition."""
FOLLOWED = re.compile(
    r"followed by (?:an? |the |another )?(?:[\w-]+ ){0,3}?(?:administration|injection|infusion|"
    r"dose|"
    r"transplantation)\b[^.;]{0,70}?\b(?:later|afterwards?|after the first)\b"
)
"""A second giving: "followed by a subarachnoid administration three months later"."""
REPEATED = re.compile(
    r"(?:repeat(?:ed)? (?:again )?(?:once )?(?:on|at) (?:the )?(?:day|week|month) \d{1,3}\b"
    r"(?!\s?(?:,|and|or|&|-|to|/)\s?(?:(?:day|week|month)\s)?\d)"
    rf"|again (?:once )?(?:on|at|after|in) {N} (?:days?|weeks?|months?)\b"
    r"|repeat(?:ed)? (?:again )?(?:once )?after \d{1,2} ?(?:h|hours?|days?|weeks?|months?)\b)"
)
"""A second giving: "infused on day 1 and repeated on day 4"."""
COURSES = re.compile(
    rf"(?:repeat\w*[^.;]{{0,60}}?\bfor (?:up to |a total of |at least )?|total of |receive |"
    rf"treated "
    rf"(?:for|with) |in |underwent |undergo )"
    rf"(?P<n>{N}) (?:treatment )?(?:courses|cycles)\b"
)
"""Courses of several doses each: "Treatment repeats every 28 days for up to 6 cycles"."""
ON_TOP = re.compile(r"\badditional\b|\bcontinued therapy|\bflare|\boptional|\bextension")
"""What may come after the schedule itself."""
CONDITIONAL = re.compile(r"\bif\b|\bpossible\b|\bmay\b|\bcan\b|optional|discretion|in case|unless")
