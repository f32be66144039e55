"""The words for the product in a record: cells, what is made of them, or its brand."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

from kg.cell_facts.screening import Screened
from kg.study import Study
from ontology.folding import small_letters

PRODUCT = Screened(
    r"cells?\b|[a-z]scs?\b|\bstem\b|exosom|vesicle|secretome|\bsvf\b|\bprp\b|conditioned medi|"
    r"\bproduct\b|bmac|aspirate|concentrate|m[np]cs?\b|marrow|adipose|\bfat\b|suspension|"
    r"study drug|"
    r"investigational|\bevs?\b|mesench|mixture|platelet|pleiotropic|tissue[- ]engineered",
    "cell sc stem exosom vesicle secretome svf prp conditioned product bmac aspirate concentrate "
    "mpc npc mcs ncs marrow adipose fat suspension study_drug investigational ev mesench mixture "
    "platelet pleiotropic engineered",
)
_GENERAL = re.compile(
    r"treat|therap|inject|infus|transplant|implant|surg|group|\barm\b|dose|control|standard|"
    r"procedure|intervention|placebo|saline|care\b|drug|medicine|experiment|administ|repair|"
    r"decompress|fixation|support|physio|exercis|arthro|microfracture|liposuc|bypass|cabg|graft|"
    r"solution|serum|plasma|vehicle|medium|media\b|scaffold|membrane|collagen|hyaluron|surfactant|"
    r"osteosynth|intraven|bulbar|tenon|allogen|autolog|derived|dosage|approx|rehabil|scop[yi]|"
    r"single|observ|cortico|\w+limus\b|\w+sone\b|\w+olone\b|\w+tinib\b|needl|aspirat",
    re.IGNORECASE,
)
_BRAND = re.compile(r"[A-Za-z][\w-]{3,}(?:[ -]\d+)?")
_CODED = re.compile(r".*(?:[A-Z].*[A-Z]|[A-Z].*\d)")
_NO_BRAND = re.compile(r"covid|sars|gvhd|hsct|\bcabg|dmso|g-?csf|\w+mab\b", re.IGNORECASE)


def names_product(text: str, brands: Iterable[str] = ()) -> bool:
    """Return whether a text speaks of cells, of what is made of them, or of a brand.

    Parameters
    ----------
    text : str
        In small letters.
    brands : iterable of str
        Names of the product (`product_brands`), in small letters.
    """
    # The plain words, asked first, save most searches.
    if "cells" in text or "cell " in text or "mscs" in text:
        return True
    return PRODUCT.search(text) is not None or any(brand in text for brand in brands)


def product_brands(study: Study, product: list[bool | None]) -> tuple[str, ...]:
    """Return the names of the product that are no words for cells, in small letters.

    Parameters
    ----------
    study : Study
    product : list of bool or None
        For each intervention whether it is the product (`kg.cell_facts.arms`).
    """
    found: dict[str, None] = {}
    for item, given in zip(study.arms_interventions.interventions, product, strict=True):
        if given:
            for name in (item.name or "", *item.other_names):
                found.update(dict.fromkeys(_brands_in(name)))
    return tuple(found)


@lru_cache(maxsize=256)
def _brands_in(name: str) -> tuple[str, ...]:
    """Return the brands in a name; asked for twice for each record, so remembered for a while."""
    plain = name.split("(")[0].split(",")[0].strip(" \u00ae\u2122")
    several = not plain.isupper()
    brands = [
        brand
        for brand in _BRAND.findall(plain)
        if len(brand) == len(plain) or (several and _CODED.match(brand) is not None)
    ]
    if not brands or _GENERAL.search(plain) or _NO_BRAND.search(plain):
        return ()
    return tuple(brand for brand in map(small_letters, brands) if PRODUCT.search(brand) is None)
