"""What the first reader would wait for is ready before."""

from __future__ import annotations

import pytest
from flask import Flask

from tests.web.reading import BROWSER
from tests.web.records import FULL
from web import overview as overview_module
from web.served import EXTENSION
from web.warming import prepare_pages


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
