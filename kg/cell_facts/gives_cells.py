"""Whether patients of a study are given cells, or what is made of cells, at all."""

from __future__ import annotations

import re

from kg.cell_facts.arms import PRODUCT_KINDS
from kg.cell_facts.context import Context, Passage, Voice
from kg.cell_facts.screening import WordPatterns

_EXAMINED = re.compile(
    r"isolat|sampl|extract|analy|collect|biops|sequenc|mobili|blood draw|assay|measure|examin"
)
_SAMPLE_NAME = re.compile(
    r"(?:samples?|sampling|biops(?:y|ies)|blood draw|withdrawal|collection|procurement|"
    r"harvest\w*)\W*$|"
    r"^\W*(?:harvest|collection|sampling) of\b|^\W*sampling\s|^\W*liposuction\W*$",
    re.IGNORECASE,
)
# A donor's marrow goes into a bank, not into a patient.
_COLLECTING = re.compile(
    r"\bdonor protocol\b|\bcell bank|\bbiobank|\bcollecting\b|"
    r"\b(?:collection|procurement|harvest(?:ing)?|banking) of\b"
)
_TAKEN_NAME = re.compile(r"aspirat|harvest|collect|sampl|biops|donat|\bdraw\b|procure|delivery")
GIVEN_CELLS = WordPatterns(
    {
        "cell": r"cell(?:s\b| (?:therapy|transplant|infusion|injection|implant|suspension)|"
        r"(?<=\bcell)(?:s?/kg|\b))",
        "sc": r"sc(?<=[a-z]sc)s?\b",
        "msc": r"msc(?:s|\b)",
        "stem": r"stem(?<=\bstem)[ -]cell",
        "stromal": r"stromal(?: vascular|(?<=\bstromal)[ -]cell)",
        "mononuclear": r"mononuclear(?<=\bmononuclear)[ -]cell",
        "progenitor": r"progenitor(?<=\bprogenitor)[ -]cell",
        "precursor": r"precursor(?<=\bprecursor)[ -]cell",
        "fat": r"fat(?<=\bfat)\b",
        "svf": r"svf(?<=\bsvf)\b",
        "prp": r"prp(?<=\bprp)\b",
        "prf": r"prf(?<=\bprf)\b",
        "adsc": r"adsc(?<=\badsc)",
        "mnc": r"mnc(?:s|\b)",
        "mpc": r"mpcs?\b",
        "preob": r"preob\b",
    }
    | dict.fromkeys(
        [
            *("mesench", "exosome", "vesicle", "secretome", "conditioned medi", "marrow"),
            *("aspirate", "lipo", "platelet", "adipose", "umbilical", "amnio", "placenta"),
            *("wharton", "cord blood", "bmac", "hsct", "chondrocyte", "islet", "fibroblast"),
            *("keratinocyte", "osteoblast", "myoblast", "melanocyte", "dpsc", "graft of"),
        ],
        "",
    )
)
_GIVING = r"(?:transplant\w*|injections?|injected|infusions?|infused|implant\w*|therapy|treatment)"
_CELLS = (
    r"(?:(?:stem|stromal|mononuclear|progenitor) cells?|\w*mscs?|exosomes?|\w*mncs?|bmac|prp|svf)"
)
# A drug that acts on cells is none made of them.
_ACTS_ON = re.compile(
    r"\b(?:after|following|effects?|impact|improv\w+|increas\w+|reduc\w+|inhibit\w*|mobili[sz]\w+|stimulat\w+|"
    r"numbers?|functions?) "
)
_CELLS_WORD = re.compile(rf"\b{_CELLS}\b")
_CELLS_GIVEN = re.compile(
    rf"\b{_CELLS}\)?\s+(?:(?!during|after|before|and|from|in|following)\w+\s+){{0,2}}?{_GIVING}\b|"
    rf"\b{_GIVING}\s+(?:of|with)\s+(?:[\w-]+\s+){{0,6}}?{_CELLS}\b"
)


_FOLLOW_UP = re.compile(r"follow-?\s?up|long-?\s?term|extension study")
# "Autologous stem cells in ...": the title's own product, unless patients had it before.
_OWN_PRODUCT = re.compile(
    rf"(?<!after )(?<!following )(?<!undergoing )(?<!receiving )(?<!of )"
    rf"\b(?:autologous|allogen(?:e)?ic|autogenous)\s(?:[\w-]+\s){{0,5}}?{_CELLS}"
)
# "Safety and efficacy of stem cells in ...": the product, whatever the interventions call it.
_OWN_EFFECT = re.compile(
    r"\b(?:safety|efficacy|effectiveness|tolerability|feasibility)\b[^.;:]{0,40}?\bof\s(?:(?!on\b)[\w,-]+\s)"
    rf"{{0,7}}?{_CELLS}\b(?!\s(?:mobili|count|level|number|function))"
)
_DELIVERED = re.compile(
    rf"{_CELLS}\b[^.;]{{0,40}}\b(?:delivered|injected|infused|implanted|transplanted)\s"
    r"(?:in|into|to|via)\b[^.;]{0,80}\b(?:subjects|patients|participants)\b"
)
_PARENT_TRIAL = re.compile(
    r"\b(?:received|participated|treated|administered)\b[^.;]{0,80}\b(?:phase|"
    r"clinical trial|previous study)"
)
_LABORATORY = re.compile(r"\bpre-?clinical (?:models?|stud)|\bin vitro\b|\bbiobank")
_NAMES_APART = re.compile(r"\s+and\s+|[,/(+;\u00ae\u2122]")


