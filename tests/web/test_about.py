"""What the about page says of scores, for a model that was measured and for one that was not."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient

from similarity.index import KinIndex
from similarity.model import load_bands
from tests.web.reading import read_page


def test_a_model_that_nobody_measured_claims_nothing(client: FlaskClient) -> None:
    assert "What a score means" not in read_page(client, "/about").get_text()


def test_what_scores_mean_is_what_the_card_says(
    app: Flask, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(KinIndex, "model_name", property(lambda index: "trialkin"))
    page = read_page(client, "/about")
    (table,) = [
        found
        for found in page.find_all("table")
        if found.caption is not None and "by score" in found.caption.get_text()
    ]
    shown = [
        [cell.get_text() for cell in row.find_all(["th", "td"])]
        for row in table.tbody.find_all("tr")
    ]
    bands = load_bands("trialkin")
    assert len(bands) >= 5
    assert shown == [
        [band.label, f"{round(100 * band.useful)} %", f"{round(100 * band.must_read)} %"]
        for band in bands
    ]
