"""The SPARQL Protocol at ``/sparql``, and the description of the data at ``/.well-known/void``.

References
----------
.. [1] SPARQL 1.1 Protocol, W3C Recommendation, 2013; section 2.1 (query operation).
.. [2] Fetch standard, section 3.3 (CORS); RFC 9110, HTTP Semantics, 2022.
"""

from __future__ import annotations

import re

from flask import Blueprint, Response, make_response, request
from werkzeug.exceptions import BadRequest

from kg.sparql.formats import GRAPH_TYPES
from kg.sparql.leaving import asked_by
from kg.sparql.policy import check_query
from ontology.errors import QueryError
from web.caching import ALLOWED_HEADERS, answer_once, open_to_all
from web.errors import error_headers, status_of
from web.negotiation import HTML, asked_format, named_format, prefers_html
from web.served import Served, served
from web.service_description import describe_data, describe_service
from web.sparql_page import empty_page, query_page
from web.sparql_request import SparqlRequest, read_request

blueprint = Blueprint("sparql", __name__)

_METHODS = "GET, HEAD, POST, OPTIONS"
_HEADER_NAMES = re.compile(r"[A-Za-z0-9_-]{1,60}(?:\s*,\s*[A-Za-z0-9_-]{1,60}){0,40}", re.ASCII)
_ENDINGS = {
    "csv": "csv", "tsv": "tsv", "json": "srj", "xml": "xml", "turtle": "ttl", "ntriples": "nt",
    "jsonld": "jsonld",
}  # fmt: skip


@blueprint.route("/sparql", methods=["GET", "POST"], provide_automatic_options=False)
def sparql() -> Response:
    """Answer a query in the form that is asked for; without one, describe the service.

    :raise 400: if the query is no SPARQL, or there is none, or there are two.
    :raise 403: if it asks for what is not allowed.
    :raise 406: if its answer cannot be had in what is asked for.
    :raise 413: if query or answer are too large.
    :raise 415: if it is sent in another way than the protocol has.
    :raise 503: if it ran past its deadline, or too many queries are under way.
    """
    now = served()  # once: an answer and what is said of it are of one generation
    asked = read_request()
    if asked.query is None:
        return _without_query(now, asked)
    try:
        with asked_by(request.environ.get("waitress.client_disconnected")):
            return _answer(now, asked, asked.query)
    except QueryError as error:
        if not prefers_html():
            raise
        response = query_page(asked.query, error=error)
        response.status_code = status_of(error)
        response.headers.update(error_headers(response.status_code))
        return response


@blueprint.route("/sparql", methods=["OPTIONS"], provide_automatic_options=False)
def options() -> Response:
    """Say what may be sent here, to scripts of other origins too."""
    response = Response(status=204)
    response.headers["Allow"] = _METHODS
    if "Access-Control-Request-Method" in request.headers:
        wanted = request.headers.get("Access-Control-Request-Headers", "").strip()
        named = wanted if _HEADER_NAMES.fullmatch(wanted) else ALLOWED_HEADERS
        response.headers["Access-Control-Allow-Headers"] = named
    return response


@blueprint.get("/.well-known/void")
def void() -> Response:
    """Describe the data.

    :raise 406: if that cannot be had in what is asked for.
    """
    now = served()
    return _description(now, "data", asked_format("", request.args))


@blueprint.after_request
def finish(response: Response) -> Response:
    """Let everyone read an answer; errors too."""
    return open_to_all(response)


def _answer(now: Served, asked: SparqlRequest, query: str) -> Response:
    checked = check_query(query)
    format_ = asked_format(checked.form or "SELECT", asked.parameters)
    client = request.remote_addr or ""
    if format_ == HTML:
        answer = now.queries.run(query, dataset=asked.dataset, client=client)
        return query_page(query, answer=answer)

    def make() -> Response:
        answer = now.queries.run(
            query,
            select_format=format_,
            graph_format=format_,
            dataset=asked.dataset,
            client=client,
        )
        response = make_response(answer.body)
        response.content_type = answer.media_type
        if answer.engine != "own":
            response.headers["TrialKin-Engine"] = answer.engine
        if answer.truncated:
            response.headers["TrialKin-Truncated"] = f"after {answer.rows} rows"
        return response

    limits = now.queries.limits
    if checked.volatile:
        response = make()
        response.headers["Cache-Control"] = "no-store"
        response.headers["TrialKin-Generation"] = str(now.number)
    else:
        # The query is named too, as that of a POST does not stand in the address.
        form = f"{format_} {limits.max_rows} {limits.max_bytes} {asked.dataset} {query}"
        response = answer_once(now, form, make)
    if named_format(checked.form, asked.parameters) is not None:
        ending = _ENDINGS[format_]
        response.headers["Content-Disposition"] = f'attachment; filename="trialkin.{ending}"'
    response.vary.add("Accept")
    return response


def _without_query(now: Served, asked: SparqlRequest) -> Response:
    if request.method != "POST" and "default-graph-uri" not in asked.parameters:
        if prefers_html():
            return empty_page(asked.parameters.get("example", ""))
        if not asked.parameters or named_format("", asked.parameters) is not None:
            format_ = asked_format("", asked.parameters)
            if format_ == HTML:
                return empty_page("")
            return _description(now, "service", format_)
    raise BadRequest("There is no query: give it as the parameter `query`.")


def _description(now: Served, what: str, format_: str) -> Response:
    format_ = "turtle" if format_ == HTML else format_
    describe = describe_service if what == "service" else describe_data

    def make() -> Response:
        response = make_response(describe(now, format_))
        response.content_type = GRAPH_TYPES[format_]
        return response

    response = answer_once(now, f"{what} {format_} {request.host_url}", make)
    response.vary.add("Accept")
    return response
