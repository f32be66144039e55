"""Rules for how the product is given.

A route is told by its manner ("intravenously", "nebulised"), by a place that the product is
put into ("injected along the fistula tract"), or by surgery ("implanted on a scaffold").
Manner speaks for itself where the product or its intervention is spoken of; a place needs a
word of delivery; surgery and surface words count only where nothing says it more exactly.
"""

from __future__ import annotations

from collections.abc import Iterator

from kg.cell_facts import route_phrases as say
from kg.cell_facts.clauses import Span, clause_around
from kg.cell_facts.context import Context, Passage, Voice
from kg.cell_facts.findings import Finding
from ontology.matching import Match
from ontology.schemes import Concept, load_scheme


def find_routes(context: Context) -> list[Finding]:
    """Return the mentions that say how the product is given, from the closest voice."""
    found: list[Finding] = []
    for voices, confidence in (
        ((Voice.TITLE, Voice.NAME, Voice.ARM), 0.95),
        ((Voice.SUMMARY,), 0.85),
        ((Voice.DESCRIPTION,), 0.8),
    ):
        new = [
            Finding(concept, passage, match, rule, confidence)
            for passage in context.voiced(*voices)
            for match, concept, rule in _stated(passage)
        ]
        # "Implantation" alone is the least exact word; of the prose, only a manner says more.
        found += [item for item in new if not found or item.rule == say.MANNER]
        if any(item.rule != say.BY_SURGERY for item in found):
            break
    if all(item.rule == say.BY_SURGERY or item.concept.name in say.LOOSE for item in found):
        found = _at_fistula(context) or _at_lesion(context, found) or found
    return _most_exact(found)


def _at_lesion(context: Context, found: list[Finding]) -> list[Finding]:
    """Take the lesion under treatment for the place of a product that is injected."""
    if any(item.concept.name == "topical" for item in found):
        return []
    ill = " ".join(p.text for p in context.passages if p.voice in (Voice.TITLE, Voice.KEYWORD))
    for name, lesion in say.LESIONS:
        if not lesion.search(ill):
            continue
        for passage in context.passages:
            if passage.voice == Voice.KEYWORD or not passage.about_product:
                continue
            for told in say.INJECTED_PRODUCT.finditer(passage.text):
                sentence = passage.sentence(told.start())
                if say.BACKGROUND.search(sentence.text) or _of_other_thing(sentence):
                    continue
                concept = load_scheme("routes")[name]
                quoted = passage.section.text[told.start() : told.end()]
                match = Match(told.start(), told.end(), quoted, concept)
                return [Finding(concept, passage, match, "route.lesion", 0.7)]
    return []


def _at_fistula(context: Context) -> list[Finding]:
    """Take a fistula under treatment for the place of a product that is applied there."""
    found = []
    for passage in context.voiced(Voice.TITLE, Voice.KEYWORD):
        for match in passage.matches("routes"):
            if match.payload.name != "intralesional" or "istul" not in match.words:
                continue
            if not say.VESSEL_FISTULA.search(passage.text[: match.start]):
                found.append(Finding(match.payload, passage, match, "route.fistula", 0.75))
    return found


def _most_exact(found: list[Finding]) -> list[Finding]:
    """Leave out what another finding says more exactly."""
    names = {finding.concept.name for finding in found}
    rules = {finding.rule for finding in found}
    told = {item.rule for item in found if item.concept.name != "other"}
    exact = any(item.concept.name not in say.YIELDING for item in found)
    kept = []
    for item in found:
        name = item.concept.name
        if item.rule == say.BY_SURGERY and rules != {say.BY_SURGERY}:
            continue
        if name in say.YIELDING and item.rule != say.MANNER and (exact or say.MANNER in told):
            continue
        # By an endoscope or between tissues: so it comes to the lesion.
        if name == "other" and "intralesional" in names:
            continue
        # Injected into the wound bed is not laid on it.
        if name == "topical" and item.rule == say.PLACE and "intralesional" in names:
            continue
        if name in say.ORGANS and item.rule == say.PLACE and names & say.VESSELS:
            continue
        # "Intraparenchymal" is of the brain unless another organ is named.
        if name == "intracerebral" and names & say.ORGANS - {name} and "arench" in item.match.words:
            continue
        if (
            name == "intra_arterial"
            and "intracoronary" in names
            and say.SOME_ARTERY.search(item.match.words)
        ):
            continue
        kept.append(item)
    return kept


