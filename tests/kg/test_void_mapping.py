"""The graph describes itself, by counts that can be kept without reading it again."""

from __future__ import annotations

import random
from collections import Counter

import pyoxigraph as ox
import pytest

from kg.iris import GRAPH_BASE, RUNS_GRAPH
from kg.mapping.partition_counts import VOID_GRAPH, PartitionCounts
from kg.mapping.void_mapping import DATASET, LINKSETS, void_quads
from kg.sparql.examples import query_examples
from kg.store import Store
from ontology.vocabulary import PREFIXES, RDF


@pytest.fixture(scope="module")
def lines(tiny_store: Store) -> list[str]:
    """Every quad but those of a description."""
    return [
        line
        for line in tiny_store.published().sorted_nquads()
        if not line.endswith(f"<{VOID_GRAPH}> .\n")
    ]


@pytest.fixture(scope="module")
def counts(lines: list[str]) -> PartitionCounts:
    counts = PartitionCounts()
    counts.add(lines)
    return counts


@pytest.fixture(scope="module")
def described(counts: PartitionCounts) -> ox.Store:
    store = ox.Store()
    store.load("".join(void_quads(counts)).encode(), format=ox.RdfFormat.N_QUADS)
    return store


def ask(store: ox.Store, query: str) -> list[tuple[str, ...]]:
    found = store.query(query, prefixes=PREFIXES, use_default_graph_as_union=True)
    assert isinstance(found, ox.QuerySolutions)
    return [tuple(term.value for term in row) for row in found]  # type: ignore[union-attr]


def test_counts_are_those_of_the_graph(lines: list[str], counts: PartitionCounts) -> None:
    store = ox.Store()
    store.load("".join(lines).encode(), format=ox.RdfFormat.N_QUADS)
    properties = Counter(quad.predicate.value for quad in store)
    classes = Counter(
        quad.object.value for quad in store.quads_for_pattern(None, ox.NamedNode(RDF.type), None)
    )
    assert counts.triples == len(store)
    assert counts.properties == properties
    assert counts.classes == classes
    kin = store.quads_for_pattern(None, None, None, ox.NamedNode(f"{GRAPH_BASE}kin"))
    assert counts.graphs["kin"] == sum(1 for _ in kin)
    assert set(counts.graphs) == {"trial", "kin", "ontology", "entities", "runs"}


def test_adding_and_taking_off_in_any_order_comes_to_the_same(
    lines: list[str], counts: PartitionCounts
) -> None:
    shuffled = random.Random(3).sample(lines, len(lines))
    half, others = shuffled[: len(lines) // 2], shuffled[len(lines) // 2 :]
    kept, other = PartitionCounts(), PartitionCounts()
    kept.add(lines[:1000])
    kept.add(half)
    kept.subtract(lines[:1000])
    other.add(others)
    kept.merge(other)
    assert kept.to_dict() == counts.to_dict()
    kept.subtract(lines)
    assert kept.to_dict() == {"graphs": {}, "classes": {}, "properties": {}}
    assert PartitionCounts.from_dict(counts.to_dict()) == counts
    assert PartitionCounts.from_dict({}).triples == 0


def test_the_description_is_not_counted(counts: PartitionCounts) -> None:
    again = PartitionCounts.from_dict(counts.to_dict())
    again.add(void_quads(counts))
    assert again.to_dict() == counts.to_dict()


def test_the_same_counts_give_the_same_quads(counts: PartitionCounts) -> None:
    assert list(void_quads(counts)) == list(void_quads(counts))
    assert len(set(void_quads(counts))) == len(list(void_quads(counts)))


def test_partitions_say_what_was_counted(described: ox.Store, counts: PartitionCounts) -> None:
    classes = ask(
        described,
        f"SELECT ?class ?n {{ <{DATASET}> void:classPartition ?part . "
        "?part void:class ?class ; void:entities ?n }",
    )
    assert {iri: int(n) for iri, n in classes} == dict(counts.classes)
    properties = ask(
        described,
        f"SELECT ?property ?n {{ <{DATASET}> void:propertyPartition ?part . "
        "?part void:property ?property ; void:triples ?n }",
    )
    assert {iri: int(n) for iri, n in properties} == dict(counts.properties)
    assert ask(
        described, f"SELECT ?n ?l {{ <{DATASET}> void:triples ?n ; dcterms:license ?l }}"
    ) == [(str(counts.triples), "https://clinicaltrials.gov/about-site/terms-conditions")]


def test_links_out_of_the_graph_are_linksets(described: ox.Store, counts: PartitionCounts) -> None:
    found = ask(
        described,
        "SELECT ?predicate ?n { ?set a void:Linkset ; void:linkPredicate ?predicate ; "
        "void:triples ?n }",
    )
    expected = {p: counts.properties[p] for p, _ in LINKSETS.values() if p in counts.properties}
    assert {predicate: int(n) for predicate, n in found} == expected
    assert len(expected) > 3


def test_examples_can_be_found_and_run(described: ox.Store, tiny_store: Store) -> None:
    found = ask(
        described,
        "SELECT ?label ?text { ?query a sh:SPARQLExecutable ; rdfs:label ?label ; "
        "sh:prefixes ?set ; sh:select|sh:ask|sh:construct ?text }",
    )
    assert sorted(found) == sorted((e.title, e.text) for e in query_examples())
    declared = dict(
        ask(described, "SELECT ?p ?n { ?set sh:declare ?d . ?d sh:prefix ?p ; sh:namespace ?n }")
    )
    assert declared == PREFIXES
    graph = tiny_store.published().read_graph()
    for _, text in found:
        graph.query(text, prefixes=declared, use_default_graph_as_union=True)


def test_all_is_in_one_graph_without_blank_nodes(described: ox.Store) -> None:
    for quad in described:
        assert quad.graph_name == ox.NamedNode(VOID_GRAPH)
        assert isinstance(quad.subject, ox.NamedNode)
        assert not isinstance(quad.object, ox.BlankNode)


def test_a_build_writes_and_keeps_what_was_counted(tiny_store: Store, lines: list[str]) -> None:
    counts = PartitionCounts()
    counts.add(line for line in lines if not line.endswith(f"<{RUNS_GRAPH}> .\n"))
    generation = tiny_store.published()
    assert generation.manifest.partitions == counts.to_dict()
    graph = ox.NamedNode(VOID_GRAPH)
    written = generation.read_graph().quads_for_pattern(None, None, None, graph)
    quads = ox.parse("".join(void_quads(counts)).encode(), format=ox.RdfFormat.N_QUADS)
    assert {str(quad) for quad in written} == {str(quad) for quad in quads}
