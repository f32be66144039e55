"""What other vocabularies call the terms that the concept schemes name, source by source.

MeSH terms as records of the registry carry them; NCI Thesaurus routes from the CDISC codelist
C66729; MONDO, UBERON and CL from the package ``cellxgene-ontology-guide``, or as recorded beside
the schemes when it was last asked.
"""

from __future__ import annotations

import csv
import gzip
import json
from collections.abc import Collection, Iterable, Mapping
from importlib import import_module, resources
from pathlib import Path

from ontology.concepts import ConceptScheme
from ontology.errors import SchemeError
from ontology.mesh import mesh_iri

OBO_BASE = "http://purl.obolibrary.org/obo/"
GUIDE_ONTOLOGIES = ("MONDO", "UBERON", "CL")
MATCHES = ("exact_match", "close_match", "broad_match", "narrow_match")
"""Attributes of a concept that hold external ids."""
RECORDED = "external_terms.tsv"
"""File beside the schemes: id, label and the synonym that agrees, as the guide gave them."""

Names = Mapping[str, Collection[str]]
"""External IRI -> the term's label and synonyms."""

_RECORDS = ("msc_trials.ndjson.gz", "ctgov_v2_studies.ndjson.gz")
_ROUTES = "vocabularies/route_of_administration_C66729.json"


def read_mesh_terms(shared: Path) -> dict[str, set[str]]:
    """Return MeSH IRI -> terms, as the shared records carry them (ancestors too)."""
    found: dict[str, set[str]] = {}
    for name in _RECORDS:
        with gzip.open(shared / "data" / name, "rt", encoding="utf-8") as lines:
            for line in lines:
                derived = json.loads(line).get("derivedSection", {})
                browse = derived.get("conditionBrowseModule", {})
                for term in (*browse.get("meshes", ()), *browse.get("ancestors", ())):
                    if "id" in term:
                        found.setdefault(mesh_iri(term["id"]), set()).add(term["term"])
    return found


def read_routes(shared: Path) -> dict[str, list[str]]:
    """Return NCIT IRI -> names of the routes in the codelist C66729."""
    document = json.loads((shared / "data" / _ROUTES).read_text(encoding="utf-8"))
    return {
        f"{OBO_BASE}NCIT_{term['conceptId']}": [
            name.removesuffix(" Route of Administration")
            for name in (term["preferredTerm"], term["submissionValue"], *term["synonyms"])
        ]
        for term in document["codelist"]["terms"]
    }


class Guide:
    """The terms of ``cellxgene-ontology-guide``, which is no dependency of this project."""

    def __init__(self) -> None:
        parser = import_module("cellxgene_ontology_guide.ontology_parser")
        versions = import_module("cellxgene_ontology_guide.supported_versions")
        self._parser = parser.OntologyParser()
        self.release = str(versions.get_latest_schema_version([self._parser.cxg_schema.version]))

    def names(self, iri: str) -> list[str]:
        """Return label and synonyms of a term that is not withdrawn; none where it is unknown."""
        term = iri.removeprefix(OBO_BASE).replace("_", ":")
        if not self._parser.is_valid_term_id(term) or self._parser.is_term_deprecated(term):
            return []
        return [self._parser.get_term_label(term), *self._parser.get_term_synonyms(term)]


def guide_terms(schemes: Iterable[ConceptScheme]) -> dict[str, list[str]]:
    """Return IRI -> names from the guide, for the ids of its ontologies that the schemes use.

    Raises
    ------
    ImportError
        If ``cellxgene-ontology-guide`` is not installed.
    """
    guide = Guide()
    return {iri: guide.names(iri) for iri in sorted(_used(schemes))}


def read_recorded() -> dict[str, list[str]]:
    """Return IRI -> names, as the guide gave them when they were recorded.

    Raises
    ------
    SchemeError
        If the file of recorded terms is not there.
    """
    source = resources.files("ontology.schemes").joinpath(RECORDED)
    if not source.is_file():
        raise SchemeError(f"schemes/{RECORDED} is missing; run from a checkout, or with --guide.")
    lines = source.read_text(encoding="utf-8").splitlines()
    rows = csv.reader((line for line in lines if not line.startswith("#")), delimiter="\t")
    return {_iri(row[0]): [name for name in row[1:] if name] for row in rows}


def _used(schemes: Iterable[ConceptScheme]) -> set[str]:
    """Return the IRIs of the guide's ontologies that the schemes match."""
    starts = tuple(f"{OBO_BASE}{name}_" for name in GUIDE_ONTOLOGIES)
    return {
        iri
        for scheme in schemes
        for concept in scheme.concepts.values()
        for relation in MATCHES
        for iri in getattr(concept, relation)
        if iri.startswith(starts)
    }


def shown_term(iri: str) -> str:
    """Return the short form of an IRI of the OBO library, such as ``UBERON:0002371``."""
    return iri.removeprefix(OBO_BASE).replace("_", ":")


def _iri(term: str) -> str:
    return OBO_BASE + term.replace(":", "_")
