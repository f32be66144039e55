"""What the rules hand over: a value with the mention it rests on, gathered into facts."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache
from typing import NamedTuple

from kg.cell_facts.context import Passage, Voice
from kg.cell_facts.model import CONCEPT_FIELDS, CellFact, Evidence
from ontology.matching import Match
from ontology.schemes import Concept, load_scheme

_VERSUS = re.compile(
    r"\b(?:versus|vs\.?|compar\w+ (?:\w+ ){0,2}?(?:with|to)|against)\s[^.;]{0,60}$"
)


class Finding(NamedTuple):
    """One mention that a rule takes as a fact."""

    concept: Concept
    passage: Passage
    match: Match[Concept]
    rule: str
    confidence: float


MAX_EVIDENCE = 6
"""How many mentions a fact shows; further ones add nothing for a reader."""


def without_comparator(
    field: str, findings: list[Finding], comparators: Iterable[Passage]
) -> list[Finding]:
    """Leave out what only an intervention says that a comparator arm gives too.

    One intervention may name the product and an active comparator's cells in one breath.
    """
    apart = {
        guide_value(finding.concept)
        for finding in findings
        if not finding.passage.section.name.startswith("intervention") and not _compared(finding)
    }
    doubtful = {guide_value(finding.concept) for finding in findings} - apart
    if not apart or not doubtful:
        return findings
    scheme = CONCEPT_FIELDS[field]
    theirs = {
        guide_value(match.payload) for passage in comparators for match in passage.matches(scheme)
    }
    return [
        finding for finding in findings if guide_value(finding.concept) not in doubtful & theirs
    ]


def _compared(finding: Finding) -> bool:
    """Return whether a title names something only as what the product is compared with."""
    return (
        finding.passage.voice == Voice.TITLE
        and _VERSUS.search(finding.passage.text[: finding.match.start]) is not None
    )


def gather(field: str, findings: Iterable[Finding]) -> list[CellFact]:
    """Join the findings of one field into facts, one for each value of the guide."""
    by_value: dict[str, list[Finding]] = {}
    for finding in findings:
        by_value.setdefault(guide_value(finding.concept), []).append(finding)
    facts = []
    for value in sorted(by_value):
        group = sorted(by_value[value], key=lambda item: (item.passage.voice, -item.confidence))
        arms = sorted({arm for item in group for arm in item.passage.arms})
        evidence = []
        for item in group:
            match = item.match
            proof = Evidence(item.passage.section.path, match.start, match.end, match.words)
            if proof not in evidence:
                evidence.append(proof)
        facts.append(
            CellFact(
                field,
                value,
                tuple(evidence[:MAX_EVIDENCE]),
                group[0].rule,
                tuple(arms),
                max(item.confidence for item in group),
            )
        )
    return facts


def guide_value(concept: Concept) -> str:
    """Return the name of the top concept that `concept` belongs to."""
    return _top(concept.scheme, concept.name)


@cache
def _top(scheme: str, name: str) -> str:
    ancestors = load_scheme(scheme).ancestors(name)
    return ancestors[-1] if ancestors else name
