"""Requests of the SPARQL 1.1 Protocol, section 2.1, each with the answer that it must have."""

from __future__ import annotations

import gzip
import json
from typing import Any
from urllib.parse import urlencode

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from kg.iris import KIN_GRAPH, ONTOLOGY_GRAPH, trial_graph_iri
from kg.sparql.formats import TRUNCATED
from tests.web.records import FULL
from web.negotiation import best_offer

ASK = "ASK {}"
SELECT = "SELECT (1 AS ?x) {}"
COUNT = "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }"
NAMES = "SELECT DISTINCT ?g { GRAPH ?g { ?s ?p ?o } } ORDER BY ?g"
CONSTRUCT = f"CONSTRUCT WHERE {{ <https://clinicaltrials.gov/study/{FULL}> a ?c }}"
FORM = "application/x-www-form-urlencoded"
DIRECT = "application/sparql-query"
TRIAL_GRAPH = trial_graph_iri(FULL)


def get(client: FlaskClient, query: str, **headers: str) -> TestResponse:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return client.get("/sparql", query_string={"query": query}, headers=named)


def count(response: TestResponse) -> int:
    assert response.status_code == 200, response.text
    return int(response.get_json()["results"]["bindings"][0]["n"]["value"])


ACCEPTED: list[tuple[str, dict[str, Any]]] = [
    ("query via GET", {"method": "GET", "query_string": {"query": ASK}}),
    ("query via URL-encoded POST", {"method": "POST", "data": {"query": ASK}}),
    ("query via POST directly", {"method": "POST", "data": ASK, "content_type": DIRECT}),
    ("charset of a form", {"method": "POST", "data": urlencode({"query": ASK}),
                           "content_type": f"{FORM}; charset=UTF-8"}),
    ("charset of a query", {"method": "POST", "data": ASK,
                            "content_type": f"{DIRECT};charset=utf-8"}),
    ("media types in any case", {"method": "POST", "data": ASK,
                                 "content_type": "Application/SPARQL-Query"}),
    ("parameters nobody knows", {"method": "GET", "query_string": {
        "query": ASK, "timeout": "0", "debug": "on", "format": "", "results": "?"}}),
    ("parameters beside a direct query", {"method": "POST", "data": ASK, "content_type": DIRECT,
                                          "query_string": {"format": "json", "x": "1"}}),
    ("a plus for a blank", {"method": "GET", "query_string": "query=ASK+%7B%7D"}),
    ("a multipart form", {"method": "POST", "data": {"query": ASK},
                          "content_type": "multipart/form-data"}),
]  # fmt: skip


@pytest.mark.parametrize("sent", [sent for _, sent in ACCEPTED], ids=[name for name, _ in ACCEPTED])
def test_queries_are_accepted(client: FlaskClient, sent: dict[str, Any]) -> None:
    response = client.open("/sparql", **sent)
    assert response.status_code == 200, response.text
    assert response.mimetype == "application/sparql-results+json"
    assert response.get_json()["boolean"] is True


