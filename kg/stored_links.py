"""Kin links and relations as they stand in the published graph, read by trial.

Reading a trial's links costs the same in a store of any size, so that views walk only as much
of the graph as they show.
"""

from __future__ import annotations

import re
import threading
import weakref
from collections.abc import Collection, Iterator, Mapping
from typing import TYPE_CHECKING, NamedTuple, TypeVar

import pyoxigraph as ox

from kg.iris import KIN_GRAPH, TRIALKIN_BASE, trial_iri
from kg.relations.model import RELATION_KINDS
from ontology.vocabulary import TK

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
_RANK, _SCORE, _REASON = ox.NamedNode(TK.rank), ox.NamedNode(TK.score), ox.NamedNode(TK.reason)
_KIN_BASE = f"{TRIALKIN_BASE}kin/"
_NODE = re.compile(
    rf"{re.escape(TRIALKIN_BASE)}(?:kin|relation/(?P<kind>[a-z-]+))/(?P<from>NCT\d+)/(?P<to>NCT\d+)"
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
    kind = None if found is None else _KINDS.get(found["kind"] or "")
    return None if found is None or kind is None else (kind, found["from"], found["to"])


class Link(NamedTuple):
    """What joins two trials: a kin link, relations, or both.

    `node` is the last part of the name of the kin link's node, empty if there is no kin link.
    """

    score: float
    node: str
    kinds: frozenset[str]

    @property
    def distance(self) -> float:
        """See `link_distance`."""
        return link_distance(self.score, related=bool(self.kinds & _JOINING_KINDS))


class StoredLinks:
    """The links that stand in a graph, read by trial and kept while a view is made."""

    def __init__(self, store: ox.Store):
        self._store = store
        self._known: dict[tuple[str, int, float], dict[str, Link]] = {}

    @classmethod
    def of(cls, generation: Generation) -> StoredLinks:
        """Read from the graph of a generation."""
        return cls(graph_of(generation))

    def whole(self, k: int, min_score: float) -> dict[tuple[str, str], Link]:
        """Return all links by their two trials, the smaller id first.

        One pass over each property: for all trials a fifth of the time that asking for the
        links of each takes (2.6 against 14 s for 1,535 trials).
        """
        near: dict[str, float] = {}
        for node, rank in self._all(_RANK):
            if int(rank) <= k:
                near[node] = 0.0
        for node, score in self._all(_SCORE):
            if node in near:
                near[node] = float(score)
        found: dict[tuple[str, str], Link] = {}
        for quad in self._store.quads_for_pattern(None, _FROM, None, _GRAPH):
            name = quad.subject.value if isinstance(quad.subject, ox.NamedNode) else ""
            ends = _NODE.fullmatch(name)
            if ends is None:
                continue
            pair = min(ends["from"], ends["to"]), max(ends["from"], ends["to"])
            kind = _KINDS.get(ends["kind"] or "")
            if kind is not None:
                join(found, pair, Link(0.0, "", frozenset({kind})))
            elif near.get(name, -1.0) >= min_score:
                join(found, pair, Link(near[name], name.removeprefix(_KIN_BASE), frozenset()))
        return found

    def reasons(self, links: Collection[Link]) -> dict[str, str]:
        """Return the reasons of many links by the names of their nodes, in one pass."""
        wanted = {f"{_KIN_BASE}{link.node}": link.node for link in links if link.node}
        return {wanted[node]: said for node, said in self._all(_REASON) if node in wanted}

    def neighbours(self, nct_id: str, k: int, min_score: float) -> Mapping[str, Link]:
        """Return all trials that a link in either direction joins to a trial, by id."""
        key = nct_id, k, min_score
        if key not in self._known:
            found: dict[str, Link] = {}
            for end in (_FROM, _TO):
                for other, link in self._links(nct_id, end, k, min_score):
                    join(found, other, link)
            self._known[key] = {
                other: link for other, link in sorted(found.items()) if makes_an_edge(link)
            }
        return self._known[key]

    def reason(self, link: Link) -> str:
        """Return why two trials are kin; empty where only a relation joins them."""
        node = ox.NamedNode(f"{_KIN_BASE}{link.node}") if link.node else None
        return "" if node is None else self._value(node, _REASON) or ""

    def _links(
        self, nct_id: str, end: ox.NamedNode, k: int, min_score: float
    ) -> Iterator[tuple[str, Link]]:
        # The nodes' names say what they join: reading it from there, and the rest only of links
        # that count, takes a third of the time that a query takes (3.5 against 9 ms a trial).
        trial = ox.NamedNode(trial_iri(nct_id))
        for quad in self._store.quads_for_pattern(None, end, trial, _GRAPH):
            node = quad.subject
            found = _NODE.fullmatch(node.value) if isinstance(node, ox.NamedNode) else None
            if found is None:
                continue
            other = found["to"] if end == _FROM else found["from"]
            kind = _KINDS.get(found["kind"] or "")
            if kind is not None:
                yield other, Link(0.0, "", frozenset({kind}))
            elif int(self._value(node, _RANK) or k + 1) <= k:
                score = float(self._value(node, _SCORE) or 0.0)
                if score >= min_score:
                    yield other, Link(score, f"{found['from']}/{found['to']}", frozenset())

    def _all(self, of: ox.NamedNode) -> Iterator[tuple[str, str]]:
        for quad in self._store.quads_for_pattern(None, of, None, _GRAPH):
            if isinstance(quad.subject, ox.NamedNode) and isinstance(quad.object, ox.Literal):
                yield quad.subject.value, quad.object.value

    def _value(self, node: ox.NamedNode | ox.BlankNode | ox.Triple, of: ox.NamedNode) -> str | None:
        for quad in self._store.quads_for_pattern(node, of, None, _GRAPH):
            if isinstance(quad.object, ox.Literal):
                return quad.object.value
        return None


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
    closer = max(known, link, key=lambda one: (one.score, one.node))
    links[key] = Link(closer.score, closer.node, known.kinds | link.kinds)
