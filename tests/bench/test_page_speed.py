"""How long the server takes to make a page of each type on the MSC corpus; see ``make bench``."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from bs4 import BeautifulSoup
from flask import Flask
from flask.testing import FlaskClient

from kg.build import build
from kg.store import Store
from similarity.encoders import load_encoder
from tests.bench.timing import median_seconds
from tests.conftest import ROOT
from web.app import create_app
from web.served import EXTENSION
from web.text_pages import EXAMPLE

pytestmark = pytest.mark.bench
TRIAL = "NCT04356287"
KIN = ("NCT05016804", "NCT00962923", "NCT02034188")
PATHS = (
    "/",
    "/search",
    "/search?q=systemic+sclerosis",
    "/search?q=mesenchymal&condition=autoimmune+disease",
    f"/trial/{TRIAL}",
    f"/trial/{TRIAL}/kin",
    f"/trial/{TRIAL}/kin?w_route=4&status=COMPLETED&expected={KIN[2]}",
    f"/trial/{TRIAL}/graph",
    f"/compare?nct_id={TRIAL},{','.join(KIN)}",
    f"/evidence?kin_of={TRIAL}",
    "/evidence?q=knee",
    "/concept/",
    "/concept/conditions",
    "/concept/conditions/systemic_sclerosis",
    "/concept/conditions/multiple_sclerosis/timeline",
    "/atlas",
    "/atlas.json",
    "/text",
    "/sparql",
    "/about",
)
RUNS = 9
MOST_MS = 50
TEXT_MOST_MS = 150
"""A text is read by the rules and the encoder before it is compared."""
ATLAS_MOST_S = 2.0
MOST_BYTES = 100_000
"""Of a first visit, gzipped, before the graph library and the query editor."""
_TAKES_GZIP = {"Accept": "text/html", "Accept-Encoding": "gzip"}
_FETCHED_AT_ONCE = {
    "href",
    "src",
    "data-map",
    "data-graph",
    "data-network",
    "data-moving",
    "data-editor",
}
_LIBRARIES = ("/static/vendor/cytoscape", "/static/vendor/codemirror")


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    store = Store(tmp_path_factory.mktemp("msc") / "store")
    whole = ROOT.parent / "shared/data/msc_trials.ndjson.gz"
    source = whole if whole.is_file() else ROOT / "data/msc_trials.ndjson.gz"
    build(store, [source], load_encoder("trialkin"))
    app = create_app(store, query_workers=1)
    yield app
    app.extensions[EXTENSION].close()


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


def test_time_to_lay_out_the_atlas(client: FlaskClient) -> None:
    from web.atlas import lay_out

    served = client.application.extensions[EXTENSION].current()
    served.warm()
    taken_s = median_seconds(lambda: lay_out(served), 3)
    print(f"\natlas laid out: median {taken_s:.2f} s", end="")
    assert taken_s < ATLAS_MOST_S


@pytest.mark.parametrize("path", PATHS)
def test_time_of_a_page(client: FlaskClient, path: str) -> None:
    def ask() -> int:
        response = client.get(path, headers=_TAKES_GZIP)
        assert response.status_code == 200
        return len(response.data)

    size = ask()
    taken_ms = 1000 * median_seconds(ask, RUNS)
    print(f"\n{path}: {size / 1000:.0f} kB on the way, median {taken_ms:.1f} ms", end="")
    assert taken_ms < MOST_MS


def _size(client: FlaskClient, address: str) -> int:
    # Files are sent from the disk, and stay open until the answer is closed.
    with client.get(address, headers=_TAKES_GZIP) as answer:
        return len(answer.data)


@pytest.mark.parametrize("path", PATHS)
def test_weight_of_a_page(client: FlaskClient, path: str) -> None:
    if path.endswith(".json"):
        pytest.skip("comes with the atlas")
    page = client.get(path, headers=_TAKES_GZIP)
    document = BeautifulSoup(client.get(path, headers={"Accept": "text/html"}).data, "html.parser")
    # A reader's text size and language may fetch fewer of the fonts, none more than these two.
    addresses = {
        f"/static/vendor/fonts/{name}-latin.woff2" for name in ("atkinson", "source-serif")
    }
    for element in document.select("link[rel=stylesheet], link[rel=icon], script[src], [id]"):
        for name in _FETCHED_AT_ONCE & element.attrs.keys():
            addresses.add(str(element[name]))
    sizes = {
        address: _size(client, address)
        for address in addresses
        if address.startswith("/") and not address.startswith(_LIBRARIES)
    }
    weight = len(page.data) + sum(sizes.values())
    print(f"\n{path}: {weight / 1000:.0f} kB gzipped, with all that it fetches at once", end="")
    assert weight < MOST_BYTES, sizes


def test_time_of_a_text(client: FlaskClient) -> None:
    def ask() -> None:
        response = client.post("/text", data={"text": EXAMPLE}, headers={"Accept": "text/html"})
        assert b"marked-text" in response.data

    taken_ms = 1000 * median_seconds(ask, RUNS)
    print(f"\n/text with a synopsis: median {taken_ms:.1f} ms", end="")
    assert taken_ms < TEXT_MOST_MS
