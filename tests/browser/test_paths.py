"""The main paths in Debian's Chromium, over the real server."""

from __future__ import annotations

import csv
import re
import zipfile
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import MakePage
from tests.browser.serving import CHROMIUM
from tests.web.records import ADIPOSE, FULL, SCLEROSIS

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not CHROMIUM.is_file(), reason="needs Debian's chromium"),
]
WAYS = pytest.mark.parametrize(
    "options",
    [
        {},
        {"java_script_enabled": False},
        {"viewport": {"width": 390, "height": 844}, "has_touch": True},
        {"color_scheme": "dark"},
    ],
    ids=["desktop", "no-javascript", "phone", "dark"],
)


def trial_address(nct_id: str) -> re.Pattern[str]:
    return re.compile(f"/trial/{nct_id}$")


@WAYS
def test_from_search_to_kin_to_comparison_to_evidence_to_files(
    open_page: MakePage, options: dict[str, object], tmp_path: Path
) -> None:
    page = open_page(**options)
    page.get_by_label("Words, a condition").fill("CORD-SSc")
    page.get_by_role("button", name="Search").click()
    page.get_by_role("link", name="Cord Cells for Systemic Sclerosis").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Cord Cells for Systemic Sclerosis")
    kin = page.locator(".kin").first
    kin.locator("summary").click()
    expect(kin.get_by_role("table")).to_contain_text("umbilical cord")
    page.get_by_role("link", name="More kin").click()
    page.get_by_label(f"Choose {ADIPOSE}").check()
    page.get_by_label(f"Choose {SCLEROSIS}").check()
    page.get_by_role("button", name="Compare chosen").click()
    for nct_id in (FULL, ADIPOSE, SCLEROSIS):
        expect(page.locator("thead")).to_contain_text(nct_id)
    expect(page.locator("tr.differs").first).to_be_visible()
    page.get_by_role("link", name="Evidence table").click()
    expect(page.locator("table.evidence tbody tr")).to_have_count(3)
    with page.expect_download() as download:
        page.get_by_role("link", name="CSV").click()
    download.value.save_as(tmp_path / "rows.csv")
    with (tmp_path / "rows.csv").open(encoding="utf-8", newline="") as file:
        assert [row["nct_id"] for row in csv.DictReader(file)] == [FULL, ADIPOSE, SCLEROSIS]
    with page.expect_download() as download:
        page.get_by_role("link", name="XLSX").click()
    download.value.save_as(tmp_path / "rows.xlsx")
    assert zipfile.is_zipfile(tmp_path / "rows.xlsx")


def test_from_search_to_evidence_by_keyboard_alone(open_page: MakePage) -> None:
    page = open_page()
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to content")).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    expect(page.get_by_label("Words, a condition")).to_be_focused()
    page.keyboard.type(FULL)
    page.keyboard.press("Enter")
    expect(page).to_have_url(trial_address(FULL))
    tab_to(page, "#read summary")
    expect(page.locator("#read .peek").first).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#read .peek").first).to_be_hidden()
    page.keyboard.press("Enter")
    expect(page.locator("#read blockquote mark").first).to_be_visible()
    tab_to(page, ".kin-links a.button")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("/kin$"))
    tab_to(page, f"input[type=checkbox][value={ADIPOSE}]")
    page.keyboard.press("Space")
    tab_to(page, ".choice-bar button[formaction]")
    page.keyboard.press("Enter")
    expect(page.locator("table.evidence tbody tr")).to_have_count(2)


def tab_to(page: Page, selector: str) -> None:
    """Press Tab until the first element of the selector has the focus."""
    wanted = page.locator(selector).first
    for _ in range(250):
        if wanted.evaluate("element => element === document.activeElement"):
            return
        page.keyboard.press("Tab")
    expect(wanted).to_be_focused()


def test_a_slider_reweighs_at_once(open_page: MakePage) -> None:
    page = open_page(f"trial/{FULL}/kin")
    first = page.locator("form.choosing .kin .nct").first
    before = page.locator("form.choosing .kin .score").first.text_content()
    expect(first).to_have_text(ADIPOSE)
    for name in ("Condition", "MeSH terms", "Text as a whole", "Words in common"):
        page.get_by_role("slider", name=name).fill("0")
    expect(page).to_have_url(re.compile("w_condition=0.*w_words=0"))
    expect(page.locator("#kin-results [role=status]").first).to_contain_text("with your weights")
    assert page.locator("form.choosing .kin .score").first.text_content() != before
    page.reload()
    expect(page.get_by_role("slider", name="Words")).to_have_value("0")
    page.get_by_role("link", name="Usual weights").click()
    expect(page.locator("form.choosing .kin .score").first).to_have_text(str(before))


def test_weights_apply_without_scripts(open_page: MakePage) -> None:
    page = open_page(f"trial/{FULL}/kin?w_words=0", java_script_enabled=False)
    page.get_by_role("button", name="Apply").click()
    expect(page.locator("#kin-results [role=status]").first).to_contain_text("with your weights")
    page.get_by_label("NCT id of a trial that you expected").fill(SCLEROSIS)
    page.get_by_role("button", name="Explain").click()
    expect(page.locator(".expected")).to_contain_text("Rank")


