"""The SPARQL page and the SPARQL Protocol, at one address.

References
----------
.. [1] SPARQL 1.1 Protocol, W3C Recommendation, 2013; section 2.1 (query operation).
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Response, make_response, render_template, request
from werkzeug.exceptions import BadRequest, UnsupportedMediaType

from kg.sparql.policy import check_query
from kg.sparql.pool import QueryAnswer
from ontology.errors import QueryError, QueryRefusedError
from ontology.vocabulary import PREFIXES
from web.config import RESULT_CELL_CHARACTERS, RESULT_ROWS_SHOWN
from web.errors import error_headers, status_of
from web.examples import query_example, query_examples
from web.negotiation import HTML, asked_format, prefers_html
from web.presentation import shortened, trial_id_of
from web.served import served

blueprint = Blueprint("sparql", __name__)

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
_ENDINGS = {
    "csv": "csv", "tsv": "tsv", "json": "srj", "xml": "xml", "turtle": "ttl", "ntriples": "nt",
    "jsonld": "jsonld",
}  # fmt: skip
_QUERY_TYPE = "application/sparql-query"
_UPDATE_TYPE = "application/sparql-update"
_FORM_TYPES = ("application/x-www-form-urlencoded", "multipart/form-data")


@dataclass(frozen=True, slots=True)
class Cell:
    """One value of a result as a page shows it.

    `kind` is ``uri``, ``bnode``, ``literal``, ``triple`` or empty; `note` is the language or
    the datatype of a literal.
    """

    text: str
    kind: str = ""
    iri: str | None = None
    nct_id: str | None = None
    note: str | None = None


@dataclass(frozen=True, slots=True)
class ResultTable:
    """The first rows of an answer."""

    variables: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]


@blueprint.route("/sparql", methods=["GET", "POST"])
def sparql() -> Response:
    """Answer a query in the form that is asked for; without one, show the page.

    :raise 400: if the query is no SPARQL, or there is none.
    :raise 403: if it asks for what is not allowed.
    :raise 406: if its answer cannot be had in what is asked for.
    :raise 413: if query or answer are too large.
    :raise 503: if it ran past its deadline.
    """
    query = _query()
    if query is None:
        if request.method == "GET" and (prefers_html() or not request.args):
            return _page(_example_text())
        raise BadRequest("There is no query: give it as the parameter `query`.")
    try:
        format_ = asked_format(check_query(query))
        if format_ == HTML:
            return _page(query, answer=served().queries.run(query))
        answer = served().queries.run(query, select_format=format_, graph_format=format_)
    except QueryError as error:
        if not prefers_html():
            raise
        response = _page(query, error=str(error))
        response.status_code = status_of(error)
        response.headers.update(error_headers(response.status_code))
        return response
    response = make_response(answer.body)
    response.content_type = answer.media_type
    if answer.truncated:
        response.headers["TrialKin-Truncated"] = f"after {answer.rows} rows"
    if "format" in request.values:
        ending = _ENDINGS[format_]
        response.headers["Content-Disposition"] = f'attachment; filename="trialkin.{ending}"'
    response.vary.add("Accept")
    return response


def _query() -> str | None:
    """Return the query that the request carries, by the three ways of the protocol."""
    if request.method == "POST" and request.mimetype not in _FORM_TYPES:
        if request.mimetype == _UPDATE_TYPE:
            raise QueryRefusedError("Updates are refused; this endpoint only answers queries.")
        if request.mimetype != _QUERY_TYPE:
            raise UnsupportedMediaType(
                f"Send the query as a form or as {_QUERY_TYPE}, not as {request.mimetype[:60]!r}."
            )
        try:
            query: str | None = request.get_data().decode("utf-8")
        except UnicodeDecodeError as error:
            raise BadRequest(f"The query is not UTF-8: {error.reason}.") from None
    else:
        values = request.form if request.method == "POST" else request.args
        if "update" in values:
            raise QueryRefusedError("Updates are refused; this endpoint only answers queries.")
        query = values.get("query")
    for name in ("default-graph-uri", "named-graph-uri"):
        if name in request.values:
            raise QueryRefusedError(
                f"{name} is not allowed: the default graph is already all of our graphs; "
                "use GRAPH to ask one of them."
            )
    return query


def _example_text() -> str:
    """Return the example that the address names, or the first one."""
    examples = query_examples()
    chosen = query_example(request.args.get("example", ""))
    if chosen is None:
        chosen = query_example("kin_of_trial") or (examples[0] if examples else None)
    return "" if chosen is None else chosen.text


def _page(query: str, *, answer: QueryAnswer | None = None, error: str | None = None) -> Response:
    themes: dict[str, list[Any]] = {}
    for example in query_examples():
        themes.setdefault(example.theme, []).append(example)
    result: dict[str, Any] = {"table": None, "truth": None, "graph": None}
    if answer is not None and answer.form == "CONSTRUCT":
        result["graph"] = shortened(
            answer.body.decode(), RESULT_ROWS_SHOWN * RESULT_CELL_CHARACTERS
        )
    elif answer is not None:
        said = json.loads(answer.body)
        if answer.form == "ASK":
            result["truth"] = bool(said["boolean"])
        else:
            result["table"] = _table(said)
    page = render_template(
        "sparql.html",
        query=query,
        answer=answer,
        error=error,
        themes=themes,
        prefixes=PREFIXES,
        limits=served().queries.limits,
        downloads=DOWNLOADS[answer.form] if answer is not None else (),
        rows_shown=RESULT_ROWS_SHOWN,
        **result,
    )
    response = make_response(page)
    response.vary.add("Accept")
    return response


def _table(said: dict[str, Any]) -> ResultTable:
    variables = tuple(said["head"]["vars"])
    rows = said["results"]["bindings"][:RESULT_ROWS_SHOWN]
    return ResultTable(
        variables,
        tuple(tuple(_cell(row.get(name)) for name in variables) for row in rows),
    )


def _cell(term: dict[str, Any] | None) -> Cell:
    if term is None:
        return Cell("")
    kind = term["type"]
    if kind == "uri":
        iri = term["value"]
        nct_id = trial_id_of(iri)
        return Cell(nct_id or compact(iri), kind, iri=iri, nct_id=nct_id)
    if kind == "triple":
        parts = (_cell(term["value"][name]).text for name in ("subject", "predicate", "object"))
        return Cell(shortened(f"<< {' '.join(parts)} >>", RESULT_CELL_CHARACTERS), kind)
    note = term.get("xml:lang")
    if note is None and "datatype" in term:
        note = compact(term["datatype"])
    text = f"_:{term['value']}" if kind == "bnode" else term["value"]
    return Cell(shortened(text, RESULT_CELL_CHARACTERS), kind, note=note)


def compact(iri: str) -> str:
    """Return an IRI with the prefix of its namespace, or as it is.

    Examples
    --------
    >>> compact("https://w3id.org/trialkin/ontology#kin")
    'tk:kin'
    """
    fitting = [(len(base), name, base) for name, base in PREFIXES.items() if iri.startswith(base)]
    if not fitting:
        return iri
    length, name, _ = max(fitting)
    return f"{name}:{iri[length:]}"
