"""The texts in which a dose may stand, cut into clauses, and who they speak of."""

from __future__ import annotations

import re
from typing import NamedTuple

from kg.cell_facts.arms import OTHER_BIOLOGICAL, PRODUCT_KINDS
from kg.cell_facts.hostile import tamed
from kg.cell_facts.product_words import product_brands
from kg.cell_facts.quantities import fold
from kg.cell_facts.screening import Screened, WordPatterns
from kg.study import Study

_COMPARATORS = frozenset({"PLACEBO_COMPARATOR", "SHAM_COMPARATOR", "NO_INTERVENTION"})
_NO_PRODUCT = frozenset(
    {"DRUG", "PROCEDURE", "DEVICE", "RADIATION", "OTHER", "BEHAVIORAL", "DIAGNOSTIC_TEST"}
)

CELL = WordPatterns(
    {
        "cell": r"cell(?<!excell)",
        "sc": r"sc(?<=[mdbpaecth]sc)s?\b",
        "stem": r"stem(?<=\bstem)\b",
        "stromal": "",
        "exosom": "",
        "vesicle": "",
        "secretome": "",
        "conditioned medi": "",
        "progenitor": "",
        "marrow": r"marrow(?<=\bmarrow)\b",
        "cord blood": r"cord blood(?<=\bcord blood)\b",
        "platelet": r"platelet.rich",
        "prp": r"prp(?<=\bprp)\b",
        "chondrocyte": "",
        "fibroblast": "",
        "keratinocyte": "",
        "study ": r"study (?:drug|product|treatment)",
        "investigational ": r"investigational (?:\w+ )?(?:product|drug)",
        "imp": r"imp(?<=\bimp)\b",
        "ev": r"ev(?<=\bev)s?\b",
        "cel-l": r"cel-l\b",
        "mcs": r"mcss?\b",
        "bmc": r"bmcs?\b",
        "mpc": r"mpcs?\b",
        "mnc": r"mncs?\b",
        "svf": r"svfs?\b",
        "npc": r"npcs?\b",
        "cdc": r"cdcs?\b",
        "epc": r"epcs?\b",
        "bmac": r"bmacs?\b",
        "bmmn": r"bmmns?\b",
    }
)
"""Words for the product itself: cells, what is made of them, or "the study drug"."""

_NOT_CELLS = re.compile(
    r"placebo|saline|vehicle|sham\b|\bcontrols?\b(?= (?:group|arm|subject|patient|treat|cohort))|"
    r"^\W*controls?\b|without (?:\w+ ){0,2}cells"
)
_OF_NOT_CELLS = Screened(_NOT_CELLS.pattern, "placebo saline vehicle sham control without")
# "Mesenchymal Trophic Factor (MTF)": what prose calls the product from then on.
_SHORT_NAME = re.compile(
    r"(?i:cells?|stem|factors?|vesicles?|exosomes?|secretome|medium|product)\s?"
    r"[(\[](?P<name>[A-Z][A-Za-z]*[A-Z\d][\w-]*|[A-Z]{3,})[)\]]"
)
_SENTENCE_END = re.compile(
    r"[.!?](?=\s+[^\d\s]|\s+\d+[.)]\s|\s*$"
    # a space was lost: "of age.Each patient"
    r"|(?<=[a-z)]{3}\.)(?:each|patients?|the|subjects?|after|in|this|all|cells|mscs?|then|"
    r"treatment|participants?|they|we|follow)\b)|\n|;(?!\s*\d+\s?million)"
)


class Passage(NamedTuple):
    """One text of the record in which a dose may stand.

    Attributes
    ----------
    path : str
        Path of the section.
    text, folded : str
        As registered, and folded by `kg.cell_facts.quantities.fold`; spans fit both.
    kind : str
        ``title``, ``arm`` (arm groups, interventions) or ``prose``.
    arms : tuple of int
        The arm groups that it speaks of; empty for the whole trial.
    names : tuple of str
        Names of the product that are no words for cells: brands, codes, abbreviations.
    product : bool
        Whether it is about an arm or intervention whose name or text names cells.
    """

    path: str
    text: str
    folded: str
    kind: str
    arms: tuple[int, ...] = ()
    names: tuple[str, ...] = ()
    product: bool = False


class Clause(NamedTuple):
    """One sentence or list item of a passage, by its span."""

    start: int
    end: int
    text: str


