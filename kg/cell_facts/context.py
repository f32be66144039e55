"""Which texts of a record speak of the product under study, and in what voice.

A curator reads the names first (titles, arm labels, intervention names), then what is said
of the experimental arms, and only then the prose, which speaks of other studies too. What is
said of a comparator arm alone is never read.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import IntEnum

from kg.cell_facts.arms import (
    PRODUCT_KINDS,
    experimental_arms,
    link_interventions,
    product_interventions,
)
from kg.cell_facts.clauses import Sentences, Span
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
    """

    __slots__ = (
        "_found",
        "_lexicon",
        "_sentences",
        "about_product",
        "arms",
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
    ) -> None:
        self.section, self.text, self.voice = section, small_letters(section.text), voice
        self.arms, self.about_product = arms, about_product
        self._lexicon = lexicon
        self._found: dict[str, list[Match[Concept]]] | None = None
        self._sentences: Sentences | None = None

    def matches(self, scheme: str) -> list[Match[Concept]]:
        """Return the labels of a scheme found in the text; looked up once, when asked for."""
        if self._found is None:
            self._found = {}
            for match in self._lexicon.find(self.section.text):
                self._found.setdefault(match.payload.scheme, []).append(match)
        return self._found.get(scheme, [])

    def sentence(self, position: int) -> Span:
        """Return the sentence that holds a position."""
        if self._sentences is None:
            self._sentences = Sentences(self.section.text, self.text)
        return self._sentences.around(position)


_EXAMINED = re.compile(
    r"isolat|sampl|extract|analy|collect|biops|sequenc|mobili|blood draw|assay|measure|examin"
)
_SAMPLE_NAME = re.compile(
    r"(?:samples?|sampling|biops(?:y|ies)|blood draw|withdrawal|collection|harvest\w*)\W*$|"
    r"^\W*(?:harvest|collection|sampling) of\b|^\W*liposuction\W*$",
    re.IGNORECASE,
)
_GIVEN_CELLS = re.compile(
    r"\b(?:stem|stromal|mononuclear|progenitor|precursor)[ -]cell|msc(?:s|\b)|cell (?:therapy|"
    r"transplant|infusion|injection|implant|suspension)|cells\b|mesench|exosome|vesicle|secretome|"
    r"conditioned medi|\bsvf\b|stromal vascular|marrow|aspirate|lipo|\bfat\b|\bprp\b|platelet|"
    r"adipose|umbilical|amnio|placenta|wharton|cord blood|bmac|mnc(?:s|\b)|\badsc|hsct|\bprf\b|"
    r"chondrocyte|islet|fibroblast|keratinocyte|dpsc|graft of|\bcells?/kg|\bcell\b|"
    r"[a-z]scs?\b|mpcs?\b"
)
_GIVING = r"(?:transplant\w*|injections?|injected|infusions?|infused|implant\w*|therapy|treatment)"
_CELLS = (
    r"(?:(?:stem|stromal|mononuclear|progenitor) cells?|\w*mscs?|exosomes?|\w*mncs?|bmac|prp|svf)"
)
# A drug that acts on cells is none made of them.
_ACTS_ON = re.compile(
    r"\b(?:effects?|impact|improv\w+|increas\w+|reduc\w+|inhibit\w*|mobili[sz]\w+|stimulat\w+|"
    r"numbers?|functions?) "
)
_CELLS_WORD = re.compile(rf"\b{_CELLS}\b")
_CELLS_GIVEN = re.compile(
    rf"\b{_CELLS}\)?\s+(?:\w+\s+){{0,2}}?{_GIVING}\b|"
    rf"\b{_GIVING}\s+(?:of|with)\s+(?:[\w-]+\s+){{0,6}}?{_CELLS}\b"
)


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
    passages = []
    comparators = []
    for section in study_sections(study):
        voice = _VOICES.get(section.name)
        if voice is None:
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
        passages.append(Passage(section, voice, arms, about, lexicon))
    return Context(study, is_observational(study), tuple(passages), tuple(comparators))


def gives_cells(context: Context) -> bool:
    """Return whether patients are given cells, or what is made from cells, at all.

    A study that only observes must name the product among its interventions. In any other,
    an arm or intervention must name cells, or the intervention be a product (a brand) of
    which titles and prose say more.
    """
    interventions = context.study.arms_interventions.interventions
    near = context.voiced(Voice.NAME, Voice.ARM)
    if context.observational:
        return any(
            _CELLS_GIVEN.search(passage.text) for passage in (*context.voiced(Voice.TITLE), *near)
        ) or any(
            _GIVEN_CELLS.search(passage.text) and not _EXAMINED.search(passage.text)
            for passage in near
            if passage.section.name.startswith("intervention")
        )
    if interventions and all(_SAMPLE_NAME.search(item.name or "") for item in interventions):
        return False
    if any(_GIVEN_CELLS.search(passage.text) for passage in near):
        return True
    if not interventions or any(item.type in PRODUCT_KINDS for item in interventions):
        return True
    return any(_said_to_be_cells(context, item.name or "") for item in interventions)


def _said_to_be_cells(context: Context, name: str) -> bool:
    """Return whether prose or titles speak of cells right beside a brand name."""
    brand = name.split(",")[0].split("(")[0].strip().lower()
    if len(brand) < 4:
        return False
    for passage in context.voiced(Voice.TITLE, Voice.SUMMARY, Voice.DESCRIPTION):
        text = passage.text.lower()
        start = text.find(brand)
        while start >= 0:
            end = start + len(brand)
            before = text[max(0, start - 70) : start].rpartition(".")[2]
            after = text[end : end + 130].partition(".")[0]
            named = _CELLS_WORD.search(after)
            if not before.endswith(("impact of ", "effect of ", "effects of ")) and (
                (named is not None and not _ACTS_ON.search(after[: named.start()]))
                or _CELLS_WORD.search(before)
            ):
                return True
            start = text.find(brand, end)
    return False


def is_observational(study: Study) -> bool:
    """Return whether the study only observes; early records say so in the model alone."""
    design = study.design
    if design.study_type is not None:
        return design.study_type == "OBSERVATIONAL"
    return design.design_info.observational_model is not None
