"""The SPARQL page: table, chart, map and graph of an answer, errors in place, terms."""

from __future__ import annotations

from urllib.parse import quote

import pytest
from bs4 import BeautifulSoup
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st

from kg.sparql.examples import query_examples
from tests.web.reading import BROWSER, read_page, words_of
from tests.web.records import FULL, HOSTILE, SCRIPT
from web.result_chart import BARS_MOST, SERIES_MOST, chart_of
from web.result_map import map_of
from web.result_table import Cell, ResultTable, table_of_triples

NUMBER = "xsd:integer"


def ask(client: FlaskClient, query: str, status: int = 200, more: str = "") -> BeautifulSoup:
    return read_page(client, f"/sparql?query={quote(query)}{more}", status)


def table(names: str, *rows: tuple[str | int | float, ...]) -> ResultTable:
    return ResultTable(
        tuple(names.split()),
        tuple(
            tuple(
                Cell(str(value), "literal", note="xsd:string" if isinstance(value, str) else NUMBER)
                for value in row
            )
            for row in rows
        ),
    )


def test_the_page_without_scripts_is_a_form(client: FlaskClient) -> None:
    page = read_page(client, "/sparql")
    form = page.select_one("form.editor")
    assert (form["action"], form["method"]) == ("/sparql", "get")
    assert "tk:from" in form.select_one("textarea").text
    assert "Stopped after 2 s; at most 1,500 rows" in words_of(page, "#query-limits")


def test_every_example_is_there_and_filled_in(client: FlaskClient) -> None:
    links = {a.text: a["href"] for a in read_page(client, "/sparql").select("a.example")}
    assert set(links) == {example.title for example in query_examples()}
    items = read_page(client, "/sparql").select("aside ul li")
    listed = [" ".join(item.get_text(" ").split()) for item in items]
    assert listed == [f"{example.title} {example.comment}" for example in query_examples()]
    page = read_page(client, links["Where the cells come from"])
    assert "tk:cellSource" in page.select_one("textarea").text
    assert page.select_one("#view-chart") is not None


def test_an_answer_tells_rows_time_and_has_files(client: FlaskClient) -> None:
    page = ask(client, "SELECT ?trial WHERE { ?trial a tk:Trial } LIMIT 3")
    said = words_of(page, ".answer [role=status]")
    assert said.startswith("3 rows in 0.")
    downloads = {a.text: a["href"] for a in page.select(".sorts a")}
    assert set(downloads) == {"CSV", "TSV", "JSON", "XML"}
    assert client.get(downloads["CSV"]).text.count("NCT9") == 3
    share = page.select_one("a.share")["href"]
    assert words_of(read_page(client, share), ".answer [role=status]").startswith("3 rows")


def test_an_answer_that_is_cut_says_so(client: FlaskClient) -> None:
    page = ask(client, "SELECT ?s ?p WHERE { ?s ?p ?o }")
    notices = " ".join(notice.text for notice in page.select(".notice"))
    assert "cut after 1,500 rows" in notices
    assert "The first 500 rows are shown" in notices
    assert len(page.select("table.result tbody tr")) == 500


def test_trials_concepts_and_terms_lead_to_our_pages(client: FlaskClient) -> None:
    page = ask(
        client,
        f"SELECT ?t ?c ?p WHERE {{ VALUES ?t {{ trial:{FULL} }} ?t tk:condition ?c . ?t ?p ?c }}",
    )
    hrefs = [a["href"] for a in page.select("table.result tbody tr:first-child a")]
    assert hrefs[0] == f"/trial/{FULL}"
    assert hrefs[1].startswith("/concept/conditions/")
    assert hrefs[2] == "/ontology#condition"
    for href in hrefs:
        assert client.get(href, headers=BROWSER).status_code == 200


def test_figures_become_bars(client: FlaskClient) -> None:
    query = (
        "SELECT ?label (COUNT(?t) AS ?trials) WHERE { ?t tk:condition/skos:prefLabel ?label } "
        "GROUP BY ?label ORDER BY DESC(?trials)"
    )
    page = ask(client, query)
    assert words_of(page, "#chart-title") == "trials by label"
    bars = page.select(".bars li")
    first = page.select_one("table.result tbody tr").select("td")
    assert bars[0].select_one(".label").text.strip() == first[0].text.strip()
    assert bars[0].select_one(".count").text == first[1].text.strip()
    assert bars[0].select("rect")[1]["width"] == "100.0"
    lines = ask(client, query, more="&chart=line&y=trials&x=label&by=-")
    assert lines.select_one(".line-chart polyline") is not None
    assert lines.select_one("select[name=chart] option[selected]").text == "Lines"


