"""The conditions of a trial as concepts: of our scheme, and MeSH terms beyond it."""

from __future__ import annotations

from typing import NamedTuple

from kg.mapping.extracted import concept_iri
from kg.mapping.study_mapping import mesh_term_iri
from kg.study import Study
from ontology.condition_matching import match_conditions
from ontology.mesh import mesh_iri
from ontology.schemes import load_scheme


class StudyConditions(NamedTuple):
    """What a trial studies.

    Attributes
    ----------
    names : tuple of str
        Names of the concepts in the scheme of conditions.
    iris : tuple of str
        IRIs of these, and of MeSH terms that the scheme does not know.
    labels : tuple of str
        Their preferred labels, in the same order.
    """

    names: tuple[str, ...]
    iris: tuple[str, ...]
    labels: tuple[str, ...]


def find_conditions(study: Study) -> StudyConditions:
    """Match the registered conditions, MeSH terms, keywords and titles of a study."""
    identification = study.identification
    titles = [identification.brief_title, identification.official_title]
    # Legacy records carry MeSH terms without ids: those are read like registered conditions.
    meshes, terms = [], []
    for mesh in study.condition_browse.meshes:
        if mesh_term_iri(mesh.id) is not None:
            meshes.append((str(mesh.id), mesh.term or ""))
        elif mesh.term:
            terms.append(mesh.term)
    matches = match_conditions(
        (*study.conditions.conditions, *terms),
        study.conditions.keywords,
        meshes,
        [title for title in titles if title],
    )
    scheme = load_scheme("conditions")
    names: list[str] = []
    found: dict[str, str] = {}
    for match in matches:
        if match.concept is not None:
            names.append(match.concept)
            concept = scheme[match.concept]
            found[concept_iri("conditions", match.concept)] = concept.pref_label
        elif match.mesh_id is not None:
            found[mesh_iri(match.mesh_id)] = match.text
    return StudyConditions(tuple(names), tuple(found), tuple(found.values()))
