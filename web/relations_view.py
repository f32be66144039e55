"""Typed relations of a trial as pages show them, with the words that show them."""

from __future__ import annotations

from dataclasses import dataclass

from kg.trial_relations import RELATION_WORDS, relations_of
from web.evidence import section_name
from web.presentation import capitalize_first
from web.served import Served


@dataclass(frozen=True, slots=True)
class RelationWords:
    """The words of a record that show a relation, and where they stand."""

    nct_id: str
    where: str
    words: str


@dataclass(frozen=True, slots=True)
class ShownRelation:
    """One relation, read from the trial whose page it stands on.

    Attributes
    ----------
    kind : str
        One of `kg.relations.model.RELATION_KINDS`.
    label : str
        As in "Extension or follow-up of"; the other trial follows.
    nct_id : str
        The other trial.
    confidence : float
    evidence : tuple of RelationWords
    """

    kind: str
    label: str
    nct_id: str
    confidence: float
    evidence: tuple[RelationWords, ...]


def shown_relations(served: Served, nct_id: str) -> list[ShownRelation]:
    """Return the relations of a trial, the most telling kinds first."""
    return [
        ShownRelation(
            relation.kind,
            capitalize_first(relation.words),
            relation.nct_id,
            relation.confidence,
            tuple(
                RelationWords(said.nct_id, section_name(said.path)[0], said.words)
                for said in relation.evidence
            ),
        )
        for relation in relations_of(served.generation, nct_id)
    ]


def kind_words(kind: str) -> str:
    """Return what a kind of relation is called where its direction is not told.

    Examples
    --------
    >>> kind_words("same_programme")
    'Same programme as'
    """
    return capitalize_first(RELATION_WORDS.get((kind, "both")) or RELATION_WORDS[kind, "out"])
