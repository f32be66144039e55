"""Trials as references for reference managers."""

from __future__ import annotations

from flask.testing import FlaskClient

from kg.study import parse_study
from tests.web.records import FULL, HOSTILE, study_json
from web.citations import ris_text


def test_reference_managers_read_the_reference(client: FlaskClient) -> None:
    lines = client.get(f"/trial/{FULL}.ris").text.split("\r\n")
    assert lines[0] == "TY  - DBASE"
    assert lines[-2:] == ["ER  - ", ""]
    assert "TI  - Cord Cells for Systemic Sclerosis" in lines
    assert f"UR  - https://clinicaltrials.gov/study/{FULL}" in lines
    authors = [line.removeprefix("AU  - ") for line in lines if line.startswith("AU")]
    assert authors
    assert not any("," in author for author in authors)  # what follows would be a first name
    hostile = client.get(f"/trial/{HOSTILE}.ris").text
    assert all(line[2:6] == "  - " for line in hostile.split("\r\n")[:-1])


def test_who_leads_and_answers_for_a_trial_is_one_author() -> None:
    sponsor = {
        "leadSponsor": {"name": "Marie Curie, MD, PhD"},
        "responsibleParty": {"investigatorFullName": "Marie Curie,  M.D."},
    }
    said = ris_text([parse_study(study_json(FULL, sponsorCollaborators=sponsor))])
    assert said.count("AU  - ") == said.count("AU  - Marie Curie\r\n") == 1
