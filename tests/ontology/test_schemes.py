"""Schemes: what is read from Turtle, and what is refused and how."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable
from importlib import resources

import networkx as nx
import pyoxigraph
import pytest

from ontology.errors import SchemeError
from ontology.schemes import (
    CONCEPT_BASE,
    SCHEME_NAMES,
    Concept,
    ConceptScheme,
    load_scheme,
    parse_scheme,
)

PREFIXES = """
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix : <https://w3id.org/trialkin/concept/routes/> .
@prefix scheme: <https://w3id.org/trialkin/concept/> .
@prefix obo: <http://purl.obolibrary.org/obo/> .
scheme:routes a skos:ConceptScheme ; skos:prefLabel "routes of administration"@en .
"""
OBO = "http://purl.obolibrary.org/obo/"


def concept(name: str, *rest: str, label: str | None = None) -> str:
    """Turtle of one concept."""
    shown = name if label is None else label
    parts = ["a skos:Concept", "skos:inScheme scheme:routes", f'skos:prefLabel "{shown}"@en', *rest]
    return f":{name} " + " ; ".join(parts) + " .\n"


def parse(*concepts: str) -> ConceptScheme:
    return parse_scheme("routes", (PREFIXES + "".join(concepts)).encode())


def test_reads_every_part_of_a_concept():
    scheme = parse(
        concept("injection"),
        concept(
            "intravenous",
            'skos:altLabel "IV"@en, "into a vein"@en, "into a vain"@en-GB, "i. v."@de',
            'skos:prefLabel "intravenös"@de',
            'skos:hiddenLabel "i.v."@en',
            'skos:definition "Into a vein."@en',
            'skos:notation "C38276"',
            "skos:broader :injection",
            "skos:exactMatch obo:NCIT_C38276",
            "skos:closeMatch obo:NCIT_C2",
            "skos:broadMatch obo:NCIT_C1",
            "skos:narrowMatch obo:NCIT_C38279",
        ),
    )
    found = scheme["intravenous"]
    assert found.iri == f"{CONCEPT_BASE}routes/intravenous"
    assert (found.name, found.scheme, found.pref_label) == ("intravenous", "routes", "intravenous")
    assert found.alt_labels == ("IV", "into a vain", "into a vein")
    assert found.hidden_labels == ("i.v.",)
    assert found.labels == ("intravenous", "IV", "into a vain", "into a vein", "i.v.")
    assert (found.definition, found.notation) == ("Into a vein.", ("C38276",))
    assert found.broader == ("injection",)
    assert found.exact_match == (OBO + "NCIT_C38276",)
    assert found.close_match == (OBO + "NCIT_C2",)
    assert found.broad_match == (OBO + "NCIT_C1",)
    assert found.narrow_match == (OBO + "NCIT_C38279",)
    assert [(label.kind, label.language, label.text) for label in found.other_labels] == [
        ("altLabel", "de", "i. v."),
        ("prefLabel", "de", "intravenös"),
    ]
    assert scheme.title == "routes of administration"
    assert scheme.iri == f"{CONCEPT_BASE}routes"


def test_ways_up_and_down_are_nearest_first():
    scheme = parse(
        concept("a"),
        concept("b", "skos:broader :a"),
        concept("c", "skos:broader :a"),
        concept("d", "skos:broader :b, :c"),
        concept("e", "skos:broader :d, :a"),
    )
    assert scheme.ancestors("d") == ("b", "c", "a")
    assert scheme.ancestors("e") == ("a", "d", "b", "c")  # a is a parent too: distance one
    assert scheme.ancestors("a") == ()
    assert scheme.descendants("a") == ("b", "c", "e", "d")
    assert scheme.narrower("b") == ("d",)
    assert scheme.top_concepts() == ("a",)
    assert list(scheme) == list(scheme.concepts) == ["a", "b", "c", "d", "e"]
    assert (len(scheme), "a" in scheme, "z" in scheme, 3 in scheme) == (5, True, False, False)
    with pytest.raises(KeyError):
        scheme["z"]
    with pytest.raises(KeyError):
        scheme.ancestors("z")


def test_by_match_prefers_exact_then_sole_close_then_narrow_and_never_broad():
    scheme = parse(
        concept("a", "skos:exactMatch obo:X_1"),
        concept("b", "skos:closeMatch obo:X_1, obo:X_2, obo:X_3", "skos:broadMatch obo:X_4"),
        concept("c", "skos:closeMatch obo:X_3", "skos:narrowMatch obo:X_2, obo:X_5"),
    )
    found = [scheme.by_match(f"{OBO}X_{number}") for number in range(1, 7)]
    assert [one and one.name for one in found] == ["a", "b", None, None, "c", None]


@pytest.mark.parametrize(
    ("turtle", "named", "remedy"),
    [
        (":x a skos:Concept ; skos:inScheme scheme:routes .", ": x: ", "add one"),
        (concept("x", 'skos:prefLabel "y"@en'), ": x: ", "keep one"),
        (concept("x", 'skos:altLabel "y"'), ": x: ", "write @en"),
        (concept("x", "skos:altLabel obo:A"), ": x: ", "write @en"),
        (concept("x", 'skos:altLabel "x"@en'), ": x: ", "take it out"),
        (concept("x", 'skos:altLabel " "@en'), ": x: ", "take it out"),
        (concept("x", "skos:broader :nowhere"), ": x: ", "nowhere"),
        (concept("x", "skos:broader obo:A"), ": x: ", "broadMatch"),
        (concept("x", 'skos:broader "a"'), ": x: ", "is not an IRI"),
        (concept("x", "skos:exactMatch [ ]"), ": x: ", "is not an IRI"),
        (concept("x", "skos:notation obo:A"), ": x: ", "is not text"),
        (concept("x", "skos:broader :x"), ": x: ", "circle"),
        (
            concept("x", "skos:broader :y") + concept("y", "skos:broader :x") + concept("z"),
            ": x: ",
            "circle",
        ),
        (concept("x", label="Y") + concept("y"), ": y: ", "that of x too"),
        (
            concept("x", "skos:exactMatch obo:A") + concept("y", "skos:exactMatch obo:A"),
            ": y: ",
            "that of x too",
        ),
        (concept("x", "skos:narrower :y") + concept("y"), ": x: ", "skos:broader"),
        (':x skos:inScheme scheme:routes ; skos:prefLabel "x"@en .', ": x: ", "a skos:Concept"),
        (':x a skos:Concept ; skos:prefLabel "x"@en .', ": x: ", "skos:inScheme must be"),
        (
            ':x a skos:Concept ; skos:inScheme scheme:donors ; skos:prefLabel "x"@en .',
            ": x: ",
            "skos:inScheme must be",
        ),
        (concept("x", "skos:inScheme scheme:donors"), ": x: ", "nothing else"),
        (
            '<https://w3id.org/trialkin/concept/donors/x> a skos:Concept ; skos:prefLabel "x"@en .',
            "donors/x> is not in the scheme routes",
            "must begin",
        ),
        (concept("Big"), ": Big: ", "lower-case"),
        (':x skos:prefLabel "x"@en ', "not Turtle", "mend"),
    ],
)
def test_refuses_what_is_not_well_formed(turtle, named, remedy):
    with pytest.raises(SchemeError) as caught:
        parse(turtle)
    message = str(caught.value)
    assert message.startswith("schemes/routes.ttl: ")
    assert named in message
    assert remedy in message


def test_refuses_two_concepts_of_one_name():
    twice = [Concept(f"{CONCEPT_BASE}routes/x", "x", "routes", label) for label in ("x", "y")]
    with pytest.raises(SchemeError, match="share a name"):
        ConceptScheme("routes", twice)


def test_unknown_and_missing_schemes_are_refused(monkeypatch, tmp_path):
    with pytest.raises(SchemeError, match="'drugs' is not a scheme"):
        load_scheme("drugs")
    monkeypatch.setattr("ontology.schemes.resources.files", lambda package: tmp_path)
    load_scheme.cache_clear()
    try:
        with pytest.raises(SchemeError, match="missing"):
            load_scheme("routes")
    finally:
        load_scheme.cache_clear()


@pytest.fixture(params=SCHEME_NAMES)
def shipped(request) -> ConceptScheme:
    return load_scheme(request.param)


def test_shipped_scheme_is_read_once_and_agrees_with_networkx(shipped):
    assert load_scheme(shipped.name) is shipped
    assert len(shipped) > 0
    graph = nx.DiGraph(
        (name, wider) for name, concept in shipped.concepts.items() for wider in concept.broader
    )
    graph.add_nodes_from(shipped)
    assert nx.is_directed_acyclic_graph(graph)
    for name in shipped:
        assert set(shipped.ancestors(name)) == nx.descendants(graph, name)
        assert set(shipped.descendants(name)) == nx.ancestors(graph, name)
        distance = nx.single_source_shortest_path_length(graph, name)
        far = [distance[above] for above in shipped.ancestors(name)]
        assert far == sorted(far)


def load_all() -> None:
    load_scheme.cache_clear()
    for name in SCHEME_NAMES:
        load_scheme(name)


def parse_all() -> None:
    for name in SCHEME_NAMES:
        source = resources.files("ontology.schemes").joinpath(f"{name}.ttl")
        for _ in pyoxigraph.parse(source.read_bytes(), pyoxigraph.RdfFormat.TURTLE):
            pass


def best_of(times: int, work: Callable[[], None]) -> float:
    """Seconds of processor time, so that other work on the machine counts for less."""
    taken = []
    for _ in range(times):
        started = time.process_time()
        work()
        taken.append(time.process_time() - started)
    return min(taken)


def test_loading_costs_little_beside_parsing_and_needs_no_rdflib():
    # About 2.5 times measured; a ratio holds on any machine, a number of milliseconds does not.
    assert best_of(7, load_all) < 6 * best_of(7, parse_all)
    code = "import sys, ontology.schemes; sys.exit('rdflib' in sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.bench
def test_loading_all_schemes_takes_under_30_ms():
    assert best_of(15, load_all) < 0.030
