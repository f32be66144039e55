"""What the first reader would wait for is ready before."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from urllib.parse import urlencode

import pytest
from flask import Flask

from kg.sparql.examples import query_examples
from kg.sparql.pool import QueryPool
from kg.store import Store
from tests.web.reading import BROWSER
from tests.web.records import FULL
from web import overview as overview_module
from web.app import create_app
from web.served import EXTENSION
from web.warming import prepare_pages


@pytest.fixture
def own_store(store: Store, tmp_path: Path) -> Store:
    shutil.copytree(store.path, tmp_path / "store", ignore=shutil.ignore_patterns("answers"))
    return Store(tmp_path / "store")


def test_after_it_no_page_compiles_a_template_or_counts_the_corpus(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    prepare_pages(app, app.extensions[EXTENSION].current())

    def refuse(*args: object, **kwargs: object) -> None:
        raise AssertionError("compiled or counted while a reader waits")

    monkeypatch.setattr(app.jinja_env, "compile", refuse)
    monkeypatch.setattr(overview_module, "neighbourhood", refuse)
    paths = ("/", "/search?q=knee", f"/trial/{FULL}", f"/trial/{FULL}/kin", "/about", "/sparql")
    for path in paths:
        assert app.test_client().get(path, headers=BROWSER).status_code == 200, path


def test_after_it_the_shipped_queries_are_answered(
    own_store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = create_app(own_store, query_workers=1)
    client = app.test_client()
    addresses = [
        f"/sparql?{urlencode({'query': example.text, 'format': 'csv'})}"
        for example in query_examples()
        if example.form == "SELECT"
    ]
    anew = [client.get(address).data for address in addresses]
    app.extensions[EXTENSION].close()
    app = create_app(own_store, query_workers=1)
    now = app.extensions[EXTENSION].current()
    prepare_pages(app, now)

    def refuse(*args: object, **kwargs: object) -> None:
        raise AssertionError("asked while a reader waits")

    monkeypatch.setattr(QueryPool, "run", refuse)
    answers = [app.test_client().get(address) for address in addresses]
    assert [answer.data for answer in answers] == anew
    assert {answer.headers["TrialKin-Generation"] for answer in answers} == {str(now.number)}
    assert not {"TrialKin-Truncated", "TrialKin-Engine", "Age"} & set(answers[0].headers)
    # Beside the generations, never within one.
    assert len(list((own_store.path / "answers").rglob("*/*/*"))) == len(addresses)
    assert not list((own_store.path / "generations").rglob("answers*"))
    app.extensions[EXTENSION].close()
    with own_store.lock():
        assert (own_store.path / "answers" / "1").is_dir()
        shutil.move(own_store.folder(1), own_store.folder(2))
    with own_store.lock():
        assert not list((own_store.path / "answers").iterdir())


def test_a_store_that_may_only_be_read_has_them_in_memory(own_store: Store) -> None:
    (own_store.path / "answers").write_text("no folder can be made here")
    app = create_app(own_store, query_workers=1)
    prepare_pages(app, app.extensions[EXTENSION].current())
    text = next(example.text for example in query_examples() if example.name == "sponsors")
    response = app.test_client().get("/sparql", query_string={"query": text, "format": "json"})
    assert response.status_code == 200
    assert json.loads(response.data)["results"]["bindings"]
    app.extensions[EXTENSION].close()
