"""What a request to the SPARQL endpoint asks, by the three ways of the protocol.

References
----------
.. [1] SPARQL 1.1 Protocol, W3C Recommendation, 2013; section 2.1 (query operation).
"""

from __future__ import annotations

from dataclasses import dataclass

from flask import request
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import BadRequest, UnsupportedMediaType

from kg.sparql.policy import Dataset, own_graphs
from ontology.errors import QueryRefusedError

_QUERY_TYPE = "application/sparql-query"
_UPDATE_TYPE = "application/sparql-update"
_FORM_TYPES = ("application/x-www-form-urlencoded", "multipart/form-data")
_UTF8 = ("utf-8", "utf8", "us-ascii")


@dataclass(frozen=True, slots=True)
class SparqlRequest:
    """A request as it was read.

    Attributes
    ----------
    query : str or None
        None if there is none, as when a browser opens the page.
    dataset : Dataset
        What ``default-graph-uri`` and ``named-graph-uri`` name; it counts more than FROM.
    parameters : MultiDict
        All parameters, those that the protocol does not know too.
    """

    query: str | None
    dataset: Dataset
    parameters: MultiDict[str, str]


def read_request() -> SparqlRequest:
    """Read the current request.

    Raises
    ------
    BadRequest
        If it holds two queries, or one that is no UTF-8.
    UnsupportedMediaType
        If its body is of another type than the protocol has.
    QueryRefusedError
        If it is an update, or names graphs that are not ours.
    """
    posted = request.method == "POST"
    if posted and request.mimetype == _UPDATE_TYPE:
        raise QueryRefusedError("Updates are refused; this endpoint only answers queries.")
    direct = posted and request.mimetype == _QUERY_TYPE
    if posted and not direct and request.mimetype not in _FORM_TYPES:
        raise UnsupportedMediaType(
            f"Send the query as a form or as {_QUERY_TYPE}, not as "
            f"{request.mimetype[:60] or 'a body of no type'!r}."
        )
    charset = request.mimetype_params.get("charset", "utf-8").lower()
    if posted and charset not in _UTF8:
        raise UnsupportedMediaType(f"Send the query in UTF-8, not in {charset[:40]!r}.")
    parameters = request.form if posted and not direct else request.args
    if "update" in parameters:
        raise QueryRefusedError("Updates are refused; this endpoint only answers queries.")
    queries = parameters.getlist("query")
    if direct:
        queries = [_decoded(request.get_data()), *queries]
    if len(queries) > 1:
        raise BadRequest("There are two queries in this request: give one.")
    dataset = own_graphs(
        parameters.getlist("default-graph-uri"), parameters.getlist("named-graph-uri")
    )
    return SparqlRequest(queries[0] if queries else None, dataset, parameters)


def _decoded(body: bytes) -> str:
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError as error:
        raise BadRequest(f"The query is not UTF-8: {error.reason}.") from None
