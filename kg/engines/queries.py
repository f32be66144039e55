"""`ServerQueries`: answers users' queries from a graph server.

The store's own engine answers what the server may not be asked or does not understand: named
graphs (which are one graph there), TrialKin's functions, extensions of SPARQL. It also answers
while the server does not hold the generation. So every answer is of that one generation.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import replace

from kg.engines import results
from kg.engines.answers import ServerAnswer
from kg.engines.connections import within
from kg.engines.server import ROWS_TYPE, TRIPLES_TYPE, GraphServer
from kg.engines.standard import StandardQuery, standard_query
from kg.engines.state import Key, MirrorState, Slot, is_empty, read_stamp, read_state
from kg.engines.virtuoso import is_trusted
from kg.generation import Generation
from kg.sparql import formats
from kg.sparql.columns import column_order
from kg.sparql.leaving import AskerLeftError
from kg.sparql.limits import QueryAnswer, QueryLimits
from kg.sparql.policy import Dataset, check_query
from kg.sparql.pool import QueryPool
from kg.sparql.turns import Turns
from ontology.errors import EngineError, QueryError, QueryTimeoutError, QueryTooLargeError

_log = logging.getLogger(__name__)

_LOOK_AGAIN_S = 1.0
"""How often, at most, a server that lacks the generation, or failed to say whether it has it, is
asked again."""
_READ_MORE = 4
"""A server's JSON is that much larger, at most, than what is made of it."""


class _ElsewhereError(Exception):
    """The store's own engine is to answer."""


