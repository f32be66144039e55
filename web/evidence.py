"""What was read from a trial's text, with the words it leans on in their sentence."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from kg.cell_facts.model import CONCEPT_FIELDS, FIELDS, CellFact, CellFacts, Evidence
from kg.sections import study_sections
from kg.study import Study
from web.labels import FIELD_LABELS, fact_value
from web.prose import plain

_SENTENCE_END = re.compile(r"[.!?;]\s+|\n+")
_LONGEST_SIDE = 240
_PATH = re.compile(r"(?P<part>[a-z_]+)(?:\[(?P<index>\d+)\])?(?:\.(?P<field>[a-z_]+))?(?:\[\d+\])?")
_PARTS = {
    "brief_title": ("Title", "top"),
    "official_title": ("Official title", "basic"),
    "acronym": ("Acronym", "basic"),
    "brief_summary": ("Brief summary", "summary"),
    "detailed_description": ("Detailed description", "description"),
    "conditions": ("Condition", "conditions"),
    "keywords": ("Keyword", "conditions"),
    "intervention_model_description": ("Study design", "design"),
    "masking_description": ("Masking", "design"),
    "arm_groups": ("Study group", "arms"),
    "interventions": ("Intervention", "interventions"),
    "primary_outcomes": ("Primary outcome", "outcomes"),
    "secondary_outcomes": ("Secondary outcome", "outcomes"),
    "other_outcomes": ("Other outcome", "outcomes"),
    "eligibility_criteria": ("Eligibility criteria", "eligibility"),
    "references": ("Reference", "references"),
    "see_also_links": ("Link", "links"),
    "org_study_id_info": ("Sponsor’s own number", "identifiers"),
    "secondary_id_infos": ("Other identifier", "identifiers"),
}
_FIELDS = {"id": "", "pmid": "PubMed id", "url": "address"}
"""Fields whose own names say less; the number itself needs none."""


@dataclass(frozen=True, slots=True)
class Quote:
    """The words of one piece of evidence and what stands around them.

    Attributes
    ----------
    where : str
        The section, as people call it.
    anchor : str
        The part of the page that holds it.
    before, words, after : str
        The sentence, cut at the words.
    """

    where: str
    anchor: str
    before: str
    words: str
    after: str


@dataclass(frozen=True, slots=True)
class ReadFact:
    """One extracted value as a page shows it."""

    value: str
    quotes: tuple[Quote, ...]
    confidence: float
    arms: tuple[str, ...]
    rule: str


@dataclass(frozen=True, slots=True)
class ReadField:
    """One field of cell facts; without `facts` it is "not stated"."""

    name: str
    label: str
    facts: tuple[ReadFact, ...]

    @property
    def is_concept(self) -> bool:
        """Whether the values are concepts: these fields every reader asks for first."""
        return self.name in CONCEPT_FIELDS


def read_fields(study: Study, facts: CellFacts) -> list[ReadField]:
    """Return all fields of cell facts, stated or not, in the order in which they are shown."""
    texts = {section.path: section.text for section in study_sections(study)}
    arms = study.arms_interventions.arm_groups
    fields = []
    for name in FIELDS:
        shown = tuple(
            ReadFact(
                fact_value(name, fact.value),
                _quotes(texts, fact),
                fact.confidence,
                tuple(
                    arms[arm].label or f"group {arm + 1}" for arm in fact.arms if arm < len(arms)
                ),
                fact.rule,
            )
            for fact in facts.of(name)
        )
        fields.append(ReadField(name, FIELD_LABELS.get(name, name.replace("_", " ")), shown))
    return fields


def _quotes(texts: Mapping[str, str], fact: CellFact) -> tuple[Quote, ...]:
    """Return the quotes of a fact; the same sentence in two places is shown once."""
    found: dict[tuple[str, str, str], Quote] = {}
    for evidence in fact.evidence:
        said = quote(texts.get(evidence.path, ""), evidence)
        found.setdefault((said.before, said.words, said.after), said)
    return tuple(found.values())


def quote(text: str, evidence: Evidence) -> Quote:
    """Return evidence in its sentence, from the text of the section that it stands in."""
    start, end = evidence.start, evidence.end
    where, anchor = section_name(evidence.path)
    if text[start:end] != evidence.words:  # the span is of another text: show the words alone
        return Quote(where, anchor, "", plain(evidence.words), "")
    before, after = text[:start], text[end:]
    for found in _SENTENCE_END.finditer(before[-_LONGEST_SIDE:]):
        before = text[max(0, start - _LONGEST_SIDE) + found.end() : start]
    if len(before) > _LONGEST_SIDE:
        before = f"…{before[-_LONGEST_SIDE:]}"
    ending = _SENTENCE_END.search(after[: _LONGEST_SIDE + 1])
    if ending is not None:
        after = after[: ending.start() + 1].rstrip()
    elif len(after) > _LONGEST_SIDE:
        after = f"{after[:_LONGEST_SIDE]}…"
    return Quote(where, anchor, plain(before), plain(evidence.words), plain(after))


def section_name(path: str) -> tuple[str, str]:
    """Return what people call a section and the anchor of the page's part that shows it.

    Examples
    --------
    >>> section_name("arm_groups[1].description")
    ('Study group 2, description', 'arms')
    >>> section_name("references[3].pmid")
    ('Reference 4, PubMed id', 'references')
    """
    found = _PATH.fullmatch(path)
    if found is None or found["part"] not in _PARTS:
        return path, "top"
    label, anchor = _PARTS[found["part"]]
    if found["index"] is not None:
        label += f" {int(found['index']) + 1}"
    field = found["field"] or ""
    said = _FIELDS.get(field, field.replace("_", " "))
    return f"{label}, {said}" if said else label, anchor
