"""Triples of what was found in a record's text: conditions as concepts, and cell facts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from kg.cell_facts.model import CONCEPT_FIELDS, CellFact
from kg.iris import canonical_nct_ids, part_iri, trial_iri
from kg.mapping import terms
from kg.mapping.study_mapping import arm_group_iris
from kg.study import Study
from ontology.vocabulary import CONCEPT_BASE, RDF, TK

Triple = tuple[str, str, str]

_DIRECT_EDGES = {
    "cell_sources": TK.cellSource,
    "cell_types": TK.cellType,
    "donor": TK.donor,
    "routes": TK.route,
}


def concept_iri(scheme: str, name: str) -> str:
    """Return the IRI of a concept of one of our schemes."""
    return f"{CONCEPT_BASE}{scheme}/{name}"


def condition_triples(study: Study, condition_iris: Sequence[str]) -> Iterator[Triple]:
    """Yield the direct edges from a trial to its conditions."""
    subject = f"<{trial_iri(study.nct_id)}>"
    for condition in condition_iris:
        yield subject, TK.condition, f"<{condition}>"


def record_triples(study: Study, fingerprint: str) -> Iterator[Triple]:
    """Yield what is known of the record itself: its fingerprint and how its summary was made."""
    subject = f"<{trial_iri(study.nct_id)}>"
    yield subject, TK.recordFingerprint, terms.text(fingerprint)
    if study.composed_summary:
        yield subject, TK.composedSummary, terms.boolean(True)
    if study.removed_from_registry is not None:
        yield subject, TK.removedFromRegistry, terms.partial_date(study.removed_from_registry)


def listed_as_related_triples(study: Study) -> Iterator[Triple]:
    """Yield the edges to trials that a public page of this trial lists as related."""
    subject = f"<{trial_iri(study.nct_id)}>"
    for nct_id in canonical_nct_ids(listed.nct_id for listed in study.listed_as_related):
        yield subject, TK.listedAsRelated, f"<{trial_iri(nct_id)}>"


def cell_fact_triples(study: Study, facts: Sequence[CellFact]) -> Iterator[Triple]:
    """Yield direct edges, fact nodes and evidence nodes of extracted cell facts."""
    subject = f"<{trial_iri(study.nct_id)}>"
    arms = arm_group_iris(study)
    for fact in facts:
        node = f"<{part_iri(study.nct_id, 'fact', f'{fact.field} {fact.value}')}>"
        yield subject, TK.cellFact, node
        yield node, RDF.type, f"<{TK.CellFact}>"
        yield node, TK.factField, terms.text(fact.field)
        scheme = CONCEPT_FIELDS.get(fact.field)
        if scheme is None:
            yield node, TK.factValue, _value(fact.value)
        else:
            concept = f"<{concept_iri(scheme, str(fact.value))}>"
            yield subject, _DIRECT_EDGES[fact.field], concept
            yield node, TK.factConcept, concept
        yield node, TK.rule, terms.text(fact.rule)
        yield node, TK.confidence, terms.decimal(fact.confidence)
        for arm in fact.arms:
            yield node, TK.ofArm, f"<{arms[arm]}>"
        for evidence in fact.evidence:
            key = f"{evidence.path} {evidence.start} {evidence.end}"
            evidence_node = f"<{part_iri(study.nct_id, 'evidence', key)}>"
            yield node, TK.evidence, evidence_node
            yield evidence_node, RDF.type, f"<{TK.Evidence}>"
            yield evidence_node, TK.sectionPath, terms.text(evidence.path)
            yield evidence_node, TK.spanStart, terms.integer(evidence.start)
            yield evidence_node, TK.spanEnd, terms.integer(evidence.end)
            yield evidence_node, TK.words, terms.text(evidence.words)


def _value(value: str | int | float) -> str:
    if isinstance(value, str):
        return terms.text(value)
    return terms.integer(value) if isinstance(value, int) else terms.decimal(value)
