"""IRIs of ours lead to pages for people and to RDF, JSON or FHIR for those who ask for it."""

from __future__ import annotations

import json
from typing import Any

import pyoxigraph as ox
import pytest
import rdflib
from flask import Flask
from flask.testing import FlaskClient

from kg.iris import trial_iri
from kg.mapping.ontology_graph import ontology_quads
from ontology.schemes import load_scheme
from ontology.vocabulary import SKOS, TK
from tests.web.reading import BROWSER, read_page
from tests.web.records import ABSENT, ADIPOSE, FORMER, FULL, HOSTILE, SCRIPT
from web.linked_data import RDF_TYPES, structured_data

FORMATS = {
    "ttl": ox.RdfFormat.TURTLE,
    "nt": ox.RdfFormat.N_TRIPLES,
    "rdf": ox.RdfFormat.RDF_XML,
    "jsonld": ox.RdfFormat.JSON_LD,
}
THINGS = [
    f"/trial/{FULL}",
    "/concept/conditions/systemic_sclerosis",
    "/concept/routes",
    "/ontology",
]


def triples(client: FlaskClient, path: str) -> set[str]:
    response = client.get(path)
    assert response.status_code == 200, response.text[:200]
    ending = path.rpartition(".")[2]
    assert response.mimetype == RDF_TYPES[ending]
    return {str(quad.triple) for quad in ox.parse(response.data, format=FORMATS[ending])}


@pytest.mark.parametrize("thing", THINGS)
def test_every_ending_says_the_same(client: FlaskClient, thing: str) -> None:
    expected = triples(client, f"{thing}.nt")
    assert len(expected) > 5
    for ending in ("ttl", "rdf", "jsonld"):
        assert triples(client, f"{thing}.{ending}") == expected


@pytest.mark.parametrize("thing", THINGS)
@pytest.mark.parametrize(
    ("accept", "ending"),
    [
        ("text/turtle", "ttl"),
        ("application/n-triples", "nt"),
        ("application/rdf+xml", "rdf"),
        ("application/ld+json", "jsonld"),
        ("application/json", "json"),
        ("text/html;q=0.4 , text/turtle ; q=0.5", "ttl"),
        ("application/rdf+xml;q=0.9, text/turtle;q=0.8, */*;q=0.1", "rdf"),
    ],
)
def test_who_asks_for_data_is_led_to_it(
    client: FlaskClient, thing: str, accept: str, ending: str
) -> None:
    response = client.get(thing, headers={"Accept": accept})
    assert response.status_code == 303
    assert response.location == f"{thing}.{ending}"
    assert "Accept" in response.headers["Vary"]
    assert response.headers["Access-Control-Allow-Origin"] == "*"
    followed = client.get(thing, headers={"Accept": accept}, follow_redirects=True)
    assert followed.status_code == 200
    assert followed.data


@pytest.mark.parametrize("accept", [BROWSER["Accept"], "*/*", None, "text/html, text/turtle;q=0.9"])
def test_who_does_not_gets_the_page(client: FlaskClient, accept: str | None) -> None:
    headers = {} if accept is None else {"Accept": accept}
    response = client.get(f"/trial/{FULL}", headers=headers)
    assert response.status_code == 200
    assert response.mimetype == "text/html"
    assert "Accept" in response.headers["Vary"]
    links = ", ".join(response.headers.getlist("Link"))
    assert f'</trial/{FULL}.ttl>; rel="alternate"; type="text/turtle"' in links


@pytest.mark.parametrize("thing", THINGS)
def test_what_cannot_be_had_is_406(client: FlaskClient, thing: str) -> None:
    response = client.get(thing, headers={"Accept": "image/png, text/html;q=0"})
    assert response.status_code == 406
    assert "text/turtle" in response.get_json()["detail"]


def test_a_trial_has_its_record_its_kin_and_its_relations(client: FlaskClient) -> None:
    graph = rdflib.Graph().parse(data=client.get(f"/trial/{FULL}.ttl").text, format="turtle")
    trial = rdflib.URIRef(trial_iri(FULL))
    assert str(graph.value(trial, rdflib.URIRef(TK.acronym))) == "CORD-SSc"
    kin = set(graph.objects(trial, rdflib.URIRef(TK.kin)))
    assert rdflib.URIRef(trial_iri(ADIPOSE)) in kin
    links = list(graph.subjects(rdflib.URIRef(TK.from_), trial))
    assert any(graph.value(link, rdflib.URIRef(TK.score)) is not None for link in links)
    assert any(graph.value(link, rdflib.URIRef(TK.reason)) is not None for link in links)


def test_a_concept_names_what_is_below_it(client: FlaskClient) -> None:
    scheme = load_scheme("conditions")
    name = next(name for name in scheme if len(scheme.narrower(name)) > 1)
    iri = rdflib.URIRef(scheme[name].iri)
    text = client.get(f"/concept/conditions/{name}.ttl").text
    graph = rdflib.Graph().parse(data=text, format="turtle")
    below = {str(one) for one in graph.subjects(rdflib.URIRef(SKOS.broader), iri)}
    assert below == {scheme[one].iri for one in scheme.narrower(name)}
    assert str(graph.value(iri, rdflib.URIRef(SKOS.prefLabel))) == scheme[name].pref_label


def test_ontology_and_schemes_together_are_the_graph_of_them(client: FlaskClient) -> None:
    found = triples(client, "/ontology.nt")
    for name in ("conditions", "cell_sources", "cell_types", "donors", "routes"):
        found |= triples(client, f"/concept/{name}.nt")
    expected = {
        str(quad.triple)
        for line in ontology_quads()
        for quad in ox.parse(line, format=ox.RdfFormat.N_QUADS)
    }
    assert found == expected


