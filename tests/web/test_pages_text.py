"""Find by text: kin of a text, and what was read in it, marked where it stands."""

from __future__ import annotations

import pytest
from bs4 import BeautifulSoup
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st

from kg import asking
from kg.asking import study_of_text
from kg.cell_facts import extract_cell_facts
from ontology.errors import EncoderError
from ontology.schemes import load_scheme
from tests.web.conftest import WordEncoder
from tests.web.reading import BROWSER, read_page, words_of
from tests.web.records import ADIPOSE, FULL
from web.served import EXTENSION
from web.text_pages import EXAMPLE, pieces

ATTACK = "<script>alert(1)</script> mesenchymal stromal cells in systemic sclerosis of patients"


@pytest.fixture
def asked(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> FlaskClient:
    """A client of an application that has the encoder of tests."""
    now = client.application.extensions[EXTENSION].current()
    monkeypatch.setattr(asking, "encoder_of", lambda generation: WordEncoder())
    monkeypatch.setattr(now, "_made", {})
    return client


def page_of(client: FlaskClient, text: str) -> BeautifulSoup:
    response = client.post("/text", data={"text": text}, headers=BROWSER)
    assert response.status_code == 200
    return BeautifulSoup(response.text, "html.parser")


def test_a_text_has_kin_and_its_facts_are_marked(asked: FlaskClient) -> None:
    page = page_of(asked, EXAMPLE)
    assert {FULL, ADIPOSE} <= {n.text for n in page.select(".kin-list .meta .nct")[:4]}
    marks = {" ".join(mark.find(string=True).split()) for mark in page.select(".marked-text mark")}
    assert {"umbilical cord", "allogeneic"} <= marks
    for said in ("intravenous", "systemic sclerosis"):
        assert any(said in words for words in marks)
    found = words_of(page, ".pairs")
    for said in ("systemic sclerosis", "umbilical cord", "intravenous", "allogeneic"):
        assert said in found
    for mark in page.select(".marked-text mark .hidden"):
        mark.decompose()
    assert page.select_one(".marked-text").text == EXAMPLE


def test_facts_stand_in_their_usual_order_and_the_phase_with_them(asked: FlaskClient) -> None:
    text = (
        "Phase 2 trial of cord cells in systemic sclerosis\nAllogeneic umbilical cord mesenchymal "
        "stromal cells, 2 million cells/kg, given intravenously."
    )
    labels = [label.text for label in page_of(asked, text).select(".pairs dt")]
    assert labels == [
        "Conditions", "Cell source", "Cell type", "Donor", "Route", "Dose per kg", "Phase",
    ]  # fmt: skip


def test_a_phase_that_is_not_found_is_said(asked: FlaskClient) -> None:
    text = "Cord cells in systemic sclerosis\nAfter a phase 1 trial, cells are given."
    rows = {row.dt.text: row.dd.text for row in page_of(asked, text).select(".pairs > div")}
    assert rows["Phase"] == "none found"
    rows = {
        row.dt.text: row.dd.text
        for row in page_of(asked, f"{text}\nPhase: II").select(".pairs > div")
    }
    assert rows["Phase"] == "Phase 2"


def test_the_example_is_offered_and_filled_in(client: FlaskClient) -> None:
    front = read_page(client, "/text")
    example = read_page(client, front.find("a", string="Use an example")["href"])
    assert example.select_one("textarea").text.strip() == EXAMPLE


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "empty"),
        ("Лечение системной склеродермии клетками пуповины у взрослых больных", "English"),
        ("cells " * 20_000, "characters"),
    ],
)
def test_what_is_no_english_synopsis_is_refused(asked: FlaskClient, text: str, said: str) -> None:
    assert said in words_of(page_of(asked, text), "[role=alert]")


def test_a_missing_encoder_is_said(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(generation: object) -> WordEncoder:
        raise EncoderError("The encoder is missing.")

    now = client.application.extensions[EXTENSION].current()
    monkeypatch.setattr(now, "_made", {})
    monkeypatch.setattr(asking, "encoder_of", missing)
    assert "encoder is missing" in words_of(page_of(client, EXAMPLE), "[role=alert]")


def test_markup_in_a_text_stays_text(asked: FlaskClient) -> None:
    page = page_of(asked, ATTACK)
    assert page.select("script:not([src]):not([type$=json])") == []
    assert page.select_one("textarea").text.strip() == ATTACK
    assert "<script>alert(1)</script>" in page.select_one(".marked-text").text


@given(
    st.lists(
        st.sampled_from(
            ["umbilical cord ", "intravenous ", "SSc\n", "systemic sclerosis ", "x" * 310, "\n",
             "allogeneic cells. ", "2 million cells/kg ", "\u202e", "\\> ", "é "]
        ),
        min_size=1,
        max_size=12,
    )
)  # fmt: skip
def test_the_pieces_of_a_text_are_the_text(parts: list[str]) -> None:
    text = "".join(parts).strip()
    facts = extract_cell_facts(study_of_text(text or "x"))
    conditions = [load_scheme("conditions")["systemic_sclerosis"]]
    assert "".join(piece.words for piece in pieces(text, facts, conditions)) == text
