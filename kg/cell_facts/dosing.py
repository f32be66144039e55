"""Dose, schedule and preparation of the product that a trial gives, with the words relied on.

The experimental cell product only: no drug doses, no blood counts, no harvests, no comparator
arms and never the eligibility criteria. What the record does not say yields no fact.
"""

from __future__ import annotations

import re

from kg.cell_facts.dosing_amounts import Amount, find_amounts
from kg.cell_facts.dosing_phrases import GIVEN, N
from kg.cell_facts.dosing_product import (
    ISCT_WORDS,
    PREPARATION_WORDS,
    ProductFact,
    find_isct_criteria,
    find_passages,
    find_preparation,
)
from kg.cell_facts.dosing_schedule import Administration, find_administrations, is_total
from kg.cell_facts.dosing_text import Passage, dosing_passages, gives_cells
from kg.cell_facts.model import FIELDS, CellFact, Evidence
from kg.study import Study

_CONFIDENCE = {
    "per_kilogram": 0.95,
    "total_cells": 0.9,
    "single_dose": 0.9,
    "days_given": 0.85,
    "interval_over_span": 0.8,
    "times_given": 0.85,
    "counted_doses": 0.85,
}
_DEFAULT_CONFIDENCE = 0.8
_WEAK = frozenset({"one_point", "numbered_doses"})
"""Rules that do not stop later texts from being asked; numbered doses yield to any other."""

_Found = Amount | ProductFact | Administration


def extract_dosing_facts(
    study: Study, concept_facts: tuple[CellFact, ...] = ()
) -> tuple[CellFact, ...]:
    """Extract dose, number of administrations, preparation, passage and ISCT criteria.

    Parameters
    ----------
    study : Study
        The record.
    concept_facts : tuple of CellFact
        Facts on sources and types already found; if any names a cell type, the trial counts as
        giving cells even where its titles, arms and interventions use no word for them.

    Returns
    -------
    tuple of CellFact
        In the order of `kg.cell_facts.model.FIELDS`, then by value; one fact for each value of a
        field, with every place that states it as evidence.
    """
    passages = dosing_passages(study)
    if not (gives_cells(passages) or any(fact.field == "cell_types" for fact in concept_facts)):
        return ()
    found: list[_Found] = [*_amounts(passages)]
    found += _administrations(passages, _levels(found))
    whole = "\n".join(passage.folded for passage in passages)
    for find, words in (
        (find_preparation, PREPARATION_WORDS),
        (find_isct_criteria, ISCT_WORDS),
    ):
        # Few records speak of these at all: one look at all texts saves one at each.
        if any(word in whole for word in words):
            found += [fact for passage in passages for fact in find(passage)]
    found += [fact for passage in passages for fact in find_passages(passage)]
    return _facts(found)


def _amounts(passages: list[Passage]) -> list[Amount]:
    """Collect doses; ceilings and concentrations count only where nothing better is said."""
    found = [a for p in passages if p.kind != "prose" for a in find_amounts(p)]
    alone = not any(a.field != "dose_other" for a in found)
    found += [a for p in passages if p.kind == "prose" for a in find_amounts(p, alone=alone)]
    doses = [a for a in found if a.rule != "concentration" and not a.cap]
    if any(a.field != "dose_other" for a in doses):
        return doses
    return doses or found


def _levels(amounts: list[_Found]) -> int:
    """Return how many different doses are given, at most, in one unit."""
    per_field: dict[str, set[int | float | str]] = {}
    for amount in amounts:
        per_field.setdefault(amount.field, set()).add(amount.value)
    return max((len(values) for values in per_field.values()), default=0)


def _administrations(passages: list[Passage], levels: int) -> list[Administration]:
    """Collect numbers of administrations from the best kind of text that gives any.

    "3 doses" outside the arms are levels where just so many different doses are given.
    """
    weak: list[Administration] = []
    for kind in ("arm", "title", "prose"):
        found = [
            fact
            for passage in passages
            if passage.kind == kind
            for fact in find_administrations(passage)
            if not (kind != "arm" and fact.value == levels > 1 and _of_doses(fact))
        ]
        if kind == "arm" and {fact.value for fact in found} == {1}:
            # "At a single dose of 10 million ... every 3 months for a total of 4 injections"
            found = _totals(passages) or found
        if kind == "arm" and found and all(f.rule == "interval_over_span" for f in found):
            # "every 4 weeks for 8 weeks": prose that counts three tells that both ends count.
            found = _counted_in_prose(passages, {fact.value + 1 for fact in found}) or found
        told = [fact for fact in found if fact.rule not in _WEAK]
        if told:
            return [fact for fact in found if fact.rule != "numbered_doses"]
        weak = weak or found
    return weak


def _counted_in_prose(passages: list[Passage], values: set[int]) -> list[Administration]:
    """Return the numbers of times that prose gives, if they are the ones that are looked for."""
    told = [
        fact
        for passage in passages
        if passage.kind == "prose" and "times" in passage.folded
        for fact in find_administrations(passage)
        if fact.rule == "times_given"
    ]
    return told if told and {fact.value for fact in told} <= values else []


_TOTAL = re.compile(rf"\btotal of {N} (?:[\w-]+ ){{0,4}}?{GIVEN}\b")


def _totals(passages: list[Passage]) -> list[Administration]:
    """Return the numbers of administrations that prose says to be those of all."""
    return [
        fact
        for passage in passages
        if passage.kind == "prose" and _TOTAL.search(passage.folded) is not None
        for fact in find_administrations(passage)
        if fact.value > 1 and is_total(fact)
    ]


def _of_doses(fact: Administration) -> bool:
    words = fact.passage.folded[fact.start : fact.end]
    return fact.rule == "counted_doses" and words.endswith("doses")


def _facts(found: list[_Found]) -> tuple[CellFact, ...]:
    """Merge what was found into one fact for each field and value, evidence in record order."""
    merged: dict[tuple[str, int | float | str], list[_Found]] = {}
    for item in found:
        merged.setdefault((item.field, item.value), []).append(item)
    facts = []
    for (field, value), items in merged.items():
        evidence = dict.fromkeys(
            Evidence(i.passage.path, i.start, i.end, i.passage.text[i.start : i.end]) for i in items
        )
        arms = sorted({arm for item in items for arm in item.passage.arms})
        rule = items[0].rule
        confidence = _CONFIDENCE.get(rule, _DEFAULT_CONFIDENCE)
        facts.append(CellFact(field, value, tuple(evidence), rule, tuple(arms), confidence))
    return tuple(
        sorted(
            facts,
            key=lambda f: (FIELDS.index(f.field), isinstance(f.value, str), f.value),
        )
    )