def test_evidence_shows_on_hover(open_page: MakePage) -> None:
    page = open_page(f"trial/{FULL}")
    peek = page.locator("#read .peek").first
    expect(peek).to_be_hidden()
    page.locator("#read summary").first.hover()
    expect(peek).to_be_visible()
    expect(peek.locator("mark")).not_to_be_empty()


def test_the_place_in_a_record_is_marked_while_reading(open_page: MakePage) -> None:
    page = open_page(f"trial/{FULL}")
    page.get_by_role("link", name="Eligibility", exact=True).click()
    expect(page.locator(".toc a[aria-current]")).to_have_text("Eligibility")
    expect(page.locator(".toc")).to_be_in_viewport()


def test_from_the_atlas_to_a_trial(open_page: MakePage) -> None:
    page = open_page("atlas")
    page.locator("#atlas[data-ready]").wait_for()
    canvas = page.locator("#atlas canvas")
    box = canvas.bounding_box()
    assert box is not None
    for place in range(900):  # sweep the map until a dot answers
        across, down = place % 30, place // 30
        page.mouse.move(
            box["x"] + box["width"] * (across + 0.5) / 30,
            box["y"] + box["height"] * (down + 0.5) / 30,
        )
        if canvas.evaluate("map => map.style.cursor") == "pointer":
            break
    page.mouse.down()
    page.mouse.up()
    expect(page).to_have_url(re.compile(r"/trial/NCT\d{8}$"))


def test_the_atlas_moves_by_keyboard(open_page: MakePage) -> None:
    page = open_page("atlas")
    page.locator("#atlas[data-ready]").wait_for()
    page.locator("#atlas canvas").focus()
    for key in ("+", "+", "ArrowLeft", "ArrowUp", "ArrowRight", "ArrowDown", "-"):
        page.keyboard.press(key)
    page.get_by_role("button", name="Whole map").click()
    expect(page.locator("#atlas canvas")).to_be_visible()


def test_the_atlas_has_a_picture_and_lists_without_scripts(open_page: MakePage) -> None:
    page = open_page("atlas", java_script_enabled=False)
    assert page.locator("#atlas img").evaluate("image => image.naturalWidth") > 0
    summary = page.locator("details summary").first
    summary.click()
    page.locator("details[open] a").first.click()
    expect(page).to_have_url(re.compile(r"/trial/NCT\d{8}$"))


def test_the_graph_unfolds(open_page: MakePage) -> None:
    page = open_page(f"trial/{FULL}/graph")
    if not page.locator("#graph").get_attribute("data-library"):
        pytest.skip("needs cytoscape: make assets")
    page.locator("#graph[data-ready]").wait_for()
    box = page.locator("#graph").bounding_box()
    assert box is not None
    link = page.locator("#graph-detail a")
    for place in range(1_600):  # tap over the picture until a trial answers
        across, down = place % 40, place // 40
        page.mouse.click(
            box["x"] + box["width"] * (across + 0.5) / 40,
            box["y"] + box["height"] * (down + 0.5) / 40,
        )
        if link.count() and page.get_by_role("button", name="Unfold").count():
            break
    page.get_by_role("button", name="Unfold its neighbours").click()
    expect(page.locator("#graph-detail")).to_contain_text(re.compile("more trials|here already"))


def test_from_a_condition_to_its_timeline_to_a_trial(open_page: MakePage) -> None:
    page = open_page(f"trial/{FULL}")
    page.locator("#conditions").get_by_role("link", name="systemic sclerosis", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Systemic sclerosis")
    page.get_by_role("link", name="Timeline").click()
    page.get_by_role("link", name=FULL).click()
    expect(page).to_have_url(trial_address(FULL))


def test_a_query_in_the_plain_field_shows_rows_that_lead_to_trials(open_page: MakePage) -> None:
    page = open_page("sparql", java_script_enabled=False)  # the editor has tests of its own
    page.get_by_label("Query").fill(f"SELECT ?t WHERE {{ trial:{FULL} tk:kin ?t }} ORDER BY ?t")
    page.get_by_role("button", name="Run the query").click()
    expect(page.get_by_role("table")).to_contain_text(ADIPOSE)
    assert "query=" in page.url
    page.get_by_role("link", name=ADIPOSE).click()
    expect(page).to_have_url(trial_address(ADIPOSE))


def test_csv_of_the_screen_is_downloaded(open_page: MakePage, tmp_path: Path) -> None:
    page = open_page("search?q=sclerosis")
    with page.expect_download() as download:
        page.get_by_role("link", name="as CSV").click()
    download.value.save_as(tmp_path / "rows.csv")
    assert FULL in (tmp_path / "rows.csv").read_text("utf-8")


def test_printed_pages_leave_out_what_paper_cannot_do(open_page: MakePage) -> None:
    page = open_page(f"trial/{FULL}")
    page.emulate_media(media="print")
    expect(page.locator("header.site nav")).to_be_hidden()
    expect(page.locator(".toc")).to_be_hidden()
    expect(page.get_by_role("heading", level=1)).to_be_visible()
