"""What trials share: organisations, countries and MeSH terms, each described once.

A triple lives in one graph only (Oxigraph does not merge the same triple of two graphs in a
union query), so shared things are described in a graph of their own. Their labels come from the
records; where records spell a name differently, the commonest spelling is the label, and of
equally common ones the first in code-point order.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from kg.iris import ENTITIES_GRAPH, entity_iri
from kg.mapping import terms
from kg.mapping.study_mapping import mesh_term_iri
from kg.study import Study
from ontology.vocabulary import RDF, RDFS, SKOS, TK

_GRAPH = f" <{ENTITIES_GRAPH}> .\n"
_CLASSES = {"organization": TK.Organization, "country": TK.Country, "mesh": SKOS.Concept}


class EntityMention(NamedTuple):
    """That a record names something shared: its IRI, kind, label, and registry class if any."""

    iri: str
    kind: str
    label: str
    agency_class: str = ""


def entity_mentions(study: Study) -> set[EntityMention]:
    """Return every shared thing that a record names."""
    module = study.sponsor_collaborators
    found = {
        EntityMention(entity_iri("organization", party.name), "organization", party.name,
                      party.class_ or "")
        for party in (module.lead_sponsor, *module.collaborators)
        if party.name
    }  # fmt: skip
    organization = study.identification.organization
    if organization.full_name:
        iri = entity_iri("organization", organization.full_name)
        name, agency_class = organization.full_name, organization.class_ or ""
        found.add(EntityMention(iri, "organization", name, agency_class))
    for country in {place.country for place in study.contacts_locations.locations}:
        if country:
            found.add(EntityMention(entity_iri("country", country), "country", country))
    for browse in (study.condition_browse, study.intervention_browse):
        for mesh in (*browse.meshes, *browse.ancestors):
            known = mesh_term_iri(mesh.id)
            if known is not None and mesh.term:
                found.add(EntityMention(known, "mesh", mesh.term))
    return found


def entity_quads(iri: str, kind: str, label: str, agency_classes: tuple[str, ...]) -> Iterator[str]:
    """Yield the quads that describe one shared thing, as lines of N-Quads."""
    node = f"<{iri}>"
    yield f"{node} <{RDF.type}> <{_CLASSES[kind]}>{_GRAPH}"
    if kind == "mesh":
        yield f"{node} <{SKOS.prefLabel}> {terms.english(label)}{_GRAPH}"
        yield f"{node} <{SKOS.notation}> {terms.text(iri.rpartition('/')[2])}{_GRAPH}"
    else:
        yield f"{node} <{RDFS.label}> {terms.text(label)}{_GRAPH}"
    for agency_class in agency_classes:
        yield f"{node} <{TK.agencyClass}> {terms.text(agency_class)}{_GRAPH}"
