"""Every type of page: no wider than the screen, legible, named, and without fault to axe-core."""

from __future__ import annotations

import re
from itertools import pairwise
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import MakePage
from tests.browser.pages import PATHS
from tests.browser.serving import CHROMIUM
from tests.conftest import ROOT
from tests.web.records import FULL, HOSTILE

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not CHROMIUM.is_file(), reason="needs Debian's chromium"),
]
AXE = ROOT / "web/node_modules/axe-core/axe.min.js"
LARGEST_PAGE_BYTES = 100_000
"""What a first visit may load, fonts and styles with it, gzipped where the server gzips, before
the graph library and the query editor."""


def settled(page: Page) -> Page:
    """Wait for the pictures that scripts draw."""
    for name in ("atlas", "graph"):
        box = page.locator(f"#{name}")
        if box.count() and (name == "atlas" or box.get_attribute("data-library")):
            page.locator(f"#{name}[data-ready]").wait_for()
    return page


@pytest.mark.skipif(not AXE.is_file(), reason="needs axe-core: make assets")
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("path", PATHS)
def test_axe_finds_no_violation(open_page: MakePage, path: str, scheme: str) -> None:
    # The policy of the pages forbids foreign scripts; the checker is let past it, nothing else is.
    page = settled(open_page(path, color_scheme=scheme, bypass_csp=True))
    page.evaluate("[...document.querySelectorAll('details')].forEach(one => { one.open = true; })")
    page.add_script_tag(content=AXE.read_text("utf-8"))
    found = page.evaluate(
        "axe.run(document, {runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa',"
        " 'best-practice']})"
    )
    said = [
        (one["id"], node["target"], node["failureSummary"])
        for one in found["violations"]
        for node in one["nodes"][:3]
    ]
    assert said == []


@pytest.mark.parametrize("path", PATHS)
def test_every_page_fits_the_screen_and_has_its_landmarks(open_page: MakePage, path: str) -> None:
    page = open_page(path, viewport={"width": 1280, "height": 844})
    for width in (1280, 390, 320):
        page.set_viewport_size({"width": width, "height": 844})
        assert page.evaluate("document.documentElement.scrollWidth") <= width, (path, width)
    expect(page.get_by_role("main")).to_have_count(1)
    expect(page.get_by_role("banner")).to_have_count(1)
    levels = page.evaluate("[...document.querySelectorAll('h1,h2,h3,h4')].map(h => +h.tagName[1])")
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))


@pytest.mark.parametrize("path", PATHS)
def test_a_first_visit_loads_little(open_page: MakePage, path: str) -> None:
    page = settled(open_page(path))
    sizes = page.evaluate(_SIZES)
    loaded = sum(
        size
        for name, size in sizes.items()
        if not name.partition("/vendor/")[2].startswith(("cytoscape", "codemirror"))
    )
    assert loaded < LARGEST_PAGE_BYTES, sizes


@pytest.mark.parametrize("width", [320, 390, 768, 1280])
def test_no_part_of_the_navigation_is_cut_off(open_page: MakePage, width: int) -> None:
    page = open_page("about", viewport={"width": width, "height": 844})
    links = page.get_by_role("navigation", name="Site").get_by_role("link").all()
    assert len(links) == 7
    for link in links:
        box = link.bounding_box()
        assert box is not None
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= width
        assert box["height"] >= 24  # WCAG 2.2, 2.5.8


@pytest.mark.parametrize("path", ["search?q=sclerosis", f"trial/{FULL}/kin"])
def test_what_stands_below_a_long_list_on_a_phone_is_one_tap_away(
    open_page: MakePage, path: str
) -> None:
    page = open_page(path, viewport={"width": 390, "height": 844})
    side = page.get_by_role("complementary")
    expect(side).not_to_be_in_viewport()
    page.get_by_role("link", name=re.compile("ilters$")).click()
    expect(side).to_be_in_viewport()
    page.set_viewport_size({"width": 1280, "height": 844})
    expect(page.locator(".to-side")).to_be_hidden()


def test_the_sections_of_a_trial_are_all_named_on_a_wide_screen(open_page: MakePage) -> None:
    page = open_page(f"trial/{FULL}", viewport={"width": 1280, "height": 844})
    list_ = page.locator(".toc ul")
    expect(list_.get_by_role("link")).to_have_count(18)
    assert list_.evaluate("list => list.scrollWidth <= list.clientWidth")


@pytest.mark.parametrize("path", [f"trial/{FULL}/graph", "atlas", "sparql?example=cell_sources"])
def test_pictures_are_printed_in_ink_on_white(open_page: MakePage, path: str) -> None:
    page = settled(open_page(path, color_scheme="dark"))
    page.emulate_media(media="print", color_scheme="dark")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    expect(page.get_by_role("navigation", name="Site")).to_be_hidden()
    for control in page.locator(".map-controls, .graph-help, .actions button").all():
        expect(control).to_be_hidden()


@pytest.mark.parametrize("path", PATHS)
def test_a_choice_of_light_or_dark_outlives_the_page(open_page: MakePage, path: str) -> None:
    page = open_page(path, color_scheme="light")
    ground = "getComputedStyle(document.body).backgroundColor"
    light = page.evaluate(ground)
    page.get_by_role("button", name="Dark colours").click()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    dark = page.evaluate(ground)
    assert dark != light
    page.reload()
    assert page.evaluate(ground) == dark


def test_hostile_text_runs_nothing(open_page: MakePage) -> None:
    for path in (f"trial/{HOSTILE}", f"trial/{HOSTILE}/kin", f"trial/{HOSTILE}/graph", "atlas"):
        page = settled(open_page(path))
        scripts = page.evaluate("[...document.scripts].map(one => one.src || one.type)")
        assert all("/static/js/" in one or one == "application/ld+json" for one in scripts)


def test_styles_and_modules_are_where_pages_look_for_them() -> None:
    static = Path(ROOT / "web/static")
    assert {path.name for path in (static / "js").iterdir()} >= {
        "site.js", "kin.js", "atlas.js", "graph.js", "network.js", "moving.js", "sparql.js",
    }  # fmt: skip


_SIZES = """() => {
  const entries = performance.getEntriesByType('resource');
  const all = [...entries, performance.getEntriesByType('navigation')[0]];
  return Object.fromEntries(all.map(one => [one.name, one.encodedBodySize]));
}"""
