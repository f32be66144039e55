"""What is said of the product itself: fresh or frozen, passage, and ISCT criteria."""

from __future__ import annotations

import re
from typing import NamedTuple

from kg.cell_facts.dosing_text import Passage, clause_at, names_cells

_FROZEN = re.compile(
    r"\bcryo-?(?:preserv|frozen|bag|stor)\w*|\bthaw\w*|\bfrozen\b|\bfreezing\b|liquid nitrogen"
)
_FRESH = re.compile(
    r"\bfresh(?:ly)?[ -](?:non[ -]cryopreserved|culture|isolated|prepared|collected autol|"
    r"harvested autol|autologous|allogen\w+|human|expanded|"
    r"metabolic|(?:uncultured )?(?:adipose|bone marrow|umbilical|stromal|stem|cells?|msc|product|"
    r"bm|uc|ad|wj|svf|cord))\w*|"
    r"\bfresh,|\bas fresh\b|\bfresh\s(?:and|or)\sfrozen|\(fresh|non-?[ -]?cryopreserved|"
    r"not (?:cryopreserved|frozen)|never frozen"
)
_NOT_PRODUCT = re.compile(
    r"plasma\b|serum|sample|biops|embryo|oocyte|media\b|medium\b|placebo|ovarian tissue|"
    r"frozen shoulder|sperm|section|aliquots? of (?:bm|blood)|"
    r"backup|back-up|future|if (?:there|cells|extra)|remaining|excess|surplus|unused|optional|"
    r"rest of|may be (?:frozen|cryo)|gait|"
    r"cryopreservative|pbpc|leukapher|\brats?\b|\bmice\b|bank(?:ing|ed) for|apheresis|"
    r"other studies|et al|donor lymph|\bet\b|digest|centrifug|elisa|kept frozen"
)
_NEGATED = re.compile(
    r"\b(?:non?|not|never|without|avoid\w*|instead of|rather than|un)[ -]*(?:\w+[ -]){0,2}$"
)
_FRESH_NOT = re.compile(
    r"media|medium|frozen plasma|blood|sample|water|fruit|umbilical cord samples"
)

_PASSAGE = re.compile(
    r"\b(?P<word>passages?(?:[ -](?:number|no\.?)|\sof\s[\w-]+(?:\s[\w-]+){0,3}?\s(?:was|is))?|"
    r"p)\s?[#:(]?-?\s?(?P<n>\d{1,2}|i{1,3}|iv|vi?)\b"
    r"(?:\s?(?:-|to|or|and|,|/)\s?p?(?:assage\s)?(?P<to>\d{1,2})\b)?"
    r"|\b(?P<ordinal>first|second|third|fourth|fifth|sixth|1st|2nd|3rd|4th|5th|6th|7th|"
    r"8th)(?:\s?(?:-|to|or)\s?(?P<toord>third|fourth|fifth|sixth|4th|5th|6th|7th|"
    r"8th))?\s(?:cell\s|culture\s)?passages?"
    r"|\b(?:(?P<two>two|three|four|five|2|3|4|5|6|7|"
    r"8)(?:-(?P<range>\d))?)\s(?:\w+\s){0,2}passages\b"
)
_P_NUMBER = re.compile(r"p\d\b")
_PASSAGE_WORDS = {
    "i": 1, "ii": 2, "iii": 3, "iv": 4, "v": 5, "vi": 6, "first": 1, "second": 2, "third": 3,
    "fourth": 4, "fifth": 5, "sixth": 6, "two": 2, "three": 3, "four": 4, "five": 5,
}  # fmt: skip
_CULTURE = re.compile(
    r"cultur|expan|amplif|cells?\b|\w*mscs?|mpcs?\b|passag|harvest|stem|cryo|thaw|isolat|trypsin|"
    r"confluen"
)
_GIVES_PASSAGE = re.compile(
    r"passaged|harvest|transplant|used|inject|infus|cryo|frozen|prepar|administ|final|therap|"
    r"product|reach|release|within|suspension|deliver|expan|cultivat|amplif|loaded|obtain|thaw|"
    r"up to|implant|clinical|detach|suspend|exosome"
)
_GROWN_ON = re.compile(
    r"[^.;]{0,60}\b(?:cultured|expanded|grown|passaged)\s(?:up\s)?(?:to|until)\s(?:passage\s)?p?\d"
)
"""The cells thawed at one passage are given at a later one."""
_ANALYSIS = re.compile(
    r"character|flow cyto|profile|antibod|stain|immunopheno|marker|evaluated by|antigen|"
    r"differentiation assay|expression|cologenicity|treated with different|senescen"
)

