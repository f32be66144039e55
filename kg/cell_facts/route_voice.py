"""Whether a sentence tells how this study's product is given, or speaks of something else."""

from __future__ import annotations

from kg.cell_facts import route_phrases as say
from kg.cell_facts.clauses import Span
from kg.cell_facts.context import Passage, Voice


def tells_delivery(text: str) -> bool:
    """Return whether a text tells of giving."""
    # The plain words, asked first, save most searches.
    if "inject" in text or "infus" in text or "administ" in text or "transplant" in text:
        return True
    return say.GIVEN.search(text) is not None


def of_other_thing(passage: Passage, around: Span) -> bool:
    """Return whether words speak of a drug beside the product and not of the product."""
    return (
        not passage.names_product(around.text) and say.NOT_PRODUCT.search(around.text) is not None
    )


def of_product(passage: Passage, sentence: Span) -> bool:
    """Return whether a sentence of prose says how this study's product is given."""
    if not tells_delivery(sentence.text) or say.BACKGROUND.search(sentence.text):
        return False
    if passage.names_product(sentence.text):
        return True
    if say.NOT_PRODUCT.search(sentence.text):
        return False
    return say.TREATMENT.search(sentence.text) is not None or goes_on(passage, sentence)


def goes_on(passage: Passage, sentence: Span) -> bool:
    """Return whether a sentence tells on of the product that the one before it names.

    "It will be infused ...", "The catheter was inserted into ...".
    """
    if not say.GOES_ON.search(sentence.text) or sentence.start == 0:
        return False
    before = passage.sentence(sentence.start - 1)
    return (
        passage.names_product(before.text)
        and tells_delivery(before.text)
        and not say.BACKGROUND.search(before.text)
    )


def told(passage: Passage, sentence: Span) -> str:
    """Return the text in which the product must be spoken of: all of a text on it alone."""
    if passage.voice in (Voice.NAME, Voice.ARM):
        return passage.text
    if goes_on(passage, sentence):
        return passage.text[: sentence.end]
    return sentence.text
