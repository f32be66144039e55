"""Scripts of other origins may read every form of data, the ways to it, and every refusal."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from tests.web.records import FULL

CONCEPT = "/concept/conditions/systemic_sclerosis"


@pytest.mark.parametrize(
    ("path", "accept", "status"),
    [
        (f"/trial/{FULL}.ttl", "", 200),
        (f"/trial/{FULL}.fhir.json", "", 200),
        (f"/trial/{FULL.lower()}.ttl", "", 301),
        (f"/trial/{FULL}", "text/turtle", 303),
        (f"{CONCEPT}.json", "", 303),
        ("/concept/conditions.json", "", 303),
        ("/trial/NCT00000001.ttl", "", 404),
        ("/concept/nowhere.ttl", "", 404),
        ("/trial/nonsense.ttl", "", 400),
        (f"/trial/{FULL}", "image/png", 406),
        ("/api/v1/nowhere", "", 404),
        ("/.well-known/void", "image/png", 406),
    ],
)
def test_answers_are_open(client: FlaskClient, path: str, accept: str, status: int) -> None:
    response = client.get(path, headers={"Accept": accept, "Origin": "https://example.org"})
    assert response.status_code == status
    assert response.headers["Access-Control-Allow-Origin"] == "*"
    assert response.headers["Cross-Origin-Resource-Policy"] == "cross-origin"


@pytest.mark.parametrize("path", ["/sparql", "/api/v1/kin", f"/trial/{FULL}.ttl"])
def test_a_wrong_method_is_said_to_all(client: FlaskClient, path: str) -> None:
    response = client.delete(path)
    assert response.status_code == 405
    assert response.headers["Access-Control-Allow-Origin"] == "*"


@pytest.mark.parametrize(
    "path",
    [
        f"/trial/{FULL}",
        f"/trial/{FULL}.ttl",
        f"{CONCEPT}.jsonld",
        "/ontology",
        "/.well-known/void",
        f"/api/v1/trials/{FULL}",
    ],
)
def test_a_script_may_ask_whether_its_copy_is_still_good(client: FlaskClient, path: str) -> None:
    asked = {
        "Origin": "https://example.org",
        "Access-Control-Request-Method": "GET",
        "Access-Control-Request-Headers": "if-none-match",
    }
    response = client.options(path, headers=asked)
    assert response.status_code in (200, 204)
    assert response.headers["Access-Control-Allow-Origin"] == "*"
    assert "GET" in response.headers["Access-Control-Allow-Methods"]
    assert "If-None-Match" in response.headers["Access-Control-Allow-Headers"]


def test_a_page_is_for_its_own_origin(client: FlaskClient) -> None:
    response = client.get(f"/trial/{FULL}", headers={"Accept": "text/html"})
    assert "Access-Control-Allow-Origin" not in response.headers


@pytest.mark.parametrize(
    ("path", "accept", "place"),
    [
        (f"/trial/{FULL}", "text/html;q=0, */*", f"/trial/{FULL}.ttl"),
        (f"/trial/{FULL}", "text/turtle, */*", f"/trial/{FULL}.ttl"),
        ("/ontology", "application/*, text/*;q=0.1", "/ontology.jsonld"),
    ],
)
def test_a_page_is_not_given_to_who_wants_none(
    client: FlaskClient, path: str, accept: str, place: str
) -> None:
    response = client.get(path, headers={"Accept": accept})
    assert (response.status_code, response.headers["Location"]) == (303, place)
