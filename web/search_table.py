"""Found trials as rows of a table: with the codes of registry and graph, or with words."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from kg.cards import StudyCard
from web.labels import fact_value
from web.presentation import NOT_STATED, phase_words, words

_FACTS = ("cell_sources", "cell_types", "donor", "routes")
CSV_COLUMNS = (
    "nct_id", "title", "acronym", "overall_status", "study_type", "phases", "enrollment_count",
    "conditions", "condition_labels", *_FACTS, "lead_sponsor", "countries", "start_date",
    "last_update_post_date",
)  # fmt: skip
"""Names of the fields of `StudyCard`, which are the registry's, and of cell facts."""
_WORDS: Mapping[str, Callable[[Any], str]] = {
    "overall_status": words,
    "study_type": words,
    "phases": phase_words,
}


def csv_rows(cards: Iterable[StudyCard], *, in_words: bool = False) -> list[dict[str, Any]]:
    """Return cards as rows of `CSV_COLUMNS`.

    Parameters
    ----------
    cards : iterable of StudyCard
    in_words : bool
        Whether statuses, types, phases and concepts stand as pages name them, else as codes.

    Returns
    -------
    list of dict
        A cell fact that the text does not state is "not stated"; what is not registered is None
        or empty.
    """
    return [_row(card, in_words) for card in cards]


def _row(card: StudyCard, in_words: bool) -> dict[str, Any]:
    row = {name: getattr(card, name) for name in CSV_COLUMNS if name not in _FACTS}
    facts = {name: card.facts.get(name, []) for name in _FACTS}
    if in_words:
        row |= {name: show(row[name]) for name, show in _WORDS.items() if row[name]}
        facts = {name: [fact_value(name, one) for one in held] for name, held in facts.items()}
    return row | {name: held or [NOT_STATED] for name, held in facts.items()}
