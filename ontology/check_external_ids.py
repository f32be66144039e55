"""Check every external id in the concept schemes against a source: a wrong one is worse than none.

Run as ``python -m ontology.check_external_ids``. Three sources are asked, each for its own ids:

- MeSH ids and terms as records of the registry carry them (``--shared``);
- NCI Thesaurus codes of routes, from the CDISC codelist C66729 (``--shared``);
- MONDO, UBERON and CL from the package ``cellxgene-ontology-guide`` (``--guide``, where it is
  installed), or else what it said when ``--record`` was last used (`RECORDED`).

An exact match must also agree by name: the term's label or one of its synonyms has to be one
of the concept's labels. An id that no source knows of is reported, never passed over.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import json
import re
import sys
import unicodedata
from collections.abc import Collection, Iterable, Mapping
from importlib import import_module, resources
from pathlib import Path
from typing import NamedTuple

from ontology.concepts import Concept, ConceptScheme
from ontology.errors import SchemeError
from ontology.mesh import MESH_BASE, mesh_iri
from ontology.schemes import SCHEME_NAMES, load_scheme

OBO_BASE = "http://purl.obolibrary.org/obo/"
GUIDE_ONTOLOGIES = ("MONDO", "UBERON", "CL")
RECORDED = "external_terms.tsv"
"""File beside the schemes: id, label and the synonym that agrees, as the guide gave them."""
SHARED = Path(__file__).resolve().parents[2] / "shared"

NAMED_OTHERWISE = {
    ("cell_sources", "muscle", f"{OBO_BASE}UBERON_0001134"): "muscle given as cells is skeletal",
    ("cell_sources", "skin", f"{OBO_BASE}UBERON_0002097"): "'skin of body' is the organ",
    ("cell_sources", "synovium", f"{OBO_BASE}UBERON_0002018"): (
        "'synovial membrane of synovial joint' is the same tissue"
    ),
}
"""Exact matches (scheme, concept, IRI) that hold though no name is the same, and why."""

Names = Mapping[str, Collection[str]]
"""External IRI -> the term's label and synonyms."""

_MATCHES = ("exact_match", "close_match", "broad_match", "narrow_match")
_RECORDS = ("msc_trials.ndjson.gz", "ctgov_v2_studies.ndjson.gz")
_ROUTES = "vocabularies/route_of_administration_C66729.json"
_WORD = re.compile(r"[a-z0-9]+")
_BRITISH = (("haem", "hem"), ("aemi", "emi"), ("oed", "ed"), ("umour", "umor"), ("foet", "fet"))


class Finding(NamedTuple):
    """What the check says of one external id of one concept.

    Attributes
    ----------
    verdict : {'agrees', 'unknown id', 'other name', 'unchecked'}
        *unknown id*: the source for such ids does not have it. *other name*: an exact match
        whose names are none of the concept's. *unchecked*: no source for such ids was given.
    """

    scheme: str
    concept: str
    relation: str
    iri: str
    verdict: str
    names: tuple[str, ...] = ()

    @property
    def is_wrong(self) -> bool:
        """Whether the scheme must be mended."""
        return self.verdict in ("unknown id", "other name")


def check_scheme(scheme: ConceptScheme, sources: Mapping[str, Names]) -> list[Finding]:
    """Check the external ids of a scheme.

    Parameters
    ----------
    scheme : ConceptScheme
    sources : mapping of str to Names
        What an IRI begins with -> all terms that its source has.
    """
    return [
        _judge(scheme.name, concept, relation, iri, sources)
        for concept in scheme.concepts.values()
        for relation in _MATCHES
        for iri in getattr(concept, relation)
    ]


def _judge(
    scheme: str, concept: Concept, relation: str, iri: str, sources: Mapping[str, Names]
) -> Finding:
    """Return what the sources say of one id."""
    terms = next((terms for start, terms in sources.items() if iri.startswith(start)), None)
    if terms is None:
        return Finding(scheme, concept.name, relation, iri, "unchecked")
    names = tuple(terms.get(iri, ()))
    if not names:
        return Finding(scheme, concept.name, relation, iri, "unknown id")
    agrees = (
        relation != "exact_match"
        or (scheme, concept.name, iri) in NAMED_OTHERWISE
        or agreeing(concept.labels, names)
    )
    return Finding(scheme, concept.name, relation, iri, "agrees" if agrees else "other name", names)


def agreeing(labels: Iterable[str], names: Iterable[str]) -> list[str]:
    """Return those of `names` that are one of `labels`.

    Case, accents, punctuation, plural, British spelling and the order of catalogue entries
    ("Sclerosis, Multiple") do not matter.
    """
    known = {form for label in labels for form in _folded(label)}
    return [name for name in names if not known.isdisjoint(_folded(name))]


