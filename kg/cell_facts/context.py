"""Which texts of a record speak of the product under study, and in what voice.

A curator reads the names first (titles, arm labels, intervention names), then what is said
of the experimental arms, and only then the prose, which speaks of other studies too. What is
said of a comparator arm alone is never read.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

from kg.cell_facts.arms import (
    experimental_arms,
    link_interventions,
    product_interventions,
)
from kg.cell_facts.clauses import Sentences, Span
from kg.cell_facts.hostile import tamed
from kg.cell_facts.product_words import names_product, product_brands
from kg.sections import Section, study_sections
from kg.study import Study
from ontology.folding import small_letters
from ontology.matching import Lexicon, Match
from ontology.schemes import Concept

SCHEMES = ("cell_sources", "cell_types", "donors", "routes")
GLUED_LENGTH = 11
"""Labels of so many letters are found although the record lost a space next to them."""


class Voice(IntEnum):
    """How close a text is to the product; the closest that says anything is believed."""

    TITLE = 0
    NAME = 1
    ARM = 2
    SUMMARY = 3
    DESCRIPTION = 4
    KEYWORD = 5


_VOICES = {
    "brief_title": Voice.TITLE,
    "official_title": Voice.TITLE,
    "arm_group.label": Voice.NAME,
    "intervention.name": Voice.NAME,
    "intervention.other_name": Voice.NAME,
    "arm_group.description": Voice.ARM,
    "intervention.description": Voice.ARM,
    "brief_summary": Voice.SUMMARY,
    "detailed_description": Voice.DESCRIPTION,
    "intervention_model_description": Voice.DESCRIPTION,
    "keyword": Voice.KEYWORD,
    "condition": Voice.KEYWORD,
}


_AFTER_INTERVENTIONS = ("primary_outcome.measure", "eligibility_criteria")
"""Sections behind which none of those read stands."""


class Passage:
    """One text that may speak of the product.

    Attributes
    ----------
    section : Section
    text : str
        The text in small letters; what a rule quotes is cut from ``section.text``.
    voice : Voice
    arms : tuple of int
        The arm groups that it is about; empty for the whole trial.
    about_product : bool
        Whether it is not rather about a treatment beside the product.
    brands : tuple of str
        Names of the product that are no words for cells.
    """

    __slots__ = (
        "_found",
        "_lexicon",
        "_read",
        "_sentences",
        "about_product",
        "arms",
        "brands",
        "section",
        "text",
        "voice",
    )

    def __init__(
        self,
        section: Section,
        voice: Voice,
        arms: tuple[int, ...],
        about_product: bool,
        lexicon: Lexicon[Concept],
        brands: tuple[str, ...] = (),
    ) -> None:
        self._read = tamed(section.text)
        self.section, self.text, self.voice = section, small_letters(self._read), voice
        self.arms, self.about_product, self.brands = arms, about_product, brands
        self._lexicon = lexicon
        self._found: dict[str, list[Match[Concept]]] | None = None
        self._sentences: Sentences | None = None

    def matches(self, scheme: str) -> list[Match[Concept]]:
        """Return the labels of a scheme found in the text; looked up once, when asked for."""
        if self._found is None:
            self._found = {}
            for match in self._lexicon.find(self._read):
                self._found.setdefault(match.payload.scheme, []).append(match)
        return self._found.get(scheme, [])

    def names_product(self, text: str) -> bool:
        """Return whether a part of the text, in small letters, speaks of the product."""
        return names_product(text, self.brands)

    def sentence(self, position: int) -> Span:
        """Return the sentence that holds a position."""
        if self._sentences is None:
            self._sentences = Sentences(self._read, self.text)
        return self._sentences.around(position)


@dataclass(frozen=True, slots=True)
class Context:
    """All passages of a record that count, and what kind of study it is."""

    study: Study
    observational: bool
    passages: tuple[Passage, ...]
    comparators: tuple[Passage, ...] = ()

    def voiced(self, *voices: Voice) -> list[Passage]:
        """Return the passages of some voices, in the order of the record."""
        return [passage for passage in self.passages if passage.voice in voices]


def read_context(study: Study, lexicon: Lexicon[Concept]) -> Context:
    """Find the passages of a record that may speak of the product."""
    module = study.arms_interventions
    linked = link_interventions(study)
    arms_in = experimental_arms(study, linked)
    product = product_interventions(study, arms_in, linked)
    brands = product_brands(study, product)
    passages = []
    comparators = []
    for section in study_sections(study):
        voice = _VOICES.get(section.name)
        if voice is None:
            if section.name in _AFTER_INTERVENTIONS:
                break
            continue
        index = section.item
        arms: tuple[int, ...] = ()
        about = True
        if index is not None and section.name.startswith("arm_group"):
            if index not in arms_in:
                if module.arm_groups[index].type == "ACTIVE_COMPARATOR":
                    comparators.append(Passage(section, voice, (index,), True, lexicon))
                continue
            arms = (index,)
        elif index is not None and section.name.startswith("intervention"):
            if product[index] is None:
                continue
            only = len(module.arm_groups) == 1
            arms = (0,) if only else tuple(arm for arm in linked[index] if arm in arms_in)
            about = bool(product[index])
        passages.append(Passage(section, voice, arms, about, lexicon, brands))
    return Context(study, is_observational(study), tuple(passages), tuple(comparators))


def is_observational(study: Study) -> bool:
    """Return whether the study only observes; early records say so in the model alone."""
    design = study.design
    if design.study_type is not None:
        return design.study_type == "OBSERVATIONAL"
    return design.design_info.observational_model is not None
