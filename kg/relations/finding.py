"""`find_relations`: typed relations among records, by what they share.

Every rule looks records up by an id, a number, a name or a title; none compares all with all.
What is shared by more records than a rule's limit tells nothing and is left out, so the cost
grows with the records and the limits, not with the square of the records. Nothing depends on
the order of the records.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator

from kg.relations.keys import RelationKey
from kg.relations.model import RELATION_KINDS, Relation, RelationEvidence
from kg.relations.rules import Found, Lookup
from kg.relations.rules_programme import acronym_groups, programme_relations
from kg.relations.rules_shared import product_groups, product_relations, publication_relations
from kg.relations.rules_succession import (
    extension_relations,
    mention_relations,
    predecessor_relations,
    re_registration_relations,
)

_EVIDENCE_KEPT = 6
_PRECEDENCE = ("extension_of", "re_registration_of", "predecessor_of")
"""Of these, which say how one trial comes after another, a pair has the first only."""


def find_relations(
    keys: Iterable[RelationKey], common: Collection[tuple[str, str]] = ()
) -> Iterator[Relation]:
    """Yield the relations among records.

    Parameters
    ----------
    keys : iterable of RelationKey
        One of each record, in any order; of two with one NCT id the last counts. Only trials
        among them are related: what a record says of a trial that is not here gives nothing.
    common : collection of (str, str), optional
        Where these are not all records: kind and text of the tokens (`kg.relations.tokens`) that
        are known to be held by too many of all to tell anything.

    Yields
    ------
    Relation
        Sorted by kind (in the order of `RELATION_KINDS`), then by the two ids.
    """
    lookup = Lookup(keys, common)
    products, acronyms = product_groups(lookup), acronym_groups(lookup)
    merged: dict[tuple[str, str, str], list[Found]] = defaultdict(list)
    for found in (
        *mention_relations(lookup),
        *extension_relations(lookup, products, acronyms),
        *re_registration_relations(lookup),
        *predecessor_relations(lookup, products),
        *programme_relations(lookup, acronyms),
        *product_relations(lookup, products),
        *publication_relations(lookup),
    ):
        merged[(found.kind, found.from_nct_id, found.to_nct_id)].append(found)
    _leave_one_order(merged)
    for kind, first, second in sorted(merged, key=lambda key: (RELATION_KINDS.index(key[0]), key)):
        found_by = merged[kind, first, second]
        best = max(found.confidence for found in found_by)
        evidence: dict[RelationEvidence, None] = {}
        for found in sorted(found_by, key=lambda found: (-found.confidence, found.evidence)):
            evidence.update(dict.fromkeys(found.evidence))
        yield Relation(first, second, kind, tuple(evidence)[:_EVIDENCE_KEPT], best)


def _leave_one_order(merged: dict[tuple[str, str, str], list[Found]]) -> None:
    """Keep of each pair the foremost kind of succession only, and never both directions."""
    taken: dict[tuple[str, str], tuple[int, float, tuple[str, str, str]]] = {}
    for key in sorted(key for key in merged if key[0] in _PRECEDENCE):
        kind, first, second = key
        pair = (min(first, second), max(first, second))
        rank = (
            _PRECEDENCE.index(kind),
            -max(found.confidence for found in merged[key]),
            key,
        )
        if pair in taken:
            worse = max(rank, taken[pair])
            del merged[worse[2]]
            rank = min(rank, taken[pair])
        taken[pair] = rank
