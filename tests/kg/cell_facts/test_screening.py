"""Patterns searched for only where one of their words stands find what they would find anyhow."""

from __future__ import annotations

import gzip
import importlib
import json
import pkgutil
import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import kg.cell_facts
from kg.cell_facts.arms import _names_cells
from kg.cell_facts.dosing_text import CELL
from kg.cell_facts.gives_cells import GIVEN_CELLS
from kg.cell_facts.screening import Screened
from kg.sections import study_sections
from kg.study import parse_study
from ontology.folding import small_letters

TRIALS = 120


def screened_patterns() -> dict[str, Screened]:
    found = {}
    for module in pkgutil.iter_modules(kg.cell_facts.__path__):
        names = vars(importlib.import_module(f"kg.cell_facts.{module.name}"))
        for name, value in names.items():
            if isinstance(value, Screened):
                found[f"{module.name}.{name}"] = value
    return found


def test_a_word_must_stand_in_the_text() -> None:
    pattern = Screened(r"in the (?:past|future)\b", "past future")
    assert pattern.search("in the future") is not None
    assert pattern.search("in the present") is None
    assert pattern.search("past") is None
    assert Screened(r"et al\b", "et_al").search("Lazarus et al reported") is not None


@pytest.mark.shared
def test_nothing_is_missed_in_real_sentences(shared_dir: Path) -> None:
    patterns = screened_patterns()
    assert len(patterns) >= 8
    plain = {name: re.compile(pattern.pattern) for name, pattern in patterns.items()}
    hits = dict.fromkeys(patterns, 0)
    with gzip.open(shared_dir / "data" / "msc_trials.ndjson.gz", "rt", encoding="utf-8") as lines:
        for _, line in zip(range(TRIALS), lines, strict=False):
            for section in study_sections(parse_study(json.loads(line))):
                for sentence in small_letters(section.text).split(". "):
                    for name, pattern in patterns.items():
                        expected = plain[name].search(sentence) is not None
                        assert (pattern.search(sentence) is not None) == expected, name
                        hits[name] += expected
    assert min(hits.values()) > 0


# Each as one alternation: slower by far, and plain to read.
ALTERNATIONS = {
    "CELL": re.compile(
        r"(?:msc|mcs|dsc|bsc|psc|asc|bmc|mpc|mnc|svf|esc|csc|tsc|npc|cdc|epc|hsc|bmac|bmmn)s?\b|"
        r"stromal|\bstem\b|exosom|vesicle|secretome|conditioned medi|progenitor|\bprp\b|"
        r"platelet.rich|chondrocyte|fibroblast|keratinocyte|\bcord blood\b|\bmarrow\b|\bimp\b|"
        r"study (?:drug|product|treatment)|investigational (?:\w+ )?(?:product|drug)|cel-l\b|"
        r"(?<!ex)cell|\bevs?\b"
    ),
    "GIVEN_CELLS": re.compile(
        r"\b(?:stem|stromal|mononuclear|progenitor|precursor)[ -]cell|msc(?:s|\b)|cell (?:therapy|"
        r"transplant|infusion|injection|implant|suspension)|cells\b|mesench|exosome|vesicle|"
        r"secretome|conditioned medi|\bsvf\b|stromal vascular|marrow|aspirate|lipo|\bfat\b|"
        r"\bprp\b|platelet|adipose|umbilical|amnio|placenta|wharton|cord blood|bmac|mnc(?:s|\b)|"
        r"\badsc|hsct|\bprf\b|chondrocyte|islet|fibroblast|keratinocyte|osteoblast|preob\b|"
        r"myoblast|melanocyte|dpsc|graft of|\bcells?/kg|\bcell\b|[a-z]scs?\b|mpcs?\b"
    ),
}
WORDS_APART = {"CELL": CELL, "GIVEN_CELLS": GIVEN_CELLS}
PIECES = sorted(
    {piece for found in ALTERNATIONS.values() for piece in re.findall("[a-z]{2,}", found.pattern)}
    | {"a", "ex", "s", "e", "cells", "excell", "kg", " ", "-", "/", ".", "\n", "é", "\u017f"}
)


@pytest.mark.parametrize("name", ALTERNATIONS)
@settings(max_examples=400, deadline=None)
@given(pieces=st.lists(st.sampled_from(PIECES), max_size=6))
def test_words_apart_find_what_one_alternation_finds(name: str, pieces: list[str]) -> None:
    text = "".join(pieces)
    assert WORDS_APART[name].in_text(text) == (ALTERNATIONS[name].search(text) is not None)


CELL_WORD = re.compile(
    r"cell|msc|stem|stromal|marrow|adipose|\bfat\b|svf|exosom|vesicle|secretome|"
    r"conditioned medi|\bprp\b|platelet|bmac|umbilical|cord blood|wharton|placenta|amnio|"
    r"chondrocyte|fibroblast|keratinocyte|myoblast|islet|aspirate|(?-i:[A-Z]SCs?\b|MPCs?\b|"
    r"MNCs?\b)",
    re.IGNORECASE,
)
WORDS = sorted(set(re.findall("[a-z]{2,}", CELL_WORD.pattern)))
CASED = [
    *WORDS,
    *map(str.upper, WORDS),
    *"IS sA",
    "SCs",
    "MPC",
    "MNCs",
    "\u0130",
    "\u017f",
    "\u0131",
]


@settings(max_examples=600, deadline=None)
@given(
    pieces=st.lists(st.sampled_from(CASED), max_size=4),
    put=st.sampled_from([("", ""), ("I", "\u0130"), ("s", "\u017f"), ("i", "\u0131")]),
)
def test_names_of_cells_are_found_as_by_one_alternation(
    pieces: list[str], put: tuple[str, str]
) -> None:
    text = "".join(pieces)
    if put[0]:
        text = text.replace(*put)
    assert _names_cells(text) == (CELL_WORD.search(text) is not None)


@pytest.mark.parametrize("name", WORDS_APART)
def test_a_pattern_begins_with_its_word(name: str) -> None:
    for word, pattern in WORDS_APART[name].patterns.items():
        assert not pattern or pattern.startswith(word)
