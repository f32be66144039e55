"""What pages say where there is little to say, in words that clinicians use."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from kg.refresh import refresh
from kg.stamps import STAGE_FILES
from tests.web.conftest import WordEncoder, build_store
from tests.web.reading import read_page, words_of
from tests.web.records import ABSENT, ACCESS, ADIPOSE, FULL, SCLEROSIS
from web.app import create_app
from web.evidence import section_name
from web.facets import FACET_OF, NOT_STATED
from web.served import EXTENSION

_INSIDE = re.compile(r"\b(facets?|akin|generation|statements|quads|encoder|lexicon|corpus)\b", re.I)


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/search?q=sclerosis",
        f"/trial/{FULL}",
        f"/trial/{FULL}/kin?expected={SCLEROSIS}&k=1",
        f"/compare?nct_id={FULL},{ADIPOSE}",
        f"/evidence?kin_of={FULL}",
        "/concept/conditions/systemic_sclerosis",
        "/text?example=yes",
        "/changes",
        "/about",
    ],
)
def test_pages_do_not_speak_as_their_makers_do(client: FlaskClient, path: str) -> None:
    assert _INSIDE.findall(read_page(client, path).select_one("main").text) == []


def test_what_only_one_trial_states_is_said_of_the_one_that_does(client: FlaskClient) -> None:
    cards = read_page(client, f"/trial/{ADIPOSE}").select(".kin-list > li")
    reasons = [card.select_one(".reason").text for card in cards]
    assert any(reason.endswith("not stated by the kin.") for reason in reasons)
    relations = {cell.text for card in cards for cell in card.select(".relation")}
    assert relations >= {"same", "different", "stated by one only"}
    assert relations <= {"same", "similar", "different", "stated by one only"}


def test_a_concept_without_trials_leads_to_a_wider_one(client: FlaskClient) -> None:
    page = read_page(client, "/concept/conditions/diffuse_cutaneous_systemic_sclerosis")
    said = words_of(page, ".empty")
    assert said.startswith("No trial here is known to have it.")
    assert "systemic sclerosis (3)" in said.replace("( ", "(").replace(" )", ")")
    assert page.select(".empty a")[0]["href"] == "/concept/conditions/systemic_sclerosis"
    assert "When its trials began" not in page.text


def test_a_search_for_it_leads_there_too(client: FlaskClient) -> None:
    page = read_page(client, "/search?q=dcSSc")
    assert "no trial here by any of its names" in words_of(page, ".understood")
    assert page.select_one(".empty a").text == "systemic sclerosis"
    assert read_page(client, page.select_one(".empty a")["href"]).select(".card")
    assert page.select(".sorts, .ranges") == []


def test_a_missing_trial_names_the_nearest_with_their_titles(client: FlaskClient) -> None:
    page = read_page(client, "/trial/NCT90000010", 404)
    near = {item.a.text: item.text for item in page.select("main li")}
    assert "Cord Cells for Systemic Sclerosis" in near[FULL]
    misspelt = read_page(client, f"/trial/{FULL}0", 400)
    assert FULL in misspelt.select_one("main").text
    assert read_page(client, f"/trial/{ABSENT}", 404).select("main li a")[0]["href"].startswith("/")


def test_expanded_access_is_not_asked_for_a_trial_design(client: FlaskClient) -> None:
    design = words_of(read_page(client, f"/trial/{ACCESS}"), "#design")
    assert "Expanded access" in design
    assert "Allocation" not in design
    groups = words_of(read_page(client, f"/trial/{SCLEROSIS}"), "#arms")
    assert "Type not stated" not in groups  # groups that are only observed have none


def test_one_trial_is_counted_as_one(client: FlaskClient) -> None:
    pages = ("/", "/concept/", "/concept/conditions", "/concept/conditions/systemic_sclerosis")
    counts = [
        count.get_text(" ").split()[:2]
        for path in pages
        for count in read_page(client, path).select(".count")
    ]
    assert ["1", "trial"] in counts
    assert ["1", "trials"] not in counts
    assert ["45", "trials"] in counts
    files = words_of(read_page(client, "/search?q=hand"), ".files")
    assert files.startswith("This one as CSV")


def test_a_condition_that_no_term_matches_is_not_called_unstated(client: FlaskClient) -> None:
    condition = FACET_OF["condition"]
    assert condition.said(NOT_STATED) == "none matched"
    assert FACET_OF["source"].said(NOT_STATED) == "not stated"
    for page in ("/", "/atlas?by=condition", "/search"):
        assert "none matched" in words_of(read_page(client, page), "main")


def test_words_that_name_nothing_are_part_of_what_was_read(client: FlaskClient) -> None:
    said = words_of(read_page(client, "/search?q=systemic sclerosis hand"), ".understood")
    assert said.startswith("Read as systemic sclerosis with “ hand ”: 1 trial by any of its names")
    plain = words_of(read_page(client, "/search?q=systemic sclerosis"), ".understood")
    assert plain.startswith("Read as systemic sclerosis : ")


def test_a_phase_that_is_two_is_written_as_one(client: FlaskClient) -> None:
    page = read_page(client, f"/trial/{ADIPOSE}/kin?expected={FULL}")
    rows = [row for row in page.select(".expected tr") if row.th.text.startswith("Phase")]
    assert [cell.text for cell in rows[0].select("td")] == ["2", "1/2"]


def test_a_relation_says_where_its_words_stand() -> None:
    assert section_name("references[3].pmid") == ("Reference 4, PubMed id", "references")
    assert section_name("secondary_id_infos[0].id") == ("Other identifier 1", "identifiers")
    assert section_name("org_study_id_info.id") == ("Sponsor’s own number", "identifiers")


def test_an_update_that_found_all_kin_anew_says_why(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = build_store(tmp_path)
    known = store.published().manifest.stamps
    monkeypatch.setattr(
        "kg.refresh.running.stage_stamps", lambda *_: {**known, "records": "of a later version"}
    )
    run = refresh(store, None, encoder=WordEncoder())
    assert run.redone == ["records"]
    assert "records" in STAGE_FILES
    app = create_app(store, query_workers=1)
    try:
        page = read_page(app.test_client(), f"/changes/{run.id}")
        later = read_page(app.test_client(), "/changes")
    finally:
        app.extensions[EXTENSION].close()
    said = words_of(page, "main")
    assert "The kin of all trials were found anew, because of" in said
    assert "a new version of how facts are read from the records" in said
    assert "No new kin are noted" in said
    assert words_of(later, ".runs li").startswith("Update of")
