"""The SPARQL page and protocol: every way in, every form out, every refusal."""

from __future__ import annotations

import csv
import io
import json
import xml.etree.ElementTree as ET
from urllib.parse import quote

import pyoxigraph as ox
import pytest
from flask.testing import FlaskClient

from kg.sparql.examples import query_examples
from tests.web.reading import BROWSER, read_page, words_of
from tests.web.records import ADIPOSE, FULL, SCLEROSIS
from web.result_table import compact

SELECT = (
    "SELECT ?trial ?title WHERE { ?trial tk:briefTitle ?title . "
    "FILTER(CONTAINS(?title, 'Scleros') && !CONTAINS(?title, 'Hostile')) } ORDER BY ?trial"
)
TRIALS = [f"https://clinicaltrials.gov/study/{one}" for one in (FULL, ADIPOSE, SCLEROSIS)]
CONSTRUCT = f"CONSTRUCT {{ <{TRIALS[0]}> ?p ?o }} WHERE {{ <{TRIALS[0]}> ?p ?o }}"


def trials_of(media_type: str, body: str) -> list[str]:
    """Return the values of ?trial, whatever the form."""
    if media_type.endswith("json"):
        return [row["trial"]["value"] for row in json.loads(body)["results"]["bindings"]]
    if media_type.endswith("xml"):
        return [node.text or "" for node in ET.fromstring(body).iter() if node.tag.endswith("}uri")]
    if media_type == "text/csv":
        return [row["trial"] for row in csv.DictReader(io.StringIO(body))]
    return [line.split("\t")[0].strip("<>") for line in body.splitlines()[1:]]


@pytest.mark.parametrize(
    ("accept", "media_type"),
    [
        ("application/sparql-results+json", "application/sparql-results+json"),
        ("application/json", "application/sparql-results+json"),
        ("application/sparql-results+xml", "application/sparql-results+xml"),
        ("text/csv", "text/csv"),
        ("text/csv , application/json;q=0.5", "text/csv"),
        ("image/png, text/tab-separated-values;q=0.2", "text/tab-separated-values"),
        ("*/*", "application/sparql-results+json"),
        (None, "application/sparql-results+json"),
    ],
)
@pytest.mark.parametrize("way", ["get", "form", "body"])
def test_select_by_every_way_and_media_type(
    client: FlaskClient, accept: str | None, media_type: str, way: str
) -> None:
    headers = {} if accept is None else {"Accept": accept}
    if way == "get":
        response = client.get("/sparql", query_string={"query": SELECT}, headers=headers)
    elif way == "form":
        response = client.post("/sparql", data={"query": SELECT}, headers=headers)
    else:
        kind = "application/sparql-query"
        response = client.post("/sparql", data=SELECT, content_type=kind, headers=headers)
    assert response.status_code == 200
    assert response.mimetype == media_type
    assert trials_of(media_type, response.text) == TRIALS
    assert "Accept" in response.headers["Vary"]


@pytest.mark.parametrize(
    ("accept", "media_type", "format_"),
    [
        ("text/turtle", "text/turtle", ox.RdfFormat.TURTLE),
        ("application/n-triples", "application/n-triples", ox.RdfFormat.N_TRIPLES),
        ("application/ld+json", "application/ld+json", ox.RdfFormat.JSON_LD),
        ("application/rdf+xml", "application/rdf+xml", ox.RdfFormat.RDF_XML),
        ("*/*", "text/turtle", ox.RdfFormat.TURTLE),
    ],
)
def test_construct_in_every_media_type(
    client: FlaskClient, accept: str, media_type: str, format_: ox.RdfFormat
) -> None:
    headers = {"Accept": accept}
    response = client.get("/sparql", query_string={"query": CONSTRUCT}, headers=headers)
    assert response.mimetype == media_type
    reference = client.get(
        "/sparql", query_string={"query": CONSTRUCT}, headers={"Accept": "application/n-triples"}
    )
    expected = {str(q.triple) for q in ox.parse(reference.data, format=ox.RdfFormat.N_TRIPLES)}
    assert {str(quad.triple) for quad in ox.parse(response.data, format=format_)} == expected
    assert len(expected) > 20


@pytest.mark.parametrize("format_", ["csv", "tsv", "json", "xml"])
def test_format_wins_over_accept_and_makes_a_file(client: FlaskClient, format_: str) -> None:
    asked = {"query": SELECT, "format": format_}
    response = client.get("/sparql", query_string=asked, headers=BROWSER)
    assert "attachment" in response.headers["Content-Disposition"]
    assert trials_of(response.mimetype, response.text) == TRIALS


