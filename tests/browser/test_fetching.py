"""Lists and answers that scripts fetch: late, cut off, overtaken, and what the reader keeps."""

from __future__ import annotations

import re
from urllib.parse import quote

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.conftest import MakePage
from tests.browser.serving import CHROMIUM
from tests.web.records import ADIPOSE, FULL, HOSTILE

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not CHROMIUM.is_file(), reason="needs Debian's chromium"),
]
KIN = f"trial/{FULL}/kin"
STATUS = "#kin-results .result-head [role=status]"
COUNTED = "SELECT ?s (COUNT(?t) AS ?n) WHERE { ?t tk:cellSource ?s } GROUP BY ?s"


def reweigh(page: Page, name: str, value: str) -> None:
    with page.expect_response(re.compile("/kin\\?")):
        page.get_by_role("slider", name=name).fill(value)
    expect(page.locator("#kin-results[aria-busy]")).to_have_count(0)


def test_choices_outlive_a_new_weighing(open_page: MakePage) -> None:
    page = open_page(KIN)
    page.get_by_label(f"Choose {ADIPOSE}").check()
    card = page.locator(".choosable .kin").filter(has_text=ADIPOSE)
    card.locator("summary").click()
    reweigh(page, "Route", "3")
    expect(page.get_by_label(f"Choose {ADIPOSE}")).to_be_checked()
    expect(card.locator("details")).to_have_attribute("open", "")
    expect(page.locator(".chosen-count")).to_have_text("1 chosen")
    page.locator(".choosable input[type=checkbox]").last.check()
    expect(page.locator(".chosen-count")).to_have_text("2 chosen")
    expect(page.get_by_role("button", name="Compare chosen")).to_be_visible()
    expect(page.locator("main > [role=status]")).to_have_text(
        str(page.locator(STATUS).text_content())
    )


def test_why_not_goes_on_from_the_weights(open_page: MakePage) -> None:
    page = open_page(KIN)
    reweigh(page, "Words", "0")
    page.get_by_label("NCT id of a trial that you expected").fill(HOSTILE)
    page.get_by_role("button", name="Explain").click()
    expect(page).to_have_url(re.compile("w_words=0"))
    expect(page.locator(".expected")).to_be_visible()
    reweigh(page, "Words", "2")
    expect(page.locator(".expected")).to_be_visible()


def test_an_answer_that_was_overtaken_is_not_shown(open_page: MakePage) -> None:
    page = open_page(KIN)
    held: list[Route] = []
    page.route(re.compile("w_route=2"), lambda route: held.append(route))
    page.get_by_role("slider", name="Route").fill("2")
    page.wait_for_timeout(400)
    assert held
    page.get_by_role("slider", name="Route").fill("4")
    expect(page).to_have_url(re.compile("w_route=4"))
    for route in held:
        route.abort()
    page.wait_for_timeout(300)
    expect(page).to_have_url(re.compile("w_route=4"))
    expect(page.locator("#kin-results[aria-busy]")).to_have_count(0)


def test_a_list_that_does_not_come_is_told(open_page: MakePage) -> None:
    page = open_page(KIN, forgiven="Failed to load resource")
    page.route(re.compile("w_route=2"), lambda route: route.abort())
    page.get_by_role("slider", name="Route").fill("2")
    expect(page.get_by_role("alert")).to_contain_text("did not answer")
    expect(page.locator(".choosable .kin").first).to_be_visible()
    reweigh(page, "Route", "3")
    expect(page.get_by_role("alert")).to_have_count(0)


def test_a_query_that_does_not_come_back_is_kept(open_page: MakePage) -> None:
    page = open_page("sparql", forgiven="Failed to load resource")
    page.route(re.compile(r"sparql\?query="), lambda route: route.abort())
    page.get_by_role("button", name="Run the query").click()
    expect(page.get_by_role("alert")).to_contain_text("did not answer")
    expect(page.locator("#running")).to_be_hidden()
    page.unroute(re.compile(r"sparql\?query="))
    page.get_by_role("button", name="Run the query").click()
    expect(page.locator(".answer")).to_be_visible()


def test_a_reader_stops_waiting_and_asks_anew(open_page: MakePage) -> None:
    page = open_page("sparql")
    held: list[Route] = []
    page.route(re.compile(r"sparql\?query="), lambda route: held.append(route))
    run = page.get_by_role("button", name="Run the query")
    run.click()
    page.get_by_role("button", name="Stop waiting").click()
    expect(run).to_be_focused()
    expect(page.locator("#running")).to_be_hidden()
    run.click()
    page.wait_for_timeout(300)
    run.click()  # the one before is cut off, this one is waited for
    page.wait_for_timeout(300)
    expect(page.locator("#running")).to_be_visible()
    assert len(held) == 3
    held[-1].continue_()
    expect(page.locator(".answer")).to_be_visible()
    expect(page.locator("#running")).to_be_hidden()


def test_a_choice_in_the_chart_keeps_the_focus_and_the_way_back(open_page: MakePage) -> None:
    page = open_page(f"sparql?query={quote(COUNTED)}#view-chart")
    kind = page.locator("select[name=chart]")
    kind.focus()
    kind.select_option("line")
    expect(page.locator(".line-chart")).to_be_visible()
    expect(page.locator("select[name=chart]")).to_be_focused()
    page.go_back()
    expect(page.locator(".bars")).to_be_visible()
    page.get_by_role("tab", name="Table").click()
    expect(page.locator("table.result")).to_be_visible()
    expect(page).to_have_url(re.compile("#view-table$"))
