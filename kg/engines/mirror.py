"""`Mirror`: a copy of a store's published graph on a graph server.

The server holds two graphs. One is what is published; the other becomes the next generation,
by what differs where that is known, else as a whole. Then one small update moves the pointer.
A server cannot take many graphs for one at reasonable cost, so a generation is a single graph
there: all named graphs of the store together.
"""

from __future__ import annotations

import logging
import math
import uuid
from collections.abc import Iterable

import pyoxigraph as ox
from msgspec.structs import replace

from kg.engines.batches import Cutter, batches_of
from kg.engines.differences import Differences, way
from kg.engines.server import GraphServer
from kg.engines.state import (
    CURRENT,
    FILLING,
    HOLDS,
    ROW_CAP,
    STORE,
    Filling,
    Key,
    MirrorState,
    Slot,
    content,
    filling_literal,
    is_empty,
    literal,
    read_state,
    scratch_graph,
    write_fact,
)
from kg.generation import Generation
from kg.progress import NoProgress, Progress
from ontology.errors import EngineError

_log = logging.getLogger(__name__)

BATCH_BYTES = 16 << 20
"""N-Triples sent at a time, about 100,000: smaller ones load more slowly, larger ones are refused
by servers that hold a request in memory."""
CAP_LOOKED_FOR = 50_000
"""Rows after which nobody looks whether a server cuts its answers."""


