"""`derive_trial`: everything that follows from one record alone.

A pure function of the record, the corrections and the program: full builds, refreshes and other
processes call it, and must get the same.
"""

from __future__ import annotations

from dataclasses import dataclass

from kg.cards import StudyCard, make_card
from kg.cell_facts import extract_cell_facts
from kg.cell_facts.corrections import Corrections, apply_corrections
from kg.cell_facts.model import CellFacts
from kg.conditions import find_conditions
from kg.iris import canonical_nct_ids
from kg.mapping.entities import EntityMention, entity_mentions
from kg.mapping.extracted import (
    cell_fact_triples,
    condition_triples,
    listed_as_related_triples,
    record_triples,
)
from kg.mapping.study_mapping import map_study
from kg.profiles import make_profile
from kg.record_search import searchable_texts
from kg.relations import RelationKey, relation_key
from kg.study import Study
from similarity.profile import Profile


@dataclass(frozen=True, slots=True)
class DerivedTrial:
    """What follows from one record.

    Attributes
    ----------
    nct_id : str
    quads : str
        The trial's named graph as lines of N-Quads, none twice.
    card : StudyCard
    facts : CellFacts
    mentions : tuple of EntityMention
        What it names that other records may name too, sorted.
    aliases : tuple of str
        NCT ids under which it stood before.
    texts : tuple of str
        What full-text search looks in, by column.
    profile : Profile or None
        What kin are found by; None for a record that the registry no longer lists: such a
        trial is in no kin list and has none.
    relation_key : RelationKey
        What typed relations are found by.
    """

    nct_id: str
    quads: tuple[str, ...]
    card: StudyCard
    facts: CellFacts
    mentions: tuple[EntityMention, ...]
    aliases: tuple[str, ...]
    texts: tuple[str, ...]
    profile: Profile | None
    relation_key: RelationKey


def derive_trial(study: Study, fingerprint: str, corrections: Corrections) -> DerivedTrial:
    """Derive all that the graph, the records and the kin index hold of a record.

    Parameters
    ----------
    study : Study
    fingerprint : str
        Of the record as it came.
    corrections : Corrections
        What a curator changed in the cell facts.
    """
    facts = apply_corrections(extract_cell_facts(study), corrections)
    conditions = find_conditions(study)
    extra = [
        *record_triples(study, fingerprint),
        *condition_triples(study, conditions.iris),
        *listed_as_related_triples(study),
        *cell_fact_triples(study, facts.facts),
    ]
    card = make_card(study, facts, conditions.labels)
    is_listed = study.removed_from_registry is None
    return DerivedTrial(
        nct_id=study.nct_id,
        quads=tuple(map_study(study, extra)),
        card=card,
        facts=facts,
        mentions=tuple(sorted(entity_mentions(study))),
        aliases=tuple(canonical_nct_ids(study.identification.nct_id_aliases)),
        texts=searchable_texts(study, card),
        profile=make_profile(study, facts, conditions.names) if is_listed else None,
        relation_key=relation_key(study, conditions),
    )
