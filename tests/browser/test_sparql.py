"""The SPARQL page in Chromium: editor, tabs, chart, graph, errors; and without scripts."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.conftest import MakePage
from tests.browser.serving import CHROMIUM
from tests.conftest import ROOT
from tests.web.records import FULL, HOSTILE

VENDOR = ROOT / "web/static/vendor"
pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not CHROMIUM.is_file(), reason="needs Debian's chromium"),
]
WITH_EDITOR = pytest.mark.skipif(
    not (VENDOR / "codemirror/codemirror.mjs").is_file(), reason="needs CodeMirror: make assets"
)
SOURCES = "Where the cells come from"


def editor(page: Page) -> Page:
    """Wait until the editor stands in the place of the plain field."""
    page.locator(".mount[data-ready]").wait_for()
    return page


def write(page: Page, query: str) -> None:
    box = page.get_by_role("textbox", name="Query")
    box.focus()
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.press("Delete")
    page.keyboard.insert_text(query)


@WITH_EDITOR
def test_the_editor_takes_over_from_whoever_writes_already(open_page: MakePage) -> None:
    page = open_page("about")
    held: list[Route] = []
    page.route("**/codemirror.mjs*", lambda route: held.append(route))
    with page.expect_request("**/codemirror.mjs*"):
        page.get_by_role("link", name="SPARQL", exact=True).first.click()
    field = page.locator("textarea[name=query]")
    field.fill("ASK {}")
    field.press("Home")
    page.keyboard.insert_text("# asked\n")
    held[0].continue_()
    box = editor(page).get_by_role("textbox", name="Query")
    expect(box).to_be_focused()
    page.keyboard.insert_text("#")
    expect(box).to_have_text("# asked#ASK {}")


@WITH_EDITOR
@pytest.mark.parametrize(
    "options",
    [{}, {"viewport": {"width": 390, "height": 844}, "has_touch": True}, {"color_scheme": "dark"}],
    ids=["desktop", "phone", "dark"],
)
def test_from_an_example_to_its_chart(open_page: MakePage, options: dict[str, object]) -> None:
    page = open_page("sparql", **options)
    page.get_by_role("link", name=SOURCES, exact=True).click()
    editor(page)
    page.get_by_role("tab", name="Chart").click()
    expect(page.locator(".bars li").first).to_contain_text("adipose tissue")
    expect(page.locator("#view-table")).to_be_hidden()
    page.locator("select[name=chart]").select_option("line")
    expect(page.locator(".line-chart svg[role=img]")).to_be_visible()
    expect(page).to_have_url(re.compile(r"chart=line.*#view-chart$"))
    page.reload()
    expect(page.locator(".line-chart svg[role=img]")).to_be_visible()


@WITH_EDITOR
def test_a_query_is_written_completed_and_run_by_keyboard(open_page: MakePage) -> None:
    page = editor(open_page("sparql"))
    write(page, "SELECT ?t WHERE { ?t a ")
    page.keyboard.type("tk:Tria", delay=30)
    choices = page.get_by_role("option")
    expect(choices.first).to_contain_text("tk:Trial")
    page.wait_for_timeout(300)  # a choice is not taken in the moment in which it appears
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Enter")
    page.keyboard.insert_text(" } LIMIT 2")
    page.keyboard.press("ControlOrMeta+Enter")
    expect(page.locator(".answer [role=status]")).to_contain_text("2 rows")
    expect(page).to_have_url(re.compile("LIMIT\\+2"))
    page.keyboard.press("Tab")  # out of the editor, not into the text
    expect(page.get_by_role("button", name="Run the query")).to_be_focused()


@WITH_EDITOR
def test_concepts_are_found_by_their_labels(open_page: MakePage) -> None:
    page = editor(open_page("sparql"))
    write(page, "SELECT * WHERE { ?t tk:condition ")
    page.keyboard.type("systemic", delay=30)
    page.get_by_role("option").filter(has_text="systemic sclerosis").first.click()
    page.keyboard.insert_text(" }")
    page.keyboard.press("ControlOrMeta+Enter")
    expect(page.locator("table.result")).to_contain_text(FULL)


@WITH_EDITOR
def test_an_error_is_marked_and_goes_away(open_page: MakePage) -> None:
    page = editor(open_page("sparql"))
    write(page, "SELECT *\nWHERE { ?s nope:x ?o }")
    page.get_by_role("button", name="Run the query").click()
    expect(page.get_by_role("alert")).to_contain_text("line 2, column 12")
    expect(page.locator(".cm-lintRange-error")).to_have_text("nope:x")
    write(page, "ASK {}")
    page.get_by_role("button", name="Run the query").click()
    expect(page.locator(".answer [role=status]")).to_contain_text("Yes")
    expect(page.locator(".cm-lintRange-error")).to_have_count(0)
    page.go_back()
    expect(page.get_by_role("alert")).to_contain_text("line 2, column 12")


@WITH_EDITOR
def test_tabs_move_with_arrow_keys(open_page: MakePage) -> None:
    page = editor(open_page("sparql?example=cell_sources"))
    page.get_by_role("button", name="Run the query").click()
    page.get_by_role("tab", name="Table").focus()
    page.keyboard.press("ArrowLeft")
    expect(page.get_by_role("tab", name="Chart")).to_be_focused()
    expect(page.get_by_role("tabpanel")).to_have_attribute("id", "view-chart")
    page.keyboard.press("Home")
    expect(page.get_by_role("tabpanel")).to_have_attribute("id", "view-table")


@pytest.mark.skipif(not (VENDOR / "cytoscape").is_dir(), reason="needs cytoscape: make assets")
def test_a_graph_is_drawn(open_page: MakePage) -> None:
    query = f"CONSTRUCT WHERE {{ trial:{FULL} tk:condition ?c ; tk:route ?r }}"
    page = open_page(f"sparql?query={query}#view-graph")
    page.locator("#view-graph[data-ready=yes]").wait_for()
    expect(page.locator(".result-graph canvas").first).to_be_visible()
    expect(page.locator("#view-graph")).to_contain_text("edges")
    page.get_by_role("tab", name="Turtle").click()
    expect(page.locator("#view-text pre")).to_contain_text("tk:condition")


def test_without_scripts_all_views_are_there(open_page: MakePage) -> None:
    page = open_page("sparql", java_script_enabled=False)
    page.get_by_role("link", name=SOURCES, exact=True).click()
    page.get_by_role("button", name="Run the query").click()
    expect(page.locator("table.result")).to_be_visible()
    expect(page.locator(".bars")).to_be_visible()
    page.locator("select[name=chart]").select_option("line")
    page.get_by_role("button", name="Draw", exact=True).click()
    expect(page.locator(".line-chart")).to_be_visible()
    page.get_by_label("Query").fill("SELECT nonsense")
    page.get_by_role("button", name="Run the query").click()
    expect(page.get_by_role("alert")).to_contain_text("not SPARQL")


@WITH_EDITOR
def test_hostile_answers_run_nothing(open_page: MakePage) -> None:
    query = f"SELECT ?o (STRLEN(STR(?o)) AS ?n) WHERE {{ trial:{HOSTILE} ?p ?o }}"
    page = editor(open_page(f"sparql?query={query}"))
    page.get_by_role("tab", name="Chart").click()
    page.get_by_role("button", name="Run the query").click()
    expect(page.locator(".answer")).to_be_visible()
    assert page.locator("main img, main iframe, #result script").count() == 0


def test_a_watched_trial_and_its_feed(open_page: MakePage) -> None:
    page = open_page("changes")
    page.get_by_label("Watch a trial").fill(FULL.lower())
    page.get_by_role("button", name="Watch", exact=True).click()
    expect(page.locator(".watched h2")).to_contain_text("Cord Cells")
    page.get_by_role("link", name="its history").click()
    expect(page.locator(".notice")).to_contain_text("One state was seen so far")
    feed = page.locator("link[rel=alternate]").last.get_attribute("href")
    answer = page.request.get(page.url.partition("/trial/")[0] + str(feed))
    assert answer.headers["content-type"].startswith("application/atom+xml")
