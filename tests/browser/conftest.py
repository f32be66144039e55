"""A served store, Chromium, and pages that fail on any fault or request to elsewhere."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from tests.browser.serving import launch, serving
from tests.web.conftest import build_store

MakePage = Callable[..., Page]


@pytest.fixture(scope="session")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of the real server over the hand-written records."""
    store = build_store(tmp_path_factory.mktemp("browser"))
    with serving(store.path) as found:
        yield found


@pytest.fixture(scope="session")
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
