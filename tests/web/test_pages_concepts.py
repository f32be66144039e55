"""Concept pages: what a word means, its trials, what it goes with, and when."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from ontology.schemes import SCHEME_NAMES, load_scheme
from tests.web.reading import BROWSER, read_page, words_of
from tests.web.records import ADIPOSE, FULL, HOSTILE
from web.concept_links import external_links, short_name

SSC = "/concept/conditions/systemic_sclerosis"


def test_every_scheme_has_an_index_of_all_its_concepts(client: FlaskClient) -> None:
    front = read_page(client, "/concept/")
    for scheme in SCHEME_NAMES:
        assert front.select_one(f"a[href='/concept/{scheme}']") is not None
        page = read_page(client, f"/concept/{scheme}")
        linked = {a["href"].rpartition("/")[2] for a in page.select(".concept-tree a")}
        assert linked == set(load_scheme(scheme))


def test_a_concept_says_what_it_is_and_leads_on(client: FlaskClient) -> None:
    page = read_page(client, SSC)
    assert words_of(page, "h1") == "Systemic sclerosis"
    concept = load_scheme("conditions")["systemic_sclerosis"]
    assert words_of(page, ".lede") == concept.definition
    said = words_of(page, "aside dl")
    assert "MONDO:0005100" in said
    for wider in concept.broader:
        assert page.select_one(f"aside a[href='/concept/conditions/{wider}']") is not None
    for below in load_scheme("conditions").narrower("systemic_sclerosis"):
        assert page.select_one(f"aside a[href='/concept/conditions/{below}']") is not None


def test_the_number_of_trials_is_that_of_the_search(client: FlaskClient) -> None:
    for path in (SSC, "/concept/conditions/autoimmune_disease", "/concept/routes/intravenous",
                 "/concept/cell_sources/umbilical_cord", "/concept/donors/allogeneic"):  # fmt: skip
        button = read_page(client, path).select_one(".figures a.button")
        count = button.text.split()[0]
        found = words_of(read_page(client, button["href"]), ".result-head [role=status]")
        assert found.startswith(f"{count} trial"), path


def test_companions_lead_to_as_many_trials_as_they_say(client: FlaskClient) -> None:
    links = read_page(client, SSC).select(".concept-grid .picture a")
    assert links
    for link in links:
        count = str(link.select_one(".count").next_element).strip()
        found = words_of(read_page(client, link["href"]), ".result-head [role=status]")
        assert found.startswith(f"{count} trial"), link["href"]


def test_the_timeline_shows_years_as_picture_and_table(client: FlaskClient) -> None:
    page = read_page(client, f"{SSC}/timeline")
    years = {row.th.text: row.td.text for row in page.select("details table tbody tr")}
    assert years["2015"] == "1"
    assert years["2016"] == "0"
    assert years["2022"] == "1"
    assert "2015 to 2022" in page.select_one("svg[role=img]")["aria-label"]
    spans = {a["href"][-11:]: " ".join(a.get_text(" ").split()) for a in page.select(".spans a")}
    assert list(spans)[:2] == [FULL, ADIPOSE] or set(spans) >= {FULL, ADIPOSE}
    assert "2022-11 to 2025" in spans[FULL]
    assert "not stated" in spans[ADIPOSE]


@pytest.mark.parametrize(
    "path", ["/concept/nothing", "/concept/conditions/nothing", "/concept/conditions/x/timeline"]
)
def test_an_unknown_concept_is_not_here(client: FlaskClient, path: str) -> None:
    assert client.get(path, headers=BROWSER).status_code == 404


def test_short_names_are_those_of_their_vocabularies() -> None:
    assert short_name("http://purl.obolibrary.org/obo/UBERON_0002331") == "UBERON:0002331"
    assert short_name("http://id.nlm.nih.gov/mesh/D012595") == "MeSH:D012595"
    links = external_links(load_scheme("cell_sources")["umbilical_cord"])
    assert [(one.relation, one.name, one.label) for one in links] == [
        ("same as", "UBERON:0002331", "umbilical cord"),
    ]  # fmt: skip


def test_every_concept_page_can_be_made(client: FlaskClient) -> None:
    for scheme in SCHEME_NAMES:
        for name in list(load_scheme(scheme))[:40]:
            assert client.get(f"/concept/{scheme}/{name}", headers=BROWSER).status_code == 200


def test_hostile_titles_stay_text(client: FlaskClient) -> None:
    page = read_page(client, SSC)
    assert page.select("script:not([src]):not([type$=json]), img") == []
    assert f"/trial/{HOSTILE}" in [a["href"] for a in page.select(".card h3 a")]
