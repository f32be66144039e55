"""Pages as the tests read them."""

from __future__ import annotations

import csv
import io

from bs4 import BeautifulSoup
from flask.testing import FlaskClient

BROWSER = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}


def read_page(client: FlaskClient, path: str, status: int = 200) -> BeautifulSoup:
    """Ask for a page as a browser does and parse it."""
    response = client.get(path, headers=BROWSER)
    assert response.status_code == status, (path, response.status_code)
    assert response.mimetype == "text/html"
    return BeautifulSoup(response.text, "html.parser")


def words_of(page: BeautifulSoup, selector: str) -> str:
    """Return the words of the first element that fits, with single blanks."""
    found = page.select_one(selector)
    assert found is not None, selector
    return " ".join(found.get_text(" ").split())


def rows_of(client: FlaskClient, path: str) -> list[dict[str, str]]:
    """Ask for a CSV file and return its rows."""
    response = client.get(path)
    assert response.status_code == 200, (path, response.status_code)
    assert response.mimetype == "text/csv"
    assert "attachment" in response.headers["Content-Disposition"]
    return list(csv.DictReader(io.StringIO(response.text)))