REFUSED: list[tuple[str, int, dict[str, Any]]] = [
    ("no query", 400, {"method": "POST", "data": {}, "content_type": FORM}),
    ("no query but a graph", 400, {"method": "GET",
                                   "query_string": {"default-graph-uri": ONTOLOGY_GRAPH}}),
    ("two queries", 400, {"method": "GET", "query_string": "query=ASK%7B%7D&query=ASK%7B%7D"}),
    ("two queries in a form", 400, {"method": "POST", "content_type": FORM,
                                    "data": "query=ASK%7B%7D&query=SELECT"}),
    ("two queries, one in the address", 400, {"method": "POST", "data": ASK,
                                              "content_type": DIRECT,
                                              "query_string": {"query": ASK}}),
    ("bad syntax", 400, {"method": "GET", "query_string": {"query": "ASK {"}}),
    ("an empty query", 400, {"method": "GET", "query_string": {"query": ""}}),
    ("a query that is not UTF-8", 400, {"method": "POST", "data": "ASK {}".encode("utf-16"),
                                        "content_type": DIRECT}),
    ("a query in another charset", 415, {"method": "POST", "data": "ASK {}".encode("utf-16"),
                                         "content_type": f"{DIRECT}; charset=UTF-16"}),
    ("a form without its type", 415, {"method": "POST", "data": urlencode({"query": ASK}),
                                      "content_type": "text/plain"}),
    ("a body of no type", 415, {"method": "POST", "data": ASK, "content_type": ""}),
    ("a direct query with another type", 415, {"method": "POST", "data": ASK,
                                               "content_type": "text/turtle"}),
    ("PUT", 405, {"method": "PUT", "data": ASK, "content_type": DIRECT}),
    ("DELETE", 405, {"method": "DELETE"}),
    ("PATCH", 405, {"method": "PATCH", "data": ASK, "content_type": DIRECT}),
    ("an update via a form", 403, {"method": "POST", "data": {"update": "CLEAR ALL"}}),
    ("an update via GET", 403, {"method": "GET", "query_string": {"update": "CLEAR ALL"}}),
    ("an update directly", 403, {"method": "POST", "data": "CLEAR ALL",
                                 "content_type": "application/sparql-update"}),
    ("an update as a query", 403, {"method": "POST", "data": {"query": "CLEAR ALL"}}),
    ("a graph of others", 403, {"method": "GET", "query_string": {
        "query": ASK, "default-graph-uri": "http://127.0.0.1/"}}),
    ("a named graph of others", 403, {"method": "POST", "data": {
        "query": ASK, "named-graph-uri": "file:///etc/passwd"}}),
    ("nothing that is to be had", 406, {"method": "GET", "query_string": {"query": ASK},
                                        "headers": {"Accept": "image/png, text/turtle"}}),
]  # fmt: skip


@pytest.mark.parametrize(
    ("status", "sent"),
    [(status, sent) for _, status, sent in REFUSED],
    ids=[name for name, _, _ in REFUSED],
)
def test_requests_are_refused_in_one_shape(
    client: FlaskClient, status: int, sent: dict[str, Any]
) -> None:
    response = client.open("/sparql", **sent)
    assert response.status_code == status
    assert response.mimetype == "application/problem+json"
    said = json.loads(response.data)
    assert said["status"] == status
    assert said["detail"]
    assert status == 405 or response.headers["Access-Control-Allow-Origin"] == "*"


def test_a_syntax_error_says_line_and_column(client: FlaskClient) -> None:
    said = json.loads(get(client, "SELECT *\nWHERE { ?s ?p }").data)
    assert (said["line"], said["column"]) == (2, 15)
    assert "unexpected '}'" in said["detail"]


def test_graphs_may_be_chosen_by_the_protocol(client: FlaskClient) -> None:
    def counted(query: str, **parameters: Any) -> int:
        asked = {name.replace("_", "-"): value for name, value in parameters.items()}
        found = {count(client.get("/sparql", query_string={"query": query, **asked}))}
        found.add(count(client.post("/sparql", data={"query": query, **asked})))
        found.add(
            count(client.post("/sparql", data=query, content_type=DIRECT, query_string=asked))
        )
        assert len(found) == 1
        return found.pop()

    everything, kin = counted(COUNT), counted(COUNT, default_graph_uri=KIN_GRAPH)
    ontology = counted(COUNT, default_graph_uri=ONTOLOGY_GRAPH)
    assert 0 < kin < everything
    assert 0 < ontology < everything
    assert counted(COUNT, default_graph_uri=[KIN_GRAPH, ONTOLOGY_GRAPH]) == kin + ontology
    # without a default graph, it is empty (section 2.1.4); named ones are asked by GRAPH
    assert counted(COUNT, named_graph_uri=KIN_GRAPH) == 0
    in_named = "SELECT (COUNT(*) AS ?n) { GRAPH ?g { ?s ?p ?o } }"
    assert counted(in_named, named_graph_uri=KIN_GRAPH, default_graph_uri=ONTOLOGY_GRAPH) == kin
    assert counted(in_named, default_graph_uri=ONTOLOGY_GRAPH) == 0
    # what the protocol says overrides the query
    from_kin = COUNT.replace("{", f"FROM <{KIN_GRAPH}> {{", 1)
    assert counted(from_kin) == kin
    assert counted(from_kin, default_graph_uri=ONTOLOGY_GRAPH) == ontology


