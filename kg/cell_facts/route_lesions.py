"""Routes that the lesion under treatment tells, where the record names no way of delivery.

"Injection of cells in tendinopathy": into the tendon. Only what is injected, implanted or laid on
is read so; "infusion" and "transplantation" alone tell nothing.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from kg.cell_facts import route_phrases as say
from kg.cell_facts.context import Context, Passage, Voice
from kg.cell_facts.findings import Finding
from kg.cell_facts.route_voice import of_other_thing
from ontology.matching import Match
from ontology.schemes import load_scheme

BY_LESION, BY_FISTULA = "route.lesion", "route.fistula"


class _Lesion(NamedTuple):
    """What is done (`told`) to a lesion (`ill`), and the route that it means."""

    route: str
    ill: re.Pattern[str]
    told: re.Pattern[str]


_INJECTED = re.compile(r"\binject|infiltrat")
_LAID_ON = re.compile(
    r"\bappl(?:y|ied|ying|ications?)\b(?! of mesench)|spray|dressing|cover(?:ed|age|ing)\b|\bsmear|"
    r"(?:mscs?|cells?|exosomes?)[ -]gel\b"
)
_PUT_IN = re.compile(
    r"(?<!dental )implant(?!s\b)|\bgraft|scaffold|carrier|seeded|loaded|embedded|impregnat|"
    r"\bfill|\bplaced|\bplug|"
    r"membrane|\bmatrix|collagen|fibrin|hydroxyapatite|ceramic|intra-?operativ|\bconstructs?\b|"
    r"\bsurg|fixation|"
    r"arthrodesis|\bfusion\b"
)
_HEART_SURGERY = r"(?:cabg|bypass|open[- ]heart|cardiac surgery)"
_LESIONS = (
    _Lesion("surgical_implantation", re.compile(r"fistul"), re.compile(r"\bplugs?\b")),
    _Lesion(
        "intraosseous",
        re.compile(
            r"non-?\s?union|delayed (?:union|fracture)|pseud[oa]?arthrosis|osteonecrosis|"
            r"avascular necrosis|bone cyst"
        ),
        re.compile(r"\binject|percutan|core decompress|hip decompress"),
    ),
    _Lesion(
        "intraosseous",
        re.compile(r"fracture"),
        re.compile(r"percutaneous\w*[ -](?:[\w]+[ -]){0,4}?(?:graft|inject)"),
    ),
    _Lesion(
        "intradiscal",
        re.compile(
            r"\bdis[ck](?:us|al|ogenic)?\b.{0,20}(?:degenerat|diseas|pain)|degenerat\w* dis[ck]"
        ),
        re.compile(r"\binject|\bimplant(?!\w*[^.;]{0,60}\bfusion)"),
    ),
    _Lesion(
        "intralesional",
        re.compile(
            r"tend[io]n|rotator cuff|epicondyl|ligament|vocal|fistul|\bscars?\b|muscle (?:tear|"
            r"injur)|sphincter|meniscus|f(?:a)?ecal incontinence|anal incontinence|strictur|"
            r"trache\w+ stenosis"
        ),
        _INJECTED,
    ),
    _Lesion(
        "surgical_implantation",
        re.compile(
            r"cartilage (?:defect|lesion|injur|repair|regenerat)|(?:osteo)?chondral|"
            r"defects? of (?:the )?cartilage|articular cartilage"
        ),
        re.compile(r"arthroscopic|arthrotom|\bsurg|implant|scaffold|membrane"),
    ),
    _Lesion(
        "intraperiodontal",
        re.compile(r"periodontitis|periodontal|intra-?bony|gingival|\bpulp|periapical"),
        re.compile(rf"\binject|{_PUT_IN.pattern}|introduc"),
    ),
    _Lesion(
        "surgical_implantation",
        re.compile(
            r"\bbon[ey] (?:defect|loss|void|lesion|regenerat|heal)|fracture|non-?\s?union|alveolar|"
            r"jaw|mandib|maxilla|"
            r"arthrodesis|spin\w* fusion|pseud[oa]?arthrosis|rotator cuff|ligament|tracheal|"
            r"urethral stricture|hernia|osteonecrosis"
        ),
        _PUT_IN,
    ),
    _Lesion("transurethral_periurethral", re.compile(r"urinary incontinence"), _INJECTED),
    _Lesion("intracavernous", re.compile(r"erectile|impotence|peyronie"), _INJECTED),
    _Lesion(
        "intra_articular",
        re.compile(r"osteoarth|gonarthro|(?<!pseudo-)\barthrosis|chondropath"),
        _INJECTED,
    ),
    _Lesion(
        "corneal",
        re.compile(r"limb(?:al|us)\b|ocular surface|cornea|keratoconus"),
        re.compile(r"transplant|implant|graft|membrane"),
    ),
    _Lesion(
        "topical",
        re.compile(r"wound|burn|ulcer|\braw area|epidermolysis|skin (?:defect|loss|injur)"),
        _LAID_ON,
    ),
    _Lesion(
        "intracerebral",
        re.compile(r"h(?:a)?ematoma|intracerebral|cerebral h(?:a)?emorrhage|brain|glioma"),
        re.compile(r"intra-?cavit|(?:hematoma|tumou?r|resection) cavity"),
    ),
    _Lesion(
        "intraspinal",
        re.compile(r"spinal cord injur|paraplegi|spinal injur"),
        re.compile(r"percutan|\binject\w* (?:\w+ ){0,3}?(?:lesion|injur)"),
    ),
    _Lesion(
        "intramyocardial",
        re.compile(r"cardi|heart|myocard|coronary"),
        re.compile(
            rf"\binject\w*[^.;]{{0,80}}\b{_HEART_SURGERY}|{_HEART_SURGERY}\b[^.;]{{0,80}}\binject"
        ),
    ),
)
_BESIDE = re.compile(r"\b(?:such as|standard|conventional|traditional|routine|control)\b[^.;]*$")
_WORD_REST = re.compile(r"[a-z]*")
_NEAR = 80
"""Within so many characters of what is done prose must name the product."""


def at_lesion(context: Context, found: list[Finding]) -> list[Finding]:
    """Take the lesion under treatment for the place of a product that is put there.

    A text farther from the product than those that tell surgery is not asked.
    """
    if any(item.concept.name == "topical" for item in found):
        return []
    nearest = min((item.passage.voice for item in found), default=Voice.DESCRIPTION)
    farthest = Voice.ARM if nearest <= Voice.ARM else nearest
    ill = " ".join(p.text for p in context.passages if p.voice in (Voice.TITLE, Voice.KEYWORD))
    for lesion in _LESIONS:
        if not lesion.ill.search(ill):
            continue
        for passage in context.passages:
            if passage.voice > farthest or not passage.about_product:
                continue
            if lesion.told.search(passage.text) is None or not _may_tell(passage):
                continue
            for told in lesion.told.finditer(passage.text):
                if not _of_product(passage, told):
                    continue
                concept = load_scheme("routes")[lesion.route]
                # "inject" tells it, "injected" is quoted.
                end = _WORD_REST.match(passage.text, told.end()).end()  # type: ignore[union-attr]
                quoted = passage.section.text[told.start() : end]
                match = Match(told.start(), end, quoted, concept)
                return [Finding(concept, passage, match, BY_LESION, 0.7)]
    return []


def _may_tell(passage: Passage) -> bool:
    """Return whether a name or arm speaks of the product at all; prose is asked at each place."""
    return passage.voice not in (Voice.NAME, Voice.ARM) or passage.names_product(passage.text)


def _of_product(passage: Passage, told: re.Match[str]) -> bool:
    """Return whether it is the product that is injected, implanted or laid on."""
    sentence = passage.sentence(told.start())
    if say.BACKGROUND.search(sentence.text) or of_other_thing(passage, sentence):
        return False
    before = sentence.text[: told.start() - sentence.start]
    if say.TAKEN.search(before) or _BESIDE.search(before[-60:]):
        return False
    if "recruit" in sentence.text:
        return False  # The body's own cells are called to the place.
    if passage.voice in (Voice.NAME, Voice.ARM):
        return True
    near = passage.text[
        max(sentence.start, told.start() - _NEAR) : min(sentence.end, told.end() + _NEAR)
    ]
    return passage.names_product(near)


def at_fistula(context: Context) -> list[Finding]:
    """Take a fistula under treatment for the place of a product that is applied there."""
    if any("plug" in p.text for p in context.voiced(Voice.TITLE, Voice.NAME, Voice.ARM)):
        return []
    concept = load_scheme("routes")["intralesional"]
    found = []
    for passage in context.voiced(Voice.TITLE, Voice.KEYWORD):
        for told in _FISTULA.finditer(passage.text):
            if say.VESSEL_FISTULA.search(passage.text[: told.start()]):
                continue
            quoted = passage.section.text[told.start() : told.end()]
            match = Match(told.start(), told.end(), quoted, concept)
            found.append(Finding(concept, passage, match, BY_FISTULA, 0.75))
    return found


_FISTULA = re.compile(r"fistul\w*")
