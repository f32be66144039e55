"""Trials in tables: comparison and evidence table, on pages and as files."""

from __future__ import annotations

import io
import zipfile

import pytest
from flask.testing import FlaskClient
from lxml import etree

from tests.web.reading import BROWSER, read_page, rows_of, words_of
from tests.web.records import ABSENT, ADIPOSE, BARE, FULL, HOSTILE, SCLEROSIS
from web.spreadsheet import workbook

_SHEET = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


def sheet_rows(book: bytes, sheet: int = 1) -> list[list[str | float]]:
    """Return texts and numbers of a workbook's sheet, "" for none; a formula would fail it."""
    with zipfile.ZipFile(io.BytesIO(book)) as archive:
        shared = etree.fromstring(archive.read("xl/sharedStrings.xml"))
        texts = ["".join(item.itertext()) for item in shared]
        root = etree.fromstring(archive.read(f"xl/worksheets/sheet{sheet}.xml"))
    assert root.findall(f".//{_SHEET}f") == []
    rows: list[list[str | float]] = []
    for row in root.iter(f"{_SHEET}row"):
        held: dict[int, str | float] = {}
        for cell in row:
            value = cell.find(f"{_SHEET}v").text
            column = 0
            for letter in cell.get("r").rstrip("0123456789"):
                column = 26 * column + ord(letter) - 64
            held[column - 1] = texts[int(value)] if cell.get("t") == "s" else float(value)
        width = len(rows[0]) if rows else len(held)
        rows.append([held.get(column, "") for column in range(width)])
    return rows


def test_comparison_marks_what_differs(client: FlaskClient) -> None:
    page = read_page(client, f"/compare?nct_id={FULL}&nct_id={ADIPOSE}")
    rows = {row.th.contents[0].strip(): row for row in page.select("tbody tr")}
    assert "differs" in rows["Phase"].get("class", [])
    assert "differs" not in rows["Condition"].get("class", [])
    assert "not stated" in rows["Allocation"].text
    table = rows_of(client, f"/compare.csv?nct_id={FULL},{ADIPOSE}")
    assert [row["nct_id"] for row in table] == [FULL, ADIPOSE]
    assert table[1]["allocation"] == "not stated"


def test_rows_that_are_alike_can_be_left_out(client: FlaskClient) -> None:
    page = read_page(client, f"/compare?nct_id={FULL}&nct_id={ADIPOSE}&rows=differing")
    rows = page.select("tbody tr")
    assert rows
    assert all("differs" in row["class"] for row in rows)


def test_more_trials_than_fit_are_named_as_left_out(client: FlaskClient) -> None:
    seven = [FULL, ADIPOSE, SCLEROSIS, BARE, *(f"NCT9000{n:04d}" for n in range(100, 103))]
    page = read_page(client, f"/compare?nct_id={','.join(seven)}")
    assert len(page.select("thead th")) == 6
    notice = words_of(page, ".notice")
    assert "7 trials were asked for, and 6 fit" in notice
    assert "NCT90000102" in notice
    assert page.select_one(f".notice a[href='/trial/{seven[-1]}']") is not None


def test_one_trial_and_none_are_answered(client: FlaskClient) -> None:
    assert "nothing to compare" in words_of(read_page(client, f"/compare?nct_id={FULL}"), ".notice")
    assert "choose trials" in words_of(read_page(client, "/compare"), ".empty")


def test_evidence_of_kin_has_the_columns_of_a_review(client: FlaskClient) -> None:
    page = read_page(client, f"/evidence?kin_of={FULL}&k=5")
    heads = [head.contents[0].strip() for head in page.select("table.evidence thead th")]
    assert heads == [
        "Trial", "Title", "Disease", "Design", "Phase", "n", "Cell source", "Donor", "Dose",
        "Doses given", "Route", "Comparator", "Primary outcomes", "Status", "Publications",
    ]  # fmt: skip
    rows = page.select("table.evidence tbody tr")
    assert len(rows) == 6
    own = [" ".join(cell.get_text(" ").split()) for cell in rows[0].select("td")]
    assert rows[0].th.text == FULL
    assert own[1] == "systemic sclerosis"
    assert own[2] == "Randomized, parallel, double masking"
    assert own[4] == "18 (estimated)"
    assert own[5] == "umbilical cord"
    assert own[10] == "Placebo (placebo comparator)"
    assert own[11] == "Skin score [12 months]"
    assert own[13].startswith("PMID 12345678 (result)")
    assert "not stated" in rows[1].text


