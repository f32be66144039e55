"""Which arms and interventions give the product under study, and which only compare."""

from __future__ import annotations

import re

from kg.cell_facts.screening import Screened
from kg.study import Study

PRODUCT_KINDS = ("BIOLOGICAL", "GENETIC", "COMBINATION_PRODUCT")
"""Intervention types that a product under study has even where its name is a brand."""
_COMPARATOR_TYPES = {"PLACEBO_COMPARATOR", "SHAM_COMPARATOR", "NO_INTERVENTION"}
_CONTROL_NAME = re.compile(
    r"\W*(?:the )?(?:negative |positive |historical |active |healthy )?"
    r"(?:control|placebo|sham|standard|conventional|no treatment|no intervention|vehicle|saline"
    r"|normal saline|usual|best supportive|comparator|plasma-?lyte|sodium chloride|ringer)\b",
    re.IGNORECASE,
)
_CONTROL_ONLY = re.compile(
    r"\W*(?:the )?(?:control|placebo|sham|standard (?:of )?care)(?: (?:group|arm))?\W*$",
    re.IGNORECASE,
)
_PLAIN_NAME = re.compile(
    r"group|arm\b|experiment|treatment|therapy|transplant|inject|infus|dose|cohort|procedure|"
    r"implant|"
    r"product|surg|scaffold|graft|intervention|repair|administ",
    re.IGNORECASE,
)
OTHER_BIOLOGICAL = Screened(
    r"convalescent|\bplasma(?:pheresis| exchange)|\w+mab\b|globulin|vaccin|\binsulin|\binterferon|"
    r"antibod|\w+(?:ci|si|de|vi|ri)vir\b|\w+cept\b|filgrastim|erythropoietin|\bg-?csf\b",
    "convalescent plasma mab globulin vaccin insulin interferon antibod vir cept "
    "filgrastim erythropoietin csf ",
)
"""Names of what is given beside the cells; their doses and donors are not the product's."""
_CELL_WORD = re.compile(r"\bfat\b|\bprp\b|(?-i:[A-Z]SCs?\b|MPCs?\b|MNCs?\b)", re.IGNORECASE)
_CELL_WORDS = (
    "cell", "msc", "stem", "stromal", "marrow", "adipose", "svf", "exosom", "vesicle", "secretome",
    "conditioned medi", "platelet", "bmac", "umbilical", "cord blood", "wharton", "placenta",
    "amnio", "chondrocyte", "fibroblast", "keratinocyte", "myoblast", "islet", "aspirate",
)  # fmt: skip
_CASELESS = str.maketrans("\u017f\u0130\u0131", "sii")
_CELL_PARTS = ("fat", "prp", "sc", "mpc", "mnc")
"""Of these each other word for cells holds one."""
_WORD = re.compile(r"[a-z0-9]+")
_EMPTY_WORDS = frozenset(
    [
        "of",
        "and",
        "or",
        "the",
        "in",
        "with",
        "by",
        "to",
        "a",
        "an",
        "for",
        "from",
        "group",
        "arm",
        "injection",
        "infusion",
        "transplantation",
        "treatment",
        "therapy",
        "administration",
        "human",
        "autologous",
        "allogeneic",
        "derived",
        "plus",
        "dose",
    ]
)


def experimental_arms(study: Study, linked: list[tuple[int, ...]]) -> frozenset[int]:
    """Return the indices of the arms that give the product under study.

    Comparator arms by type are out. An active comparator counts where no experimental arm
    gives cells: registries' dose arms are often typed so.
    """
    groups = study.arms_interventions.arm_groups
    texts = [[group.label or "", group.description or ""] for group in groups]
    for item, arms in zip(study.arms_interventions.interventions, linked, strict=True):
        for arm in arms:
            texts[arm] += [item.name or "", *item.other_names]
    cells = [_names_cells(" ".join(parts)) for parts in texts]
    experimental, active = set(), set()
    for index, group in enumerate(groups):
        label = group.label or ""
        if group.type in _COMPARATOR_TYPES:
            continue
        control = _CONTROL_ONLY if group.type == "EXPERIMENTAL" else _CONTROL_NAME
        if control.match(label) and not _names_cells(label):
            continue
        if group.type == "ACTIVE_COMPARATOR":
            active.add(index)
        elif group.type == "EXPERIMENTAL" or cells[index] or len(groups) == 1:
            experimental.add(index)
    if any(cells[index] for index in experimental):
        return frozenset(experimental)
    return frozenset(experimental | active)


def link_interventions(study: Study) -> list[tuple[int, ...]]:
    """Return for each intervention the indices of the arms that it belongs to.

    By the record's own links where it has them. Many exports leave them out; then by words:
    the arms that hold most of the words of the intervention's name, if at least half.
    """
    groups = study.arms_interventions.arm_groups
    labels = [_key(group.label or "") for group in groups]
    names = [
        {_key(item.partition(": ")[2] or item) for item in group.intervention_names}
        for group in groups
    ]
    words = [
        (frozenset(_WORD.findall(label)), frozenset(_WORD.findall(_key(group.description or ""))))
        for label, group in zip(labels, groups, strict=True)
    ]
    found = []
    for item in study.arms_interventions.interventions:
        name = _key(item.name or "")
        listed = {_key(label) for label in item.arm_group_labels}
        arms = tuple(
            index for index, label in enumerate(labels) if label in listed or name in names[index]
        )
        found.append(arms if arms or listed else _arms_by_words(name, words))
    return found


def _arms_by_words(
    name: str, words: list[tuple[frozenset[str], frozenset[str]]]
) -> tuple[int, ...]:
    own = frozenset(_WORD.findall(name)) - _EMPTY_WORDS
    if not own:
        return ()
    shares = [max(len(own & label), len(own & text)) / len(own) for label, text in words]
    best = max(shares, default=0.0)
    if best < 0.5:
        return ()
    return tuple(index for index, share in enumerate(shares) if share == best)


def product_interventions(
    study: Study, arms_in: frozenset[int], linked: list[tuple[int, ...]]
) -> list[bool | None]:
    """Return for each intervention: True for the product, False beside it, None for control."""
    interventions = study.arms_interventions.interventions
    found: list[bool | None] = []
    cells = [_names_cells(" ".join((item.name or "", *item.other_names))) for item in interventions]
    any_cells = any(cells)
    for index, item in enumerate(interventions):
        name = item.name or ""
        if (linked[index] and not any(arm in arms_in for arm in linked[index])) or (
            _CONTROL_NAME.match(name) and not cells[index]
        ):
            found.append(None)
        elif any_cells and not cells[index] and OTHER_BIOLOGICAL.search(name.lower()):
            found.append(False)
        elif cells[index] or (
            _names_cells(item.description or "") and (not any_cells or _PLAIN_NAME.search(name))
        ):
            found.append(True)
        else:
            found.append(item.type in PRODUCT_KINDS or not any_cells)
    return found


def _names_cells(text: str) -> bool:
    """Return whether a text names cells; the plain words, asked first, save most searches."""
    # As IGNORECASE reads them: a long s is an s, an i with or without a dot an i.
    lower = text.lower() if text.isascii() else text.translate(_CASELESS).lower()
    for word in _CELL_WORDS:
        if word in lower:
            return True
    for part in _CELL_PARTS:
        if part in lower:
            return _CELL_WORD.search(text) is not None
    return False


def _key(text: str) -> str:
    return " ".join(text.lower().split())
