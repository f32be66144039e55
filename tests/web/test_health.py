"""`/health` says that the process lives, `/ready` whether it can answer; ids and log lines."""

from __future__ import annotations

import doctest
import json
import logging
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st

from kg.runs import RUNS_FOLDER, Run, write_run
from kg.store import Store
from ontology.errors import QueryBusyError, QueryTimeoutError
from tests.web.test_served import Clock, build_again, own_store
from web import request_log
from web.app import create_app
from web.config import READY_CHECK_SECONDS
from web.health import Readiness
from web.logs import JsonFormatter
from web.metrics import age_seconds
from web.request_log import chosen_request_id
from web.served import EXTENSION, ServedStore

__all__ = ["own_store"]


def test_an_empty_store_lives_and_is_not_ready(tmp_path: Path) -> None:
    client = create_app(Store(tmp_path)).test_client()
    assert client.get("/health").status_code == 200
    response = client.get("/ready")
    assert response.status_code == 503
    assert "trialkin build" in response.get_json()["wrong"][0]
    assert response.headers["Retry-After"] == "5"
    assert response.headers["Cache-Control"] == "no-store"


def test_old_data_are_not_ready(store: Store) -> None:
    app = create_app(store, query_workers=1, max_age=1e-6)
    try:
        response = app.test_client().get("/ready")
        assert response.status_code == 503
        assert "hours old" in response.get_json()["wrong"][0]
        assert response.get_json()["generation"] == 1
    finally:
        app.extensions[EXTENSION].close()


def test_a_refresh_that_found_nothing_new_keeps_the_data_young(own_store: Store) -> None:
    app = create_app(own_store, query_workers=1, max_age=3600)
    readiness = Readiness(app.extensions[EXTENSION], max_age=3600)
    try:
        # Its records were updated long ago, and no registry was asked since.
        assert "2022" in readiness.check()[1][0]
        run = Run.begin("refresh")
        run.registry, run.generation = "http://127.0.0.1:1/api/v2", 1
        run.end("unchanged")
        write_run(run, own_store.path / RUNS_FOLDER / f"{run.id}.json")
        assert Readiness(app.extensions[EXTENSION], max_age=3600).check()[1] == ()
    finally:
        app.extensions[EXTENSION].close()


def test_workers_that_do_not_answer_are_not_ready(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    held: ServedStore = app.extensions[EXTENSION]
    readiness = Readiness(held)

    def fail(*args: object, **kwargs: object) -> None:
        raise QueryTimeoutError("stopped")

    monkeypatch.setattr(held.current().queries, "run", fail)
    manifest, wrong = readiness.check()
    assert manifest is not None
    assert "do not answer" in wrong[0]


def test_what_was_answered_once_says_nothing_of_the_workers(
    own_store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kg.sparql.keeping.KEPT_SECONDS_LEAST", 0.0)
    app, clock = create_app(own_store, query_workers=1), Clock()
    held: ServedStore = app.extensions[EXTENSION]
    readiness = Readiness(held, clock=clock)
    try:
        assert readiness.check()[1] == ()
        held.current().queries._pool.kill()  # type: ignore[attr-defined]
        clock.now = READY_CHECK_SECONDS
        assert "do not answer" in readiness.check()[1][0]
    finally:
        held.close()


def test_busy_workers_are_ready(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    held: ServedStore = app.extensions[EXTENSION]

    def busy(*args: object, **kwargs: object) -> None:
        raise QueryBusyError("later")

    monkeypatch.setattr(held.current().queries, "run", busy)
    assert Readiness(held).check()[1] == ()


def test_it_is_not_looked_at_for_every_asker(app: Flask) -> None:
    clock = Clock()
    readiness = Readiness(app.extensions[EXTENSION], clock=clock)
    assert readiness.check()[1] == ()
    readiness.max_age = 1e-9
    assert readiness.check()[1] == ()
    clock.now = READY_CHECK_SECONDS
    assert len(readiness.check()[1]) == 1


def test_the_generation_that_is_served_is_named(own_store: Store) -> None:
    app = create_app(own_store, query_workers=1)
    held: ServedStore = app.extensions[EXTENSION]
    try:
        build_again(own_store)
        assert app.test_client().get("/ready").get_json()["generation"] == 2
        metrics = app.test_client().get("/metrics").text
        assert "trialkin_generation 2.0" in metrics
        assert 'trialkin_queries{state="free"} 1.0' in metrics
    finally:
        held.close()


def test_age_is_counted_from_the_end_of_the_build() -> None:
    hour_ago = datetime.now(UTC) - timedelta(hours=1)
    assert age_seconds(hour_ago.isoformat(timespec="seconds")) == pytest.approx(3600, abs=60)


def test_an_error_before_the_view_is_counted_and_named(client: FlaskClient) -> None:
    response = client.get("/nothing", headers={"X-Request-ID": "mine"})
    assert response.headers["X-Request-ID"] == "mine"
    refused = client.post("/sparql", data={"query": "x" * 2_000_000})
    assert refused.status_code == 413
    assert refused.headers["X-Request-ID"]


@given(st.text(max_size=80))
def test_an_id_is_always_sane(said: str) -> None:
    chosen = chosen_request_id(said)
    assert 1 <= len(chosen) <= 64
    assert chosen.isascii()
    assert chosen.replace("-", "").replace("_", "").replace(".", "").isalnum() or chosen == said


def test_examples_of_docstrings_hold() -> None:
    assert doctest.testmod(request_log).failed == 0


@given(st.text(max_size=100))
def test_a_log_line_is_one_line_of_json(text: str) -> None:
    record = logging.LogRecord("web", logging.INFO, "f", 1, "%s", (text,), None)
    record.path = text
    line = JsonFormatter().format(record)
    assert line.isascii()
    assert "\n" not in line
    said = json.loads(line)
    assert (said["message"], said["path"], said["level"]) == (text, text, "info")


def test_an_exception_is_told_in_the_line() -> None:
    try:
        raise KeyError("lost")
    except KeyError as error:
        info = (KeyError, error, error.__traceback__)
    record = logging.LogRecord("web", logging.ERROR, "f", 1, "failed", (), info)
    assert "KeyError: 'lost'" in json.loads(JsonFormatter().format(record))["exception"]
