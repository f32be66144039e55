"""What happens to a worker when its parent cannot read an answer, or it has ended by itself."""

from __future__ import annotations

import json
import os
import signal
from typing import Any

import pytest

from kg.sparql.pool import QueryPool
from kg.sparql.process import WorkerProcess
from kg.store import Store
from ontology.errors import QueryRefusedError

ONE = 'SELECT ("one" AS ?said) {}'
TWO = 'SELECT ("two" AS ?said) {}'


def said(pool: QueryPool, query: str) -> str:
    value: str = json.loads(pool.run(query).body)["results"]["bindings"][0]["said"]["value"]
    return value


def test_an_answer_that_was_not_read_is_not_given_to_the_next(
    tiny_store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    with QueryPool(tiny_store.published().graph_path, workers=1) as pool:
        assert said(pool, ONE) == "one"
        with monkeypatch.context() as patched:

            def fails(self: WorkerProcess, deadline: float) -> Any:
                raise MemoryError

            patched.setattr(WorkerProcess, "_read_line", fails)
            with pytest.raises(MemoryError):
                pool.run(ONE)
        assert said(pool, TWO) == "two"


def test_who_asks_is_not_blamed_for_a_worker_that_ended_before(tiny_store: Store) -> None:
    with QueryPool(tiny_store.published().graph_path, workers=1) as pool:
        assert said(pool, ONE) == "one"
        worker = pool._idle.get()
        assert worker is not None
        os.kill(worker._process.pid, signal.SIGKILL)
        worker._process.wait()
        pool._idle.put(worker)
        assert said(pool, TWO) == "two"


@pytest.mark.parametrize("clause", ["FROM", "FROM NAMED"])
def test_a_graph_of_ours_that_is_not_there_is_refused(tiny_store: Store, clause: str) -> None:
    query = f"SELECT * {clause} <https://w3id.org/trialkin/graph/%s> {{ ?s ?p ?o }}"
    with QueryPool(tiny_store.published().graph_path, workers=1) as pool:
        pool.run(query % "kin")
        with pytest.raises(QueryRefusedError, match="graph/kinn> is no graph"):
            pool.run(query % "kinn")
