"""Quads that describe the graph itself: VoID, and the example queries as SHACL executables.

They stand in a graph of their own and count everything but themselves and the runs. Nothing in
them depends on the time or place of a build.

References
----------
.. [1] Describing Linked Datasets with the VoID Vocabulary, W3C Interest Group Note, 2011.
.. [2] SHACL Advanced Features, W3C Working Group Note, 2017; section 5 (SPARQL-based executables:
   ``sh:select``, ``sh:prefixes``) with SHACL, W3C Recommendation, 2017, section 5.2.1.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from kg.iris import GRAPH_BASE, TRIAL_BASE, TRIALKIN_BASE
from kg.mapping import terms
from kg.mapping.partition_counts import VOID_GRAPH, PartitionCounts
from kg.sparql.examples import QueryExample, query_examples
from ontology.vocabulary import DCTERMS, PREFIXES, RDF, RDFS, SH, SKOS, TK, VOID, XSD

DATASET = f"{TRIALKIN_BASE}dataset"
PREFIX_SET = f"{TRIALKIN_BASE}prefixes"
LICENCE = "https://clinicaltrials.gov/about-site/terms-conditions"
RIGHTS = (
    "Records are data of ClinicalTrials.gov, U.S. National Library of Medicine, which does not "
    "endorse TrialKin; what is extracted from them or computed is added by TrialKin."
)
LINKSETS: Mapping[str, tuple[str, str]] = {
    "condition-mesh": (TK.conditionMesh, "http://id.nlm.nih.gov/mesh/"),
    "intervention-mesh": (TK.interventionMesh, "http://id.nlm.nih.gov/mesh/"),
    "publications": (TK.publication, "https://pubmed.ncbi.nlm.nih.gov/"),
    "exact-matches": (SKOS.exactMatch, ""),
    "close-matches": (SKOS.closeMatch, ""),
    "broad-matches": (SKOS.broadMatch, ""),
}
"""Links out of the graph: their property, and what they point at where it is one vocabulary."""
_VOCABULARIES = ("tk", "skos", "prov", "dcterms", "rdfs", "geo")
_EXECUTABLES = {
    "SELECT": (SH.SPARQLSelectExecutable, SH.select),
    "ASK": (SH.SPARQLAskExecutable, SH.ask),
    "CONSTRUCT": (SH.SPARQLConstructExecutable, SH.construct),
    "DESCRIBE": (SH.SPARQLConstructExecutable, SH.construct),
}
_GRAPH = f" <{VOID_GRAPH}> .\n"
_Statements = Iterable[tuple[str, str]]


def void_quads(
    counts: PartitionCounts, *, examples: Iterable[QueryExample] | None = None
) -> Iterator[str]:
    """Yield the description of a graph as lines of N-Quads.

    Parameters
    ----------
    counts : PartitionCounts
        Of all its other quads but those of runs.
    examples : iterable of QueryExample, optional
        Those that come with TrialKin by default.
    """
    for subject, statements in _described(counts):
        for predicate, object_ in statements:
            yield f"<{subject}> <{predicate}> {object_}{_GRAPH}"
    chosen = query_examples() if examples is None else examples
    for subject, statements in _executables(chosen):
        for predicate, object_ in statements:
            yield f"<{subject}> <{predicate}> {object_}{_GRAPH}"


def _described(counts: PartitionCounts) -> Iterator[tuple[str, _Statements]]:
    kept = counts.to_dict()
    parts = {
        "class": (VOID.classPartition, VOID["class"], VOID.entities, kept["classes"]),
        "property": (VOID.propertyPartition, VOID.property, VOID.triples, kept["properties"]),
    }
    yield DATASET, [*_dataset(counts)]
    for kind, (link, of, counted, found) in parts.items():
        for iri, count in found.items():
            node = f"{DATASET}/{kind}/{_local_name(iri)}"
            yield DATASET, [(link, f"<{node}>")]
            yield (
                node,
                [
                    (RDF.type, f"<{VOID.Dataset}>"),
                    (of, f"<{iri}>"),
                    (counted, terms.integer(count)),
                ],
            )
    for kind, count in kept["graphs"].items():
        node = f"{DATASET}/graph/{kind}"
        place = f"{GRAPH_BASE}{kind}" if kind != "trial" else f"{GRAPH_BASE}trial/"
        yield DATASET, [(VOID.subset, f"<{node}>")]
        yield (
            node,
            [
                (RDF.type, f"<{VOID.Dataset}>"),
                (RDFS.label, terms.text(f"Triples in the graph {place}")),
                (VOID.triples, terms.integer(count)),
            ],
        )
    for name, (predicate, target) in LINKSETS.items():
        if predicate not in kept["properties"]:
            continue
        node = f"{DATASET}/links/{name}"
        yield DATASET, [(VOID.subset, f"<{node}>")]
        yield (
            node,
            [
                (RDF.type, f"<{VOID.Linkset}>"),
                (VOID.linkPredicate, f"<{predicate}>"),
                (VOID.subjectsTarget, f"<{DATASET}>"),
                (VOID.triples, terms.integer(kept["properties"][predicate])),
            ],
        )
        if target:
            other = f"{node}/target"
            yield node, [(VOID.objectsTarget, f"<{other}>")]
            yield (
                other,
                [
                    (RDF.type, f"<{VOID.Dataset}>"),
                    (VOID.uriSpace, terms.text(target)),
                ],
            )


def _dataset(counts: PartitionCounts) -> Iterator[tuple[str, str]]:
    kept = counts.to_dict()
    yield RDF.type, f"<{VOID.Dataset}>"
    yield DCTERMS.title, terms.english("TrialKin: clinical trials and their kin")
    yield (
        DCTERMS.description,
        terms.english(
            "Clinical trials as registered, facts read from their texts with the words they lean "
            "on, and the related trials of each with scores and reasons."
        ),
    )
    yield DCTERMS.source, "<https://clinicaltrials.gov/>"
    yield DCTERMS.license, f"<{LICENCE}>"
    yield DCTERMS.rights, terms.english(RIGHTS)
    yield VOID.uriSpace, terms.text(TRIAL_BASE)
    yield VOID.exampleResource, f"<{TRIAL_BASE}NCT04356287>"
    for prefix in _VOCABULARIES:
        yield VOID.vocabulary, f"<{PREFIXES[prefix]}>"
    yield VOID.triples, terms.integer(counts.triples)
    yield VOID.classes, terms.integer(len(kept["classes"]))
    yield VOID.properties, terms.integer(len(kept["properties"]))


def _executables(examples: Iterable[QueryExample]) -> Iterator[tuple[str, _Statements]]:
    for prefix, base in sorted(PREFIXES.items()):
        node = f"{PREFIX_SET}/{prefix}"
        yield PREFIX_SET, [(SH.declare, f"<{node}>")]
        yield (
            node,
            [
                (SH.prefix, terms.text(prefix)),
                (SH.namespace, f"{terms.text(base)}^^<{XSD.anyURI}>"),
            ],
        )
    for example in examples:
        kind, holds = _EXECUTABLES[example.form]
        statements = [
            (RDF.type, f"<{SH.SPARQLExecutable}>"),
            (RDF.type, f"<{kind}>"),
            (RDFS.label, terms.english(example.title)),
            (DCTERMS.subject, terms.english(example.theme)),
            (SH.prefixes, f"<{PREFIX_SET}>"),
            (holds, terms.text(example.text)),
        ]
        if example.comment:
            statements.append((RDFS.comment, terms.english(example.comment)))
        yield f"{TRIALKIN_BASE}query/{example.name}", statements


def _local_name(iri: str) -> str:
    """Return a class or property as the last part of an IRI, with its prefix where it has one."""
    for prefix, base in PREFIXES.items():
        if iri.startswith(base):
            return f"{prefix}-{iri.removeprefix(base)}"
    return iri.rpartition("#")[2].rpartition("/")[2]