def test_a_graph_is_shown_as_triples_and_as_turtle(client: FlaskClient) -> None:
    page = ask(client, f"CONSTRUCT WHERE {{ trial:{FULL} tk:condition ?c }}")
    rows = page.select("table.result tbody tr")
    assert rows
    assert {row.select("td")[1].text.strip() for row in rows} == {"tk:condition"}
    assert page.select_one("table.result")["data-source"] == "0"
    assert "tk:condition" in words_of(page, "#view-text pre")
    empty = ask(client, "CONSTRUCT { ?s ?p 1 } WHERE { ?s ?p 'nothing like this' }")
    assert "No triple fits" in words_of(empty, ".empty")


def test_an_error_is_marked_in_its_line(client: FlaskClient) -> None:
    page = ask(client, "SELECT *\nWHERE { ?s nope:x ?o }", 400)
    notice = page.select_one(".notice.error")
    assert (notice["data-line"], notice["data-column"]) == ("2", "12")
    shown, mark = page.select_one(".error-line").text.split("\n")
    assert shown[mark.index("^") :].startswith("nope:x")
    refused = ask(client, "SELECT * WHERE { SERVICE <http://x/> { ?s ?p ?o } }", 403)
    assert refused.select_one(".error-line") is None


def test_an_error_far_along_a_long_line_is_still_shown(client: FlaskClient) -> None:
    page = ask(client, "SELECT * WHERE { " + "?s ?p ?o . " * 300 + "nope:x }", 400)
    shown, mark = page.select_one(".error-line").text.split("\n")
    assert shown[mark.index("^") :].startswith("nope:x")
    assert len(shown) <= 100


@pytest.mark.parametrize(
    "more", ["", "&chart=bar&x=o&y=n", f"&x={SCRIPT}&y={SCRIPT}&chart={SCRIPT}"]
)
def test_hostile_answers_stay_text(client: FlaskClient, more: str) -> None:
    query = f"SELECT ?o (STRLEN(STR(?o)) AS ?n) WHERE {{ trial:{HOSTILE} ?p ?o }}"
    page = ask(client, query, more=more)
    assert page.select("main script, main img, main style, main iframe") == []
    for element in page.find_all(True):
        assert not [name for name in element.attrs if name.startswith("on") or name == "style"]
    made = ask(client, f"SELECT ?x ?n WHERE {{ VALUES (?x ?n) {{ ('{SCRIPT}' 1) ('b' 2) }} }}")
    assert made.select_one(".bars .label").text.strip() == SCRIPT
    assert made.select("main script") == []


def test_terms_of_the_vocabulary_can_be_completed(client: FlaskClient) -> None:
    terms = client.get("/sparql/terms.json").get_json()
    named = {term["name"]: term for term in terms["terms"]}
    assert named["tk:kin"]["kind"] == "property"
    assert named["tk:similarity"]["kind"] == "function"
    assert named["tk:Trial"]["info"]
    assert named["skos:prefLabel"]["kind"] == "property"
    assert terms["prefixes"]["tk"] == "https://w3id.org/trialkin/ontology#"
    assert ["systemic sclerosis", "https://w3id.org/trialkin/concept/conditions/systemic_sclerosis",
            "conditions"] in terms["concepts"]  # fmt: skip


def test_years_become_lines_by_series() -> None:
    chart = chart_of(
        table("year donor n", ("2020", "a", 1), ("2020", "b", 3), ("2022", "a", 4)), {}
    )
    assert chart is not None
    assert (chart.kind, chart.x, chart.y, chart.by) == ("line", "year", "n", "donor")
    assert chart.series == ("a", "b")
    assert [(point.x, point.y) for point in chart.lines[0]] == [(0.0, 75.0), (100.0, 0.0)]
    assert chart.ticks == ("4", "3", "2", "1", "0")
    assert [(mark.label, mark.x) for mark in chart.labels] == [("2020", 0.0), ("2022", 100.0)]


def test_dates_stand_to_scale_and_so_do_their_labels() -> None:
    rows = [("2020-01-01", 1), ("2020-07-02", 4), ("2021-01-01", 2), ("2024-01-01", 3)]
    chart = chart_of(table("date n", *rows), {})
    assert chart is not None
    assert chart.kind == "line"
    assert [round(point.x, 1) for point in chart.lines[0]] == [0.0, 12.5, 25.0, 100.0]
    assert [(mark.label, mark.x) for mark in chart.labels] == [
        ("2020-01-01", 0.0), ("2021-01-01", 25.0), ("2024-01-01", 100.0)
    ]  # fmt: skip


