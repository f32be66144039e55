"""Whether a word can be the name of a product: what it says of a kind only, what is common."""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from typing import TYPE_CHECKING

from kg.relations.identifiers import fold_id
from ontology.schemes import load_scheme

if TYPE_CHECKING:
    from similarity.lexical import TermWeights

# A core of a cell name behind any pieces that say where the cells come from: no product.
_GENERIC_CELLS = re.compile(
    r"(?:allo(?:geneic)?|auto(?:logous)?|human|h|hu|u|uc|ucb|cb|cord|bm|ad|at|wj|dp|am|pd|p|pb|mb|m|"
    r"mcb|syn|s|sv|gmp|exo|it|iv|ia|e|i|tc|sf|dac|cm|ips|ipsc|es|esc|gfp|nk|car|anti|post|pre|non|"
    r"co)*"
    r"(?:msc|mesenchymal|stem|asc|adsc|adrc|hsc|hspc|mnc|bmc|epc|npc|nsc|esc|ipsc|svf|bmac|bma|prp|"
    r"prf|pbsc|hct|sct|bmt|exosome|exo|ev|evs|secretome|cell|graft|gf|cm|pc|dc|treg|cik|nk|lysate|"
    r"derived|based|seeded|therapy|treated|infusion|injection|group|arm|control|product|placebo)s?"
    r"(?:group|arm|treatment|cm|exo|sheet|gel|ia|iv|it|\d)?"
)
# Genes, markers, diseases and viruses have the shape of a code.
_CODED_OTHERWISE = re.compile(
    r"non-|(?:post|anti)?-?(?:covid|sars|mers|ncov|cov\d|corona|cd\d|hla|t[12]dm|diabetes|bmp|il-?\d|"
    r"vegf|tgf|egf|fgf|pdgf|gd\d|h\dn\d|hiv|htlv|hpv|hbv|hcv|her\d|brca|nct|eudract|who|nyha|grade|"
    r"phase|stage|type|cohort|arm|group|dose|day|week|month|year|visit|part|ctcae|recist|irb|umin|"
    r"ind\d|gcp|iso\d|dmem|ringer|fda|ema|gm?-?csf|glp-?\d|nf\d|mt\d{4}|abcb5|mek|cyp\d[a-z]\d|p\d+$|"
    r"x\d|\d|k-?l-?|vitamin|omega|alpha|beta|hba1c|ldl|coq|spo2|fio2|pao2|plasma-?lyte|"
    r"hypothermosol|cryostor|ringer|hartmann|saline|dextran|dmso|vehicle|hyaluron|albumin)",
    re.IGNORECASE,
)
# What a mark may follow without naming more than a form ("NeuroRegen Scaffold™").
_FORMS = frozenset(
    {"scaffold", "matrix", "membrane", "system", "device", "implant", "patch", "sheet", "graft"}
    | {"bone", "kit", "gel", "fiber", "screw", "cage", "disc", "stent", "catheter", "solution"}
    | {"suspension", "cream", "spray", "therapy", "product", "medium", "plasma", "serum"}
    | {"collagen", "titanium", "fibrin", "stromal", "tissue", "adipose", "placenta", "plus"}
)
MIN_LETTERS = 5
# No product has a longer name, and on a long row of pieces ("hUhUhU...") a match takes for ever.
_MAX_LETTERS = 24

RARE_WEIGHT = 7.0
"""ln((1 + n) / (1 + df)) from which a word is rare: in fewer than 1 of 1,100 trial texts."""


def fold_name(name: str) -> str:
    """Return a product's name without case, spaces, marks and punctuation.

    Examples
    --------
    >>> fold_name("Cx-601") == fold_name("CX601")
    True
    """
    return without_plural(fold_id(name))


def without_plural(folded: str) -> str:
    """Return a folded name of cells ("mscs") in the singular."""
    return folded[:-1] if folded.endswith("scs") else folded


def is_generic(name: str) -> bool:
    """Return whether a name says only what kind of thing it is.

    Examples
    --------
    >>> [is_generic(name) for name in ("hUC-MSCs", "COVID-19", "PNEUMOSTEM", "CYP-001")]
    [True, True, False, False]
    """
    plain = unicodedata.normalize("NFKC", name)
    folded = fold_name(plain)
    if sum(character.isalpha() for character in folded) < 2 or len(folded) < MIN_LETTERS:
        return True
    if len(folded) > _MAX_LETTERS or folded in _FORMS or folded in _concept_words():
        return True
    return _GENERIC_CELLS.fullmatch(folded) is not None or _CODED_OTHERWISE.match(plain) is not None


@cache
def _concept_words() -> frozenset[str]:
    """Return the words of routes, donors and conditions: ways and illnesses, never products.

    A record that holds no prose ("Intraarticular" as a keyword) shows them by no lower case.
    """
    labels = (
        label
        for scheme in ("routes", "donors", "conditions")
        for concept in load_scheme(scheme).concepts.values()
        for label in concept.labels
    )
    return frozenset(folded for folded in map(fold_name, labels) if len(folded) >= MIN_LETTERS)


def is_ordinary(name: str) -> bool:
    """Return whether all words of a name are common in trial texts of all fields.

    A record of facts alone shows no text in which "Conventional" stands in small letters; the
    frozen rarity of words does. Names in capitals are let be: they are codes.

    Examples
    --------
    >>> [is_ordinary(name) for name in ("Conventional", "Intra-articular", "Prochymal", "ALLO-ASC")]
    [True, True, False, False]
    """
    from similarity.lexical import words  # numpy is not needed to read relations

    found = words(name)
    if name.isupper() or not found:
        return False
    return all(_word_weights().weight(word) < RARE_WEIGHT for word in found)


@cache
def _word_weights() -> TermWeights:
    from similarity.lexical import TermWeights
    from similarity.model import models_folder

    return TermWeights.load(models_folder() / "statistics" / "words.npz")
