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
from kg.cell_facts.route_lesions import at_fistula, at_lesion
from kg.cell_facts.route_voice import of_other_thing, of_product, tells_delivery, told
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
        found = at_fistula(context) or at_lesion(context, found) or found
    return _most_exact(found)


def _most_exact(found: list[Finding]) -> list[Finding]:
    """Leave out what another finding says more exactly."""
    names = {finding.concept.name for finding in found}
    rules = {finding.rule for finding in found}
    rules_told = {item.rule for item in found if item.concept.name != "other"}
    exact = any(item.concept.name not in say.YIELDING for item in found)
    kept = []
    for item in found:
        name = item.concept.name
        if item.rule == say.BY_SURGERY and rules != {say.BY_SURGERY}:
            continue
        if name in say.YIELDING and item.rule != say.MANNER and (exact or say.MANNER in rules_told):
            if name == "intralesional" and say.AND_LOCAL.search(_around(item)):
                kept.append(item)
            continue
        # Into the head of the thigh bone is into the hip, not into its joint.
        if (
            name == "intra_articular"
            and item.match.words.endswith("hip")
            and ("intraosseous" in names)
        ):
            continue
        # Laid on by surgery and sewn in place.
        if name == "topical" and say.SEWN.search(item.passage.text):
            item = item._replace(concept=load_scheme("routes")[say.SURGERY])
        # By an endoscope or between tissues: so it comes to the lesion.
        if name == "other" and "intralesional" in names:
            continue
        # Injected into the wound bed is not laid on it.
        if name == "topical" and item.rule == say.PLACE and "intralesional" in names:
            continue
        if (
            name in say.ORGANS
            and names & say.VESSELS
            and (item.rule == say.PLACE or "intra_arterial" in names)
            and not say.INTO_TISSUE.search(_around(item))
        ):
            continue
        # "IT" is short for into the tumour too.
        if name == "intrathecal" and item.match.words.startswith("IT") and _into_tumour(found):
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


def _into_tumour(found: list[Finding]) -> bool:
    """Return whether a way into the tumour is told."""
    return any("tumo" in item.match.words.lower() for item in found)


def _around(item: Finding) -> str:
    """Return the sentence that a finding stands in."""
    return item.passage.sentence(item.match.start).text


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
            judged[sentence.start] = not of_other_thing(passage, sentence) and (
                not prose or of_product(passage, sentence)
            )
        if not judged[sentence.start]:
            continue
        clause = clause_around(sentence, match.start, match.end)
        manner = say.MANNER_WORDS.match(match.words) is not None
        if (
            name == "intraosseous"
            and say.BONE_UNDER_CARTILAGE.match(match.words)
            and not say.PUT.search(clause.text)
        ):
            continue
        if name in say.COUNTED and say.PER_ORGAN.search(
            passage.text, max(0, match.start - 30), match.start
        ):
            yield match, match.payload, say.PLACE
            continue
        # The cheap question first: most words for places are no places of delivery.
        if not manner and name not in say.LOOSE and not say.PUT.search(clause.text):
            continue
        before = passage.text[clause.start : match.start]
        after = passage.text[match.end : clause.end]
        if say.NUMERAL.search(before[-24:]) or _of_other_giving(passage, after, name == "topical"):
            continue
        if say.TAKEN.search(before) and not tells_delivery(clause.text):
            continue
        if clause.text != sentence.text and of_other_thing(passage, _first_thing(clause, match)):
            continue
        if name == "intraventricular" and say.OF_HEART.search(before):
            continue
        if name == "oral" and not (
            _by_mouth(passage, before, after) and say.BY_MOUTH.match(match.words + after)
        ):
            continue
        if manner:
            if name == "rectal" and not say.BY_RECTUM.match(match.words + after):
                continue
            if not (
                say.OTHER_USE.match(after)
                or (name in say.TISSUE_ROUTES and say.TISSUE.match(after))
                or (name == "intraosseous" and say.OF_BONE.match(after))
            ):
                yield match, match.payload, say.MANNER
        elif (
            say.NO_PLACE.search(before)
            or say.DISEASED.match(after)
            or (name == "intrauterine" and say.FETAL_SURGERY.match(after))
        ) or (name == say.SURGERY and say.IN_FLASK.match(match.words + after)):
            continue
        elif name in say.LOOSE:
            if _laid_or_implanted(passage, match, sentence):
                yield match, match.payload, say.BY_SURGERY if name == say.SURGERY else say.PLACE
        elif _brought_to(passage, match, sentence):
            if (
                name == "intraosseous"
                and not say.INJECTED.search(clause.text)
                and "infus" not in clause.text
                and say.BY_SURGERY_WORD.search(passage.text)
            ):
                yield match, load_scheme("routes")[say.SURGERY], say.BY_SURGERY
            else:
                yield match, match.payload, say.PLACE


def _first_thing(clause: Span, match: Match[Concept]) -> Span:
    """Return a clause up to where it passes on to a further thing that is given."""
    end = clause.text.find(" and ", match.end - clause.start)
    if end < 0 or clause.start + 2 < match.start:
        return clause
    return Span(clause.start, clause.start + end, clause.text[:end])


def _by_mouth(passage: Passage, before: str, after: str) -> bool:
    """Return whether it is the product that is taken by the mouth, and not named as an aside."""
    if say.DOSED.search(before):
        return False
    return passage.names_product(before) or passage.names_product(after.partition("except")[0][:60])


def _of_other_giving(passage: Passage, after: str, topical: bool) -> bool:
    """Return whether what follows names another thing that is given so, and no product."""
    other = say.OTHER_THING_GIVEN.match(after) or (
        say.OTHER_LAID_ON.match(after) if topical else None
    )
    return other is not None and not passage.names_product(other.group())


def _laid_or_implanted(passage: Passage, match: Match[Concept], sentence: Span) -> bool:
    """Return whether the product is laid on, or put in with surgery."""
    if not passage.names_product(told(passage, sentence)):
        return False
    near = sentence if passage.voice == Voice.DESCRIPTION else passage
    if say.IMPLANT.match(match.words) and not say.BY_SURGERY_WORD.search(near.text):
        return False
    return tells_delivery(sentence.text)


def _brought_to(passage: Passage, match: Match[Concept], sentence: Span) -> bool:
    """Return whether a place is where the product is brought to."""
    if not passage.names_product(told(passage, sentence)):
        return False
    if (
        match.payload.name == "intralesional"
        and not say.INJECTED.search(sentence.text)
        and not ("submucosa" in match.words.lower() and "given" in sentence.text)
    ):
        return False
    before = passage.text[max(sentence.start, match.start - 200) : match.start]
    if say.VESSEL_FISTULA.search(before):
        return False
    if say.INTO_WITHIN.match(match.words) or say.PUT_AFTER.match(
        passage.text[match.end : sentence.end]
    ):
        return True
    return say.PUT_INTO.search(before) is not None or say.PUT_VIA.search(before) is not None
