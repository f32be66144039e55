"""The endpoint describes itself and its data, and holds its examples."""

from __future__ import annotations

import pyoxigraph as ox
import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from kg.iris import KIN_GRAPH
from tests.web.reading import BROWSER
from tests.web.test_sparql_protocol import count, get


def triples_of(response: TestResponse, format_: ox.RdfFormat) -> set[str]:
    return {str(quad.triple) for quad in ox.parse(response.data, format=format_)}


@pytest.mark.parametrize("path", ["/sparql", "/.well-known/void"])
@pytest.mark.parametrize(
    ("accept", "format_"),
    [
        ("text/turtle", ox.RdfFormat.TURTLE),
        ("*/*", ox.RdfFormat.TURTLE),
        ("application/ld+json", ox.RdfFormat.JSON_LD),
        ("application/rdf+xml;q=0.9, image/png", ox.RdfFormat.RDF_XML),
        ("application/n-triples", ox.RdfFormat.N_TRIPLES),
    ],
)
def test_descriptions_are_had_in_every_form_of_rdf(
    client: FlaskClient, path: str, accept: str, format_: ox.RdfFormat
) -> None:
    response = client.get(path, headers={"Accept": accept})
    assert response.status_code == 200, response.text
    plain = client.get(path, headers={"Accept": "application/n-triples"})
    found = triples_of(response, format_)
    assert found == triples_of(plain, ox.RdfFormat.N_TRIPLES)
    assert len(found) > 40
    again = client.get(path, headers={"Accept": accept, "If-None-Match": response.headers["ETag"]})
    assert again.status_code == 304


def test_the_service_describes_itself(client: FlaskClient) -> None:
    response = client.get("/sparql", headers={"Accept": "text/turtle"})
    graph = ox.Store()
    graph.load(response.data, format=ox.RdfFormat.TURTLE)
    sd = "http://www.w3.org/ns/sparql-service-description#"

    def objects(predicate: str) -> set[str]:
        found = graph.quads_for_pattern(None, ox.NamedNode(sd + predicate), None)
        return {quad.object.value for quad in found}  # type: ignore[union-attr]

    assert objects("endpoint") == {"http://localhost/sparql"}
    assert objects("supportedLanguage") == {f"{sd}SPARQL11Query"}
    assert f"{sd}UnionDefaultGraph" in objects("feature")
    formats = {iri.rpartition("/")[2] for iri in objects("resultFormat")}
    assert {"SPARQL_Results_JSON", "SPARQL_Results_CSV", "Turtle", "JSON-LD"} <= formats
    functions = {iri.rpartition("#")[2] for iri in objects("extensionFunction")}
    assert functions == {"similarity", "matches", "within"}
    assert KIN_GRAPH in objects("name")


def test_a_bare_address_is_the_page_for_browsers(client: FlaskClient) -> None:
    assert client.get("/sparql", headers=BROWSER).mimetype == "text/html"
    assert client.get("/sparql", headers={"Accept": "image/png"}).status_code == 406


def test_the_data_are_described_in_the_graph_and_beside_it(client: FlaskClient) -> None:
    query = (
        "SELECT ?class ?n { ?set void:classPartition ?part . "
        "?part void:class ?class ; void:entities ?n }"
    )
    found = {
        row["class"]["value"]: int(row["n"]["value"])
        for row in get(client, query).get_json()["results"]["bindings"]
    }
    for name in ("Trial", "Kin"):
        iri = f"https://w3id.org/trialkin/ontology#{name}"
        assert found[iri] == count(get(client, f"SELECT (COUNT(*) AS ?n) {{ ?s a <{iri}> }}"))
    void = client.get("/.well-known/void", headers={"Accept": "text/turtle"}).text
    assert "<http://localhost/sparql>" in void
    assert "void:propertyPartition" in void


def test_the_examples_are_in_the_endpoint_and_run_there(client: FlaskClient) -> None:
    query = "SELECT ?text { ?q a sh:SPARQLExecutable ; sh:select|sh:construct|sh:ask ?text }"
    found = [row["text"]["value"] for row in get(client, query).get_json()["results"]["bindings"]]
    assert len(found) > 15
    for text in found:
        assert get(client, text).status_code == 200, text
