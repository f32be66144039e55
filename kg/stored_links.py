"""What joins trials of a generation, read by trial: stored kin, and relations of the graph.

Kin are those of the lists, which hold the nearest of every trial; in the graph stand fewer where
a build was told so. Reading a trial's links costs the same in a store of any size, so that views
walk only as much as they show.
"""

from __future__ import annotations

import re
import threading
import weakref
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, NamedTuple, TypeVar

import pyoxigraph as ox

from kg.iris import KIN_GRAPH, TRIALKIN_BASE, trial_iri
from kg.listed_kin import ListedKin
from kg.relations.model import RELATION_KINDS
from ontology.vocabulary import RDF, TK

if TYPE_CHECKING:
    from kg.generation import Generation

RELATION_DISTANCE = 0.2
"""Distance of a typed relation: it joins two trials as a kin link of score 0.8 does."""
_MIN_STEP = 0.01
"""What every step costs at least, so that of equally close paths the shorter one is found."""
_JOINING_KINDS = frozenset(RELATION_KINDS) - {"shares_publication"}
"""Kinds that join two trials by themselves; a publication in common only adds to another link."""

_GRAPH = ox.NamedNode(KIN_GRAPH)
_FROM, _TO = ox.NamedNode(TK.from_), ox.NamedNode(TK.to)
_TYPE, _RELATION = ox.NamedNode(RDF.type), ox.NamedNode(TK.Relation)
_NODE = re.compile(
    rf"{re.escape(TRIALKIN_BASE)}relation/(?P<kind>[a-z-]+)/(?P<from>NCT\d+)/(?P<to>NCT\d+)"
)
_KINDS = {kind.replace("_", "-"): kind for kind in RELATION_KINDS}
_Key = TypeVar("_Key", str, tuple[str, str])

_stores: weakref.WeakKeyDictionary[Generation, ox.Store] = weakref.WeakKeyDictionary()
_lock = threading.Lock()


def graph_of(generation: Generation) -> ox.Store:
    """Return the graph of a generation, which is opened once and shared by all threads."""
    with _lock:
        store = _stores.get(generation)
        if store is None:
            store = _stores[generation] = generation.read_graph()
    return store


def relation_of_node(node: object) -> tuple[str, str, str] | None:
    """Return kind and ends (from, to) of a relation's node by its name, None of another node."""
    found = _NODE.fullmatch(node.value) if isinstance(node, ox.NamedNode) else None
    kind = None if found is None else _KINDS.get(found["kind"])
    return None if found is None or kind is None else (kind, found["from"], found["to"])


class Link(NamedTuple):
    """What joins two trials: a kin link, relations, or both.

    `ends` are the trial whose kin it is and the kin, empty if there is no kin link.
    """

    score: float
    ends: tuple[str, ...]
    kinds: frozenset[str]

    @property
    def distance(self) -> float:
        """See `link_distance`."""
        return link_distance(self.score, related=bool(self.kinds & _JOINING_KINDS))


class StoredLinks:
    """The links of a generation, read by trial and kept while a view is made."""

    def __init__(self, generation: Generation):
        self._generation = generation
        self._graph, self._kin = graph_of(generation), ListedKin.of(generation)
        self._known: dict[tuple[str, int, float], dict[str, Link]] = {}

    @property
    def kin_stored(self) -> int:
        """How many kin of each trial are stored."""
        return self._kin.k

    def whole(self, k: int, min_score: float) -> dict[tuple[str, str], Link]:
        """Return all links by their two trials, the smaller id first."""
        found: dict[tuple[str, str], Link] = {}
        for one, near, score in self._kin.all(k, min_score):
            join(found, (min(one, near), max(one, near)), Link(score, (one, near), frozenset()))
        for quad in self._graph.quads_for_pattern(None, _TYPE, _RELATION, _GRAPH):
            named = relation_of_node(quad.subject)
            if named is not None:
                kind, one, other = named
                link = Link(0.0, (), frozenset({kind}))
                join(found, (min(one, other), max(one, other)), link)
        return found

    def neighbours(self, nct_id: str, k: int, min_score: float) -> Mapping[str, Link]:
        """Return all trials that a link in either direction joins to a trial, by id."""
        key = nct_id, k, min_score
        if key not in self._known:
            found: dict[str, Link] = {}
            for other, link in self._links(nct_id, k, min_score):
                join(found, other, link)
            self._known[key] = {
                other: link for other, link in sorted(found.items()) if makes_an_edge(link)
            }
        return self._known[key]

    def reasons(self, ends: Iterable[tuple[str, ...]]) -> dict[tuple[str, ...], str]:
        """Return why the second trial of each pair is kin of the first; no pair gives none.

        They are computed, a few thousand a second.
        """
        pairs = sorted({(pair[0], pair[1]) for pair in ends if pair})
        said = self._generation.kin_index.explain_pairs(pairs)
        return {pair: kin.reason for pair, kin in zip(pairs, said, strict=True)}

    def _links(self, nct_id: str, k: int, min_score: float) -> Iterator[tuple[str, Link]]:
        for one, near, score in self._kin.around(nct_id, k, min_score):
            yield near if one == nct_id else one, Link(score, (one, near), frozenset())
        # The nodes' names say what they join: nothing else of them need be read.
        trial = ox.NamedNode(trial_iri(nct_id))
        for end in (_FROM, _TO):
            for quad in self._graph.quads_for_pattern(None, end, trial, _GRAPH):
                named = relation_of_node(quad.subject)
                if named is not None:
                    kind, first, second = named
                    other = second if end == _FROM else first
                    yield other, Link(0.0, (), frozenset({kind}))


def makes_an_edge(link: Link) -> bool:
    """Return whether a link is more than a publication in common."""
    return link.score > 0 or bool(link.kinds & _JOINING_KINDS)


def link_distance(score: float, *, related: bool) -> float:
    """Return how far two linked trials are apart: `1 - score`, less if they are related."""
    distance = 1.0 - score
    return max(_MIN_STEP, min(distance, RELATION_DISTANCE) if related else distance)


def join(links: dict[_Key, Link], key: _Key, link: Link) -> None:
    """Put a link among others, as one with the link that is there already, if any."""
    known = links.get(key)
    if known is None:
        links[key] = link
        return
    closer = max(known, link, key=lambda one: (one.score, one.ends))
    links[key] = Link(closer.score, closer.ends, known.kinds | link.kinds)
