"""Feeds are Atom as RFC 4287 has it, whatever the records hold."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from tests.web.records import ADIPOSE, FORMER, FULL, HOSTILE, SCLEROSIS, SCRIPT
from tests.web.refreshed import ADDED, refreshed_store
from web.app import create_app
from web.atom import Entry, Feed, Line, atom_bytes
from web.served import EXTENSION

ATOM = "{http://www.w3.org/2005/Atom}"
FEEDS = (
    "/changes.atom",
    f"/changes.atom?watch={FULL}",
    f"/changes.atom?watch={FULL}&watch={SCLEROSIS}&q=sclerosis",
    "/changes.atom?q=sclerosis&status=RECRUITING",
    f"/trial/{FULL}/changes.atom",
    f"/trial/{HOSTILE}/changes.atom",
    f"/trial/{ADDED}/changes.atom",
    f"/trial/{ADIPOSE}/changes.atom",
    f"/changes.atom?q={SCRIPT}&watch={SCRIPT}",
    "/changes.atom?q=caf%C3%A9%20%00%0B&watch=%FF",
)


@pytest.fixture(scope="module")
def refreshed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FlaskClient]:
    store = refreshed_store(tmp_path_factory.mktemp("feeds"))
    app: Flask = create_app(store, query_workers=1)
    app.config["TESTING"] = True
    yield app.test_client()
    app.extensions[EXTENSION].close()


def read_feed(client: FlaskClient, path: str, host: str = "127.0.0.1:8000") -> etree._Element:
    response = client.get(path, headers={"Host": host})
    assert response.status_code == 200, path
    assert response.content_type == "application/atom+xml; charset=utf-8"
    return etree.fromstring(response.data, etree.XMLParser(resolve_entities=False))


def texts(node: etree._Element, name: str) -> list[str]:
    return [found.text or "" for found in node.findall(ATOM + name)]


def links(node: etree._Element) -> dict[str, str]:
    return {found.get("rel"): found.get("href") for found in node.findall(ATOM + "link")}


@pytest.mark.parametrize("path", FEEDS)
def test_a_feed_has_what_the_standard_asks_for(refreshed: FlaskClient, path: str) -> None:
    feed = read_feed(refreshed, path)
    assert feed.tag == ATOM + "feed"
    for node in (feed, *feed.findall(ATOM + "entry")):
        (iri,), (updated,), (title,) = (texts(node, name) for name in ("id", "updated", "title"))
        assert iri.startswith("https://w3id.org/trialkin/")
        assert iri.isascii()
        assert " " not in iri
        assert datetime.fromisoformat(updated).tzinfo is not None
        assert title
        assert links(node)["alternate"].startswith("http://127.0.0.1:8000/")
    assert feed.findtext(f"{ATOM}author/{ATOM}name") == "TrialKin"
    ids = [texts(entry, "id")[0] for entry in feed.findall(ATOM + "entry")]
    assert len(ids) == len(set(ids))
    dates = [texts(entry, "updated")[0] for entry in feed.findall(ATOM + "entry")]
    assert dates == sorted(dates, reverse=True)
    if dates:
        assert texts(feed, "updated") == dates[:1]


@pytest.mark.parametrize("path", FEEDS)
def test_a_feed_names_its_own_address(refreshed: FlaskClient, path: str) -> None:
    address = links(read_feed(refreshed, path))["self"]
    assert re.fullmatch(r"http://127\.0\.0\.1:8000/[!-~]*", address)
    again = read_feed(refreshed, address.removeprefix("http://127.0.0.1:8000"))
    assert links(again)["self"] == address


@pytest.mark.parametrize("path", FEEDS[:7])
def test_ids_do_not_hang_on_the_server(refreshed: FlaskClient, path: str) -> None:
    one, other = (read_feed(refreshed, path, host) for host in ("a.example", "b.example:81"))
    for node in (one, other):
        assert "example" not in "".join(texts(node, "id"))
    assert [texts(e, "id") for e in one.iter(ATOM + "entry")] == [
        texts(e, "id") for e in other.iter(ATOM + "entry")
    ]


@pytest.mark.parametrize("path", FEEDS)
def test_what_a_reader_has_is_not_sent_again(refreshed: FlaskClient, path: str) -> None:
    first = refreshed.get(path)
    again = refreshed.get(path, headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    assert refreshed.get(path, headers={"If-None-Match": '"other"'}).status_code == 200


def test_runs_tell_what_came_and_link_the_trials(refreshed: FlaskClient) -> None:
    refresh, build = read_feed(refreshed, "/changes.atom").findall(ATOM + "entry")
    assert texts(refresh, "title")[0].endswith("1 new, 1 changed, 1 removed")
    assert texts(build, "title")[0].endswith("51 trials")
    hrefs = {node.get("href") for node in refresh.iter("{http://www.w3.org/1999/xhtml}a")}
    assert hrefs == {
        f"http://localhost/trial/{one}" for one in (ADDED, ADIPOSE, FULL)
    } or hrefs == {f"http://127.0.0.1:8000/trial/{one}" for one in (ADDED, ADIPOSE, FULL)}


def test_a_trial_tells_its_states_and_its_new_kin(refreshed: FlaskClient) -> None:
    feed = read_feed(refreshed, f"/trial/{FULL}/changes.atom")
    titles = [texts(entry, "title")[0] for entry in feed.findall(ATOM + "entry")]
    assert [title.split(":")[0] for title in titles].count("Changed") == 1
    assert [title.split(":")[0] for title in titles].count("New") == 1
    assert any(title.startswith(f"New kin of {FULL}") and ADDED in title for title in titles)
    said = "".join(feed.itertext())
    assert "Status: Recruiting → Terminated" in said


def test_a_search_tells_of_its_trials_alone(refreshed: FlaskClient) -> None:
    feed = read_feed(refreshed, "/changes.atom?q=sclerosis&status=RECRUITING")
    (entry,) = feed.findall(ATOM + "entry")
    assert ADDED in texts(entry, "id")[0]


def test_a_trial_s_feed_has_one_address(refreshed: FlaskClient) -> None:
    moved = refreshed.get(f"/trial/{FORMER}/changes.atom")
    assert (moved.status_code, moved.location) == (301, f"/trial/{FULL}/changes.atom")
    assert refreshed.get("/trial/NCT91234567/changes.atom").status_code == 404


def test_text_of_records_makes_no_markup(refreshed: FlaskClient) -> None:
    feed = read_feed(refreshed, f"/trial/{ADDED}/changes.atom")
    names = {etree.QName(node).localname for node in feed.iter() if isinstance(node.tag, str)}
    assert names <= {"feed", "id", "title", "subtitle", "updated", "author", "name", "generator",
                     "link", "entry", "content", "div", "p", "a"}  # fmt: skip
    assert SCRIPT in texts(feed, "title")[0]


@given(st.text(), st.text())
def test_any_text_is_well_formed(title: str, line: str) -> None:
    now = "2026-11-23T03:00:00+00:00"
    entry = Entry("https://w3id.org/x", title, now, "http://x/", [Line(line, "http://x/")])
    made = atom_bytes(Feed("https://w3id.org/f", title, now, "http://x/", "http://x/", [entry]))
    feed = etree.fromstring(made)
    assert len(feed.findall(f"{ATOM}entry")) == 1
    assert feed.find(f"{ATOM}entry/{ATOM}content") is not None


def test_pages_lead_to_their_feeds(refreshed: FlaskClient) -> None:
    for path, feed in (
        ("/", "/changes.atom"),
        (f"/trial/{FULL}/history", f"/trial/{FULL}/changes.atom"),
        ("/changes?q=sclerosis", "/changes.atom?q=sclerosis"),
    ):
        page = refreshed.get(path, headers={"Accept": "text/html"}).text
        assert f'href="{feed}"' in page
        assert 'type="application/atom+xml"' in page