def test_a_date_that_never_was_leaves_labels_evenly_apart() -> None:
    rows = [("2020-01-01", 1), ("2020-02-31", 4), ("2024-01-01", 2)]
    chart = chart_of(table("date n", *rows), {})
    assert chart is not None
    assert sorted(point.x for point in chart.lines[0]) == [0.0, 50.0, 100.0]


def test_negative_values_go_to_the_left_of_zero() -> None:
    rows = [("a", "up", 3), ("a", "down", -5), ("b", "up", 2), ("c", "down", -15)]
    chart = chart_of(table("x s n", *rows), {"chart": "bar"})
    assert chart is not None
    assert round(chart.zero, 1) == 83.3  # 15 of the 18 from -15 to 3
    parts = [[(part.start, part.width) for part in bar.segments] for bar in chart.bars]
    assert parts[0] == [(83.333, 16.667), (55.556, 27.778)]
    assert parts[2] == [(0.0, 83.333)]
    assert [bar.value for bar in chart.bars] == ["-2", "2", "-15"]


def test_all_values_zero_are_bars_without_length() -> None:
    chart = chart_of(table("x n", ("a", 0), ("b", 0)), {})
    assert chart is not None
    assert [bar.segments for bar in chart.bars] == [(), ()]
    assert [bar.value for bar in chart.bars] == ["0", "0"]


def test_small_series_and_many_bars_are_told_together() -> None:
    rows = [(f"x{place % 60}", f"s{place // 60}", 1 + place // 60) for place in range(60 * 12)]
    chart = chart_of(table("x s n", *rows), {})
    assert chart is not None
    assert len(chart.series) == SERIES_MOST + 1
    assert (len(chart.bars), chart.left_out) == (BARS_MOST, 60 - BARS_MOST)
    for bar in chart.bars:
        assert sum(part.width for part in bar.segments) == pytest.approx(100, abs=0.1)


def test_rows_of_one_label_are_added_up() -> None:
    chart = chart_of(table("x n", ("a", 1), ("a", 2), ("b", 4)), {})
    assert chart is not None
    assert (chart.summed, [bar.value for bar in chart.bars]) == (True, ["3", "4"])


@pytest.mark.parametrize(
    "held", [table("x y", ("a", "b"), ("c", "d")), table("n", (1,), (2,)), table("x n", ("a", 1))]
)
def test_what_cannot_be_compared_has_no_chart(held: ResultTable) -> None:
    assert chart_of(held, {}) is None


@given(
    st.lists(
        st.tuples(st.text(max_size=5), st.text(max_size=3), st.integers() | st.floats()),
        max_size=30,
    )
)
def test_no_figures_break_a_chart(rows: list[tuple[str, str, int | float]]) -> None:
    for kind in ("bar", "line"):
        chart = chart_of(table("x s n", *rows), {"chart": kind})
        if chart is not None:
            points = [point for line in chart.lines for point in line]
            assert all(-0.01 <= point.y <= 100.01 and 0 <= point.x <= 100 for point in points)
            parts = [part for bar in chart.bars for part in bar.segments]
            assert all(0 <= part.start <= 100.1 and 0 <= part.width <= 100.1 for part in parts)


def test_coordinates_become_a_map() -> None:
    found = map_of(
        table("name lat long", ("a", 48.85, 2.35), ("b", 48.85, 2.35), ("c", 45.5, -73.6))
    )
    assert found is not None
    assert [(place.x, place.y) for place in found.places] == [(2.35, -48.85), (-73.6, -45.5)]
    assert found.places[0].title == "a; b"
    assert found.places[0].radius > found.places[1].radius
    assert found.left < -73.6 < 2.35 < found.left + found.width
    points = map_of(table("where", ("POINT(2.35 48.85)",), ("nowhere",)))
    assert points is not None
    assert (points.rows, points.width) == (1, 40.0)


@pytest.mark.parametrize("row", [(95.0, 0.0), (0.0, 181.0), ("x", "y"), (float("nan"), 0.0)])
def test_what_is_no_place_is_not_drawn(row: tuple[float, float]) -> None:
    assert map_of(table("lat long", row)) is None


def test_a_graph_that_was_cut_keeps_what_can_be_read() -> None:
    cut = table_of_triples(b"<http://a> <http://b> 'c' .\n<http://a> <http://b> <<< broken")
    assert [cell.text for cell in cut.rows[0]] == ["http://a", "http://b", "c"]
    assert len(cut.rows) == 1
