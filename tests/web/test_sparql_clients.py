"""Clients that people use ask the endpoint as they come, unmodified."""

from __future__ import annotations

import csv
import io
import json
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import rdflib
from rdflib.plugins.stores.sparqlstore import SPARQLStore
from SPARQLWrapper import CSV, JSON, JSONLD, N3, POST, POSTDIRECTLY, RDFXML, TSV, TURTLE, XML
from SPARQLWrapper import SPARQLWrapper as Wrapper
from SPARQLWrapper.SPARQLExceptions import QueryBadFormed

from kg.store import Store
from tests.web.endpoint import endpoint
from tests.web.records import FULL

CLIENTS = Path(__file__).resolve().parents[1] / "clients"
TRIAL = f"https://clinicaltrials.gov/study/{FULL}"
TK = "https://w3id.org/trialkin/ontology#"
SELECT = f"PREFIX tk: <{TK}> SELECT ?id {{ ?trial a tk:Trial ; tk:nctId ?id }} ORDER BY ?id"
CONSTRUCT = f"CONSTRUCT WHERE {{ <{TRIAL}> ?p ?o }}"


@pytest.fixture(scope="module")
def address(store: Store) -> Iterator[str]:
    with endpoint(store) as port:
        yield f"http://127.0.0.1:{port}/sparql"


@pytest.fixture(scope="module")
def nct_ids(store: Store) -> list[str]:
    return store.published().records.nct_ids()


@pytest.mark.parametrize("method", ["GET", POST])
@pytest.mark.parametrize("request_method", [None, POSTDIRECTLY])
def test_sparqlwrapper_selects(
    address: str, nct_ids: list[str], method: str, request_method: str | None
) -> None:
    wrapper = Wrapper(address)
    wrapper.setMethod(method)
    if request_method is not None:
        wrapper.setMethod(POST)
        wrapper.setRequestMethod(request_method)
    wrapper.setQuery(SELECT)
    wrapper.setReturnFormat(JSON)
    found: Any = wrapper.queryAndConvert()
    assert [row["id"]["value"] for row in found["results"]["bindings"]] == nct_ids
    wrapper.setReturnFormat(XML)
    document: Any = wrapper.queryAndConvert()
    assert [node.firstChild.data for node in document.getElementsByTagName("literal")] == nct_ids
    wrapper.setReturnFormat(CSV)
    rows = list(csv.reader(io.StringIO(wrapper.queryAndConvert().decode())))
    assert [row[0] for row in rows[1:]] == nct_ids
    wrapper.setReturnFormat(TSV)
    assert wrapper.queryAndConvert().decode().splitlines()[1:] == [f'"{i}"' for i in nct_ids]


@pytest.mark.filterwarnings("ignore:ConjunctiveGraph is deprecated:DeprecationWarning")
@pytest.mark.parametrize("format_", [TURTLE, N3, RDFXML, XML, JSONLD])
def test_sparqlwrapper_constructs(address: str, format_: str) -> None:
    wrapper = Wrapper(address)
    wrapper.setQuery(CONSTRUCT)
    wrapper.setReturnFormat(format_)
    found: Any = wrapper.queryAndConvert()
    if isinstance(found, bytes):
        found = rdflib.Graph().parse(data=found, format="turtle")
    literals = {str(o) for o in found.objects(rdflib.URIRef(TRIAL), rdflib.URIRef(f"{TK}nctId"))}
    assert literals == {FULL}


def test_sparqlwrapper_asks_and_is_told_of_mistakes(address: str) -> None:
    wrapper = Wrapper(address)
    wrapper.setReturnFormat(JSON)
    wrapper.setQuery(f"ASK {{ <{TRIAL}> ?p ?o }}")
    found: Any = wrapper.queryAndConvert()
    assert found["boolean"] is True
    wrapper.setQuery("ASK { ?s ?p }")
    with pytest.raises(QueryBadFormed, match="line 1, column 13"):
        wrapper.query()


@pytest.mark.parametrize("format_", ["xml", "json", "csv", "tsv"])
@pytest.mark.parametrize("method", ["GET", "POST", "POST_FORM"])
def test_rdflib_reads_the_endpoint_as_a_store(
    address: str, nct_ids: list[str], format_: str, method: str
) -> None:
    store = SPARQLStore(address, returnFormat=format_, method=method)  # type: ignore[arg-type]
    graph = rdflib.Graph(store)
    assert [str(row[0]) for row in graph.query(SELECT)] == nct_ids
    nct_id = rdflib.URIRef(f"{TK}nctId")
    if format_ != "csv":  # which does not tell IRIs from strings
        assert str(graph.value(rdflib.URIRef(TRIAL), nct_id)) == FULL
    if format_ in ("xml", "json"):  # the others have no form for ASK
        assert (rdflib.URIRef(TRIAL), nct_id, rdflib.Literal(FULL)) in graph