def test_named_graphs_of_a_query_are_those_it_names(client: FlaskClient) -> None:
    query = NAMES.replace("{", f"FROM NAMED <{TRIAL_GRAPH}> {{", 1)
    found = get(client, query).get_json()["results"]["bindings"]
    assert [row["g"]["value"] for row in found] == [TRIAL_GRAPH]
    assert len(get(client, NAMES).get_json()["results"]["bindings"]) > 5


RESULT_JSON, RESULT_XML = "application/sparql-results+json", "application/sparql-results+xml"


@pytest.mark.parametrize(
    ("accept", "query", "media_type"),
    [
        ("", SELECT, RESULT_JSON),
        ("*/*", SELECT, RESULT_JSON),
        (f"{RESULT_XML};q=0.5 , {RESULT_JSON} ; q=0.4", SELECT, RESULT_XML),
        ("text/*", SELECT, "text/html"),
        ("text/*, text/html;q=0", SELECT, "text/xml"),
        ("application/*;q=0.2,text/csv;q=0.1", SELECT, RESULT_JSON),
        ("*/*;q=0.1, text/tab-separated-values", SELECT, "text/tab-separated-values"),
        (f"*/*, {RESULT_JSON};q=0, application/json;q=0, text/html;q=0, application/xhtml+xml;q=0",
         SELECT, RESULT_XML),
        ("TEXT/CSV", SELECT, "text/csv"),
        ("text/csv;header=present;q=1", SELECT, "text/csv"),
        ("text/csv;q=x, text/tab-separated-values;q=0.001", SELECT, "text/tab-separated-values"),
        (f"{RESULT_XML}, application/rdf+xml", ASK, RESULT_XML),
        (f"{RESULT_XML}, application/rdf+xml", CONSTRUCT, "application/rdf+xml"),
        ("application/json", CONSTRUCT, "application/ld+json"),
        ("text/plain", CONSTRUCT, "application/n-triples"),
        ("text/turtle;q=0.3, application/n-triples;q=0.7", CONSTRUCT, "application/n-triples"),
        ("", CONSTRUCT, "text/turtle"),
        (",;,", ASK, RESULT_JSON),
    ],
)  # fmt: skip
def test_the_form_follows_accept(
    client: FlaskClient, accept: str, query: str, media_type: str
) -> None:
    response = get(client, query, Accept=accept)
    assert response.status_code == 200, response.text
    expected = RESULT_XML if media_type == "text/xml" else media_type
    assert response.mimetype == expected
    assert "Accept" in response.headers["Vary"]


def test_the_best_offer_is_that_of_the_most_specific_range() -> None:
    offers = ["a/x", "a/y", "b/z"]
    assert best_offer("a/*, a/x;q=0.1", offers) == "a/y"
    assert best_offer("*/*;q=0", offers) is None
    assert best_offer("b/z;q=0.000", offers) is None
    assert best_offer("c/c", offers) is None
    assert best_offer("b/*;q=1.000, a/x;q=1", offers) == "a/x"


@pytest.mark.parametrize(
    ("parameters", "query", "media_type"),
    [
        ({"format": "csv"}, SELECT, "text/csv"),
        ({"output": "xml"}, SELECT, RESULT_XML),
        ({"format": "json", "output": "json", "results": "json"}, CONSTRUCT, "application/ld+json"),
        ({"format": "rdf+xml"}, CONSTRUCT, "application/rdf+xml"),
        ({"format": "text/tab-separated-values"}, SELECT, "text/tab-separated-values"),
        ({"format": "n3"}, CONSTRUCT, "text/turtle"),
        ({"format": "no such thing"}, SELECT, RESULT_JSON),
        ({"format": "turtle"}, SELECT, RESULT_JSON),
    ],
)
def test_formats_are_taken_as_clients_name_them(
    client: FlaskClient, parameters: dict[str, str], query: str, media_type: str
) -> None:
    asked = {"query": query, **parameters}
    assert client.get("/sparql", query_string=asked).mimetype == media_type
    assert client.post("/sparql", data=asked).mimetype == media_type


