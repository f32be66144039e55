"""The main paths in Debian's Chromium, over the real server."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.browser.serving import CHROMIUM, launch, serving
from tests.web.conftest import build_store
from tests.web.records import ADIPOSE, FULL, HOSTILE

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not CHROMIUM.is_file(), reason="needs Debian's chromium"),
]
PATHS = ["", "search?q=sclerosis", f"trial/{FULL}", f"trial/{HOSTILE}", "sparql", "about",
         f"compare?nct_id={FULL}&nct_id={ADIPOSE}", "trial/NCT90000007"]  # fmt: skip
MakePage = Callable[..., Page]


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    store = build_store(tmp_path_factory.mktemp("browser"))
    with serving(store.path) as found:
        yield found


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        started = launch(playwright)
        yield started
        started.close()


@pytest.fixture
def open_page(browser: Browser, address: str) -> Iterator[MakePage]:
    """Give a maker of pages that fail on a script error, or on a request to elsewhere."""
    contexts, strangers, faults = [], [], []
    allowed = urlsplit(address).netloc

    def make(path: str = "", **options: object) -> Page:
        context = browser.new_context(**options)  # type: ignore[arg-type]
        contexts.append(context)
        context.on(
            "request",
            lambda request: (
                None if urlsplit(request.url).netloc == allowed else strangers.append(request.url)
            ),
        )
        page = context.new_page()
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on(
            "console",
            lambda message: (
                faults.append(message.text) if "Content Security Policy" in message.text else None
            ),
        )
        page.on("dialog", lambda dialog: faults.append(f"dialog: {dialog.message}"))
        page.goto(address + path)
        return page

    yield make
    for context in contexts:
        context.close()
    assert strangers == []
    assert faults == []


def walk_to_kin(page: Page) -> None:
    page.get_by_label("Words, a condition").fill("CORD-SSc")
    page.get_by_role("button", name="Search").click()
    page.get_by_role("link", name="Cord Cells for Systemic Sclerosis").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Cord Cells for Systemic Sclerosis")
    kin = page.locator(".kin").first
    kin.locator("summary").click()
    expect(kin.get_by_role("table")).to_contain_text("umbilical cord")
    kin.get_by_role("link", name="Adipose Stromal Cells").click()
    expect(page).to_have_url(trial_address(ADIPOSE))


def trial_address(nct_id: str) -> re.Pattern[str]:
    return re.compile(f"/trial/{nct_id}$")


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"java_script_enabled": False},
        {"viewport": {"width": 390, "height": 844}, "has_touch": True},
        {"color_scheme": "dark"},
    ],
    ids=["desktop", "no-javascript", "phone", "dark"],
)
def test_from_search_to_trial_to_kin(open_page: MakePage, options: dict[str, object]) -> None:
    walk_to_kin(open_page(**options))


def test_from_search_to_kin_by_keyboard_alone(open_page: MakePage) -> None:
    page = open_page()
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to content")).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    expect(page.get_by_label("Words, a condition")).to_be_focused()
    page.keyboard.type(FULL)
    page.keyboard.press("Enter")
    expect(page).to_have_url(trial_address(FULL))
    summary = page.locator("#read summary").first
    for _ in range(60):
        page.keyboard.press("Tab")
        if summary.evaluate("element => element === document.activeElement"):
            break
    expect(summary).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#read blockquote mark").first).to_be_visible()


def test_an_example_query_shows_rows_that_lead_to_trials(open_page: MakePage) -> None:
    page = open_page("sparql")
    page.get_by_label("Query").fill(f"SELECT ?t WHERE {{ trial:{FULL} tk:kin ?t }} ORDER BY ?t")
    page.get_by_role("button", name="Run the query").click()
    expect(page.get_by_role("table")).to_contain_text(ADIPOSE)
    assert "query=" in page.url
    page.get_by_role("link", name=ADIPOSE).click()
    expect(page).to_have_url(trial_address(ADIPOSE))
    page.goto(f"{page.url.split('/trial')[0]}/sparql")
    page.get_by_role("link", name="Where the cells come from", exact=True).click()
    expect(page.get_by_role("table")).to_contain_text("umbilical cord")


def test_csv_of_the_screen_is_downloaded(open_page: MakePage, tmp_path: Path) -> None:
    page = open_page("search?q=sclerosis")
    with page.expect_download() as download:
        page.get_by_role("link", name="as CSV").click()
    download.value.save_as(tmp_path / "rows.csv")
    assert FULL in (tmp_path / "rows.csv").read_text("utf-8")


@pytest.mark.parametrize("width", [390, 320, 1280])
@pytest.mark.parametrize("path", PATHS)
def test_no_page_is_wider_than_the_screen(open_page: MakePage, path: str, width: int) -> None:
    page = open_page(path, viewport={"width": width, "height": 844})
    wide = page.evaluate("document.documentElement.scrollWidth")
    assert wide <= width, path


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("path", PATHS)
def test_text_stands_out_from_its_ground(open_page: MakePage, path: str, scheme: str) -> None:
    page = open_page(path, color_scheme=scheme)
    poor = page.evaluate(_CONTRAST)
    assert poor == []


@pytest.mark.parametrize("path", PATHS)
def test_every_control_and_region_has_a_name(open_page: MakePage, path: str) -> None:
    page = open_page(path)
    assert page.evaluate(_NAMELESS) == []
    expect(page.get_by_role("main")).to_have_count(1)
    expect(page.get_by_role("banner")).to_have_count(1)
    levels = page.evaluate("[...document.querySelectorAll('h1,h2,h3,h4')].map(h => +h.tagName[1])")
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))


def test_hostile_text_runs_nothing(open_page: MakePage) -> None:
    page = open_page(f"trial/{HOSTILE}")
    expect(page.get_by_role("heading", level=1)).to_contain_text("<script>alert(1)</script>")
    assert page.evaluate("document.scripts.length") == 0


# Contrast by WCAG 2.2 (1.4.3): 4.5 for text, 3 for large text, of every element with text of
# its own against the nearest ground that is not transparent.
_CONTRAST = """() => {
  const parse = c => c.match(/[\\d.]+/g).map(Number);
  const light = ([r, g, b]) => [r, g, b].map(v => v / 255)
    .map(v => v <= .03928 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4)
    .reduce((sum, v, i) => sum + v * [.2126, .7152, .0722][i], 0);
  const ground = e => { for (; e; e = e.parentElement) {
    const c = parse(getComputedStyle(e).backgroundColor);
    if (c.length < 4 || c[3] > 0) return c; } return [255, 255, 255]; };
  const poor = new Set();
  for (const e of document.body.querySelectorAll('*')) {
    if (e.closest('svg') || !e.checkVisibility()) continue;
    if (![...e.childNodes].some(n => n.nodeType === 3 && n.data.trim())) continue;
    const style = getComputedStyle(e), size = parseFloat(style.fontSize);
    const [a, b] = [light(parse(style.color)), light(ground(e))].sort((x, y) => y - x);
    const large = size >= 24 || (size >= 18.66 && style.fontWeight >= 700);
    const ratio = (a + .05) / (b + .05);
    if (ratio < (large ? 3 : 4.5)) poor.add(`${e.tagName}.${e.className} ${ratio.toFixed(2)}`);
  }
  return [...poor];
}"""
_NAMELESS = """() => [...document.querySelectorAll(['a[href]', 'button', 'select', 'textarea',
  'input:not([type=hidden])', 'summary', '[role=region]', 'nav', 'section[aria-labelledby]']
  .join())].filter(e => {
  const by = e.getAttribute('aria-labelledby');
  const name = e.getAttribute('aria-label') || (by && document.getElementById(by)?.textContent)
    || (e.labels && e.labels[0]?.textContent) || e.textContent;
  return !name || !name.trim();
}).map(e => e.outerHTML.slice(0, 120))"""
