"""The typed relations of one trial as they stand in the published graph, in words.

Out of scope: likeness (`kg.views.kin_rows`), and finding relations (`kg.relations`).
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

import pyoxigraph as ox

from kg.iris import KIN_GRAPH, trial_iri
from kg.relations.model import RELATION_KINDS, SYMMETRIC_KINDS, RelationEvidence
from kg.stored_links import graph_of, relation_of_node
from ontology.errors import RecordError
from ontology.vocabulary import TK

if TYPE_CHECKING:
    from kg.generation import Generation

DIRECTIONS = ("out", "in", "both")
"""Whether a relation leads from the trial asked for, to it, or holds both ways."""

RELATION_WORDS = {
    ("extension_of", "out"): "extension or follow-up of",
    ("extension_of", "in"): "extended or followed up by",
    ("predecessor_of", "out"): "predecessor of",
    ("predecessor_of", "in"): "builds on",
    ("re_registration_of", "out"): "registers anew",
    ("re_registration_of", "in"): "registered anew as",
    ("same_programme", "both"): "same programme as",
    ("same_product", "both"): "tries the same product as",
    ("shares_publication", "both"): "shares a publication with",
    ("mentions", "out"): "mentions",
    ("mentions", "in"): "mentioned by",
}
"""Kind and direction in words, to be read between the trial asked for and the other."""

_GRAPH = ox.NamedNode(KIN_GRAPH)
_FROM, _TO = ox.NamedNode(TK.from_), ox.NamedNode(TK.to)
_PLACE = re.compile(r".*/evidence/(\d+)")


class TrialRelation(NamedTuple):
    """A typed relation as it is seen from one of its trials.

    Attributes
    ----------
    nct_id : str
        The other trial.
    kind : str
        One of `kg.relations.RELATION_KINDS`.
    direction : str
        One of `DIRECTIONS`: "out" if the trial asked for is `kind` the other, "in" if the other
        is `kind` this one, "both" for a kind that holds both ways.
    words : str
        Kind and direction in words, such as "extension or follow-up of".
    confidence : float
        0 to 1: how far the rule is to be trusted that found it.
    evidence : tuple of RelationEvidence
        The words of either record that it leans on.
    """

    nct_id: str
    kind: str
    direction: str
    words: str
    confidence: float
    evidence: tuple[RelationEvidence, ...]


def relations_of(
    generation: Generation, nct_id: str, *, kinds: Collection[str] | None = None
) -> list[TrialRelation]:
    """Return the typed relations of a trial.

    Parameters
    ----------
    generation : Generation
    nct_id : str
    kinds : collection of str, optional
        Only these of `kg.relations.RELATION_KINDS`.

    Returns
    -------
    list of TrialRelation
        Sorted by kind in the order of `RELATION_KINDS`, then those that lead out first, then
        the most trusted, then by NCT id.

    Raises
    ------
    InvalidIdentifierError, UnknownTrialError
        If there is no such trial.
    RecordError
        If a kind is unknown; the message names those that there are.
    """
    unknown = sorted(set(kinds or ()) - set(RELATION_KINDS))
    if unknown:
        raise RecordError(f"No relation is {unknown[0]!r}; there are {', '.join(RELATION_KINDS)}.")
    trial = generation.records.resolve(nct_id)
    wanted = RELATION_KINDS if kinds is None else kinds
    found = [one for one in _stored(graph_of(generation), trial) if one.kind in wanted]
    return sorted(found, key=_rank)


def relations_between(generation: Generation, nct_id: str, other: str) -> list[TrialRelation]:
    """Return the typed relations of a trial to one other, as `relations_of` does.

    Raises
    ------
    InvalidIdentifierError, UnknownTrialError
        If one of them is not in the store.
    """
    goal = generation.records.resolve(other)
    return [one for one in relations_of(generation, nct_id) if one.nct_id == goal]


def relation_row(relation: TrialRelation, title: str) -> dict[str, Any]:
    """Return a relation as one JSON-ready row, with the other trial's title."""
    return {
        "nct_id": relation.nct_id,
        "title": title,
        "kind": relation.kind,
        "direction": relation.direction,
        "words": relation.words,
        "confidence": relation.confidence,
        "evidence": [
            {
                "nct_id": evidence.nct_id,
                "path": evidence.path,
                "words": evidence.words,
                "start": evidence.start,
                "end": evidence.end,
            }
            for evidence in relation.evidence
        ],
    }


def relation_rows(
    generation: Generation, nct_id: str, *, kinds: Collection[str] | None = None
) -> list[dict[str, Any]]:
    """Return the relations of a trial as JSON-ready rows; see `relations_of`."""
    found = relations_of(generation, nct_id, kinds=kinds)
    cards = generation.records.cards(relation.nct_id for relation in found)
    return [relation_row(relation, cards[relation.nct_id].title) for relation in found]


def _rank(relation: TrialRelation) -> tuple[int, int, float, str]:
    return (
        RELATION_KINDS.index(relation.kind),
        DIRECTIONS.index(relation.direction),
        -relation.confidence,
        relation.nct_id,
    )


def _stored(store: ox.Store, nct_id: str) -> Iterator[TrialRelation]:
    trial = ox.NamedNode(trial_iri(nct_id))
    for end, direction in ((_FROM, "out"), (_TO, "in")):
        for quad in store.quads_for_pattern(None, end, trial, _GRAPH):
            named = relation_of_node(quad.subject)
            if named is None:
                continue
            kind, first, second = named
            way = "both" if kind in SYMMETRIC_KINDS else direction
            said = _values(store, quad.subject)
            yield TrialRelation(
                second if direction == "out" else first,
                kind,
                way,
                RELATION_WORDS[kind, way],
                float(said[TK.confidence]),
                tuple(_evidence(store, quad.subject)),
            )


def _evidence(store: ox.Store, node: Any) -> Iterator[RelationEvidence]:
    places = {}
    for quad in store.quads_for_pattern(node, ox.NamedNode(TK.evidence), None, _GRAPH):
        found = _PLACE.fullmatch(str(getattr(quad.object, "value", "")))
        if found is not None:
            places[int(found[1])] = quad.object
    for place in sorted(places):
        said = _values(store, places[place])
        yield RelationEvidence(
            said[TK.inRecord].rpartition("/")[2],
            said[TK.sectionPath],
            said[TK.words],
            int(said[TK.spanStart]),
            int(said[TK.spanEnd]),
        )


def _values(store: ox.Store, node: Any) -> dict[str, str]:
    """Return the values of a node by property; of several of one property any."""
    return {
        quad.predicate.value: quad.object.value
        for quad in store.quads_for_pattern(node, None, None, _GRAPH)
        if isinstance(quad.object, ox.NamedNode | ox.Literal)
    }
