"""Cell sources, cell types, donor and routes of one record."""

from __future__ import annotations

from functools import cache

from kg.cell_facts.context import GLUED_LENGTH, SCHEMES, read_context
from kg.cell_facts.donors import find_donors
from kg.cell_facts.dosing import extract_dosing_facts
from kg.cell_facts.findings import gather, guide_value, without_comparator
from kg.cell_facts.gives_cells import gives_cells
from kg.cell_facts.model import CellFact, CellFacts
from kg.cell_facts.routes import find_routes
from kg.cell_facts.sources import find_sources
from kg.cell_facts.types import find_types
from kg.study import Study
from ontology.matching import Lexicon
from ontology.schemes import Concept


@cache
def cell_lexicon() -> Lexicon[Concept]:
    """Return the lexicon of the four cell schemes, compiled once a process."""
    return Lexicon.from_schemes(*SCHEMES, glued_length=GLUED_LENGTH)


def extract_concept_facts(study: Study) -> tuple[CellFact, ...]:
    """Read cell sources, cell types, donor and routes from a record.

    Parameters
    ----------
    study : Study

    Returns
    -------
    tuple of CellFact
        In the order of `kg.cell_facts.model.FIELDS`, then by value. Nothing where the
        record does not say.
    """
    context = read_context(study, cell_lexicon())
    if not gives_cells(context):
        return ()
    types = find_types(context)
    names = frozenset(finding.concept.name for finding in types)
    sources = find_sources(context, names)
    if not types and not sources:
        return ()
    found = {
        "cell_sources": sources,
        "cell_types": types,
        "donor": find_donors(
            context, names, frozenset(guide_value(finding.concept) for finding in sources)
        ),
        "routes": find_routes(context),
    }
    facts: list[CellFact] = []
    for field, findings in found.items():
        if context.comparators:
            findings = without_comparator(field, findings, context.comparators)
        facts += gather(field, findings)
    return tuple(facts)


def extract_cell_facts(study: Study) -> CellFacts:
    """Read all cell facts of a record; a field without a fact is "not stated"."""
    concepts = extract_concept_facts(study)
    return CellFacts(study.nct_id, concepts + extract_dosing_facts(study, concepts))
