"""Which form of an answer a request asks for."""

from __future__ import annotations

from flask import request
from werkzeug.exceptions import NotAcceptable

HTML = "html"
_HTML_TYPES = ("text/html", "application/xhtml+xml")

RESULT_OFFERS = {
    "application/sparql-results+json": "json",
    "application/json": "json",
    "text/html": HTML,
    "application/xhtml+xml": HTML,
    "application/sparql-results+xml": "xml",
    "application/xml": "xml",
    "text/xml": "xml",
    "text/csv": "csv",
    "text/tab-separated-values": "tsv",
}
"""Media types of SELECT and ASK results; the first is given to those who take anything."""
GRAPH_OFFERS = {
    "text/turtle": "turtle",
    "text/html": HTML,
    "application/xhtml+xml": HTML,
    "application/ld+json": "jsonld",
    "application/json": "jsonld",
    "application/n-triples": "ntriples",
    "text/plain": "ntriples",
    "application/rdf+xml": "xml",
    "application/xml": "xml",
}
"""Media types of CONSTRUCT and DESCRIBE results."""


def prefers_html() -> bool:
    """Whether the request asks for a page: more for HTML than for JSON, and for it by name."""
    accept = request.accept_mimetypes
    if not any(media_type in _HTML_TYPES or media_type == "text/*" for media_type, _ in accept):
        return False
    return accept.best_match(["text/html", "application/json"]) == "text/html"


def asked_format(form: str) -> str:
    """Return the format that a query's answer is asked for in.

    Parameters
    ----------
    form : str
        The query's form, of `kg.sparql.policy.check_query`.

    Returns
    -------
    str
        ``html``, or one of `kg.sparql.formats`.

    Raises
    ------
    NotAcceptable
        If an answer of this form can be had in nothing that is asked for.
    """
    offers = GRAPH_OFFERS if form in ("CONSTRUCT", "DESCRIBE") else RESULT_OFFERS
    named = request.values.get("format")
    if named is not None:
        formats = {*offers.values()}
        if named not in formats:
            raise NotAcceptable(
                f"The answer to this query cannot be {named[:40]!r}; "
                f"ask for {', '.join(sorted(formats))}."
            )
        return named
    accept = request.accept_mimetypes
    best = accept.best_match([*offers]) if accept else next(iter(offers))
    if best is None:
        raise NotAcceptable(
            f"The answer to this query can be had as {', '.join(offers)}; "
            "ask for one of them in Accept."
        )
    return offers[best]
