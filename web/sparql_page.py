"""The SPARQL page: a query, its answer as table, chart, graph and map, and the examples."""

from __future__ import annotations

import json
from typing import Any

from flask import Response, make_response, render_template, request

from kg.sparql.examples import QueryExample, query_example, query_examples
from kg.sparql.limits import QueryAnswer
from ontology.errors import QueryError
from ontology.vocabulary import PREFIXES
from web.config import RESULT_CELL_CHARACTERS, RESULT_ROWS_SHOWN
from web.presentation import shortened
from web.result_chart import KINDS, chart_of
from web.result_map import map_of
from web.result_table import table_of_rows, table_of_triples
from web.served import served

DOWNLOADS = {
    "SELECT": (("csv", "CSV"), ("tsv", "TSV"), ("json", "JSON"), ("xml", "XML")),
    "ASK": (("json", "JSON"), ("xml", "XML")),
    "CONSTRUCT": (
        ("turtle", "Turtle"),
        ("ntriples", "N-Triples"),
        ("jsonld", "JSON-LD"),
        ("xml", "RDF/XML"),
    ),
}
"""Formats of an answer by the query's form, as in addresses and as on pages."""
_CHART_PARAMETERS = ("chart", "x", "y", "by")


def empty_page(example: str) -> Response:
    """Return the page with an example's query, or with the first one."""
    examples = query_examples()
    chosen = query_example(example)
    if chosen is None:
        chosen = query_example("kin_of_trial") or (examples[0] if examples else None)
    return query_page("" if chosen is None else chosen.text)


def query_page(
    query: str, *, answer: QueryAnswer | None = None, error: QueryError | None = None
) -> Response:
    """Return the page with a query and what came of it."""
    themes: dict[str, list[QueryExample]] = {}
    for example in query_examples():
        themes.setdefault(example.theme, []).append(example)
    page = render_template(
        "sparql.html",
        query=query,
        answer=answer,
        error=error,
        line=_line_of(query, error),
        themes=themes,
        prefixes=PREFIXES,
        limits=served().queries.limits,
        downloads=DOWNLOADS[answer.form] if answer is not None else (),
        rows_shown=RESULT_ROWS_SHOWN,
        chart_kinds=KINDS,
        **_views(answer),
    )
    response = make_response(page)
    response.vary.add("Accept")
    return response


def _views(answer: QueryAnswer | None) -> dict[str, Any]:
    """Return what an answer can be shown as; None for what does not fit it."""
    views: dict[str, Any] = dict.fromkeys(("table", "truth", "graph", "chart", "map"))
    if answer is None:
        return views
    if answer.form == "CONSTRUCT":
        views["table"] = table_of_triples(answer.body)
        longest = RESULT_ROWS_SHOWN * RESULT_CELL_CHARACTERS
        views["graph"] = shortened(answer.body[: 4 * longest].decode(errors="ignore"), longest)
        return views
    said = json.loads(answer.body)
    if answer.form == "ASK":
        views["truth"] = bool(said["boolean"])
        return views
    table = table_of_rows(said)
    chosen = {name: request.values.get(name, "") for name in _CHART_PARAMETERS}
    return views | {"table": table, "chart": chart_of(table, chosen), "map": map_of(table)}


def _line_of(query: str, error: QueryError | None) -> str | None:
    """Return the line of a query that an error is in, with a mark below its place."""
    line, column = getattr(error, "line", None), getattr(error, "column", None)
    lines = query.splitlines()
    if line is None or column is None or not 0 < line <= len(lines):
        return None
    start = max(0, column - 60)
    shown = lines[line - 1][start : start + 100].replace("\t", " ")
    return f"{shown}\n{' ' * (column - 1 - start)}^"