class Mirror:
    """A store's mirror on a server; one process writes it at a time, which holds the store.

    Parameters
    ----------
    server : GraphServer
    store_id : str
        Of the store, so that two stores do not write one mirror.
    batch_bytes : int, optional
    """

    def __init__(self, server: GraphServer, store_id: str, *, batch_bytes: int = BATCH_BYTES):
        self._server, self._id, self._batch_bytes = server, store_id, batch_bytes
        self._by = uuid.uuid4().hex

    def check(self) -> MirrorState:
        """See that the server answers, and that the mirror is this store's or nobody's.

        Raises
        ------
        EngineError
        """
        state = read_state(self._server)
        if state.store not in (None, self._id):
            raise EngineError(
                f"<{self._server.mirror}> on {self._server.shown} mirrors another store. Add "
                "name=... to the address for a mirror of its own, or drop that graph on the server "
                "to take the mirror over."
            )
        return state

    def check_writing(self) -> None:
        """See as well, before hours of work, that the server lets this store write.

        Raises
        ------
        EngineError
        """
        self.check()
        graph = f"{self._server.mirror}/tried"
        self._server.add(graph, f"<{graph}> <{STORE}> {literal(self._id)} .\n".encode())
        self._server.drop(graph)

    def bring(
        self,
        generation: Generation,
        known: Iterable[Differences],
        *,
        published: Key | None = None,
        progress: Progress | None = None,
    ) -> None:
        """Have the server hold a generation, beside the one that its readers see.

        Parameters
        ----------
        generation : Generation
        known : iterable of Differences
            Those between generations that are at hand.
        published : Key, optional
            What is published now; its graph is not touched.
        progress : Progress, optional

        Raises
        ------
        EngineError
            Nothing that readers see has changed then; the next call goes on from there.
        """
        state, goal = self.check(), Key.of(generation)
        if state.store is None:
            write_fact(self._server, self._server.mirror, STORE, literal(self._id))
        gone = [s for s in state.slots if s.key is not None and is_empty(self._server, s.graph)]
        for slot in gone:
            write_fact(self._server, slot.graph, HOLDS, None)
        if gone:
            state = self.check()
        if state.holding(goal) is not None:
            return
        kept = state.holding(published) if published is not None else None
        if kept is not None and kept.graph != state.current:
            self._point(kept)  # which a run that died after publishing could not do
        standing = state.current if kept is None else kept.graph
        slot = next(slot for slot in state.slots if slot.graph != standing)
        steps = self._way(slot, known, goal)
        if steps is None:
            self._load(slot, generation, progress or NoProgress())
        else:
            for step in steps:
                self._change(slot.graph, step)

    def switch(self, generation: Generation) -> None:
        """Make a generation that the server holds the one that readers see.

        Raises
        ------
        EngineError
        """
        state = self.check()
        slot = state.holding(Key.of(generation))
        if slot is None:
            raise EngineError(
                f"The graph server at {self._server.shown} no longer holds generation "
                f"{generation.manifest.generation}; run `trialkin refresh`."
            )
        if state.current != slot.graph:
            self._point(slot)

    def _point(self, slot: Slot) -> None:
        write_fact(self._server, self._server.mirror, CURRENT, f"<{slot.graph}>")

    def _way(self, slot: Slot, known: Iterable[Differences], goal: Key) -> list[Differences] | None:
        """Return what to apply to a graph, None if it is to be loaded anew."""
        kept, begun = list(known), slot.filling
        if slot.key is not None:
            return way(kept, slot.key, goal)
        if begun is None or begun.before is None:
            return None
        # What a run left half done is done again from its beginning: nothing counts twice.
        again = way(kept, begun.before, begun.after)
        if again is None or len(again) != 1:
            return None
        further = way(kept, begun.after, goal)
        return None if further is None else [*again, *further]

    def _change(self, graph: str, step: Differences) -> None:
        _log.info("graph server: from generation %s to %s", step.before[0], step.after[0])
        filling = Filling(step.after, step.before, by=self._by)
        self._begin(graph, filling)
        scratch = scratch_graph(self._server.mirror)
        for batch in batches_of(step.removed, self._batch_bytes):
            self._go_on(graph, filling)
            # By way of a graph, as the text of an update may not be long everywhere.
            self._server.drop(scratch)
            self._server.add(scratch, batch)
            self._server.update(
                f"DELETE {{ GRAPH <{graph}> {{ ?s ?p ?o }} }}\n"
                f"WHERE {{ GRAPH <{scratch}> {{ ?s ?p ?o }} }}"
            )
        self._server.drop(scratch)
        for batch in batches_of(step.added, self._batch_bytes):
            self._go_on(graph, filling)
            self._server.add(graph, batch)
        self._end(graph, filling)

    def _load(self, slot: Slot, generation: Generation, progress: Progress) -> None:
        graph, begun = slot.graph, slot.filling
        filling = Filling(Key.of(generation), batch_bytes=self._batch_bytes, by=self._by)
        there = 0 if begun is None or not begun.may_go_on_as(filling) else begun.batches
        filling = replace(filling, batches=there)
        self._begin(graph, filling)
        if not there:
            self._server.drop(graph)
        total = generation.manifest.counts.get("quads")
        with progress.stage("Filling the graph server", total) as advance:

            def send(number: int, batch: bytes) -> None:
                nonlocal filling
                if number >= there:
                    self._go_on(graph, filling)
                    self._server.add(graph, batch)
                    filling = replace(filling, batches=number + 1)
                    write_fact(self._server, graph, FILLING, filling_literal(filling))
                advance(batch.count(b"\n"))

            cutter = Cutter(self._batch_bytes, send)
            generation.read_graph().dump(cutter, format=ox.RdfFormat.N_QUADS)  # type: ignore[arg-type]
            cutter.finish()
        held = self._server.count(graph)
        if held != cutter.triples:
            # The next run shall begin anew, and not only look again.
            write_fact(self._server, graph, FILLING, None)
            why = "it takes some for one" if held < cutter.triples else "others were added there"
            raise EngineError(
                f"The graph server at {self._server.shown} was given {cutter.triples:,} triples "
                f"and holds {held:,}: {why}. Nothing is published there."
            )
        self._look_for_cap(graph, held)
        self._end(graph, filling)

    def _begin(self, graph: str, filling: Filling) -> None:
        write_fact(self._server, graph, FILLING, filling_literal(filling))
        write_fact(self._server, graph, HOLDS, None)

    def _go_on(self, graph: str, filling: Filling) -> None:
        """See that nobody else fills the mirror: one that does has the say, being the later."""
        if filling not in [slot.filling for slot in self.check().slots if slot.graph == graph]:
            raise EngineError(
                f"Another process writes <{self._server.mirror}> on {self._server.shown}. Give "
                "each store, and each copy of one, a mirror of its own: name=... in the address."
            )

    def _end(self, graph: str, filling: Filling) -> None:
        self._go_on(graph, filling)
        # In this order: should the run die in between, the graph is taken for half done.
        write_fact(self._server, graph, HOLDS, literal(content(filling.after)))
        write_fact(self._server, graph, FILLING, None)

    def _look_for_cap(self, graph: str, held: int) -> None:
        """Find out after how many rows the server cuts what it answers; some do not say."""
        # Few triples times few, whatever the size of the graph: caps do not count within.
        side = math.isqrt(CAP_LOOKED_FOR) + 1
        sides = [f"{{ SELECT ?{name} {{ ?{name} ?p ?o }} LIMIT {side} }}" for name in "st"]
        query = f"SELECT ?s {{ {' '.join(sides)} }} LIMIT {CAP_LOOKED_FOR}"
        found = len(self._server.rows(query, graph))
        cap = f"{found}" if found < min(CAP_LOOKED_FOR, held**2) else None
        write_fact(self._server, self._server.mirror, ROW_CAP, cap)
