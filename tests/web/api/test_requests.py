"""What the API is asked is checked strictly, and its document tells what it does."""

from __future__ import annotations

import re
from typing import Any

import msgspec
import pytest
from flask.testing import FlaskClient

from kg.record_search import RANKED_MOST
from tests.web.api.conftest import Ask
from tests.web.reading import read_page
from tests.web.records import ABSENT, FULL
from web.api.openapi import API_BASE, openapi_document
from web.api.routes import OPERATIONS, example_paths
from web.served import Served


@pytest.mark.parametrize(
    ("path", "name", "message"),
    [
        ("/trials?page_size=0", "page_size", ">= 1"),
        ("/trials?page_size=201", "page_size", "<= 200"),
        ("/trials?page_size=x", "page_size", "expected `int`"),
        ("/trials?page_size=1&page_size=2", "page_size", "more than once"),
        ("/trials?facets=perhaps", "facets", "expected `bool`"),
        ("/trials?sort=size&order=up", "order", "is not a parameter"),
        ("/trials?sort=none", "sort", "invalid enum value"),
        ("/trials?nct_id=x", "nct_id", "is not a parameter"),
        ("/search", "q", "is missing"),
        ("/search?q=", "q", "length >= 1"),
        ("/trials/NCT1", "nct_id", "regex"),
        (f"/trials/{FULL}?nct_id={FULL}", "nct_id", "is not a parameter"),
        (f"/trials/{FULL}/kin?k=1000", "k", "<= 100"),
        (f"/trials/{FULL}/kin?weight=route", "weight[0]", "regex"),
        (f"/trials/{FULL}/kin?diversity=2", "diversity", "<= 1"),
        (f"/trials/{FULL}/kin?diversity=nan", "diversity", ">= 0"),
        ("/concepts/colours", "scheme", "invalid enum value"),
        ("/concepts/routes/In Vein", "name", "regex"),
    ],
)
def test_what_is_not_valid_is_named(ask: Ask, path: str, name: str, message: str) -> None:
    said = ask(path, 400)
    assert said["type"] == "/api#invalid-request"
    assert said["errors"][0]["name"] == name
    assert message in said["errors"][0]["message"]
    assert name in said["detail"]


@pytest.mark.parametrize(
    ("accept", "media_type"),
    [
        ("application/json", "application/json"),
        ("text/csv;q=0.2, application/json ; q=0.1", "text/csv"),
        ("*/*", "application/json"),
        ("text/html, */*;q=0.1", "application/json"),
        ("text/*", "text/csv"),
        ("application/xml", None),
    ],
)
def test_the_form_is_negotiated(client: FlaskClient, accept: str, media_type: str | None) -> None:
    response = client.get("/api/v1/trials", headers={"Accept": accept})
    assert response.status_code == (406 if media_type is None else 200)
    assert response.mimetype == (media_type or "application/problem+json")


def test_what_has_no_table_is_never_csv(client: FlaskClient) -> None:
    response = client.get("/api/v1/status", headers={"Accept": "text/csv"})
    assert response.status_code == 406
    assert client.get("/api/v1/status?format=csv").status_code == 400


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda one: one.name)
def test_every_operation_answers_its_example_by_its_schema(
    client: FlaskClient, now: Served, operation: Any
) -> None:
    if operation.method == "POST":
        pytest.skip("asked with bodies elsewhere")
    path = re.sub(r"[?&]format=csv", "", example_paths(now)[operation.name])
    response = client.get(path)
    assert response.status_code == 200, response.text
    msgspec.json.decode(response.data, type=operation.answer)
    assert response.headers["Access-Control-Allow-Origin"] == "*"
    assert response.headers["TrialKin-Generation"] == "1"


def test_the_document_names_every_operation_and_parameter(client: FlaskClient) -> None:
    document = client.get(f"{API_BASE}/openapi.json").get_json()
    assert document["openapi"] == "3.1.0"
    named = {
        said["operationId"]: said
        for methods in document["paths"].values()
        for said in methods.values()
    }
    assert set(named) == {operation.name for operation in OPERATIONS}
    for operation in OPERATIONS:
        if operation.method == "GET":
            fields = {field.encode_name for field in msgspec.structs.fields(operation.asked)}
            assert {one["name"] for one in named[operation.name]["parameters"]} == fields
        for said in named[operation.name]["responses"].values():
            assert said["description"]


def test_every_reference_of_the_document_leads_somewhere() -> None:
    document = openapi_document(OPERATIONS)
    references = set(
        re.findall(r'"\$ref":"#/components/schemas/(\w+)"', msgspec.json.encode(document).decode())
    )
    assert references == set(document["components"]["schemas"])


def test_the_page_lists_every_operation(client: FlaskClient, now: Served) -> None:
    page = read_page(client, "/api")
    for operation in OPERATIONS:
        assert page.select_one(f"section#{operation.name} h2") is not None
    links = {a["href"] for a in page.select("main section a")}
    assert links == set(example_paths(now).values())
    for link in links:
        assert client.get(link).status_code == 200


def test_unknown_addresses_below_the_api_are_problems_for_browsers_too(client: FlaskClient) -> None:
    response = client.get("/api/v1/nothing", headers={"Accept": "text/html"})
    assert response.status_code == 404
    assert response.mimetype == "application/problem+json"
    assert client.post("/api/v1/trials").status_code == 405


def test_head_has_the_headers_and_no_body(client: FlaskClient) -> None:
    response = client.head(f"/api/v1/trials/{FULL}")
    assert response.status_code == 200
    assert response.data == b""
    assert "ETag" in response.headers
    assert client.head(f"/api/v1/trials/{ABSENT}").status_code == 404


def test_scripts_of_other_origins_may_ask_and_read_errors(client: FlaskClient) -> None:
    preflight = {"Origin": "https://example.org", "Access-Control-Request-Method": "POST"}
    allowed = client.options(f"{API_BASE}/kin", headers=preflight).headers
    assert {"GET", "POST"} <= set(allowed["Access-Control-Allow-Methods"].split(", "))
    assert "Content-Type" in allowed["Access-Control-Allow-Headers"]
    refused = client.post(f"{API_BASE}/kin", json={})
    assert refused.headers["Access-Control-Allow-Origin"] == "*"


def test_best_is_told_as_the_operation_orders_by_it(ask: Ask, now: Served) -> None:
    told = {
        path: parameter["description"]
        for path, operations in openapi_document(OPERATIONS)["paths"].items()
        for parameter in operations.get("get", {}).get("parameters", ())
        if parameter["name"] == "sort"
    }
    search, trials = told[f"{API_BASE}/search"], told[f"{API_BASE}/trials"]
    assert "have them in other words, the last updated first" in search
    assert f"more than {RANKED_MOST:,}, does not count" in search
    assert "BM25" not in trials
    assert "`best` is the last update first" in trials
    listed = [item["nct_id"] for item in ask("/trials", sort="best", page_size=200)["items"]]
    cards = now.generation.records.cards(listed)
    by_date = sorted(listed, key=lambda one: (cards[one].last_update_post_date or "", one))
    assert listed == by_date[::-1]
