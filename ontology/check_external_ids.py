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
import re
import sys
import unicodedata
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import NamedTuple

from ontology.concepts import Concept, ConceptScheme
from ontology.external_terms import (
    GUIDE_ONTOLOGIES,
    MATCHES,
    OBO_BASE,
    RECORDED,
    Names,
    guide_terms,
    read_mesh_terms,
    read_recorded,
    read_routes,
    shown_term,
)
from ontology.mesh import MESH_BASE
from ontology.schemes import SCHEME_NAMES, load_scheme

SHARED = Path(__file__).resolve().parents[2] / "shared"

NAMED_OTHERWISE = {
    ("cell_sources", "muscle", f"{OBO_BASE}UBERON_0001134"): "muscle given as cells is skeletal",
    ("cell_sources", "skin", f"{OBO_BASE}UBERON_0002097"): "'skin of body' is the organ",
    ("cell_sources", "synovium", f"{OBO_BASE}UBERON_0002018"): (
        "'synovial membrane of synovial joint' is the same tissue"
    ),
}
"""Exact matches (scheme, concept, IRI) that hold though no name is the same, and why."""

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
        for relation in MATCHES
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
            writer.writerow([shown_term(iri), label, *(needed[:1] or [""])])


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


if __name__ == "__main__":
    sys.exit(main())