def test_rdflib_constructs_and_asks(address: str) -> None:
    graph = rdflib.Graph(SPARQLStore(address))
    assert len(graph.query(CONSTRUCT).graph) > 10  # type: ignore[arg-type]
    assert graph.query(f"ASK {{ <{TRIAL}> ?p ?o }}").askAnswer is True


CURL = shutil.which("curl")


def curl(*arguments: str) -> str:
    assert CURL is not None
    found = subprocess.run(
        [CURL, "--silent", "--show-error", "--max-time", "60", *arguments],
        capture_output=True, check=True, text=True,
    )  # fmt: skip
    return found.stdout


@pytest.mark.skipif(CURL is None, reason="needs curl")
def test_curl(address: str, nct_ids: list[str], tmp_path: Path) -> None:
    query = tmp_path / "question.rq"
    query.write_text(SELECT)
    found = json.loads(curl("--data-urlencode", f"query@{query}", address))
    assert [row["id"]["value"] for row in found["results"]["bindings"]] == nct_ids
    assert curl("-G", "-H", "Accept: text/csv", "--data-urlencode", f"query={SELECT}",
                address).split() == ["id", *nct_ids]  # fmt: skip
    assert curl("--compressed", "-H", "Content-Type: application/sparql-query", "-H",
                "Accept: text/csv", "--data-binary", f"@{query}", address
                ).split() == ["id", *nct_ids]  # fmt: skip
    head = curl("--head", "-G", "--data-urlencode", "query=ASK {}", address)
    assert "trialkin-generation: 1" in head.lower()
    assert "sd:Service" in curl(address)


@pytest.mark.skipif(CURL is None, reason="needs curl")
@pytest.mark.parametrize(
    ("query", "accept", "media_type"),
    [
        (SELECT, "application/sparql-results+json,*/*;q=0.9", "application/sparql-results+json"),
        (CONSTRUCT, "application/n-triples,*/*;q=0.9", "application/n-triples"),
        (CONSTRUCT, "text/turtle,*/*;q=0.9", "text/turtle"),
    ],
)
def test_requests_of_the_shape_that_yasgui_sends(
    address: str, query: str, accept: str, media_type: str
) -> None:
    """A preflight for its extra header, then a form, from a page of another origin."""
    origin = (
        "-H",
        "Origin: https://yasgui.example.org",
        "-H",
        "Referer: https://yasgui.example.org/",
    )
    preflight = curl(
        "-i", "-X", "OPTIONS", *origin, "-H", "Access-Control-Request-Method: POST",
        "-H", "Access-Control-Request-Headers: content-type,x-requested-with", address,
    )  # fmt: skip
    assert "Access-Control-Allow-Origin: *" in preflight
    assert "Access-Control-Allow-Headers: content-type,x-requested-with" in preflight
    answer = curl(
        "-i", *origin, "-H", f"Accept: {accept}", "-H", "X-Requested-With: XMLHttpRequest",
        "-H", "Content-Type: application/x-www-form-urlencoded; charset=UTF-8",
        "--data-urlencode", f"query={query}", address,
    )  # fmt: skip
    assert answer.startswith("HTTP/1.1 200")
    assert f"Content-Type: {media_type}" in answer
    assert "Access-Control-Allow-Origin: *" in answer


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("npm") is None, reason="needs npm")
def test_comunica(address: str, nct_ids: list[str]) -> None:
    """Comunica finds out by itself that this is an endpoint, and joins over it."""
    if not (CLIENTS / "node_modules").is_dir():
        subprocess.run(
            ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"],
            cwd=CLIENTS, check=True, capture_output=True,
        )  # fmt: skip
    program = CLIENTS / "node_modules/.bin/comunica-sparql"

    def asked(source: str, query: str) -> list[dict[str, str]]:
        found = subprocess.run(
            [program, source, "-t", "application/sparql-results+json", "-q", query],
            capture_output=True, check=True, text=True, timeout=120,
        )  # fmt: skip
        bindings = json.loads(found.stdout)["results"]["bindings"]
        return [{name: term["value"] for name, term in row.items()} for row in bindings]

    for source in (f"sparql@{address}", address):
        assert [row["id"] for row in asked(source, SELECT)] == nct_ids
    joined = asked(
        address,
        f"PREFIX tk: <{TK}> SELECT ?id ?kin {{ <{TRIAL}> tk:nctId ?id ; tk:kin ?kin . "
        "OPTIONAL { ?kin tk:acronym ?name } FILTER(STRSTARTS(?id, 'NCT')) }",
    )
    assert joined
    assert {row["id"] for row in joined} == {FULL}