def _folded(text: str) -> set[str]:
    """Return the forms under which two names are held to be the same."""
    plain = unicodedata.normalize("NFKD", text.casefold()).encode("ascii", "ignore").decode()
    for british, american in _BRITISH:
        plain = plain.replace(british, american)
    turned = " ".join(reversed(plain.split(",")))
    return {
        " ".join(map(_singular, _WORD.findall(form.replace("'s", "")))) for form in (plain, turned)
    }


def _singular(word: str) -> str:
    """Return a word without its plural ending, roughly and the same for all."""
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    return word[:-1] if word.endswith("s") and not word.endswith(("ss", "us", "is")) else word


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


def record(terms: Names, schemes: Iterable[ConceptScheme], out: Path) -> None:
    """Write the terms that the schemes use: id, label, and the synonym that agrees, if one must."""
    labels: dict[str, set[str]] = {}
    for scheme in schemes:
        for concept in scheme.concepts.values():
            for iri in concept.exact_match:
                labels.setdefault(iri, set()).update(concept.labels)
    with out.open("w", encoding="utf-8", newline="") as lines:
        lines.write(
            "# id, label and (where it is what agrees) a synonym of the terms that the schemes\n"
            "# match, from MONDO (CC BY 4.0), UBERON (CC BY 3.0) and CL (CC BY 4.0) by way of\n"
            "# cellxgene-ontology-guide; written by `python -m ontology.check_external_ids "
            "--guide --record`.\n"
        )
        writer = csv.writer(lines, delimiter="\t", lineterminator="\n")
        for iri, names in sorted(terms.items()):
            label, *synonyms = names
            mine = labels.get(iri, set())
            needed = [] if agreeing(mine, [label]) else sorted(agreeing(mine, synonyms))
            writer.writerow([_term(iri), label, *(needed[:1] or [""])])


def main(arguments: list[str] | None = None) -> int:
    """Check all schemes, print what is wrong or could not be checked, return the exit status."""
    parser = argparse.ArgumentParser(
        prog="python -m ontology.check_external_ids", description="Check external ids of schemes."
    )
    parser.add_argument("--shared", type=Path, default=SHARED, help="folder of real records")
    parser.add_argument("--guide", action="store_true", help="ask cellxgene-ontology-guide")
    parser.add_argument("--record", action="store_true", help=f"write {RECORDED} (with --guide)")
    chosen = parser.parse_args(arguments)
    schemes = [load_scheme(name) for name in SCHEME_NAMES]
    if chosen.guide:
        terms: Names = guide_terms(schemes)
        if chosen.record:
            record(
                {iri: names for iri, names in terms.items() if names},
                schemes,
                Path(__file__).parent / "schemes" / RECORDED,
            )
    else:
        terms = read_recorded()
    findings = check_all(schemes, terms, chosen.shared if chosen.shared.is_dir() else None)
    for finding in findings:
        if finding.verdict != "agrees":
            names = "; ".join(finding.names[:4])
            sys.stdout.write(
                f"{finding.verdict}: {finding.scheme}/{finding.concept} {finding.relation} "
                f"<{finding.iri}> {names}\n"
            )
    counts = dict.fromkeys(("agrees", "unknown id", "other name", "unchecked"), 0)
    for finding in findings:
        counts[finding.verdict] += 1
    sys.stdout.write(", ".join(f"{verdict} {count}" for verdict, count in counts.items()) + "\n")
    return 1 if any(finding.is_wrong for finding in findings) else 0


def check_all(schemes: Iterable[ConceptScheme], terms: Names, shared: Path | None) -> list[Finding]:
    """Check schemes against the terms of MONDO, UBERON and CL and, where it is, the shared folder.

    Routes alone are held against the codelist of routes: other NCIT codes have no source here.
    """
    sources: dict[str, Names] = {f"{OBO_BASE}{name}_": terms for name in GUIDE_ONTOLOGIES}
    routes: dict[str, Names] = {}
    if shared is not None:
        sources[MESH_BASE] = read_mesh_terms(shared)
        routes[f"{OBO_BASE}NCIT_"] = read_routes(shared)
    return [
        finding
        for scheme in schemes
        for finding in check_scheme(
            scheme, {**sources, **routes} if scheme.name == "routes" else sources
        )
    ]


def _used(schemes: Iterable[ConceptScheme]) -> set[str]:
    """Return the IRIs of the guide's ontologies that the schemes match."""
    starts = tuple(f"{OBO_BASE}{name}_" for name in GUIDE_ONTOLOGIES)
    return {
        iri
        for scheme in schemes
        for concept in scheme.concepts.values()
        for relation in _MATCHES
        for iri in getattr(concept, relation)
        if iri.startswith(starts)
    }


def _term(iri: str) -> str:
    return iri.removeprefix(OBO_BASE).replace("_", ":")


def _iri(term: str) -> str:
    return OBO_BASE + term.replace(":", "_")


if __name__ == "__main__":
    sys.exit(main())
