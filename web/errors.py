"""Errors as answers: one table of statuses, one shape in JSON, one page.

The shape is that of RFC 9457, ``application/problem+json``, for every address::

    {"type": "/api#unknown-trial", "title": "Not here", "status": 404, "detail": "...", ...}

``type`` is an address on the page that lists all problems, or ``about:blank`` where the status
says it all. Some problems carry further members: ``nct_id`` and ``nearest`` of an unknown trial,
``line`` and ``column`` of a query, ``errors`` of a request that is not valid.

References
----------
.. [1] RFC 9457, Problem Details for HTTP APIs, 2023; section 3 (members).
"""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from flask import Flask, Response, make_response, render_template, request
from werkzeug.exceptions import HTTPException

from ontology import errors
from ontology.errors import NoPathError, TrialKinError, UnknownTrialError
from web.caching import open_to_all
from web.config import RETRY_AFTER_SECONDS
from web.negotiation import prefers_html
from web.served import served

_log = logging.getLogger(__name__)

PROBLEM_TYPE = "application/problem+json"
STATUSES: tuple[tuple[type[TrialKinError], int], ...] = (
    (errors.InvalidIdentifierError, 400),
    (errors.UnknownTrialError, 404),
    (NoPathError, 404),
    (errors.QuerySyntaxError, 400),
    (errors.QueryRefusedError, 403),
    (errors.QueryTooLargeError, 413),
    (errors.QueryTimeoutError, 503),
    (errors.QueryBusyError, 503),
    (errors.QueryError, 400),
    (errors.StoreError, 503),
    (errors.TrialKinError, 500),
)
"""The first class that an error belongs to gives the status."""

_TITLES = {
    400: "That cannot be read",
    403: "That is not allowed",
    404: "Not here",
    405: "Not that way",
    406: "Not in that form",
    413: "Too large",
    415: "Not in that form",
    422: "That makes no sense here",
    431: "Too large",
    500: "A fault of ours",
    503: "Not now",
}
_MESSAGES = {
    404: "There is no page at this address. Search for a trial, or begin at the start page.",
    405: "This address does not answer requests of that kind.",
    413: "The request is larger than this server reads.",
    500: "Something went wrong on the server. It has been logged; the other pages still work.",
}
_MEMBERS = ("nct_id", "nearest", "line", "column", "errors")
"""What an error may know besides its message, by the names of its attributes."""
_WORDS = re.compile(r"(?<=[a-z])(?=[A-Z])")


def status_of(error: TrialKinError) -> int:
    """Return the HTTP status that an error is answered with."""
    return next(status for kind, status in STATUSES if isinstance(error, kind))


def problem_name(kind: type[TrialKinError]) -> str:
    """Return the name of a kind of problem, as in addresses.

    Examples
    --------
    >>> problem_name(errors.UnknownTrialError)
    'unknown-trial'
    """
    return _WORDS.sub("-", kind.__name__.removesuffix("Error")).lower()


def error_headers(status: int) -> dict[str, str]:
    """Return the headers that go with a status."""
    return {"Retry-After": str(RETRY_AFTER_SECONDS)} if status == 503 else {}


def error_title(status: int) -> str:
    """Return the heading of an error's page."""
    return _TITLES.get(status, "That did not work")


def problem_body(
    status: int,
    detail: str,
    *,
    type_: str = "about:blank",
    members: Mapping[str, Any] | None = None,
) -> bytes:
    """Return a problem as JSON (RFC 9457).

    Parameters
    ----------
    status : int
    detail : str
        What went wrong, and what to do about it.
    type_ : str
        Address of the kind of problem.
    members : mapping, optional
        Further members.
    """
    known = {"type": type_, "title": error_title(status), "status": status, "detail": detail}
    return msgspec.json.encode(known | {k: v for k, v in (members or {}).items() if k not in known})


def error_response(
    status: int,
    message: str,
    *,
    type_: str = "about:blank",
    members: Mapping[str, Any] | None = None,
    **shown: Any,
) -> Response:
    """Return an error as a page or, to those who do not ask for one, as a problem in JSON.

    Parameters
    ----------
    status, message, type_, members
        As in `problem_body`.
    **shown
        What the page is given besides.
    """
    if prefers_html() and not request.path.startswith("/api/"):
        page = render_template(
            "error.html", status=status, title=error_title(status), message=message, **shown
        )
        response = make_response(page, status)
    else:
        body = problem_body(status, message, type_=type_, members=members)
        # Of addresses that nothing answers too, which no blueprint could open.
        response = open_to_all(Response(body, status, content_type=PROBLEM_TYPE))
    response.headers.update(error_headers(status))
    response.headers["Cache-Control"] = "no-store"
    response.vary.add("Accept")
    return response


def error_members(error: Exception) -> dict[str, Any]:
    """Return what an error knows besides its message."""
    found = {name: getattr(error, name, None) for name in _MEMBERS}
    return {name: value for name, value in found.items() if value is not None}


def _nearest(nct_ids: Sequence[str]) -> dict[str, Any]:
    """Return the trials that may be meant, with their titles, as a page is given them."""
    if not nct_ids:
        return {}
    cards = served().generation.records.cards(nct_ids)
    return {"nearest": nct_ids, "titles": {one: card.title for one, card in cards.items()}}


def register_error_pages(app: Flask) -> None:
    """Let the application answer errors by the table."""

    def known(error: TrialKinError) -> Response:
        status = status_of(error)
        if status == 500:
            _log.error("%s %s", request.method, request.path, exc_info=error)
            return error_response(status, _MESSAGES[500])
        type_ = f"/api#{problem_name(type(error))}"
        members = error_members(error)
        # The nearest ids are a member of the problem, and a list on the page.
        message = getattr(error, "reason", str(error))
        shown = _nearest(getattr(error, "nearest", ()))
        if isinstance(error, UnknownTrialError):
            shown["nct_id"] = error.nct_id
        return error_response(status, message, type_=type_, members=members, **shown)

    def other(error: HTTPException) -> Response:
        status = error.code or 500
        if error.response is not None or status < 400:  # a redirect, or an answer made already
            return make_response(error.get_response())
        own = error.description if error.description != type(error).description else None
        message = own or _MESSAGES.get(status) or error.description or ""
        type_ = getattr(error, "problem_type", "about:blank")
        response = error_response(status, message, type_=type_, members=error_members(error))
        for name, value in error.get_headers():
            if name not in ("Content-Type", "Content-Length"):
                response.headers[name] = value
        return response

    app.register_error_handler(TrialKinError, known)
    app.register_error_handler(HTTPException, other)