def dosing_passages(study: Study) -> list[Passage]:
    """Return the texts that may state a dose of the experimental product.

    Arms that get no product (placebo, sham, no intervention) and interventions that are linked
    to such arms only, or whose name is a placebo's, are left out, as are eligibility criteria.
    """
    found: list[Passage] = []

    def add(
        path: str,
        text: str | None,
        kind: str,
        arms: tuple[int, ...] = (),
        product: bool = False,
    ) -> None:
        if text:
            folded = fold(tamed(text))
            found.append(Passage(path, text, folded, kind, arms, names, product))

    identification, description = study.identification, study.description
    arms = study.arms_interventions.arm_groups
    items = study.arms_interventions.interventions
    tells = [
        _tells(item.name)
        or (_tells(item.description) and not OTHER_BIOLOGICAL.search((item.name or "").lower()))
        for item in items
    ]
    told = [_tells(arm.label, arm.description) for arm in arms]
    names = _product_names(study, tells)
    for number, arm in enumerate(arms):
        if arm.type in _COMPARATORS:
            continue
        if arm.type != "EXPERIMENTAL" and any(told) and not told[number]:
            continue
        add(f"arm_groups[{number}].label", arm.label, "arm", (number,), told[number])
        add(f"arm_groups[{number}].description", arm.description, "arm", (number,), told[number])
    by_label = {_bare_label(arm.label): number for number, arm in enumerate(arms) if arm.label}
    named: dict[str, list[int]] = {}
    for number, arm in enumerate(arms):
        for name in arm.intervention_names:
            named.setdefault(name.split(": ", 1)[-1].strip().lower(), []).append(number)
    for number, item in enumerate(items):
        beside = item.type in _NO_PRODUCT or OTHER_BIOLOGICAL.search((item.name or "").lower())
        if beside and any(tells) and not tells[number]:
            continue
        linked = {by_label[_bare_label(label)] for label in item.arm_group_labels
                  if _bare_label(label) in by_label}  # fmt: skip
        linked.update(named.get((item.name or "").strip().lower(), ()))
        given = tuple(sorted(n for n in linked if arms[n].type not in _COMPARATORS))
        if linked and not given:
            continue
        name = fold(item.name or "")
        if _OF_NOT_CELLS.search(name) and not names_cells(_NOT_CELLS.sub("", name)):
            continue
        of = f"interventions[{number}]"
        add(f"{of}.name", item.name, "arm", given, tells[number])
        add(f"{of}.description", item.description, "arm", given, tells[number])
        for place, other in enumerate(item.other_names):
            add(f"{of}.other_names[{place}]", other, "arm", given, tells[number])
    add("brief_title", identification.brief_title, "title")
    add("official_title", identification.official_title, "title")
    add("brief_summary", description.brief_summary, "prose")
    add("detailed_description", description.detailed_description, "prose")
    design = study.design.design_info
    model = design.intervention_model_description
    add("intervention_model_description", model, "prose")
    return found


def gives_cells(passages: list[Passage]) -> bool:
    """Tell whether titles, arms, interventions or summary name cells or a product of cells."""
    return any(
        names_cells(p.folded) for p in passages if p.kind != "prose" or p.path == "brief_summary"
    )


def clause_at(passage: Passage, start: int, end: int) -> Clause:
    """Return the sentence or list item around a span (at most 400 characters either side)."""
    folded = passage.folded
    low = max(0, start - 400)
    left = low
    for match in _SENTENCE_END.finditer(folded, low, start):
        left = match.end()
    right_match = _SENTENCE_END.search(folded, end, min(len(folded), end + 400))
    right = right_match.start() if right_match else min(len(folded), end + 400)
    return Clause(left, right, folded[left:right])


def names_cells(text: str) -> bool:
    """Tell whether a folded text names cells or a product of cells."""
    return CELL.in_text(text)


def names_product(passage: Passage, text: str) -> bool:
    """Tell whether a folded part of a passage names cells or the product by its own name."""
    return names_cells(text) or any(name in text and _is_word(name, text) for name in passage.names)


def _is_word(name: str, text: str) -> bool:
    """Tell whether a name stands in a text as a word: "AIT" is none in "wait"."""
    return re.search(rf"(?<!\w){re.escape(name)}(?:s\b|(?!\w))", text) is not None


def is_comparator(passage: Passage, clause: str) -> bool:
    """Tell whether a clause speaks of a placebo or control and not of the product."""
    return _OF_NOT_CELLS.search(clause) is not None and not names_product(
        passage, _NOT_CELLS.sub("", clause)
    )


def _product_names(study: Study, tells: list[bool]) -> tuple[str, ...]:
    """Return the names of the product that are no words for cells, folded."""
    items = study.arms_interventions.interventions
    named = any(_tells(item.name) for item in items)
    product: list[bool | None] = [
        item.type in PRODUCT_KINDS or (told and (not named or _tells(item.name)))
        for item, told in zip(items, tells, strict=True)
    ]
    found = dict.fromkeys(product_brands(study, product))
    titles = (study.identification.brief_title, study.identification.official_title)
    for text in (*titles, *(item.name for item in items)):
        if text and "(" in text:
            found.update(dict.fromkeys(fold(m["name"]) for m in _SHORT_NAME.finditer(text)))
    return tuple(found)


def _tells(*texts: str | None) -> bool:
    """Tell whether any of the texts names cells; most do in the plainest way."""
    return any("cell" in text or names_cells(text.lower()) for text in texts if text)


def _bare_label(label: str) -> str:
    return label.split(": ", 1)[-1].strip().lower()