def gives_cells(context: Context) -> bool:
    """Return whether patients are given cells, or what is made from cells, at all.

    A study that only observes must name the product among its interventions. In any other,
    an arm or intervention must name cells, or the intervention be a product (a brand) of
    which titles and prose say more.
    """
    interventions = context.study.arms_interventions.interventions
    if context.observational and any(
        _LABORATORY.search(passage.text) for passage in context.voiced(Voice.TITLE)
    ):
        return False
    near = context.voiced(Voice.NAME, Voice.ARM)
    if context.observational:
        return (
            any(
                _CELLS_GIVEN.search(passage.text)
                for passage in (*context.voiced(Voice.TITLE), *near)
            )
            or any(
                GIVEN_CELLS.in_text(passage.text) and not _EXAMINED.search(passage.text)
                for passage in near
                if passage.section.name.startswith("intervention")
                and not _EXAMINED.search(_name_of(context, passage))
            )
            or _gave_cells(context)
        )
    if interventions and all(
        item.type == "DIAGNOSTIC_TEST" or _SAMPLE_NAME.search(item.name or "")
        for item in interventions
    ):
        return False
    if (
        interventions
        and any(_COLLECTING.search(passage.text) for passage in context.voiced(Voice.TITLE))
        and all(_TAKEN_NAME.search((item.name or "").lower()) for item in interventions)
    ):
        return False
    if any(GIVEN_CELLS.in_text(passage.text) for passage in near):
        return True
    if not interventions or any(item.type in PRODUCT_KINDS for item in interventions):
        return True
    if any(
        (_OWN_PRODUCT.search(passage.text) or _OWN_EFFECT.search(passage.text))
        and not _EXAMINED.search(passage.text)
        for passage in context.voiced(Voice.TITLE)
    ):
        return True
    return _gave_cells(context) or any(
        _said_to_be_cells(context, name)
        for item in interventions
        for name in _NAMES_APART.split(item.name or "")
    )


def _name_of(context: Context, passage: Passage) -> str:
    """Return the name of the intervention that a passage is about, in small letters."""
    index = passage.section.item
    if index is None:
        return ""
    return (context.study.arms_interventions.interventions[index].name or "").lower()


def _gave_cells(context: Context) -> bool:
    """Return whether a study without the product among its interventions is about its takers."""
    titles = context.voiced(Voice.TITLE)
    prose = context.voiced(Voice.SUMMARY, Voice.DESCRIPTION)
    if any(_FOLLOW_UP.search(passage.text) for passage in titles):
        return any(GIVEN_CELLS.in_text(passage.text) for passage in titles) or (
            any(_CELLS_GIVEN.search(passage.text) for passage in prose)
            or (
                any(_PARENT_TRIAL.search(passage.text) for passage in (*titles, *prose))
                and any(
                    _CELLS_WORD.search(passage.text)
                    for passage in (*prose, *context.voiced(Voice.KEYWORD))
                )
            )
        )
    return (
        not context.study.arms_interventions.interventions
        and any(
            GIVEN_CELLS.in_text(passage.text) and not _EXAMINED.search(passage.text)
            for passage in titles
        )
        and any(_DELIVERED.search(passage.text) for passage in prose)
    )


def _said_to_be_cells(context: Context, name: str) -> bool:
    """Return whether prose or titles speak of cells right beside a brand name."""
    brand = name.strip().lower()
    if len(brand) < 4:
        return False
    for passage in context.voiced(Voice.TITLE, Voice.SUMMARY, Voice.DESCRIPTION):
        text = passage.text.lower()
        start = text.find(brand)
        while start >= 0:
            end = start + len(brand)
            before = text[max(0, start - 70) : start].rpartition(".")[2]
            after = text[end : end + 130].partition(".")[0]
            named = _CELLS_WORD.search(after)
            if not before.endswith(("impact of ", "effect of ", "effects of ")) and (
                (
                    named is not None
                    and not _ACTS_ON.search(after[: named.start()])
                    and not after.startswith(" and ")
                )
                or _CELLS_WORD.search(before)
            ):
                return True
            start = text.find(brand, end)
    return False
