"""A served store, Chromium, and pages that fail on any fault or request to elsewhere."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, sync_playwright

from tests.browser.serving import launch, serving
from tests.web.conftest import build_store

MakePage = Callable[..., Page]
_REFUSED = re.compile(r"Failed to load resource: the server responded with a status of 4\d\d ")


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


def is_fault(message: ConsoleMessage) -> bool:
    """Whether what the console says is a fault: any warning or error, but for one.

    Chromium calls a page an error that tells readers that a trial or an answer is not there.
    """
    if message.type not in ("warning", "error"):
        return False
    path = urlsplit(message.location["url"]).path
    is_page = not path.startswith("/static/") and not path.endswith(".json")
    return not (is_page and _REFUSED.match(message.text))


@pytest.fixture
def open_page(browser: Browser, address: str) -> Iterator[MakePage]:
    """Give a maker of pages that fail on any fault, or on a request to elsewhere.

    What the console says and contains `forgiven` is no fault: of requests that a test cuts off.
    """
    contexts, strangers, faults = [], [], []
    allowed = urlsplit(address).netloc

    def make(path: str = "", *, forgiven: str | None = None, **options: object) -> Page:
        context = browser.new_context(**options)  # type: ignore[arg-type]
        contexts.append(context)
        context.on(
            "request",
            lambda request: (
                None if urlsplit(request.url).netloc == allowed else strangers.append(request.url)
            ),
        )

        def heard(message: ConsoleMessage) -> None:
            if is_fault(message) and not (forgiven and forgiven in message.text):
                faults.append(f"{message.type}: {message.text}")

        page = context.new_page()
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on("console", heard)
        page.on("dialog", lambda dialog: faults.append(f"dialog: {dialog.message}"))
        page.goto(address + path)
        return page

    yield make
    for context in contexts:
        context.close()
    assert strangers == []
    assert faults == []