def test_every_term_of_ours_stands_at_its_anchor(client: FlaskClient) -> None:
    page = read_page(client, "/ontology")
    for name in TK:
        term = page.select_one(f"dt#{name}")
        assert term is not None, name
        assert f"tk:{name}" in term.text
    for link in page.select("main dd a[href^='#']"):
        assert page.select_one(f"dt#{link['href'][1:]}") is not None


@pytest.mark.parametrize("thing", ["/concept/conditions/systemic_sclerosis", "/concept/routes"])
def test_concepts_have_pages_that_name_their_data(client: FlaskClient, thing: str) -> None:
    response = client.get(thing, headers=BROWSER)
    assert response.mimetype == "text/html"
    assert f"<{thing}.ttl>" in ", ".join(response.headers.getlist("Link"))


def test_the_page_of_a_trial_holds_its_data(client: FlaskClient) -> None:
    page = read_page(client, f"/trial/{FULL}")
    (block,) = page.select("script[type='application/ld+json']")
    assert json.loads(block.text)["@id"] == trial_iri(FULL)
    read_page(client, f"/trial/{HOSTILE}")


@pytest.mark.parametrize(
    ("path", "status"),
    [
        (f"/trial/{ABSENT}.ttl", 404),
        ("/trial/nonsense.ttl", 400),
        ("/concept/routes/by_pigeon.ttl", 404),
        ("/concept/routes/a b<c>.ttl", 404),
        ("/concept/colours.ttl", 404),
        (f"/trial/{ABSENT}.fhir.json", 404),
        (f"/trial/{FULL}.xml", 400),
        ("/ontology.txt", 404),
    ],
)
def test_what_is_not_there_is_a_problem(client: FlaskClient, path: str, status: int) -> None:
    response = client.get(path)
    assert response.status_code == status
    assert response.mimetype == "application/problem+json"


def test_an_alias_leads_to_the_trial(client: FlaskClient) -> None:
    response = client.get(f"/trial/{FORMER}.ttl")
    assert (response.status_code, response.location) == (301, f"/trial/{FULL}.ttl")


def test_a_trial_is_a_research_study(client: FlaskClient) -> None:
    for path in (f"/trial/{FULL}.fhir.json", f"/trial/{FULL}/fhir"):
        response = client.get(path)
        assert response.mimetype == "application/fhir+json"
        assert response.get_json()["resourceType"] == "ResearchStudy"
    led = client.get(f"/trial/{FULL}", headers={"Accept": "application/fhir+json"})
    assert (led.status_code, led.location) == (303, f"/trial/{FULL}.fhir.json")


def test_the_record_is_still_the_registrys(client: FlaskClient) -> None:
    said = client.get(f"/trial/{FULL}.json").get_json()
    assert said["protocolSection"]["identificationModule"]["nctId"] == FULL


@pytest.mark.parametrize("path", [f"/trial/{FULL}.ttl", f"/trial/{FULL}.json", "/ontology.nt",
                                  f"/api/v1/trials/{FULL}", "/api/v1/search?q=cord",
                                  f"/trial/{FULL}.fhir.json"])  # fmt: skip
def test_unchanged_answers_are_not_made_again(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    first = client.get(path)
    tag = first.headers["ETag"]
    assert tag.startswith('W/"')

    def made_again(*args: Any, **kwargs: Any) -> None:
        raise AssertionError("the answer is made though the client has it")

    monkeypatch.setattr("kg.records.Records.payload", made_again)
    monkeypatch.setattr("kg.records.Records.cards", made_again)
    monkeypatch.setattr("web.described.written", made_again)
    again = client.get(path, headers={"If-None-Match": tag})
    assert (again.status_code, again.data) == (304, b"")
    assert again.headers["ETag"] == tag


def test_tags_differ_by_address_and_form(client: FlaskClient) -> None:
    paths = ["/api/v1/trials", "/api/v1/trials?page_size=5", "/api/v1/trials?format=csv",
             "/ontology.nt", "/ontology.ttl"]  # fmt: skip
    tags = [client.get(path).headers["ETag"] for path in paths]
    tags.append(client.get("/api/v1/trials", headers={"Accept": "text/csv"}).headers["ETag"])
    assert len(set(tags)) == len(tags)


def test_a_star_asks_whether_there_is_an_answer(client: FlaskClient) -> None:
    star = {"If-None-Match": "*"}
    assert client.get(f"/trial/{ABSENT}.ttl", headers=star).status_code == 404


def test_data_in_a_page_are_a_block_that_no_text_can_end(app: Flask, client: FlaskClient) -> None:
    client.get("/health")
    with app.test_request_context("/"):
        from web.served import served

        records = served().generation.records
        block = structured_data(records.study(HOSTILE))
        plain = structured_data(records.study(FULL))
    opening, ending = '<script type="application/ld+json">', "</script>"
    for one in (block, plain):
        inner = one.removeprefix(opening).removesuffix(ending)
        assert len(inner) == len(one) - len(opening) - len(ending)
        assert not {"<", ">", "&", "\u2028"} & set(inner)
    said = json.loads(block.removeprefix(opening).removesuffix(ending))
    assert SCRIPT in said["name"]
    said = json.loads(plain.removeprefix(opening).removesuffix(ending))
    assert said["@type"] == "MedicalTrial"
    assert said["url"].endswith(f"/trial/{FULL}")