def test_publications_are_links_in_both_tables(client: FlaskClient) -> None:
    address = "https://pubmed.ncbi.nlm.nih.gov/12345678/"
    for path in (f"/evidence?nct_id={FULL}", f"/compare?nct_id={FULL},{ADIPOSE}"):
        page = read_page(client, path)
        links = page.select("td a[href*=pubmed]")
        assert [a["href"] for a in links] == [address]
        assert "1/../evil" in page.select_one("table").text


def test_the_links_to_files_begin_with_one(client: FlaskClient) -> None:
    for path in (f"/compare?nct_id={FULL}", f"/compare?nct_id={FULL},{ADIPOSE}"):
        assert not words_of(read_page(client, path), ".files").startswith("·")


def test_columns_are_chosen_in_the_address(client: FlaskClient) -> None:
    page = read_page(client, f"/evidence?nct_id={FULL}&columns=route&columns=n,nonsense")
    heads = [head.contents[0].strip() for head in page.select("table.evidence thead th")]
    assert heads == ["Trial", "n", "Route"]
    checked = {box["value"] for box in page.select(".columns input[checked]")}
    assert checked == {"n", "route"}
    for link in page.select(".files a"):
        assert "columns=n,route" in link["href"].replace("%2C", ",")


def test_evidence_of_a_search_pages_through_all_and_files_hold_all(client: FlaskClient) -> None:
    page = read_page(client, "/evidence?q=knee")
    assert len(page.select("table.evidence tbody tr")) == 25
    assert "Page 1 of 2" in words_of(page, ".pager")
    second = read_page(client, page.select_one("a[rel=next]")["href"])
    assert len(second.select("table.evidence tbody tr")) == 20
    rows = rows_of(client, "/evidence.csv?q=knee")
    assert len({row["nct_id"] for row in rows}) == 45
    assert rows[0]["dose"] == "not stated"


def test_the_workbook_holds_the_same_as_the_csv(client: FlaskClient) -> None:
    query = f"kin_of={FULL}&k=5&columns=all"
    table = rows_of(client, f"/evidence.csv?{query}")
    response = client.get(f"/evidence.xlsx?{query}")
    assert "attachment" in response.headers["Content-Disposition"]
    rows = sheet_rows(response.data)
    assert len(rows) == len(table) + 1
    for line, row in zip(table, rows[1:], strict=True):
        for said, value in zip(line.values(), row, strict=True):
            text = said.lstrip("'")
            assert (text == value) if isinstance(value, str) else (float(text) == value)
    notes = dict(sheet_rows(response.data, 2))
    assert notes["Table"] == f"{FULL} and its 5 nearest kin"
    assert "Cell source" in notes["Read from the text"]


def test_registered_formulas_are_no_formulas_in_files(client: FlaskClient) -> None:
    query = f"nct_id={HOSTILE}&columns=sponsor"
    assert rows_of(client, f"/evidence.csv?{query}")[0]["sponsor"] == "'=SUM(A1)"
    assert sheet_rows(client.get(f"/evidence.xlsx?{query}").data)[1] == [HOSTILE, "=SUM(A1)"]


@pytest.mark.parametrize("begin", ["=1+1", "+1", "-1", "@A1", "http://a.b", "\x00\x08", "9"])
def test_a_cell_of_a_workbook_is_the_text_that_was_given(begin: str) -> None:
    book = workbook([[begin, "x" * 40_000]], ["a", "b"], sheet="S", links={}, missing="", notes=[])
    first, second = sheet_rows(book)[1]
    assert first.replace("_x0000_", "\x00").replace("_x0008_", "\x08") == begin
    assert len(second) == 32_767


@pytest.mark.parametrize(("path", "status"), [("nct_id=x", 400), (f"nct_id={ABSENT}", 404),
                                              (f"kin_of={ABSENT}", 404)])  # fmt: skip
def test_unknown_trials_are_refused(client: FlaskClient, path: str, status: int) -> None:
    for page in ("/evidence", "/evidence.csv", "/evidence.xlsx"):
        assert client.get(f"{page}?{path}", headers=BROWSER).status_code == status
    assert client.get(f"/compare?{path.replace('kin_of', 'nct_id')}").status_code == status


def test_hostile_text_stays_text_in_tables(client: FlaskClient) -> None:
    for path in (f"/evidence?nct_id={HOSTILE}&columns=all", f"/compare?nct_id={HOSTILE},{FULL}"):
        page = read_page(client, path)
        assert page.select("script:not([src]):not([type$=json]), img") == []
        assert "<script>alert(1)</script>" in page.select_one("tbody").text