class ServerQueries:
    """Queries over one generation, of which a graph server holds a mirror.

    Parameters
    ----------
    generation : Generation
    server : GraphServer
        Closed with this.
    workers : int
        How many queries run at once, on the server as in the store's own engine.
    limits : QueryLimits, optional
        Memory is left to the server.
    clock : callable
        Seconds, rising.
    """

    def __init__(
        self,
        generation: Generation,
        server: GraphServer,
        *,
        workers: int = 2,
        limits: QueryLimits | None = None,
        clock: Callable[[], float] = time.monotonic,
    ):
        self.limits = limits or QueryLimits()
        self._key, self._server, self._clock = Key.of(generation), server, clock
        self._own = QueryPool(generation.graph_path, workers=workers, limits=self.limits)
        self._turns = Turns(
            workers,
            per_client=self.limits.workers_per_client,
            waiting_per_client=self.limits.waiting_per_client,
            waiting=self.limits.waiting,
        )
        self._lock = threading.Lock()
        self._slot: Slot | None = None
        self._row_cap: int | None = None
        self._look_at = float("-inf")
        self._failure: EngineError | None = None

    def __enter__(self) -> ServerQueries:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def warm(self) -> None:
        """Find the generation on the server; should it not answer, queries will say so."""
        try:
            self._find()
        except EngineError as error:
            _log.warning("%s", error)

    def state(self) -> dict[str, int]:
        """Return how many queries could begin at once, run, and wait, on the server."""
        return self._turns.counts()

    def wrong(self) -> list[str]:
        """Say what is wrong with the mirror."""
        try:
            state, slot = self._look()
        except EngineError as error:
            return [str(error)]
        number, where = self._key.generation, f"the graph server at {self._server.shown}"
        if slot is None:
            missing = (
                f"Generation {number} is not on {where}; the store's own engine answers for it."
            )
            return [f"{missing} Run `trialkin refresh --offline`."]
        if state.current != slot.graph:
            behind = f"On {where} the current generation is not {number}, which it holds."
            return [f"{behind} Run `trialkin refresh --offline`."]
        return []

    def close(self) -> None:
        """Close connections and stop the own engine's workers."""
        self._own.close()
        self._server.close()

    def run(
        self,
        query: str,
        *,
        select_format: str = "json",
        graph_format: str = "turtle",
        dataset: Dataset | None = None,
        client: str = "",
    ) -> QueryAnswer:
        """Run a query and return its answer, see `kg.sparql.pool.QueryPool.run`.

        Raises
        ------
        EngineError
            If the server cannot be reached.
        """
        checked = check_query(query)
        asked = None if dataset or checked.dataset else standard_query(query)
        if asked is not None:
            started = self._clock()
            try:
                with (
                    self._turns.turn(client, self.limits.wait_s),
                    within(self.limits.deadline_s),
                ):
                    answer = self._answer(query, asked, select_format, graph_format)
                return replace(answer, seconds=self._clock() - started, engine="server")
            except _ElsewhereError:
                pass
        return self._own.run(
            query,
            select_format=select_format,
            graph_format=graph_format,
            dataset=dataset,
            client=client,
        )

    def _answer(
        self, query: str, asked: StandardQuery, select_format: str, graph_format: str
    ) -> QueryAnswer:
        slot = self._find()
        kind = self._server.address.kind
        if slot is None or (kind == "virtuoso" and not is_trusted(asked.text)):
            raise _ElsewhereError
        try:
            if asked.form == "CONSTRUCT":
                answer = self._graph(asked, slot, graph_format)
            elif asked.form == "ASK":
                answer = self._truth(asked, slot, select_format)
            else:
                answer = self._rows(query, asked, slot, select_format)
        except (QueryTimeoutError, AskerLeftError):
            raise
        except QueryError:
            self._check(slot)  # a graph that is being changed may fail in any way
            raise
        self._check(slot)
        return answer

    def _check(self, slot: Slot) -> None:
        """See that a graph held the generation all the time."""
        if read_stamp(self._server, slot.graph) != slot.stamp:
            with self._lock:
                if self._slot is slot:
                    self._slot = None
            raise _ElsewhereError

    def _look(self) -> tuple[MirrorState, Slot | None]:
        state = read_state(self._server)
        slot = state.holding(self._key)
        return state, None if slot is None or is_empty(self._server, slot.graph) else slot

    def _find(self) -> Slot | None:
        """Return the graph that holds the generation, None if there is none.

        Of many that ask while it is not known one looks, and takes as long as that may take; the
        others have the answer of the last who looked.
        """
        with self._lock:
            if self._slot is not None:
                return self._slot
            if self._clock() < self._look_at:
                if self._failure is not None:
                    raise EngineError(str(self._failure))
                return None
            self._look_at = self._clock() + _LOOK_AGAIN_S
        failure, state, slot = None, None, None
        try:
            state, slot = self._look()
        except EngineError as error:
            failure = error
        with self._lock:
            self._failure = failure
            self._look_at = self._clock() + _LOOK_AGAIN_S
            if state is not None:
                self._slot, self._row_cap = slot, state.row_cap
        if failure is not None:
            raise failure
        return self._slot

    def _rows(
        self, query: str, asked: StandardQuery, slot: Slot, select_format: str
    ) -> QueryAnswer:
        limits = self.limits
        most = limits.max_rows + 1 if self._row_cap is None else self._row_cap
        # Virtuoso refuses to sort more rows than it gives, told so or not.
        is_sorted_there = asked.sorted and self._row_cap is not None
        text = asked.text if is_sorted_there else asked.at_most(min(most, limits.max_rows + 1))
        answer = self._ask(text, slot, ROWS_TYPE)
        names, rows = results.read_rows(answer)
        order = column_order(query, names)
        body, count, cut = formats.write_rows(
            select_format,
            [names[place] for place in order],
            ([row[place] for place in order] for row in rows),
            max_rows=limits.max_rows,
            max_bytes=limits.max_bytes,
        )
        capped = results.announced_cap(answer) or self._row_cap
        if not cut and capped is not None and len(rows) >= capped and self._is_more(asked, capped):
            raise _ElsewhereError  # the server has cut it, where nobody here wants it cut
        return QueryAnswer("SELECT", formats.RESULT_TYPES[select_format], body, count, cut, 0.0)

    @staticmethod
    def _is_more(asked: StandardQuery, capped: int) -> bool:
        """Tell whether the server, not the query's own LIMIT, may have ended an answer."""
        return asked.limit is None or asked.limit > capped

    def _truth(self, asked: StandardQuery, slot: Slot, select_format: str) -> QueryAnswer:
        truth = results.read_truth(self._ask(asked.text, slot, ROWS_TYPE))
        body = formats.write_boolean(select_format, truth)
        return QueryAnswer("ASK", formats.RESULT_TYPES[select_format], body, 1, False, 0.0)

    def _graph(self, asked: StandardQuery, slot: Slot, graph_format: str) -> QueryAnswer:
        limits = self.limits
        answer = self._ask(asked.text, slot, TRIPLES_TYPE)
        if results.may_be_cut(answer):
            raise _ElsewhereError
        triples = results.read_triples(answer, limits.max_rows)
        if len(triples) > limits.max_rows:  # a graph cannot say that it is cut
            raise QueryTooLargeError(
                f"The result has more than {limits.max_rows:,} triples; narrow the query."
            )
        if self._row_cap is not None and asked.count is not None:
            # Nothing in a graph tells that the server has left solutions out.
            counted = results.read_count(self._ask(asked.count, slot, ROWS_TYPE))
            if counted is None or counted > self._row_cap:
                raise _ElsewhereError
        body = formats.write_graph(graph_format, triples)
        if len(body) > limits.max_bytes:
            raise QueryTooLargeError(
                f"The result has {len(body):,} bytes, {limits.max_bytes:,} are allowed; narrow the "
                "query or add a LIMIT."
            )
        type_ = formats.GRAPH_TYPES[graph_format]
        return QueryAnswer("CONSTRUCT", type_, body, len(triples), False, 0.0)

    def _ask(self, text: str, slot: Slot, accept: str) -> ServerAnswer:
        answer = self._server.ask(
            text,
            slot.graph,
            accept=accept,
            deadline_s=self.limits.deadline_s,
            max_bytes=_READ_MORE * self.limits.max_bytes,
        )
        if results.is_not_understood(answer):  # the own engine finds out why, or answers
            raise _ElsewhereError
        results.check_answer(answer)
        return answer
