"""Kin over the API: of a trial, of several, of a text; weights, filters, variety."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest
from flask.testing import FlaskClient

from kg import asking
from ontology.errors import EncoderError
from tests.web.api.conftest import Ask
from tests.web.conftest import WordEncoder
from tests.web.records import ADIPOSE, FULL, SCLEROSIS
from web.served import Served

TEXT = "Umbilical cord mesenchymal stromal cells given to patients with systemic sclerosis"


@pytest.fixture
def word_encoder_here(monkeypatch: pytest.MonkeyPatch, now: Served) -> None:
    monkeypatch.setattr(asking, "encoder_of", lambda generation: WordEncoder())
    monkeypatch.setattr(now, "_made", {})


def test_kin_are_those_of_the_index(ask: Ask, now: Served) -> None:
    found = ask(f"/trials/{FULL}/kin", k=5)
    expected = now.generation.kin_index.rank(FULL, 5)
    assert [one["nct_id"] for one in found["items"]] == [one.nct_id for one in expected]
    first = found["items"][0]
    assert first["rank"] == 1
    assert first["nct_id"] == ADIPOSE
    assert first["score"] == pytest.approx(sum(first["contributions"].values()), abs=1e-4)
    assert first["reason"]
    assert found["method"].startswith("words-of-tests")
    assert found["close"] is True
    assert ask("/trials/NCT90000006/kin")["close"] is False


def test_weights_change_the_scores(ask: Ask, now: Served) -> None:
    found = ask(f"/trials/{FULL}/kin", k=3, weight=["route=3", "condition=0"])
    expected = now.generation.kin_index.rank(FULL, 3, weights={"route": 3, "condition": 0})
    assert [(one["nct_id"], one["score"]) for one in found["items"]] == [
        (one.nct_id, round(one.score, 6)) for one in expected
    ]
    assert "condition" not in {k for k, v in found["items"][0]["contributions"].items() if v}


def test_filters_leave_only_trials_that_pass(ask: Ask) -> None:
    found = ask(f"/trials/{FULL}/kin", status="WITHDRAWN")
    assert [one["nct_id"] for one in found["items"]] == [SCLEROSIS]
    assert ask(f"/trials/{FULL}/kin", status="NONE_SUCH")["items"] == []


def test_a_varied_list_is_another_one(ask: Ask) -> None:
    plain = ask(f"/trials/{FULL}/kin", k=10)["items"]
    varied = ask(f"/trials/{FULL}/kin", k=10, diversity=0.9)["items"]
    assert [one["rank"] for one in varied] == list(range(1, 11))
    assert {one["nct_id"] for one in plain} != {one["nct_id"] for one in varied}


def test_kin_of_several_hold_none_of_them(ask: Ask) -> None:
    found = ask("/kin", nct_id=[FULL, SCLEROSIS], k=5)
    assert found["query"] == f"{FULL}+{SCLEROSIS}"
    assert not {FULL, SCLEROSIS} & {one["nct_id"] for one in found["items"]}
    assert ask("/kin", 400)["errors"] == [{"name": "nct_id", "message": "is missing"}]


def test_kin_are_a_table_too(client: FlaskClient) -> None:
    response = client.get(f"/api/v1/trials/{FULL}/kin?k=2&format=csv")
    rows = list(csv.DictReader(io.StringIO(response.text)))
    assert [row["rank"] for row in rows] == ["1", "2"]
    assert "condition: systemic sclerosis" in rows[0]["shared"]


@pytest.mark.usefixtures("word_encoder_here")
def test_a_text_has_kin(client: FlaskClient) -> None:
    response = client.post("/api/v1/kin", json={"text": TEXT, "k": 3})
    assert response.status_code == 200, response.text
    found = response.get_json()
    assert found["query"] == "text"
    assert found["items"][0]["nct_id"] == FULL
    only = {"text": TEXT, "filters": {"status": ["COMPLETED"]}, "weights": {"route": 2}}
    found = client.post("/api/v1/kin", json=only).get_json()
    assert [one["nct_id"] for one in found["items"]] == [ADIPOSE]
    assert "ETag" not in response.headers


@pytest.mark.usefixtures("word_encoder_here")
def test_a_text_in_another_language_is_422(client: FlaskClient) -> None:
    german = "Gabe von Zellen aus der Nabelschnur an Menschen mit Verhärtung ihrer Haut"
    response = client.post("/api/v1/kin", json={"text": german})
    assert response.status_code == 422
    assert "English" in response.get_json()["detail"]


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({}, 400),
        ({"text": ""}, 400),
        ({"text": "x", "k": 0}, 400),
        ({"text": "x", "k": "3"}, 400),
        ({"text": "x", "kk": 3}, 400),
        ({"text": "x", "weights": {"colour": 1}}, 400),
        ({"text": "x", "weights": {"route": -1}}, 400),
        ({"text": "x" * 100_001}, 400),
        ([], 400),
    ],
)
def test_bodies_are_checked(client: FlaskClient, body: Any, status: int) -> None:
    response = client.post("/api/v1/kin", json=body)
    assert response.status_code == status
    said = response.get_json()
    assert said["type"] == "/api#invalid-request"
    assert said["errors"][0]["message"]


def test_a_body_of_another_type_is_415(client: FlaskClient) -> None:
    assert client.post("/api/v1/kin", data={"text": TEXT}).status_code == 415
    broken = client.post("/api/v1/kin", data="{", content_type="application/json")
    assert broken.status_code == 400
    deep = client.post("/api/v1/kin", data="[" * 50_000, content_type="application/json")
    assert deep.status_code == 400


def test_without_the_encoder_texts_are_503(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch, now: Served
) -> None:
    def missing(generation: object) -> None:
        raise EncoderError("The encoder is missing.")

    monkeypatch.setattr(asking, "encoder_of", missing)
    monkeypatch.setattr(now, "_made", {})
    response = client.post("/api/v1/kin", json={"text": TEXT})
    assert response.status_code == 503
    assert "encoder is missing" in response.get_json()["detail"]
