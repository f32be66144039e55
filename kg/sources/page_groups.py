"""Arms, interventions and outcomes of a trial page, which prints them without labels.

Under "Interventions" names and descriptions follow each other; under "Study Groups" each arm is
followed by its interventions, printed again. Which line is which shows by the names that are
known already and by what a description looks like.
"""

from __future__ import annotations

import re
from typing import Any

from kg.sources.api_values import ARM_TYPES, INTERVENTION_TYPES

# "OTHER" is a kind of both; on its own it says neither.
_ARM_TYPES = ARM_TYPES - {"OTHER"}
_INTERVENTION_TYPES = INTERVENTION_TYPES - {"OTHER"}
_LABEL = re.compile(r"(?:Group|Arm|Intervention) Type:\s*")
_TIME_FRAME = re.compile(r"Time\s?[Ff]rame:\s*")
_NAME_CHARACTERS = 80
_SENTENCE_WORDS = 6


def read_interventions(lines: list[str]) -> list[dict[str, Any]]:
    """Read the interventions of a page: names, each with its description if it has one."""
    interventions: list[dict[str, Any]] = []
    for line in lines:
        kind = _LABEL.sub("", line)
        if kind in _INTERVENTION_TYPES or (kind != line and kind == "OTHER"):
            if interventions:
                interventions[-1]["type"] = kind
        elif interventions and "description" not in interventions[-1] and _is_prose(line):
            interventions[-1]["description"] = line
        else:
            interventions.append({"name": line})
    return interventions


def read_arms(lines: list[str], interventions: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Read the arms of a page, and note on each intervention the arms that have it."""
    names = {intervention["name"]: intervention for intervention in interventions}
    descriptions = {intervention.get("description") for intervention in interventions}
    arms: list[dict[str, Any]] = []
    inside: dict[str, Any] | None = None
    for line in lines:
        kind = _LABEL.sub("", line)
        if arms and (kind in _ARM_TYPES or (kind != line and inside is None)):
            arms[-1]["type"] = kind
        elif kind in _INTERVENTION_TYPES or kind != line:
            if inside is not None:
                inside["type"] = kind
        elif arms and line in names and "label" in arms[-1]:
            inside = names[line]
            labels = inside.setdefault("armGroupLabels", [])
            if labels[-1:] != [arms[-1]["label"]]:
                labels.append(arms[-1]["label"])
        elif inside is not None and line in descriptions:
            continue
        elif arms and inside is None and "description" not in arms[-1]:
            arms[-1]["description"] = line
        else:
            arms.append({"label": line})
            inside = None
    return arms


def read_outcomes(lines: list[str]) -> list[dict[str, str]]:
    """Read outcomes: measure, perhaps a description, and a time frame that ends each."""
    outcomes: list[dict[str, str]] = []
    is_open = False
    for line in lines:
        found = _TIME_FRAME.match(line)
        if found is not None and outcomes:
            outcomes[-1]["timeFrame"] = line[found.end() :]
            is_open = False
        elif is_open and "description" not in outcomes[-1]:
            outcomes[-1]["description"] = line
        else:
            outcomes.append({"measure": line})
            is_open = True
    return outcomes


def _is_prose(line: str) -> bool:
    """Say whether a line looks like a description and not like a name."""
    return len(line) > _NAME_CHARACTERS or (
        line.endswith((".", ";")) and len(line.split()) >= _SENTENCE_WORDS
    )