@pytest.mark.parametrize(
    ("query", "headers", "status"),
    [
        ("SELEC ?x", {}, 400),
        ("", {}, 400),
        ("SELECT * WHERE { SERVICE <http://127.0.0.1/> { ?s ?p ?o } }", {}, 403),
        ("SELECT * FROM <http://127.0.0.1/> WHERE { ?s ?p ?o }", {}, 403),
        ("INSERT DATA { <urn:a> <urn:b> <urn:c> }", {}, 403),
        ("SELECT * WHERE { ?s ?p ?o } #" + "x" * 100_000, {}, 413),
        (SELECT, {"Accept": "image/png"}, 406),
        (SELECT, {"Accept": "text/turtle"}, 406),
        (CONSTRUCT, {"Accept": "text/csv"}, 406),
        ("SELECT (COUNT(*) AS ?n) WHERE { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }", {}, 503),
    ],
)
def test_refusals_have_their_status_and_one_shape(
    client: FlaskClient, query: str, headers: dict[str, str], status: int
) -> None:
    response = client.post("/sparql", data={"query": query}, headers=headers)
    assert response.status_code == status
    said = response.get_json()
    assert (response.mimetype, said["status"]) == ("application/problem+json", status)
    assert ("Retry-After" in response.headers) == (status == 503)
    if status not in (406,):
        page = client.post("/sparql", data={"query": query}, headers=BROWSER)
        assert page.status_code == status
        assert page.mimetype == "text/html"


def test_a_wrong_query_keeps_its_text_on_the_page(client: FlaskClient) -> None:
    page = read_page(client, "/sparql?query=SELEC+%3Fx+%3C%2Ftextarea%3E", 400)
    assert page.select_one("textarea").text == "SELEC ?x </textarea>"
    assert page.select_one("[role=alert]") is not None


def test_the_worker_answers_again_after_a_timeout(client: FlaskClient) -> None:
    slow = "SELECT (COUNT(*) AS ?n) WHERE { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"
    assert client.get("/sparql", query_string={"query": slow}).status_code == 503
    assert client.get("/sparql", query_string={"query": "ASK {}"}).get_json()["boolean"] is True


@pytest.mark.parametrize("name", ["default-graph-uri", "named-graph-uri", "update"])
def test_parameters_that_are_not_served_are_refused(client: FlaskClient, name: str) -> None:
    asked = {"query": SELECT, name: "http://127.0.0.1/"}
    assert client.get("/sparql", query_string=asked).status_code == 403
    assert client.post("/sparql", data=asked).status_code == 403


def test_other_bodies_are_refused(client: FlaskClient) -> None:
    assert client.post("/sparql", data="x", content_type="text/plain").status_code == 415
    update = client.post("/sparql", data="x", content_type="application/sparql-update")
    assert update.status_code == 403
    kind = "application/sparql-query"
    assert client.post("/sparql", data=b"\xff", content_type=kind).status_code == 400
    assert client.get("/sparql?format=csv").status_code == 400


def test_the_page_shows_rows_time_and_links_trials(client: FlaskClient) -> None:
    page = read_page(client, f"/sparql?query={quote(SELECT)}")
    assert words_of(page, ".answer [role=status]").startswith("3 rows in 0.")
    assert [a["href"] for a in page.select("table.result a.nct")] == [
        f"/trial/{one}" for one in (FULL, ADIPOSE, SCLEROSIS)
    ]
    for link in page.select(".answer .sorts a"):
        assert client.get(link["href"]).status_code == 200


def test_a_cut_answer_is_said(client: FlaskClient) -> None:
    everything = "SELECT * WHERE { ?s ?p ?o }"
    page = read_page(client, f"/sparql?query={everything}")
    assert "The answer is cut after 1,500 rows" in page.text
    assert "The first 500 rows are shown" in page.text
    assert len(page.select("table.result tbody tr")) == 500
    asked = {"query": everything, "format": "csv"}
    response = client.get("/sparql", query_string=asked)
    assert response.headers["TrialKin-Truncated"] == "after 1500 rows"


def test_ask_and_construct_have_their_pages(client: FlaskClient) -> None:
    assert words_of(read_page(client, "/sparql?query=ASK {}"), ".answer strong") == "Yes"
    page = read_page(client, f"/sparql?query={CONSTRUCT}")
    assert "tk:briefTitle" in page.select_one(".answer pre").text


def test_examples_are_grouped_and_each_is_answered(client: FlaskClient) -> None:
    page = read_page(client, "/sparql")
    links = page.select("aside li a")
    assert [a.text for a in links] == [example.title for example in query_examples()]
    assert len({example.theme for example in query_examples()}) > 1
    for link in links:
        read_page(client, link["href"])


@pytest.mark.parametrize(
    ("iri", "shown"),
    [
        ("https://w3id.org/trialkin/concept/routes/intravenous", "tkc:routes/intravenous"),
        ("http://example.org/x", "http://example.org/x"),
    ],
)
def test_iris_are_shown_with_prefixes(iri: str, shown: str) -> None:
    assert compact(iri) == shown
