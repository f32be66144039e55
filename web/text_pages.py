"""Kin of a free text: paste a synopsis, see what was found in it and the trials closest to it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from flask import Blueprint, render_template, request

from kg.asking import profile_of_text
from kg.cell_facts.model import FIELDS, CellFacts
from ontology.concepts import Concept
from ontology.errors import EncoderError, RecordError
from ontology.matching import Lexicon
from ontology.schemes import load_scheme
from similarity.kin import has_close
from web.config import KIN_PAGE_SHOWN
from web.kin_view import kin_cards
from web.labels import FIELD_LABELS, fact_value
from web.served import Served, served

blueprint = Blueprint("texts", __name__)

MOST_CHARACTERS = 100_000
"""A page shows the text again, marked: what is longer belongs on the command line."""
_MARKED_CHARACTERS = 20_000
_TITLE_CHARACTERS = 300
EXAMPLE = """Phase 1/2 trial of cord cells for early diffuse systemic sclerosis
This randomized, double-blind trial compares two intravenous infusions of allogeneic
mesenchymal stromal cells from umbilical cord (1 million cells per kg) with placebo in adults with
diffuse cutaneous systemic sclerosis. The primary outcome is the change in modified Rodnan skin
score after 12 months."""
"""What the page offers to those who only want to see what it does; our own words."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of the text; marked ones say what they were read as."""

    words: str
    field: str = ""
    said: str = ""


@dataclass(frozen=True, slots=True)
class TextField:
    """What was read from the text of one field of cell facts."""

    label: str
    values: tuple[str, ...]


@blueprint.route("/text", methods=["GET", "POST"])
def text() -> str:
    """Show a box for a text; for a text that was sent, what was found and its kin.

    :raise 413: if the text is larger than the server reads.
    """
    asked = request.form.get("text", "") if request.method == "POST" else ""
    shown = asked or (EXAMPLE if request.args.get("example") == "yes" else "")
    problem, found = "", None
    if request.method == "POST":
        try:
            found = _answer(served(), asked)
        except (RecordError, EncoderError) as error:
            problem = str(error)
    return render_template(
        "text.html",
        text=shown,
        problem=problem,
        most=MOST_CHARACTERS,
        **(found or {"cards": None}),
    )


def _answer(now: Served, asked: str) -> dict[str, object]:
    text = asked.replace("\r\n", "\n").strip()
    if len(text) > MOST_CHARACTERS:
        raise RecordError(
            f"The text has {len(text):,} characters, more than {MOST_CHARACTERS:,}; "
            "give the synopsis, not the whole protocol."
        )
    encoder = now.encoder
    profile, facts = profile_of_text(text, encoder)
    kin = now.generation.kin_index.rank_profile(profile, KIN_PAGE_SHOWN, encoder=encoder)
    cards = now.generation.records.cards(link.nct_id for link in kin)
    conditions = [load_scheme("conditions")[name] for name in profile.concept_names("conditions")
                  if name in load_scheme("conditions")]  # fmt: skip
    return {
        "cards": kin_cards(kin, cards),
        "conditions": conditions,
        "facts": _facts(facts),
        "phases": profile.design.phases,
        "pieces": list(pieces(text[:_MARKED_CHARACTERS], facts, conditions)),
        "cut": len(text) > _MARKED_CHARACTERS,
        "none_close": not has_close(kin),
    }


def _facts(facts: CellFacts) -> list[TextField]:
    return [
        TextField(FIELD_LABELS[field], tuple(fact_value(field, value) for value in values))
        for field in FIELDS
        if (values := facts.values(field))
    ]


def pieces(text: str, facts: CellFacts, conditions: Sequence[Concept]) -> Iterator[Piece]:
    """Cut a text where something was read from it.

    Parameters
    ----------
    text : str
        Stripped, as it was given to `kg.asking.profile_of_text`.
    facts : CellFacts
        Whose evidence counts characters from the beginning of the title or of what follows it.
    conditions : sequence of Concept
    """
    title = text.partition("\n")[0][:_TITLE_CHARACTERS]
    begins = {"brief_title": 0, "brief_summary": len(title)}
    spans: dict[tuple[int, int], tuple[str, str]] = {}
    for match in (
        Lexicon([(label, concept) for concept in conditions for label in concept.labels]).find(text)
        if conditions
        else ()
    ):
        spans[match.start, match.end] = "conditions", f"Condition: {match.payload.pref_label}"
    for fact in facts.facts:
        said = f"{FIELD_LABELS[fact.field]}: {fact_value(fact.field, fact.value)}"
        for evidence in fact.evidence:
            start = begins.get(evidence.path, -1)
            span = start + evidence.start, start + evidence.end
            if start >= 0 and text[span[0] : span[1]] == evidence.words:
                other = spans.get(span)
                both = said if other is None else f"{other[1]}; {said}"
                spans[span] = (fact.field if other is None else other[0]), both
    at = 0
    # Of spans that begin together the longest; what lies inside it is said with it.
    for start, end in sorted(spans, key=lambda span: (span[0], -span[1])):
        if start >= at:
            if start > at:
                yield Piece(text[at:start])
            inside = {said for (a, b), (_, said) in spans.items() if start <= a and b <= end}
            yield Piece(text[start:end], spans[start, end][0], "; ".join(sorted(inside)))
            at = end
    if at < len(text):
        yield Piece(text[at:])