def test_head_gives_the_headers_of_get(client: FlaskClient) -> None:
    whole = get(client, SELECT)
    head = client.head("/sparql", query_string={"query": SELECT})
    assert (head.status_code, head.data) == (200, b"")
    for name in ("Content-Type", "Content-Length", "ETag", "TrialKin-Generation"):
        assert head.headers[name] == whole.headers[name]


def test_options_say_what_may_be_sent(client: FlaskClient) -> None:
    response = client.options("/sparql")
    assert (response.status_code, response.data) == (204, b"")
    assert response.headers["Allow"] == "GET, HEAD, POST, OPTIONS"
    assert "Access-Control-Allow-Methods" not in response.headers


def test_scripts_of_other_origins_may_ask(client: FlaskClient) -> None:
    origin = {"Origin": "https://example.org"}
    preflight = client.options(
        "/sparql",
        headers=origin
        | {
            "Access-Control-Request-Method": "POST",
            "Access-Control-Request-Headers": "content-type,x-custom",
        },
    )
    assert preflight.status_code == 204
    assert preflight.headers["Access-Control-Allow-Origin"] == "*"
    assert "POST" in preflight.headers["Access-Control-Allow-Methods"]
    assert preflight.headers["Access-Control-Allow-Headers"] == "content-type,x-custom"
    assert int(preflight.headers["Access-Control-Max-Age"]) > 0
    response = client.get("/sparql", query_string={"query": ASK}, headers=origin)
    assert response.headers["Access-Control-Allow-Origin"] == "*"
    assert "TrialKin-Generation" in response.headers["Access-Control-Expose-Headers"]
    assert response.headers["Cross-Origin-Resource-Policy"] == "cross-origin"


def test_odd_headers_of_a_preflight_are_not_echoed(client: FlaskClient) -> None:
    asked = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "a b<c>"}
    response = client.options("/sparql", headers=asked)
    assert "<" not in response.headers["Access-Control-Allow-Headers"]


def test_an_answer_is_compressed_for_those_who_take_it(client: FlaskClient) -> None:
    query = "SELECT * { ?s ?p ?o } LIMIT 100"
    plain = get(client, query)
    assert "Content-Encoding" not in plain.headers
    small = get(client, query, Accept_Encoding="br, gzip;q=0.5")
    assert small.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(small.data) == plain.data
    assert len(small.data) < len(plain.data) / 3
    assert "Accept-Encoding" in small.headers["Vary"]
    assert "Content-Encoding" not in get(client, query, Accept_Encoding="gzip;q=0").headers
    assert "Content-Encoding" not in get(client, ASK, Accept_Encoding="gzip").headers


def test_an_unchanged_answer_is_not_made_again(client: FlaskClient) -> None:
    first = get(client, SELECT)
    tag = first.headers["ETag"]
    assert first.headers["TrialKin-Generation"] == "1"
    again = get(client, SELECT, If_None_Match=tag)
    assert (again.status_code, again.data, again.headers["ETag"]) == (304, b"", tag)
    assert again.headers["Access-Control-Allow-Origin"] == "*"
    assert get(client, SELECT, If_None_Match=tag, Accept="text/csv").status_code == 200
    assert get(client, ASK, If_None_Match=tag).status_code == 200
    posted = [
        client.post("/sparql", data={"query": query}).headers["ETag"] for query in (ASK, SELECT)
    ]
    assert len({tag, *posted}) == 3


def test_what_changes_by_itself_has_no_tag(client: FlaskClient) -> None:
    response = get(client, "SELECT (NOW() AS ?now) {}")
    assert "ETag" not in response.headers
    assert response.headers["Cache-Control"] == "no-store"
    assert response.headers["TrialKin-Generation"] == "1"


def test_a_cut_answer_says_so_in_its_head_and_in_its_headers(client: FlaskClient) -> None:
    response = get(client, "SELECT * { ?s ?p ?o }")
    assert response.headers["TrialKin-Truncated"] == "after 1500 rows"
    assert response.get_json()["head"]["link"] == [TRUNCATED]
    whole = get(client, "SELECT * { ?s ?p ?o } LIMIT 1500")
    assert "TrialKin-Truncated" not in whole.headers
    assert "link" not in whole.get_json()["head"]
