"""The generation that answers are made from, and the move to the next one."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Hashable
from functools import cached_property, partial
from typing import TypeVar

import pyoxigraph as ox
from flask import current_app, g

from kg.engines.opening import open_queries
from kg.generation import Generation
from kg.sparql.limits import QueryLimits
from kg.sparql.queries import Queries
from kg.store import Store
from kg.stored_links import graph_of
from ontology.errors import StoreError, TrialKinError
from similarity.encoders import Encoder
from web.config import CHECK_STORE_SECONDS, RETIRE_SECONDS
from web.facet_index import FacetIndex

_log = logging.getLogger(__name__)
EXTENSION = "trialkin"
Made = TypeVar("Made")


class Served:
    """One generation with what is kept in memory to serve it.

    Attributes
    ----------
    number : int
        Of the generation.
    generation : Generation
    queries : Queries
    """

    def __init__(self, number: int, generation: Generation, queries: Queries):
        self.number = number
        self.generation = generation
        self.queries = queries
        self._lock = threading.RLock()
        self._made: dict[Hashable, object] = {}

    @cached_property
    def _facets(self) -> FacetIndex:
        return FacetIndex(self.generation.records.all_cards())

    @property
    def facets(self) -> FacetIndex:
        """Which trials have which values; read once, when first asked for."""
        with self._lock:  # two first requests must not both read everything
            return self._facets

    @property
    def graph(self) -> ox.Store:
        """The graph, read-only, for patterns of our own; queries of users go to `queries`."""
        return graph_of(self.generation)

    @property
    def encoder(self) -> Encoder:
        """The encoder of this generation's vectors, loaded when first asked for.

        Raises
        ------
        EncoderError
            If it cannot be had here.
        """
        from kg.asking import encoder_of

        return self.once("encoder", lambda: encoder_of(self.generation))

    def once(self, key: Hashable, make: Callable[[], Made]) -> Made:
        """Return what `make` gives, made once: a generation never changes."""
        with self._lock:
            if key not in self._made:
                self._made[key] = make()
            return self._made[key]  # type: ignore[return-value]

    def warm(self) -> None:
        """Load what the first reader would else wait for."""
        _ = self.facets
        _ = self.generation.kin_index
        self.queries.warm()


class ServedStore:
    """Gives the published generation, and follows when another one is published.

    Parameters
    ----------
    store : Store
    query_workers : int
        SPARQL queries that run at once.
    limits : QueryLimits
    clock : callable
        Seconds, rising.
    """

    def __init__(
        self,
        store: Store,
        *,
        query_workers: int,
        limits: QueryLimits,
        clock: Callable[[], float] = time.monotonic,
    ):
        self._store, self._workers, self._limits = store, query_workers, limits
        self._clock = clock
        self._lock = threading.Lock()
        self._current: Served | None = None
        self._check_at = float("-inf")
        self._retired: list[tuple[float, Queries]] = []
        self._refused: int | None = None
        self._said = ""
        self._prepare: Callable[[Served], None] | None = None
        self._coming: Served | None = None

    @property
    def store(self) -> Store:
        """The store that is followed."""
        return self._store

    def current(self) -> Served:
        """Return the published generation.

        Raises
        ------
        StoreError
            If nothing is published, or it cannot be opened and nothing was open before.
        """
        now = self._clock()
        served = self._current
        if served is not None and now < self._check_at:
            return served
        with self._lock:
            if self._current is None or now >= self._check_at:
                self._follow(now)
                self._check_at = now + CHECK_STORE_SECONDS
            if self._current is None:
                raise StoreError("No generation is open.")
            return self._current

    def prepare_with(self, prepare: Callable[[Served], None]) -> None:
        """Have every generation that is opened from now on prepared, in the background.

        One that follows another is given to readers once it is warm.
        """
        self._prepare = prepare

    def opened(self) -> Served | None:
        """Return what is open now, without looking for anything newer."""
        return self._current

    def close(self) -> None:
        """Stop all query workers."""
        with self._lock:
            for _, pool in self._retired:
                pool.close()
            self._retired.clear()
            self._coming = None
            if self._current is not None:
                self._current.queries.close()
                self._current = None

    def _follow(self, now: float) -> None:
        while self._retired and self._retired[0][0] <= now:
            self._retired.pop(0)[1].close()
        before = self._current
        number = None
        try:
            number = self._store.published_number()
            if before is not None and number == before.number:
                self._coming = None  # it went back
                return
            if before is not None and number == self._refused:
                return
            if self._coming is not None and number == self._coming.number:
                return
            generation = self._store.published()
            queries = open_queries(
                self._store,
                generation,
                workers=self._workers,
                limits=self._limits,
                keeps_answers=True,
            )
        except StoreError as error:
            if before is None:
                raise
            # A reader is better served by the last good state than by none.
            self._refused = number
            if str(error) != self._said:  # once, not every second
                self._said = str(error)
                _log.error("generation %d stays: %s", before.number, error)
            return
        found = Served(generation.manifest.generation, generation, queries)
        self._refused, self._said = None, ""
        if self._prepare is None:
            self._take(found)
            return
        if before is None:
            self._take(found)
        # No daemon: a thread cut off inside a library at the end could abort the process.
        self._coming = None if before is None else found
        work = partial(self._make_ready, found, self._prepare)
        threading.Thread(target=work, name="prepare").start()

    def _take(self, found: Served) -> None:
        before, self._current = self._current, found
        if before is not None:
            _log.info("generation %d replaces %d", found.number, before.number)
            self._retired.append((self._clock() + RETIRE_SECONDS, before.queries))

    def _make_ready(self, found: Served, prepare: Callable[[Served], None]) -> None:
        if self._current is not found:
            # Readers have the one before until this one need not be waited for.
            try:
                found.warm()
            except TrialKinError as error:
                _log.error("generation %d could not be made ready: %s", found.number, error)
            finally:
                taken = self._take_coming(found)
            if not taken:
                return
        prepare(found)

    def _take_coming(self, found: Served) -> bool:
        with self._lock:
            if self._coming is not found:  # another one has been published, or this is the end
                found.queries.close()
                return False
            self._coming = None
            self._take(found)
            return True


def served() -> Served:
    """Return the generation that the current request is answered from, the same to its end."""
    found: Served | None = g.get(EXTENSION)
    if found is None:
        store: ServedStore = current_app.extensions[EXTENSION]
        found = store.current()
        setattr(g, EXTENSION, found)
    return found
