"""Doses beyond the planned ones: additional, optional, a booster, another injection."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from kg.cell_facts import dosing_phrases as say
from kg.cell_facts.dosing_counts import number_of
from kg.cell_facts.dosing_text import Passage, clause_at, is_comparator, names_product

_NOUN = (
    r"(?:infusions?|injections?|administrations?|doses?|treatments?|applications?|"
    r"transplantations?|instillations?)"
)
_BEYOND_WORDS = ("additional", "further", "extra ", "optional", " more ")
_BEYOND = re.compile("|".join(_BEYOND_WORDS))
_WORDS = (
    r"(?:(?!weeks?\b|months?\b|days?\b|years?\b|alternative|standard|rescue|different|dose\b|therap|"
    r"surg|medica|drug)[\w-]+\s){0,2}?"
)
_ADDITIONAL = re.compile(
    rf"(?P<upto>up to\s)?(?P<an>\ban?\s)?(?:\b(?P<n>{say.N})\s(?:additional|further|extra|more)|"
    rf"\b(?:additional|further|extra)\s(?P<m>{say.N}))\s{_WORDS}{_NOUN}\b"
    rf"|\b(?:an?|one)\s(?P<one>additional|optional|extra|further|(?:second|third|fourth|fifth),?\s"
    rf"(?:optional|additional|possible))\s{_WORDS}{_NOUN}\b"
)
"""How many more: "2 additional doses", "an additional 3 infusions", "a fourth, optional dose"."""
_GIVEN = re.compile(
    r"\b(?:receiv\w*|given|applied|administered|infused|injected|offered|get|perform\w*|"
    r"eligible|option|undergo)\b"
)
_ON_CONDITION = re.compile(
    r"\bif\b|\bmay\b|\bmight\b|\bcan\b|\bcould\b|option|discretion|provided|unless|eligible|"
    r"in case|as needed|when needed|up to|\b(?:patients|participants|subjects) (?:with|who)\b|"
    r"responders"
)
_AGAIN = re.compile(
    r"\bre-?\s?(?:injections?|infusions?|administrations?|dosing)\s(?:[\w-]+\s){0,3}?(?:at|after|on)\s"
    r"(?:the\s)?(?P<points>\d{1,2}(?:\s(?:days?|weeks?|months?))?"
    r"(?:\s?(?:,|and/or|and|or)\s?\d{1,2}(?:\s(?:days?|weeks?|months?))?)*)"
)
"""Given again: "re-injection at 3 months and/or 6 months"."""
_OPTIONAL_POINT = re.compile(
    r"(?:\s?\([^)]{0,25}\))?(?:,? if (?:not|no|the|there|needed|necessary|required|clinically)\b|"
    r"\s?\((?:the )?(?:\w+ ){0,3}?(?:is )?optional\)|,? provided\b)"
)
_BOOSTER = re.compile(
    r"\b(?:injection|infusion|dose|administration|transplantation)s?\b[^.;]{0,160}?"
    r"\b(?:and|with|plus|followed by)\s(?:an?\s|one\s)?booster\b"
    r"(?=\s(?:with|of|in|at|after|injection|dose|infusion|\d))"
)


class Addition(NamedTuple):
    """Doses on top of others: how many, whether only on a condition, and where it is told."""

    more: tuple[int, ...]
    conditional: bool
    start: int
    end: int
    rule: str


def find_additions(passage: Passage) -> list[Addition]:
    """Return the doses that a passage puts on top of those that it plans.

    Rules: ``additional_doses`` ("up to 2 additional treatments will be applied"), ``given_again``
    ("eligible for re-injection at 3 and/or 6 months") and ``booster`` ("injection of cells and
    booster in 3 weeks").
    """
    folded = passage.folded
    found: list[Addition] = []
    if any(word in folded for word in _BEYOND_WORDS):
        found += _additional(passage)
    if "re-" in folded or "reinj" in folded or "reinf" in folded:
        for match in _AGAIN.finditer(folded):
            clause = clause_at(passage, match.start(), match.end())
            if not _of_product(passage, clause.text):
                continue
            points = len(re.findall(r"\d{1,2}", match["points"]))
            each = "or" in match["points"]
            more = tuple(range(1, points + 1)) if each else (points,)
            conditional = each or _ON_CONDITION.search(clause.text) is not None
            found.append(Addition(more, conditional, *match.span(), "given_again"))
    if "booster" in folded and passage.kind == "arm":
        for match in _BOOSTER.finditer(folded):
            if _of_product(passage, match.group()):
                found.append(Addition((1,), False, *match.span(), "booster"))
    return found


def _additional(passage: Passage) -> Iterator[Addition]:
    folded = passage.folded
    behind = 0
    for word in _BEYOND.finditer(folded):
        if word.group() == " more ":
            before = folded[max(0, word.start() - 6) : word.start()].rpartition(" ")[2]
            if number_of(before) == 0:
                continue
        match = _ADDITIONAL.search(folded, max(behind, word.start() - 30), word.end() + 60)
        if match is None:
            continue
        behind = match.end()
        clause = clause_at(passage, match.start(), match.end())
        if not _of_product(passage, clause.text) or _GIVEN.search(clause.text) is None:
            continue
        if folded[max(0, match.start() - 4) : match.start()] == "the ":
            continue  # "the three additional doses" of a number told before.
        number = number_of(match["n"] or match["m"] or "one")
        said = clause.text.replace("up to", "") if match["upto"] else clause.text
        wanted = _ON_CONDITION.search(said) is not None
        yield Addition((number,), wanted, *match.span(), "additional_doses")


def is_optional(passage: Passage, end: int) -> bool:
    """Return whether the last of the points in time that end there is given on a condition."""
    return _OPTIONAL_POINT.match(passage.folded, end) is not None


def _of_product(passage: Passage, clause: str) -> bool:
    if is_comparator(passage, clause) or say.BACKGROUND.search(clause) is not None:
        return False
    if say.OTHER_THERAPY.search(clause) is not None:
        return names_product(passage, clause)
    return passage.product or names_product(passage, clause) or passage.kind == "prose"
