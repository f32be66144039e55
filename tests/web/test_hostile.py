"""Records full of script, markup, right-to-left marks and endless words stay inert."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from tests.web.reading import BROWSER, read_page
from tests.web.records import FULL, HOSTILE

WEB = Path(__file__).resolve().parents[2] / "web"
ATTACK = '<script>alert(1)</script>"><img src=x onerror=alert(1)>'
_OWN_SCRIPT = r"<script type=.module. src=.\{\{ static_url\('[\w./]+'\) \}\}.>"
PAGES = [
    f"/trial/{HOSTILE}",
    f"/trial/{FULL}?k=50",
    "/search?q=hostile",
    f"/compare?nct_id={HOSTILE}&nct_id={FULL}",
    "/",
    f"/search?q={ATTACK}&condition={ATTACK}&sort={ATTACK}&page={ATTACK}",
    f"/sparql?query={ATTACK}",
    f"/sparql?query=SELECT * WHERE {{ <https://clinicaltrials.gov/study/{HOSTILE}> ?p ?o }}",
    f"/sparql?query=DESCRIBE <https://clinicaltrials.gov/study/{HOSTILE}>",
    f"/trial/{FULL}/kin?k={ATTACK}&w_words={ATTACK}&status={ATTACK}&expected={ATTACK}",
    f"/trial/{HOSTILE}/kin",
    f"/trial/{HOSTILE}/graph",
    f"/evidence?nct_id={HOSTILE}&columns=all",
    f"/evidence?q={ATTACK}&columns={ATTACK}&page={ATTACK}",
    "/concept/conditions/systemic_sclerosis",
    "/concept/conditions/systemic_sclerosis/timeline",
    f"/text?example={ATTACK}",
    "/about",
]


@pytest.mark.parametrize("path", PAGES)
def test_no_markup_of_a_record_or_address_becomes_markup(client: FlaskClient, path: str) -> None:
    response = client.get(path, headers=BROWSER)
    assert response.status_code in (200, 400)
    page = read_page(client, path, response.status_code)
    assert page.select("img, iframe, object, embed, style, base, meta[http-equiv]") == []
    for script in page.select("script"):
        # Our own files, and data that no browser runs and no text of a record can end.
        ours = str(script.get("src", "")).startswith("/static/js/") and not script.text
        assert ours or script["type"] == "application/ld+json", script
    for element in page.find_all(True):
        for name, value in element.attrs.items():
            assert not name.startswith("on"), element
            assert name != "style", element
            if name in ("href", "src", "action"):
                assert re.match(r"(https?://|/|#)", value), value
    assert "49" not in page.find("h1").text  # {{ 7*7 }} is text


@pytest.mark.parametrize("path", ["", "/kin", "/graph"])
def test_text_of_records_is_isolated_for_reading_direction(client: FlaskClient, path: str) -> None:
    page = read_page(client, f"/trial/{HOSTILE}{path}")
    for found in page.find_all(string=re.compile("\u202e")):
        if found.find_parent(["title", "svg", "script"]) is None:
            isolating = found.find_parent(["bdi"]) or found.find_parent(attrs={"dir": "auto"})
            assert isolating is not None, found.parent


def test_registered_formulas_are_no_formulas_in_csv(client: FlaskClient) -> None:
    assert "'=SUM(A1)" in client.get("/search.csv?q=hostile").text


def test_templates_hold_no_script_style_or_unescaped_value() -> None:
    for template in (WEB / "templates").glob("*.html"):
        text = template.read_text("utf-8")
        for script in re.findall(r"<script[^>]*>[^<]*", text):
            assert re.fullmatch(_OWN_SCRIPT, script), template
        unsafe = re.search(r"<style|\sstyle=|\son\w+=|\|\s*safe\b|autoescape", text)
        assert unsafe is None, template
        hosts = set(re.findall(r"(?:href|src|action)=[\"']https?://([^/\"']+)", text))
        assert hosts <= {"clinicaltrials.gov", "pubmed.ncbi.nlm.nih.gov"}


def test_styles_reach_no_other_server() -> None:
    own = [path for path in (WEB / "static").rglob("*") if "vendor" not in path.parts]
    for path in filter(Path.is_file, own):
        addresses = re.findall(r"https?://[^\s\"')]+", path.read_text("utf-8"))
        assert set(addresses) <= {"http://www.w3.org/2000/svg"}
