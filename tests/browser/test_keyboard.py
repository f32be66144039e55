"""Every type of page by the Tab key alone: seen where the reader is, and never held fast."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import MakePage
from tests.browser.pages import PATHS
from tests.browser.serving import CHROMIUM
from tests.browser.test_looks import settled
from tests.web.records import FULL

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not CHROMIUM.is_file(), reason="needs Debian's chromium"),
]
_MOST_STOPS = 700
_STOPS = 45
_HERE = """() => {
  let one = document.activeElement;
  while (one.shadowRoot?.activeElement) one = one.shadowRoot.activeElement;
  if (one === document.body) return null;
  const framed = [one, one.closest('.mount'), one.getRootNode().host].filter(Boolean);
  const seen = framed.some(element => {
    const style = getComputedStyle(element);
    return style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2;
  });
  const box = one.getBoundingClientRect();
  return {
    name: one.outerHTML.slice(0, 120),
    seen,
    inside: box.width > 0 && box.right > 0 && box.left < innerWidth
      && box.bottom > 0 && box.top < innerHeight,
    last: one.matches('footer p:last-child a:last-of-type'),
  };
}"""


@pytest.mark.parametrize("path", sorted({path.partition("#")[0] for path in PATHS}))
def test_the_focus_is_seen_and_goes_through(open_page: MakePage, path: str) -> None:
    page = settled(open_page(path, reduced_motion="reduce"))
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to content")).to_be_in_viewport()
    for _ in range(_MOST_STOPS):
        page.keyboard.press("Tab")
        here = page.evaluate(_HERE)
        assert here is not None, "the focus is lost before the end of the page"
        assert here["seen"], f"no sign of the focus on {here['name']}"
        assert here["inside"], f"out of sight: {here['name']}"
        if here["last"]:
            return
    raise AssertionError(f"not at the end of the page after {_MOST_STOPS} stops")


_COVERED = """() => {
  const one = document.activeElement;
  if (one === document.body) return null;
  const box = one.getBoundingClientRect();
  const at = document.elementFromPoint(box.left + box.width / 2, box.top + box.height / 2);
  const open = one.contains(at) || at?.contains(one) || one.closest('label') === at;
  return open ? '' : one.outerHTML.slice(0, 120);
}"""


@pytest.mark.parametrize("key", ["Tab", "Shift+Tab"])
@pytest.mark.parametrize(
    ("path", "width"),
    [("search?q=knee", 1280), (f"trial/{FULL}/kin", 390), ("evidence?columns=all", 1280)],
)
def test_what_sticks_does_not_lie_upon_the_focus(
    open_page: MakePage, path: str, width: int, key: str
) -> None:
    page = open_page(path, viewport={"width": width, "height": 800}, reduced_motion="reduce")
    boxes = page.locator("main input[name=nct_id][type=checkbox]")
    if boxes.count():
        boxes.first.check()
        expect(page.locator(".choice-bar")).to_be_visible()
    page.locator("main a" if key == "Tab" else "footer a").first.focus()
    for _ in range(_STOPS):
        page.keyboard.press(key)
        covered = page.evaluate(_COVERED)
        assert not covered, f"covered: {covered}"
        if covered is None:
            return


@pytest.mark.parametrize("path", ["", "search?q=sclerosis", "sparql", "atlas"])
def test_the_way_past_the_header_is_short(open_page: MakePage, path: str) -> None:
    page = open_page(path)
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator("#main")).to_be_focused()
    page.keyboard.press("Tab")
    assert page.evaluate("document.getElementById('main').contains(document.activeElement)")