def _stated(passage: Passage) -> Iterator[tuple[Match[Concept], Concept, str]]:
    """Yield the routes that a passage says of the product, each with its rule."""
    if not passage.about_product:
        return
    prose = passage.voice in (Voice.SUMMARY, Voice.DESCRIPTION)
    judged: dict[int, bool] = {}  # by where the sentence begins
    for match in passage.matches("routes"):
        name = match.payload.name
        sentence = passage.sentence(match.start)
        if sentence.start not in judged:
            judged[sentence.start] = not _of_other_thing(sentence) and (
                not prose or _of_product(sentence)
            )
        if not judged[sentence.start]:
            continue
        clause = clause_around(sentence, match.start, match.end)
        manner = say.MANNER_WORDS.match(match.words) is not None
        # The cheap question first: most words for places are no places of delivery.
        if not manner and name not in say.LOOSE and not say.PUT.search(clause.text):
            continue
        before = passage.text[clause.start : match.start]
        after = passage.text[match.end : clause.end]
        if say.NUMERAL.search(before[-24:]) or say.OTHER_THING_GIVEN.match(after):
            continue
        if say.TAKEN.search(before) and not _tells_delivery(clause.text):
            continue
        if clause.text != sentence.text and _of_other_thing(clause):
            continue
        if name == "oral" and not (
            _names_product(clause.text) and say.BY_MOUTH.match(match.words + after)
        ):
            continue
        if manner:
            if name == "rectal" and not say.BY_RECTUM.match(match.words + after):
                continue
            if not (
                say.OTHER_USE.match(after)
                or (name in say.TISSUE_ROUTES and say.TISSUE.match(after))
            ):
                yield match, match.payload, say.MANNER
        elif say.DISEASED.match(after) or (
            name == say.SURGERY and say.IN_FLASK.match(match.words + after)
        ):
            continue
        elif name in say.LOOSE:
            if _laid_or_implanted(passage, match, sentence):
                yield match, match.payload, say.BY_SURGERY if name == say.SURGERY else say.PLACE
        elif _brought_to(passage, match, sentence):
            if (
                name == "intraosseous"
                and not say.INJECTED.search(clause.text)
                and say.BY_SURGERY_WORD.search(passage.text)
            ):
                yield match, load_scheme("routes")[say.SURGERY], say.BY_SURGERY
            else:
                yield match, match.payload, say.PLACE


def _names_product(text: str) -> bool:
    """Return whether a text speaks of cells; the plain words, asked first, save most searches."""
    lower = text.lower()
    if "cells" in lower or "cell " in lower or "mscs" in lower:
        return True
    return say.PRODUCT.search(lower) is not None


def _tells_delivery(text: str) -> bool:
    """Return whether a text tells of giving."""
    lower = text.lower()
    if "inject" in lower or "infus" in lower or "administ" in lower or "transplant" in lower:
        return True
    return say.GIVEN.search(lower) is not None


def _of_other_thing(around: Span) -> bool:
    """Return whether words speak of a drug beside the product and not of the product."""
    return not _names_product(around.text) and say.NOT_PRODUCT.search(around.text) is not None


def _of_product(sentence: Span) -> bool:
    """Return whether a sentence of prose says how this study's product is given."""
    if not _tells_delivery(sentence.text) or say.BACKGROUND.search(sentence.text):
        return False
    if _names_product(sentence.text):
        return True
    return say.TREATMENT.search(sentence.text) is not None and not say.NOT_PRODUCT.search(
        sentence.text
    )


def _told(passage: Passage, sentence: Span) -> str:
    """Return the text in which the product must be spoken of: all of a text on it alone."""
    return passage.text if passage.voice in (Voice.NAME, Voice.ARM) else sentence.text


def _laid_or_implanted(passage: Passage, match: Match[Concept], sentence: Span) -> bool:
    """Return whether the product is laid on, or put in with surgery."""
    if not _names_product(_told(passage, sentence)):
        return False
    near = sentence if passage.voice == Voice.DESCRIPTION else passage
    if say.IMPLANT.match(match.words) and not say.BY_SURGERY_WORD.search(near.text):
        return False
    return _tells_delivery(sentence.text)


def _brought_to(passage: Passage, match: Match[Concept], sentence: Span) -> bool:
    """Return whether a place is where the product is brought to."""
    if not _names_product(_told(passage, sentence)):
        return False
    if match.payload.name == "intralesional" and not say.INJECTED.search(sentence.text):
        return False
    before = passage.text[max(sentence.start, match.start - 200) : match.start]
    if say.VESSEL_FISTULA.search(before):
        return False
    if say.INTO_WITHIN.match(match.words) or say.PUT_AFTER.match(
        passage.text[match.end : sentence.end]
    ):
        return True
    return say.PUT_INTO.search(before) is not None or say.PUT_VIA.search(before) is not None
