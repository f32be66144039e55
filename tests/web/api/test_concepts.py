"""Concepts over the API."""

from __future__ import annotations

import csv
import io

from flask.testing import FlaskClient

from ontology.schemes import SCHEME_NAMES, load_scheme
from tests.web.api.conftest import Ask
from tests.web.records import ADIPOSE, FULL, HOSTILE


def test_all_schemes_are_listed(ask: Ask) -> None:
    found = ask("/concepts")["items"]
    assert [one["name"] for one in found] == list(SCHEME_NAMES)
    assert found[0]["concepts"] == len(load_scheme("conditions"))


def test_concepts_count_trials_of_narrower_ones(ask: Ask) -> None:
    used = {one["name"]: one for one in ask("/concepts/conditions", used="true")["items"]}
    assert used["systemic_sclerosis"]["trials"] == 3
    for name, concept in used.items():
        for above in concept["broader"]:
            assert used[above]["trials"] >= used[name]["trials"]
    assert len(ask("/concepts/conditions")["items"]) == len(load_scheme("conditions"))


def test_a_concept_has_neighbours_matches_and_trials(ask: Ask) -> None:
    found = ask("/concepts/conditions/systemic_sclerosis")
    assert found["pref_label"] == "systemic sclerosis"
    assert found["nct_ids"] == [FULL, ADIPOSE, HOSTILE]
    assert found["trials"] == 3
    assert set(found["broader"]) <= set(found["ancestors"])
    assert found["exact_match"]


def test_an_unknown_concept_is_404(ask: Ask) -> None:
    said = ask("/concepts/routes/by_pigeon", 404)
    assert "by_pigeon" in said["detail"]


def test_concepts_are_a_table_too(client: FlaskClient) -> None:
    response = client.get("/api/v1/concepts/routes?format=csv&used=true")
    rows = {row["name"]: row for row in csv.DictReader(io.StringIO(response.text))}
    assert int(rows["intravenous"]["trials"]) >= 1
