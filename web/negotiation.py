"""Which form of an answer a request asks for.

References
----------
.. [1] RFC 9110, HTTP Semantics, 2022; sections 12.4.2 (quality values), 12.5.1 (Accept) and
   12.5.3 (Accept-Encoding).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

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
    "application/x-turtle": "turtle",
    "text/html": HTML,
    "application/xhtml+xml": HTML,
    "application/ld+json": "jsonld",
    "application/json": "jsonld",
    "application/n-triples": "ntriples",
    "text/plain": "ntriples",
    "application/rdf+xml": "xml",
    "application/xml": "xml",
    "text/xml": "xml",
}
"""Media types of CONSTRUCT and DESCRIBE results, and of descriptions of the service."""
_FORMAT_NAMES = {
    "html": HTML,
    "json": "json",
    "xml": "xml",
    "csv": "csv",
    "tsv": "tsv",
    "turtle": "turtle",
    "ttl": "turtle",
    "n3": "turtle",
    "ntriples": "ntriples",
    "n-triples": "ntriples",
    "nt": "ntriples",
    "jsonld": "jsonld",
    "json-ld": "jsonld",
    "rdf": "xml",
    "rdfxml": "xml",
    "rdf+xml": "xml",
    "rdf/xml": "xml",
}
_FORMAT_PARAMETERS = ("format", "output", "results")
"""Names under which clients name a format besides Accept; SPARQLWrapper sends all three."""
_QUALITY = re.compile(r"(?:0(?:\.\d{0,3})?|1(?:\.0{0,3})?)", re.ASCII)


def prefers_html() -> bool:
    """Whether the request asks for a page: more for HTML than for JSON, and for it by name."""
    accept = request.headers.get("Accept", "")
    if not any(name in _HTML_TYPES or name == "text/*" for name, _ in qualities(accept)):
        return False
    return best_offer(accept, ["text/html", "application/json"]) == "text/html"


def qualities(header: str) -> list[tuple[str, float]]:
    """Return what an Accept header or its like takes, each with its quality, 0 to 1.

    A part that is not well formed is passed over; parameters other than ``q`` are ignored.

    Examples
    --------
    >>> qualities("text/csv ; q=0.5, */*")
    [('text/csv', 0.5), ('*/*', 1.0)]
    """
    found = []
    for part in header.split(","):
        name, *parameters = (piece.strip().lower() for piece in part.split(";"))
        quality = 1.0
        for parameter in parameters:
            key, _, value = parameter.partition("=")
            if key.strip() == "q":
                known = _QUALITY.fullmatch(value.strip())
                quality = float(value) if known else -1.0
        if name and quality >= 0:
            found.append((name, quality))
    return found


def best_offer(header: str, offers: Iterable[str]) -> str | None:
    """Return the media type among `offers` that an Accept header likes best, None for none.

    The most specific range decides how much a type is liked; of types that are liked as much,
    one that is named counts more than one that a wildcard takes in, then the first offer is
    taken. A header that takes nothing in particular gets the first offer.

    Examples
    --------
    >>> best_offer("text/csv, */*", ["application/json", "text/csv"])
    'text/csv'
    >>> best_offer("text/csv;q=0, */*", ["text/csv", "application/json"])
    'application/json'
    """
    ranges = qualities(header)
    if not ranges:
        return next(iter(offers), None)
    best, most = None, (0.0, 0)
    for offer in offers:
        kind = offer.partition("/")[0]
        for vagueness, range_ in enumerate((offer, f"{kind}/*", "*/*")):
            liked = [quality for name, quality in ranges if name == range_]
            if liked:
                if max(liked) > 0 and (max(liked), -vagueness) > most:
                    best, most = offer, (max(liked), -vagueness)
                break
    return best


def asked_format(form: str, parameters: Mapping[str, str]) -> str:
    """Return the format that an answer is asked for in.

    Parameters
    ----------
    form : str
        The query's form, of `kg.sparql.policy.check_query`; an empty string is a description.
    parameters : mapping
        Of the request: a format that is named there, and that an answer of this form can have,
        counts more than Accept.

    Returns
    -------
    str
        ``html``, or one of `kg.sparql.formats`.

    Raises
    ------
    NotAcceptable
        If an answer of this form can be had in nothing that is asked for.
    """
    offers = RESULT_OFFERS if form in ("SELECT", "ASK") else GRAPH_OFFERS
    named = named_format(form, parameters)
    if named is not None:
        return named
    best = best_offer(request.headers.get("Accept", ""), offers)
    if best is None:
        raise NotAcceptable(
            f"The answer to this query can be had as {', '.join(offers)}; "
            "ask for one of them in Accept."
        )
    return offers[best]


def named_format(form: str, parameters: Mapping[str, str]) -> str | None:
    """Return the format that the parameters name, None if none that this form can have."""
    offers = RESULT_OFFERS if form in ("SELECT", "ASK") else GRAPH_OFFERS
    for parameter in _FORMAT_PARAMETERS:
        # A blank is a plus sign that was not encoded.
        name = parameters.get(parameter, "").strip().lower().replace(" ", "+")
        format_ = offers.get(name) or _FORMAT_NAMES.get(name)
        if format_ == "json" and offers is GRAPH_OFFERS:
            format_ = "jsonld"
        if format_ in offers.values():
            return format_
    return None