_MARKER = re.compile(r"\bcd ?(73|90|105|34|45|14|11b|79a|19)\b|\bhla-?dr\b")
_ISCT = re.compile(
    r"\bisct\b|international society (?:for|of) (?:cell\w* therapy|cell and gene)|tri-?lineage|"
    r"plastic[ -]adher\w+|adher\w+ (?:to|on) (?:the )?plastic"
)
_PRESENT = re.compile(r"\s?\(?(?:\+|pos)")
_MARKERS_KEPT = frozenset({"73", "90", "105"})


PREPARATION_WORDS = ("cryo", "thaw", "fresh", "frozen")
ISCT_WORDS = ("isct", "lineage", "plastic", "nal society", "cd73", "cd90", "cd 73", "cd 90")
"""Each text that tells of preparation, or of the criteria of the ISCT, holds one of them."""


class ProductFact(NamedTuple):
    """One statement on the product."""

    field: str
    value: int | str
    start: int
    end: int
    rule: str
    passage: Passage


def find_preparation(passage: Passage) -> list[ProductFact]:
    """Return whether the product is said to be fresh or cryopreserved."""
    folded = passage.folded
    found: list[ProductFact] = []
    for value, pattern in (("cryopreserved", _FROZEN), ("fresh", _FRESH)):
        for match in pattern.finditer(folded):
            clause = clause_at(passage, match.start(), match.end())
            near = folded[max(clause.start, match.start() - 60) : min(clause.end, match.end() + 60)]
            if _NOT_PRODUCT.search(near) is not None or not names_cells(clause.text):
                continue
            if value == "cryopreserved" and _NEGATED.search(
                folded[max(clause.start, match.start() - 25) : match.start()]
            ):
                continue
            if value == "fresh" and _FRESH_NOT.search(folded[match.start() : match.end() + 15]):
                continue
            found.append(ProductFact("preparation", value, *match.span(), f"said_{value}", passage))
    return found


def find_passages(passage: Passage) -> list[ProductFact]:
    """Return the culture passages at which the product is given ("P3-P5", "third passage")."""
    folded = passage.folded
    found: list[ProductFact] = []
    if passage.kind == "title":
        return found
    if "passage" not in folded and _P_NUMBER.search(folded) is None:
        return found
    for match in _PASSAGE.finditer(folded):
        clause = clause_at(passage, match.start(), match.end())
        if match["word"] == "p" and not (match["n"].isdigit() and int(match["n"]) > 0):
            continue
        if _CULTURE.search(clause.text) is None or _GIVES_PASSAGE.search(clause.text) is None:
            continue
        if match["word"] == "p" and re.search(
            r"p\d?\s?[=<>(]|power|equation|confidence|alpha|sample size", clause.text
        ):
            continue
        if _ANALYSIS.search(clause.text) is not None and not re.search(
            r"transplant|inject|infus|administ|patients", clause.text
        ):
            continue
        if _GROWN_ON.match(folded, match.end()) is not None:
            continue
        raw = [
            match["n"],
            match["to"],
            match["ordinal"],
            match["toord"],
            match["two"],
            match["range"],
        ]
        for text in raw:
            if text is None:
                continue
            digits = re.sub(r"(?:st|nd|rd|th)$", "", text)
            value = int(digits) if digits.isdigit() else _PASSAGE_WORDS.get(text, 0)
            if 0 < value <= 20:
                found.append(ProductFact("passage", value, *match.span(), "named_passage", passage))
    return found


def find_isct_criteria(passage: Passage) -> list[ProductFact]:
    """Return the criteria of the ISCT that the text names of the product."""
    folded = passage.folded
    found: list[ProductFact] = []
    for match in _ISCT.finditer(folded):
        text = match.group()
        if "lineage" in text:
            value = "trilineage differentiation"
        elif "plastic" in text:
            value = "plastic adherence"
        else:
            value = "ISCT"
        found.append(ProductFact("isct_criteria", value, *match.span(), "named_criterion", passage))
    markers = list(_MARKER.finditer(folded)) if "cd" in folded else []
    if len({m.group(1) for m in markers} & _MARKERS_KEPT) < 2:
        return found
    for match in markers:
        if match.group(1) not in _MARKERS_KEPT and _PRESENT.match(folded, match.end()):
            continue  # "CD34+": a marker of other cells.
        name = f"CD{match.group(1)}" if match.group(1) else "HLA-DR"
        positive = match.group(1) in _MARKERS_KEPT
        value = name if positive else f"{name} negative"
        found.append(ProductFact("isct_criteria", value, *match.span(), "surface_markers", passage))
    return found
