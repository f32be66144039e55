"""Every error has one status, one shape in JSON and one page.

In JSON an error is a problem (RFC 9457) with `type`, `title`, `status` and `detail`, whatever the
address.
"""

from __future__ import annotations

import doctest
import inspect
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

import web.errors
from kg.store import Store
from ontology import errors
from tests.web.reading import BROWSER, read_page, words_of
from tests.web.records import ABSENT, FULL
from web.app import create_app
from web.errors import STATUSES, problem_name, status_of

EXPECTED = {
    "InvalidIdentifierError": 400,
    "UnknownTrialError": 404,
    "QuerySyntaxError": 400,
    "QueryRefusedError": 403,
    "QueryTooLargeError": 413,
    "QueryTimeoutError": 503,
    "QueryBusyError": 503,
    "QueryError": 400,
    "StoreError": 503,
    "StoreLockedError": 503,
    "RegistryError": 500,
    "RefreshError": 500,
    "RecordError": 500,
    "SourceError": 500,
    "SchemeError": 500,
    "EncoderError": 500,
    "BuildError": 500,
    "TrialKinError": 500,
    "NoPathError": 404,
    "EngineError": 503,
    "ReplicaError": 500,
}


def test_every_error_class_has_its_status() -> None:
    classes = {
        name: kind
        for name, kind in inspect.getmembers(errors, inspect.isclass)
        if issubclass(kind, errors.TrialKinError)
    }
    assert {name: status_of(kind("x")) for name, kind in classes.items()} == EXPECTED


def test_the_table_ends_in_the_base_class() -> None:
    assert STATUSES[-1] == (errors.TrialKinError, 500)


@pytest.mark.parametrize("kind", [kind for kind, _ in STATUSES])
def test_raised_errors_are_answered_in_both_forms(
    store: Store, kind: type[errors.TrialKinError]
) -> None:
    app = create_app(store)

    @app.get("/raise")
    def fail() -> str:
        raise kind("what went wrong")

    client, status = app.test_client(), EXPECTED[kind.__name__]
    asked = client.get("/raise", headers={"Accept": "application/json"})
    assert asked.status_code == status
    assert asked.mimetype == "application/problem+json"
    said = asked.get_json()
    assert said["status"] == status
    assert said["title"]
    assert said["type"] == ("about:blank" if status == 500 else f"/api#{problem_name(kind)}")
    assert ("what went wrong" in said["detail"]) == (status != 500)
    assert asked.headers["Cache-Control"] == "no-store"
    assert ("Retry-After" in asked.headers) == (status == 503)
    page = read_page(client, "/raise", status)
    assert words_of(page, ".code") == str(status)
    assert client.get("/raise").is_json  # curl, which takes anything


def test_a_bug_is_a_page_and_tells_nothing(store: Store) -> None:
    app = create_app(store)

    @app.get("/raise")
    def fail() -> str:
        raise KeyError("a secret")

    page = read_page(app.test_client(), "/raise", 500)
    assert "secret" not in page.text
    assert "A fault of ours" in page.text


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/nothing/here", 404),
        ("GET", "/trial/", 404),
        ("GET", f"/trial/{ABSENT}", 404),
        ("GET", f"/trial/{ABSENT}.json", 404),
        ("GET", f"/trial/{ABSENT}/kin.csv", 404),
        ("GET", f"/compare?nct_id={ABSENT}", 404),
        ("GET", "/trial/NCT", 400),
        ("GET", "/trial/12345678", 400),
        ("GET", "/trial/nonsense.json", 400),
        ("GET", "/compare?nct_id=nonsense", 400),
        ("POST", "/search", 405),
        ("DELETE", "/sparql", 405),
    ],
)
def test_wrong_addresses_are_answered_in_both_forms(
    client: FlaskClient, method: str, path: str, status: int
) -> None:
    said = client.open(path, method=method)
    assert said.status_code == status
    assert said.get_json()["status"] == status
    page = client.open(path, method=method, headers=BROWSER)
    assert page.status_code == status
    assert page.mimetype == "text/html"


def test_an_unknown_trial_is_named_with_its_nearest(client: FlaskClient) -> None:
    said = client.get("/trial/NCT90000007.json").get_json()
    assert said["type"] == "/api#unknown-trial"
    assert said["nct_id"] == "NCT90000007"
    assert FULL in said["nearest"]


def test_every_type_of_problem_is_explained_on_the_page_of_the_api(client: FlaskClient) -> None:
    page = read_page(client, "/api")
    for kind, _ in STATUSES[:-1]:
        assert page.select_one(f"dt#{problem_name(kind)}") is not None


def test_examples_of_docstrings_hold() -> None:
    assert doctest.testmod(web.errors).failed == 0


def test_a_missing_trial_names_the_nearest_with_links(client: FlaskClient) -> None:
    page = read_page(client, "/trial/NCT90000007", 404)
    links = [a["href"] for a in page.select("main a")]
    assert f"/trial/{FULL}" in links
    assert "https://clinicaltrials.gov/study/NCT90000007" in links


@pytest.mark.parametrize(("nct_id", "status"), [("NCT90000007", 404), ("NCT9000001", 400)])
def test_the_nearest_ids_are_named_once(client: FlaskClient, nct_id: str, status: int) -> None:
    page = read_page(client, f"/trial/{nct_id}", status)
    listed = [a.text for a in page.select("main ul a.nct")]
    assert FULL in listed
    assert words_of(page, "main").count("earest ids here") == 1
    message = words_of(page, "main h1 + p")
    assert nct_id in message
    assert not any(near in message for near in listed)
    said = client.get(f"/trial/{nct_id}.json").get_json()
    assert (said["detail"], said["nearest"]) == (message, listed)


def test_an_empty_store_is_said(tmp_path: Path) -> None:
    client = create_app(Store(tmp_path)).test_client()
    response = client.get("/api/v1/status")
    assert response.status_code == 503
    assert "trialkin build" in response.get_json()["detail"]
    assert response.headers["Retry-After"] == "5"
    read_page(client, "/", 503)


def test_a_large_body_is_refused(app: Flask) -> None:
    response = app.test_client().post("/sparql", data={"query": "x" * 2_000_000})
    assert response.status_code == 413
    assert response.get_json()["status"] == 413


@pytest.mark.parametrize("path", ["/", "/nothing", "/sparql", "/health", f"/trial/{FULL}.json",
                                  "/static/trialkin.css", "/search?q=NCT90000001"])  # fmt: skip
def test_every_answer_has_the_security_headers(client: FlaskClient, path: str) -> None:
    headers = client.get(path, headers=BROWSER, buffered=True).headers
    policy = headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["X-Frame-Options"] == "DENY"


def test_unchanged_pages_are_not_sent_again(client: FlaskClient) -> None:
    first = client.get("/about", headers=BROWSER)
    again = client.get("/about", headers=BROWSER | {"If-None-Match": first.headers["ETag"]})
    assert again.status_code == 304
    assert "Content-Security-Policy" in again.headers
