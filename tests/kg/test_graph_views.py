"""Views of the kin graph, on graphs made by hand and on the tiny store."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from types import SimpleNamespace
from typing import Any, cast

import networkx as nx
import pyoxigraph as ox
import pytest

from kg.cards import StudyCard
from kg.generation import Generation
from kg.graph_views import (
    bridges,
    communities,
    explained_path,
    kin_graph,
    neighbourhood,
)
from kg.mapping.relation_mapping import relation_quads
from kg.relations import Relation, RelationEvidence
from kg.store import Store
from kg.stored_links import RELATION_DISTANCE, StoredLinks
from ontology.errors import NoPathError, UnknownTrialError
from similarity.kin import Kin
from similarity.kin_lists import KinLists

Scores = dict[str, dict[str, float]]


def nct(letter: str) -> str:
    return f"NCT000000{ord(letter) - 64:02d}"


class FakeGeneration:
    """As much of a generation as views use: cards in memory, lists of kin, and a graph."""

    def __init__(self, scores: Scores, relations: Iterable[tuple[str, str, str]], cards: str):
        self.cards = {
            nct(letter): StudyCard(nct(letter), f"Trial {letter}", condition_labels=("asthma",))
            for letter in cards
        }
        self.explained: list[tuple[str, str]] = []
        self.kin_lists = KinLists.empty(tuple(sorted(self.cards)), 20)
        for letter, kin in scores.items():
            ranked = sorted(kin, key=lambda other: -kin[other])
            links = [
                Kin(nct(other), kin[other], rank, (), (), (), "")
                for rank, other in enumerate(ranked, start=1)
            ]
            self.kin_lists.put(nct(letter), links)
        self.kin_index = SimpleNamespace(explain_pairs=self.explain_pairs)
        lines: list[str] = []
        for kind, one, other in relations:
            evidence = (RelationEvidence(nct(one), "brief_title", "w", 0, 1),)
            lines += relation_quads([Relation(nct(one), nct(other), kind, evidence, 1.0)])
        self.store = ox.Store()
        self.store.load("".join(lines).encode(), format=ox.RdfFormat.N_QUADS)
        self.records = SimpleNamespace(
            nct_ids=lambda: sorted(self.cards),
            cards=lambda ids: {nct_id: self.cards[nct_id] for nct_id in ids},
            resolve=self.resolve,
        )

    def resolve(self, nct_id: str) -> str:
        if nct_id not in self.cards:
            raise UnknownTrialError(nct_id)
        return nct_id

    def explain_pairs(self, pairs: list[tuple[str, str]]) -> Iterator[Kin]:
        self.explained += pairs
        for one, other in pairs:
            letters = [chr(64 + int(nct_id[3:])) for nct_id in (one, other)]
            yield Kin(other, 0.5, 1, (), (), (), f"{' and '.join(letters)}.")

    def read_graph(self) -> ox.Store:
        return self.store


def made(
    scores: Scores, relations: Iterable[tuple[str, str, str]] = (), cards: str = "ABCDEF"
) -> Generation:
    return cast(Generation, FakeGeneration(scores, relations, cards))


CHAIN: Scores = {
    "A": {"B": 0.9, "D": 0.3},
    "B": {"A": 0.9, "C": 0.8},
    "C": {"B": 0.7},
    "D": {"C": 0.3},
}


def edges(graph: nx.Graph[str]) -> set[tuple[str, str]]:
    return {(min(pair), max(pair)) for pair in graph.edges}


def pairs(*texts: str) -> set[tuple[str, str]]:
    return {(nct(text[0]), nct(text[1])) for text in texts}


def test_the_whole_graph_joins_both_directions_and_keeps_lone_trials() -> None:
    graph = kin_graph(made(CHAIN))
    assert list(graph) == [nct(letter) for letter in "ABCDEF"]
    assert edges(graph) == pairs("AB", "AD", "BC", "CD")
    link = graph.edges[nct("B"), nct("C")]
    assert (link["score"], link["reason"], link["kinds"]) == (0.8, "B and C.", ())
    assert link["distance"] == pytest.approx(0.2)
    assert graph.nodes[nct("A")]["title"] == "Trial A"
    assert graph.nodes[nct("A")]["conditions"] == ("asthma",)


def test_k_and_the_least_score_leave_links_out() -> None:
    assert edges(kin_graph(made(CHAIN), 1)) == pairs("AB", "BC", "CD")
    assert edges(kin_graph(made(CHAIN), min_score=0.5)) == pairs("AB", "BC")


def test_relations_make_edges_but_a_shared_paper_alone_does_not() -> None:
    relations = [("same_product", "A", "E"), ("shares_publication", "E", "F")]
    relations += [("mentions", "B", "A"), ("shares_publication", "A", "B")]
    graph = kin_graph(made(CHAIN, relations))
    assert edges(graph) == pairs("AB", "AD", "AE", "BC", "CD")
    assert graph.edges[nct("A"), nct("E")]["distance"] == RELATION_DISTANCE
    assert graph.edges[nct("A"), nct("E")]["score"] == 0
    assert graph.edges[nct("A"), nct("B")]["kinds"] == ("shares_publication", "mentions")
    assert graph.edges[nct("A"), nct("B")]["distance"] == pytest.approx(0.1)


def test_a_neighbourhood_holds_what_is_within_reach_and_all_edges_among_it() -> None:
    near = neighbourhood(made(CHAIN), nct("A"))
    assert set(near) == {nct(letter) for letter in "ABD"}
    assert edges(near) == pairs("AB", "AD")
    two = neighbourhood(made(CHAIN), nct("A"), hops=2)
    assert edges(two) == pairs("AB", "AD", "BC", "CD")
    assert list(neighbourhood(made(CHAIN), nct("E"))) == [nct("E")]
    assert list(neighbourhood(made(CHAIN), nct("A"), hops=0)) == [nct("A")]


def test_a_neighbourhood_reads_only_the_trials_that_it_meets(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    read: list[str] = []
    plain = StoredLinks._links

    def counted(self: StoredLinks, nct_id: str, *rest: Any) -> Any:
        read.append(nct_id)
        return plain(self, nct_id, *rest)

    monkeypatch.setattr(StoredLinks, "_links", counted)
    neighbourhood(made(CHAIN), nct("A"))
    assert set(read) == {nct(letter) for letter in "ABD"}


def test_reasons_are_computed_of_what_is_joined_and_only_if_asked_for() -> None:
    generation = FakeGeneration(CHAIN, (), "ABCDEF")
    told = kin_graph(cast(Generation, generation))
    assert set(generation.explained) == {(nct(a), nct(b)) for a, b in ("BA", "AD", "BC", "DC")}
    assert told.edges[nct("A"), nct("D")]["reason"] == "A and D."
    generation.explained.clear()
    silent = neighbourhood(cast(Generation, generation), nct("A"), 2, reasons=False)
    assert generation.explained == []
    assert {data["reason"] for _, _, data in silent.edges(data=True)} == {""}
    assert edges(silent) == edges(told)


def test_the_closest_chain_is_taken_and_explained() -> None:
    # A-B-C costs 0.1 + 0.2, A-D-C 0.7 + 0.7
    steps = explained_path(made(CHAIN), nct("A"), nct("C"))
    assert [(step.from_nct_id, step.to_nct_id) for step in steps] == [
        (nct("A"), nct("B")),
        (nct("B"), nct("C")),
    ]
    assert [step.score for step in steps] == [0.9, 0.8]
    assert steps[1].reason == "B and C."
    assert sum(step.distance for step in steps) == pytest.approx(0.3)
    back = explained_path(made(CHAIN), nct("C"), nct("A"))
    assert [step.to_nct_id for step in back] == [nct("B"), nct("A")]
    assert [step.reason for step in back] == ["C and B.", "B and A."]


def test_a_relation_shortens_a_chain() -> None:
    steps = explained_path(made(CHAIN, [("same_programme", "A", "C")]), nct("A"), nct("C"))
    (step,) = steps
    assert (step.to_nct_id, step.kinds, step.reason) == (nct("C"), ("same_programme",), "")


def test_chains_are_as_close_as_networkx_finds_them() -> None:
    scores: Scores = {}
    letters = "ABCDEFGHIJKLMNOPQRST"
    for place, letter in enumerate(letters):
        scores[letter] = {
            letters[(place * step + step) % 20]: 0.05 + ((place * 7 + step * 13) % 90) / 100
            for step in (1, 3, 8)
            if letters[(place * step + step) % 20] != letter
        }
    generation = made(scores, cards=letters)
    graph = kin_graph(generation)
    for goal in letters[1:]:
        steps = explained_path(generation, nct("A"), nct(goal))
        expected = nx.dijkstra_path_length(graph, nct("A"), nct(goal), weight="distance")
        assert sum(step.distance for step in steps) == pytest.approx(expected)
        assert steps[0].from_nct_id == nct("A")
        assert steps[-1].to_nct_id == nct(goal)


def test_no_chain_is_said_and_so_is_an_unknown_trial() -> None:
    with pytest.raises(NoPathError, match="NCT00000001 to NCT00000005; follow more kin"):
        explained_path(made(CHAIN), nct("A"), nct("E"))
    with pytest.raises(NoPathError, match="NCT00000001 to NCT00000005; compare the two"):
        explained_path(made(CHAIN), nct("A"), nct("E"), made(CHAIN).kin_lists.k)
    with pytest.raises(NoPathError, match="within 1 trials"):
        explained_path(made(CHAIN), nct("A"), nct("C"), max_trials=1)
    with pytest.raises(UnknownTrialError):
        explained_path(made(CHAIN), nct("A"), "NCT09999999")
    with pytest.raises(UnknownTrialError):
        neighbourhood(made(CHAIN), "NCT09999999")
    assert explained_path(made(CHAIN), nct("A"), nct("A")) == []


def test_a_trial_has_labels_not_names_of_concepts() -> None:
    generation = FakeGeneration({"A": {}}, (), "A")
    facts = {"routes": ["intra_articular", "by_moonlight"], "cell_sources": ["whartons_jelly"]}
    generation.cards[nct("A")] = StudyCard(nct("A"), "Trial A", facts=facts)
    node = kin_graph(cast(Generation, generation)).nodes[nct("A")]
    assert node["routes"] == ("intra-articular", "by moonlight")
    assert node["cell_sources"] == ("Wharton's jelly",)


def two_groups() -> nx.Graph[str]:
    """Two cliques of four, one about asthma and one about stroke, joined by one edge."""
    graph: nx.Graph[str] = nx.Graph()
    for letters, condition in (("ABCD", "asthma"), ("EFGH", "stroke")):
        for letter in letters:
            graph.add_node(
                letter, conditions=(condition, "pain"), cell_sources=("cord",), routes=()
            )
        for one in letters:
            for other in letters:
                if one < other:
                    graph.add_edge(one, other, score=0.9, distance=0.1)
    graph.add_edge("D", "E", score=0.4, distance=0.6)
    graph.add_node("Z", conditions=("asthma",), cell_sources=(), routes=())
    return graph


def test_communities_are_labelled_by_what_sets_them_apart() -> None:
    found = communities(two_groups())
    assert [set(one.nct_ids) for one in found] == [set("ABCD"), set("EFGH")]
    # "pain" is everywhere, and so is the cord: both have the share of the whole graph
    # but for one trial, which is nearly no lift.
    assert [one.label.partition(";")[0] for one in found] == ["asthma", "stroke"]
    assert found[0].terms[0] == ("asthma", 1.0)
    assert found == communities(two_groups())
    assert communities(nx.Graph()) == []


def test_bridges_join_communities() -> None:
    graph = two_groups()
    parts = communities(graph)
    found = bridges(graph, parts)
    assert {bridge.nct_id for bridge in found} == {"D", "E"}
    first = found[0]
    assert first.joined == (1 - first.community,)
    # One edge of weight 0.4 leads out, three of weight 0.9 stay in.
    assert first.outside == pytest.approx(0.4 / 3.1)
    assert first.links == (("E" if first.nct_id == "D" else "D", 0.4),)
    assert bridges(graph, parts, limit=1) == found[:1]


def test_views_of_a_built_store(tiny_store: Store) -> None:
    generation = tiny_store.published()
    graph = kin_graph(generation)
    assert list(graph) == generation.records.nct_ids()
    one = next(node for node in graph if graph.degree(node))
    around = neighbourhood(generation, one)
    assert set(around) == {one, *graph[one]}
    for other in graph[one]:
        assert around.edges[one, other] == graph.edges[one, other]
        assert explained_path(generation, one, other)[-1].to_nct_id == other
    assert communities(graph) == communities(kin_graph(generation))
