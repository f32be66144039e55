"""What changed: by run, of a trial, of a search and of watched trials."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient

from kg.record_differences import FieldChange
from kg.runs import read_runs
from kg.store import Store
from tests.web.reading import BROWSER, read_page, words_of
from tests.web.records import ADIPOSE, FORMER, FULL, SCLEROSIS, SCRIPT
from tests.web.refreshed import ADDED, refreshed_store
from web.app import create_app
from web.field_changes import field_views
from web.served import EXTENSION


@pytest.fixture(scope="module")
def followed(tmp_path_factory: pytest.TempPathFactory) -> Store:
    return refreshed_store(tmp_path_factory.mktemp("followed"))


@pytest.fixture(scope="module")
def refreshed(followed: Store) -> Iterator[FlaskClient]:
    app: Flask = create_app(followed, query_workers=1)
    app.config["TESTING"] = True
    yield app.test_client()
    app.extensions[EXTENSION].close()


def run_path(store: Store, outcome: str, kind: str = "refresh") -> str:
    runs = read_runs(store.path)
    return f"/changes/{next(r.id for r in runs if (r.outcome, r.kind) == (outcome, kind))}"


def test_a_store_that_was_only_built_says_so(client: FlaskClient, store: Store) -> None:
    page = read_page(client, "/changes")
    assert "have not been updated since" in words_of(page, ".notice")
    assert "51 trials" in words_of(page, ".runs li")
    run = read_page(client, page.select_one(".runs a")["href"])
    assert "All 51 trials were read anew" in words_of(run, "main")
    assert run.select(".change") == []
    history = read_page(client, f"/trial/{FULL}/history")
    assert "One state was seen so far" in words_of(history, ".notice")
    assert "Nothing is new" in read_page(client, f"/changes?watch={FULL}").text
    assert "None of these trials" in read_page(client, "/changes?q=sclerosis").text


def test_runs_are_listed_with_what_came_of_them(refreshed: FlaskClient) -> None:
    page = read_page(refreshed, "/changes")
    listed = [" ".join(run.text.split()) for run in page.select(".runs li")]
    assert [line.split()[0] for line in listed] == ["Update", "Update", "Full"]
    assert "Failed" in listed[0]
    assert "1 new, 1 changed, 1 removed" in listed[1]
    kinds = [found.text for found in page.select(".change .news-kind") if found.parent.name == "p"]
    assert {"New", "Changed", "No longer in the registry"} <= set(kinds)


def test_a_run_tells_which_fields_differ(refreshed: FlaskClient, followed: Store) -> None:
    page = read_page(refreshed, run_path(followed, "published"))
    changed = next(c for c in page.select(".change") if c.select_one(".kind-changed"))
    fields = {row.dt.text: row.dd for row in changed.select(".field-change")}
    assert fields["Status"].select_one("del").text == "Recruiting"
    assert fields["Status"].select_one("ins").text == "Terminated"
    assert fields["Description: brief summary"].select_one("ins").text.strip() == "twice"
    assert "not there before" in fields["Why stopped"].text
    headings = [heading.text for heading in page.select("main h2")]
    assert headings[:3] == ["New", "Changed", "No longer in the registry"]
    assert ADIPOSE in page.text
    assert "New kin" in headings


def test_a_failed_run_says_why(refreshed: FlaskClient, followed: Store) -> None:
    page = read_page(refreshed, run_path(followed, "failed"))
    assert "cannot be read" in words_of(page, ".notice.error")
    assert "unchanged" in words_of(page, ".notice.error")


@pytest.mark.parametrize("run", ["x", "20261123T031500123456Z", "..%2Frun", "20261123T031500Z%00"])
def test_an_unknown_run_is_not_found(client: FlaskClient, run: str) -> None:
    assert client.get(f"/changes/{run}", headers=BROWSER).status_code == 404


def test_a_history_shows_the_states(refreshed: FlaskClient) -> None:
    page = read_page(refreshed, f"/trial/{FULL}/history")
    assert [heading.text.split()[0] for heading in page.select(".states h3")] == [
        "Changed", "First",
    ]  # fmt: skip
    assert "Terminated" in words_of(page, ".states .differences")
    removed = read_page(refreshed, f"/trial/{ADIPOSE}/history")
    assert "No longer in the registry" in removed.text
    assert f"/trial/{FULL}/history" in {
        a["href"] for a in read_page(refreshed, f"/trial/{FULL}").select(".trial-head a")
    }


def test_a_history_has_one_address(refreshed: FlaskClient) -> None:
    response = refreshed.get(f"/trial/{FORMER}/history", headers=BROWSER)
    assert (response.status_code, response.location) == (301, f"/trial/{FULL}/history")
    assert refreshed.get("/trial/NCT91234567/history", headers=BROWSER).status_code == 404
    assert refreshed.get("/trial/NCT9/history", headers=BROWSER).status_code == 400


def test_watched_trials_show_their_new_kin(refreshed: FlaskClient) -> None:
    page = read_page(refreshed, f"/changes?watch={SCLEROSIS}&watch={FULL.lower()}&watch=nonsense")
    sections = page.select(".watched")
    assert len(sections) == 2
    assert f"/trial/{ADDED}" in {a["href"] for a in sections[1].select(".change a")}
    assert "Terminated" in sections[1].text
    assert "“nonsense” is not a trial in this graph" in page.text
    feeds = [a["href"] for a in page.select("a.feed")]
    assert feeds[0].startswith("/changes.atom?watch=")
    for address in feeds:
        assert refreshed.get(address).status_code == 200
    dropped = next(a for a in sections[0].select("a") if "watch no longer" in a.text)
    assert SCLEROSIS not in dropped["href"].partition("?")[2]


def test_a_saved_search_shows_its_changes_alone(refreshed: FlaskClient) -> None:
    page = read_page(refreshed, "/changes?condition=systemic+sclerosis&status=RECRUITING")
    shown = [change.select_one(".nct").text for change in page.select(".change")]
    assert shown == [ADDED]
    assert "Condition: systemic sclerosis" in words_of(page, ".lede")
    all_found = read_page(refreshed, "/changes?q=sclerosis")
    assert len(all_found.select(".change")) == 3
    assert "3 changes" in words_of(all_found, "[role=status]")
    search = read_page(refreshed, "/search?q=sclerosis")
    (link,) = [a["href"] for a in search.select("a") if a["href"] == "/changes?q=sclerosis"]
    assert refreshed.get(link).status_code == 200


def test_pages_beyond_the_last_are_the_last_or_empty(refreshed: FlaskClient) -> None:
    assert len(read_page(refreshed, "/changes?q=sclerosis&page=99").select(".change")) == 3
    assert "No earlier update" in read_page(refreshed, "/changes?page=99").text


@pytest.mark.parametrize(
    "path",
    ["/changes", f"/changes?watch={FULL}", "/changes?q=sclerosis", f"/trial/{FULL}/history",
     f"/changes?q={SCRIPT}&watch={SCRIPT}&page={SCRIPT}"],
)  # fmt: skip
def test_hostile_text_stays_text(refreshed: FlaskClient, path: str) -> None:
    page = read_page(refreshed, path)
    sources = [script.get("src", "") for script in page.select("script")]
    assert all(source.startswith("/static/js/") for source in sources)
    assert page.select("main b, main script, main img") == []
    assert "alert(1)" in page.text


def test_a_text_is_shown_where_it_differs() -> None:
    same = "same words here " * 100
    before, after = f"{same}one two old end {same}", f"{same}one two new end {same}"
    (view,) = field_views([FieldChange("protocolSection.x.text", before, after)])
    assert [piece.kind for piece in view.pieces] == ["same", "gone", "come", "same"]
    assert (view.pieces[1].text, view.pieces[2].text) == ("old", "new")
    assert view.pieces[0].text.endswith("one two ")
    assert sum(len(piece.text) for piece in view.pieces) < 400


def test_a_text_that_differs_throughout_is_cut() -> None:
    before, after = ("".join(f"{word}{place} " for place in range(400)) for word in "ab")
    (view,) = field_views([FieldChange("protocolSection.x.text", before, after)])
    assert [piece.kind for piece in view.pieces] == ["gone", "come", "same"]
    assert max(len(piece.text) for piece in view.pieces) == 700


def test_lists_and_objects_are_told_by_their_values() -> None:
    (view,) = field_views(
        [FieldChange("protocolSection.armsInterventionsModule.interventions", None,
                     '[{"type":"DRUG","name":"A <b>","armGroupLabels":["x"]},{"name":"B"}]')]
    )  # fmt: skip
    assert view.before == ()
    assert view.after == ("DRUG; A <b>; x", "B")
    assert view.label == "Interventions"
    (cut,) = field_views([FieldChange("a", '[{"name": "cut', None)])
    assert cut.before == ('[{"name": "cut',)


def test_dates_of_the_registry_come_last_and_quietly() -> None:
    views = field_views(
        [
            FieldChange("protocolSection.statusModule.lastUpdatePostDateStruct.date", "1", "2"),
            FieldChange("protocolSection.statusModule.overallStatus", "COMPLETED", "UNKNOWN"),
        ]
    )
    assert [(view.label, view.minor) for view in views] == [
        ("Status", False), ("Last update posted", True),
    ]  # fmt: skip
