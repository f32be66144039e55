"""The client of `tests.web`, and JSON asked for in one line."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.web.conftest import app, store
from web.served import EXTENSION, Served, ServedStore

__all__ = ["app", "store"]

Ask = Callable[..., Any]


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.fixture
def ask(client: FlaskClient) -> Ask:
    """Ask the API for JSON; the second argument is the status that is expected."""

    def asked(path: str, expected: int = 200, /, **parameters: Any) -> Any:
        query = {"query_string": parameters} if parameters else {}
        response = client.get(f"/api/v1{path}", **query)
        assert response.status_code == expected, response.text[:300]
        good = expected == 200
        assert response.mimetype == ("application/json" if good else "application/problem+json")
        return response.get_json()

    return asked


@pytest.fixture
def now(app: Flask) -> Served:
    held: ServedStore = app.extensions[EXTENSION]
    return held.current()
