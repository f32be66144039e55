"""Patterns searched for only where one of their words stands find what they would find anyhow."""

from __future__ import annotations

import gzip
import importlib
import json
import pkgutil
import re
from pathlib import Path

import pytest

import kg.cell_facts
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
