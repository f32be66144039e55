"""`GraphEditor`: brings a copy of a graph up to date by what differs, and keeps its counts."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import Self

import pyoxigraph as ox

from kg.engines.differences import Journal
from kg.graph_loading import GraphLoader
from kg.iris import (
    ENTITIES_GRAPH,
    KIN_GRAPH,
    ONTOLOGY_GRAPH,
    RUNS_GRAPH,
    TRIALKIN_BASE,
    trial_graph_iri,
    trial_iri,
)
from kg.mapping.partition_counts import VOID_GRAPH, PartitionCounts
from ontology.vocabulary import TK

_KIN = ox.NamedNode(KIN_GRAPH)
_FROM = ox.NamedNode(TK.from_)
_KIN_EDGE = ox.NamedNode(TK.kin)
_RANK = ox.NamedNode(TK.rank)
_KIN_BASE = f"{TRIALKIN_BASE}kin/"

_LINES_AT_ONCE = 10_000

Quads = Iterable[ox.Quad]


class GraphEditor:
    """A graph that is open for writing; nobody else has it open.

    Parameters
    ----------
    folder : Path
        Made by `copy_graph`.
    partitions : PartitionCounts
        Of the graph as it stands; kept, in `partitions`, as quads come and go.
    journal : Journal, optional
        Takes down what comes and goes, for a graph server that shall do the same.

    Attributes
    ----------
    added, removed : int
        Quads that were written and taken out.
    """

    def __init__(self, folder: Path, partitions: PartitionCounts, journal: Journal | None = None):
        self._folder = folder
        self._store = ox.Store(str(folder))
        self.partitions = partitions
        self._journal = journal
        self.added = self.removed = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def close(self) -> None:
        """Write everything out: what is only in the log would slow every later opening."""
        self._store.flush()
        del self._store
        if self._journal is not None:
            self._journal.close()

    def replace(self, old: Quads, new: Iterable[str], *, counted: bool = True) -> bool:
        """Put lines of N-Quads in the place of quads; what is in both is not touched.

        Parameters
        ----------
        old : iterable of Quad
        new : iterable of str
        counted : bool
            Whether the quads count in `partitions`.

        Returns
        -------
        bool
            Whether anything differed.
        """
        before = set(old)
        wanted = set(ox.parse("".join(new), format=ox.RdfFormat.N_QUADS))
        gone, came = before - wanted, wanted - before
        # First out, then in: the store writes "+00:00" as "Z", so one quad may be on both sides.
        for quad in gone:
            self._store.remove(quad)
        self._store.extend(came)
        self.removed += len(gone)
        self.added += len(came)
        if self._journal is not None:
            self._journal.note(gone, came)
        if counted:
            self.partitions.subtract(f"{quad} .\n" for quad in gone)
            self.partitions.add(f"{quad} .\n" for quad in came)
        return bool(gone or came)

    @contextmanager
    def without_links(self) -> Iterator[Callable[[Iterable[str]], None]]:
        """Load the graph anew but for kin links and relations; gives what takes lines of these.

        That costs what a full build's loading does. One by one, so many links would take ten
        times as long to change, and leave a graph that is slow to read. Nothing else can be
        read or changed meanwhile.
        """
        if self._journal is not None:
            self._journal.abandon()
        before, self.partitions = len(self._store), PartitionCounts()
        fresh, counts = self._folder.with_name("graph-anew"), self.partitions
        written = 0
        with GraphLoader(fresh) as loader:

            def write(lines: Iterable[str]) -> None:
                nonlocal written
                kept = list(lines)
                counts.add(kept)
                loader.write(kept)
                written += len(kept)

            for graph in self._store.named_graphs():
                if graph == _KIN:
                    continue
                for lines in self._lines(graph):
                    if graph.value != RUNS_GRAPH:  # of runs nothing is counted
                        counts.add(lines)
                    loader.write(lines)
            # Two open graphs take twice the memory, and linking needs it.
            del self._store
            shutil.rmtree(self._folder)
            yield write
            now = loader.finish()
        self.added += written
        self.removed += before + written - now
        fresh.rename(self._folder)
        self._store = ox.Store(str(self._folder))

    def trial(self, nct_id: str) -> Quads:
        """Return the quads of a trial's record."""
        return self._graph(trial_graph_iri(nct_id))

    def ontology(self) -> Quads:
        """Return the quads of the vocabulary and the concept schemes."""
        return self._graph(ONTOLOGY_GRAPH)

    def description(self) -> Quads:
        """Return the quads that describe the graph itself."""
        return self._graph(VOID_GRAPH)

    def entity(self, iri: str) -> Quads:
        """Return the quads that describe something that trials share."""
        graph = ox.NamedNode(ENTITIES_GRAPH)
        return self._store.quads_for_pattern(ox.NamedNode(iri), None, None, graph)

    def kin(self, nct_id: str) -> Iterator[ox.Quad]:
        """Yield the quads of a trial's own kin links."""
        trial = ox.NamedNode(trial_iri(nct_id))
        yield from self._store.quads_for_pattern(trial, _KIN_EDGE, None, _KIN)
        for node in self._kin_nodes(trial):
            yield from self._store.quads_for_pattern(node, None, None, _KIN)

    def kin_link(self, nct_id: str, kin: str) -> Iterator[ox.Quad]:
        """Yield the quads of one kin link."""
        one, other = ox.NamedNode(trial_iri(nct_id)), ox.NamedNode(trial_iri(kin))
        yield from self._store.quads_for_pattern(one, _KIN_EDGE, other, _KIN)
        yield from self._store.quads_for_pattern(_kin_node(nct_id, kin), None, None, _KIN)

    def rerank(self, nct_id: str, kin: str, before: int, after: int) -> None:
        """Change the rank of a kin link, and nothing else of it; the counts stay."""
        node = _kin_node(nct_id, kin)
        gone, came = (ox.Quad(node, _RANK, ox.Literal(rank), _KIN) for rank in (before, after))
        self._store.remove(gone)
        self._store.add(came)
        if self._journal is not None:
            self._journal.note([gone], [came])
        self.removed += 1
        self.added += 1

    def _kin_nodes(self, trial: ox.NamedNode) -> Iterator[ox.NamedNode]:
        for quad in list(self._store.quads_for_pattern(None, _FROM, trial, _KIN)):
            node = quad.subject
            if isinstance(node, ox.NamedNode) and node.value.startswith(_KIN_BASE):
                yield node

    def _lines(self, graph: ox.NamedNode | ox.BlankNode) -> Iterator[list[str]]:
        """Yield a named graph as lines of N-Quads, some at a time: one graph may be very large."""
        quads = iter(self._store.quads_for_pattern(None, None, None, graph))
        while lines := [f"{quad} .\n" for quad in islice(quads, _LINES_AT_ONCE)]:
            yield lines

    def _graph(self, name: str) -> Quads:
        return self._store.quads_for_pattern(None, None, None, ox.NamedNode(name))


def _kin_node(nct_id: str, kin: str) -> ox.NamedNode:
    return ox.NamedNode(f"{_KIN_BASE}{nct_id}/{kin}")


def copy_graph(old: Path, new: Path) -> None:
    """Copy the graph of a published generation by hard links: nothing is read, little written."""
    # Open read-only: what is published is never written, not even by its own log.
    ox.Store.read_only(str(old)).backup(str(new))
