"""From the start page, no link is dead and no page fails."""

from __future__ import annotations

from urllib.parse import urldefrag, urljoin, urlsplit

from bs4 import BeautifulSoup
from flask.testing import FlaskClient

from tests.web.reading import BROWSER

MOST_PAGES = 250


def test_no_dead_link_and_no_error(client: FlaskClient) -> None:
    waiting, seen, anchors = ["/"], {"/"}, []
    ids: dict[str, set[str]] = {}
    crawled = 0
    while waiting and crawled < MOST_PAGES:
        path = waiting.pop(0)
        response = client.get(path, headers=BROWSER, buffered=True)
        crawled += 1
        if response.status_code in (301, 302):
            links = [response.location]
        else:
            assert response.status_code == 200, (path, response.status_code)
            if response.mimetype != "text/html":
                continue
            page = BeautifulSoup(response.text, "lxml")
            ids[path] = {element["id"] for element in page.select("[id]")}
            assert len(page.select("h1")) == 1, path
            assert page.title is not None
            assert len(page.select("[id]")) == len(ids[path]), f"an id is there twice: {path}"
            links = [a["href"] for a in page.select("a[href], link[href]")]
        for link in links:
            target, fragment = urldefrag(urljoin(path, link))
            parts = urlsplit(target)
            if parts.netloc:
                assert parts.scheme in ("http", "https"), link
                continue
            if fragment:
                anchors.append((target, fragment, path))
            # Filters multiply without end; one of each is enough.
            narrow = parts.path.startswith("/search") and parts.query.count("=") > 2
            if target not in seen and not narrow:
                seen.add(target)
                waiting.append(target)
    for target, fragment, path in anchors:
        if target in ids:
            assert fragment in ids[target], (path, target, fragment)
    assert crawled > 150
    assert {"/about", "/sparql", "/search", "/trial/NCT90000001"} <= seen
