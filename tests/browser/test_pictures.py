"""Atlas and graph in Chromium: by keyboard, by finger, and where something cannot be fetched."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import MakePage
from tests.browser.serving import CHROMIUM
from tests.conftest import ROOT
from tests.web.records import FULL

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not CHROMIUM.is_file(), reason="needs Debian's chromium"),
]
WITH_CYTOSCAPE = pytest.mark.skipif(
    not (ROOT / "web/static/vendor/cytoscape").is_dir(), reason="needs cytoscape: make assets"
)
PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True}
GRAPH = f"trial/{FULL}/graph"
TRIAL = re.compile(r"/trial/NCT\d{8}$")


def atlas(page: Page) -> Page:
    page.locator("#atlas[data-ready=yes]").wait_for()
    return page


def graph(page: Page) -> Page:
    page.locator("#graph[data-ready]").wait_for()
    return page


def test_the_atlas_is_walked_by_keyboard(open_page: MakePage) -> None:
    page = atlas(open_page("atlas"))
    page.locator("#atlas canvas").focus()
    told = page.locator("#atlas-detail a")
    page.keyboard.press("ArrowRight")
    first = told.get_attribute("href")
    page.keyboard.press("ArrowRight")
    expect(told).not_to_have_attribute("href", str(first))
    page.keyboard.press("+")
    page.keyboard.press("ArrowLeft")
    expect(told).to_have_attribute("href", str(first))
    page.keyboard.press("Home")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(f"{first}$"))
    page.go_back()
    atlas(page)


def test_only_the_first_button_moves_the_atlas(open_page: MakePage) -> None:
    page = atlas(open_page("atlas"))
    page.get_by_role("button", name="Zoom in").click()
    box = page.locator("#atlas canvas").bounding_box()
    assert box is not None
    here = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    drawn = []
    for button in ("right", "left"):
        page.mouse.move(*here)
        page.wait_for_timeout(100)
        drawn.append(page.evaluate(_DRAWN))
        page.mouse.down(button=button)  # type: ignore[arg-type]
        page.mouse.move(here[0] + 60, here[1] + 40)
        page.mouse.up(button=button)  # type: ignore[arg-type]
    page.mouse.move(*here)
    page.wait_for_timeout(100)
    drawn.append(page.evaluate(_DRAWN))
    assert drawn[0] == drawn[1]
    assert drawn[1] != drawn[2]


def test_a_tap_on_the_atlas_tells_its_trial_below_the_map(open_page: MakePage) -> None:
    page = atlas(open_page("atlas", **PHONE))
    told = page.locator("#atlas-detail a")
    page.locator("#atlas canvas").focus()
    page.keyboard.press("ArrowRight")
    expect(told).to_be_visible()
    box = page.locator("#atlas canvas").bounding_box()
    assert box is not None
    for place in range(400):
        across, down = place % 20, place // 20
        page.touchscreen.tap(
            box["x"] + box["width"] * (across + 0.5) / 20,
            box["y"] + box["height"] * (down + 0.5) / 20,
        )
        if place > 20 and told.count():
            break
    expect(told).to_be_in_viewport()
    told.tap()
    expect(page).to_have_url(TRIAL)


def test_one_colour_can_be_shown_alone(open_page: MakePage) -> None:
    page = atlas(open_page("atlas"))
    dots = "document.querySelector('#atlas canvas').toDataURL()"
    page.wait_for_timeout(200)
    before = page.evaluate(dots)
    switch = page.get_by_role("button", name=re.compile("^Show alone: ")).first
    switch.click()
    expect(switch).to_have_attribute("aria-pressed", "true")
    page.wait_for_timeout(200)
    assert page.evaluate(dots) != before
    switch.click()
    expect(switch).to_have_attribute("aria-pressed", "false")


def test_nothing_covers_the_map_and_it_fits_the_screen(open_page: MakePage) -> None:
    page = atlas(open_page("atlas", **PHONE))
    for width, height in ((390, 844), (768, 1024), (1280, 900), (1920, 1080)):
        page.set_viewport_size({"width": width, "height": height})
        canvas = page.locator("#atlas canvas").bounding_box()
        controls = page.locator("#atlas-bar .map-controls").bounding_box()
        assert canvas is not None
        assert controls is not None
        assert controls["y"] >= canvas["y"] + canvas["height"]
        assert controls["y"] + controls["height"] <= height + 1


def test_the_map_is_zoomed_and_moved_by_mouse_and_fingers(open_page: MakePage) -> None:
    page = atlas(open_page("atlas", has_touch=True))
    canvas = page.locator("#atlas canvas")
    box = canvas.bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2

    def changed_by(act: Callable[[], object]) -> bool:
        page.wait_for_timeout(150)
        before = canvas.evaluate("map => map.toDataURL()")
        act()
        page.wait_for_timeout(150)
        return bool(canvas.evaluate("map => map.toDataURL()") != before)

    def drag() -> None:
        page.mouse.down()
        page.mouse.move(x + 90, y + 40, steps=4)
        page.mouse.up()

    page.mouse.move(x, y)
    assert not changed_by(drag)  # all is in the picture: nothing to move
    page.mouse.move(x, y)
    assert changed_by(lambda: page.mouse.wheel(0, -400))
    assert changed_by(drag)
    page.get_by_role("button", name="Whole map").click()
    touch = page.context.new_cdp_session(page)

    def fingers(kind: str, apart: float) -> None:
        points = [{"x": x - apart, "y": y, "id": 0}, {"x": x + apart, "y": y, "id": 1}]
        said = {"type": kind, "touchPoints": points if apart else []}
        touch.send("Input.dispatchTouchEvent", said)

    def pinch() -> None:
        for kind, apart in (
            ("touchStart", 40),
            ("touchMove", 70),
            ("touchMove", 110),
            ("touchEnd", 0),
        ):
            fingers(kind, apart)

    assert changed_by(pinch)
    page.mouse.click(x, y, button="right")
    assert page.url.endswith("/atlas")


def test_the_page_scrolls_over_the_map_at_its_widest(open_page: MakePage) -> None:
    page = atlas(open_page("atlas", viewport={"width": 1280, "height": 500}))
    page.locator("#atlas canvas").hover()
    page.mouse.wheel(0, 300)
    page.wait_for_function("scrollY > 100")


def test_the_atlas_stands_still_where_its_data_do_not_come(open_page: MakePage) -> None:
    page = open_page("about", forgiven="Failed to load resource")
    page.route("**/atlas.json*", lambda route: route.abort())
    page.get_by_role("link", name="Atlas").click()
    expect(page.locator("#atlas-detail")).to_contain_text("stands still")
    picture = page.locator("#atlas img")
    expect(picture).to_be_visible()
    page.wait_for_function("document.querySelector('#atlas img').naturalWidth > 0")


def test_it_is_said_when_the_trials_of_the_dots_do_not_come(open_page: MakePage) -> None:
    page = atlas(open_page("atlas", forgiven="Failed to load resource"))
    page.route("**/atlas/trials.json", lambda route: route.abort())
    page.locator("#atlas canvas").focus()
    page.keyboard.press("ArrowRight")
    expect(page.locator("#atlas-detail")).to_contain_text("could not be fetched")
    page.unroute("**/atlas/trials.json")
    page.keyboard.press("ArrowRight")
    expect(page.locator("#atlas-detail a")).to_be_visible()


@WITH_CYTOSCAPE
def test_the_graph_is_walked_and_unfolded_by_keyboard(open_page: MakePage) -> None:
    page = graph(open_page(GRAPH))
    page.locator("#graph").focus()
    told = page.locator("#graph-detail a")
    page.keyboard.press("ArrowRight")
    expect(told).to_have_attribute("href", re.compile(FULL))
    for key in ("ArrowRight", "ArrowDown", "ArrowLeft"):
        page.keyboard.press(key)
    expect(told).not_to_have_attribute("href", re.compile(FULL))
    page.get_by_role("button", name="Unfold its neighbours").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#graph-detail")).to_contain_text(re.compile("more trial|here already"))
    expect(told).to_be_focused()
    page.locator("#graph").focus()
    page.keyboard.press("Enter")
    expect(page).to_have_url(TRIAL)


@WITH_CYTOSCAPE
@pytest.mark.parametrize("options", [PHONE, {}, {"reduced_motion": "reduce"}])
def test_names_in_the_graph_do_not_lie_upon_each_other(
    open_page: MakePage, options: dict[str, object]
) -> None:
    page = graph(open_page(GRAPH, **options))
    assert page.evaluate(_OVERLAPS) == []
    page.locator("#graph").focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowDown")
    page.get_by_role("button", name="Unfold its neighbours").click()
    expect(page.locator("#graph-detail")).to_contain_text(re.compile("more trial|here already"))
    page.wait_for_timeout(600)  # the way to the new places
    assert page.evaluate(_OVERLAPS) == []


@WITH_CYTOSCAPE
def test_the_legend_grows_with_the_picture(open_page: MakePage) -> None:
    page = graph(open_page(GRAPH))
    items = page.locator(".graph-page .legend li:visible")
    expect(items).to_have_count(page.evaluate(_GROUPS))
    page.locator("#graph").focus()
    for key in ("ArrowRight", "ArrowUp"):
        page.keyboard.press(key)
    page.get_by_role("button", name="Unfold its neighbours").click()
    expect(page.locator("#graph-detail")).to_contain_text(re.compile("more trial|here already"))
    expect(items).to_have_count(page.evaluate(_GROUPS))


@WITH_CYTOSCAPE
def test_the_table_grows_with_the_picture(open_page: MakePage) -> None:
    page = graph(open_page(GRAPH))
    rows = page.locator("#graph-links tr")
    before = rows.count()
    assert before == page.evaluate(_LINKS)
    page.locator("#graph").focus()
    for key in ("ArrowRight", "ArrowUp"):
        page.keyboard.press(key)
    page.get_by_role("button", name="Unfold its neighbours").click()
    expect(page.locator("#graph-detail")).to_contain_text(re.compile("more trial"))
    expect(rows).to_have_count(page.evaluate(_LINKS))
    assert rows.count() > before
    expect(rows.last.locator("a")).to_have_count(2)
    expect(rows.last.locator("td")).to_have_count(5)
    expect(page.locator("#graph-count")).to_contain_text(f"{page.evaluate(_TRIALS)} trials")


@WITH_CYTOSCAPE
def test_a_graph_that_cannot_be_fetched_says_so(open_page: MakePage) -> None:
    page = graph(open_page(GRAPH, forgiven="Failed to load resource"))
    page.route("**/graph.json", lambda route: route.abort())
    page.locator("#graph").focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    page.get_by_role("button", name="Unfold its neighbours").click()
    expect(page.locator("#graph-detail")).to_contain_text("could not be fetched")
    page.reload()
    expect(page.locator(".graph-help")).to_contain_text("stands still")
    expect(page.locator("#graph .still svg")).to_be_visible()
    page.unroute("**/graph.json")


_GROUPS = """() => {
  const nodes = document.getElementById('graph')._cyreg.cy.nodes();
  return new Set(nodes.map(node => node.data('group'))).size;
}"""
_DRAWN = "document.querySelector('#atlas canvas').toDataURL()"
_LINKS = "document.getElementById('graph')._cyreg.cy.edges().length"
_TRIALS = "document.getElementById('graph')._cyreg.cy.nodes().length"
_OVERLAPS = """() => {
  const options = { includeLabels: true, includeOverlays: false };
  const nodes = document.getElementById('graph')._cyreg.cy.nodes();
  const boxes = nodes.map(node => [node.id(), node.boundingBox(options)]);
  const shared = (a, b, from, to) => Math.min(a[to], b[to]) - Math.max(a[from], b[from]);
  const found = [];
  boxes.forEach(([one, a], place) => {
    for (const [other, b] of boxes.slice(place + 1)) {
      if (shared(a, b, 'x1', 'x2') > 1 && shared(a, b, 'y1', 'y2') > 1) found.push([one, other]);
    }
  });
  return found;
}"""
