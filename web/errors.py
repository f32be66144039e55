"""Errors as answers: one table of statuses, one shape in JSON, one page.

The shape in JSON is ``{"ok": false, "status": 404, "error": "..."}``, for every address.
"""

from __future__ import annotations

import logging
from typing import Any

from flask import Flask, Response, jsonify, make_response, render_template, request
from werkzeug.exceptions import HTTPException

from ontology import errors
from ontology.errors import TrialKinError, UnknownTrialError
from web.config import RETRY_AFTER_SECONDS
from web.negotiation import prefers_html

_log = logging.getLogger(__name__)

STATUSES: tuple[tuple[type[TrialKinError], int], ...] = (
    (errors.InvalidIdentifierError, 400),
    (errors.UnknownTrialError, 404),
    (errors.QuerySyntaxError, 400),
    (errors.QueryRefusedError, 403),
    (errors.QueryTooLargeError, 413),
    (errors.QueryTimeoutError, 503),
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
    500: "A fault of ours",
    503: "Not now",
}
_MESSAGES = {
    404: "There is no page at this address. Search for a trial, or begin at the start page.",
    405: "This address does not answer requests of that kind.",
    413: "The request is larger than this server reads.",
    500: "Something went wrong on the server. It has been logged; the other pages still work.",
}


def status_of(error: TrialKinError) -> int:
    """Return the HTTP status that an error is answered with."""
    return next(status for kind, status in STATUSES if isinstance(error, kind))


def error_headers(status: int) -> dict[str, str]:
    """Return the headers that go with a status."""
    return {"Retry-After": str(RETRY_AFTER_SECONDS)} if status == 503 else {}


def error_title(status: int) -> str:
    """Return the heading of an error's page."""
    return _TITLES.get(status, "That did not work")


def error_response(status: int, message: str, **shown: Any) -> Response:
    """Return an error as a page or, to those who do not ask for one, as JSON."""
    if prefers_html():
        page = render_template(
            "error.html", status=status, title=error_title(status), message=message, **shown
        )
        response = make_response(page, status)
    else:
        response = jsonify(ok=False, status=status, error=message)
        response.status_code = status
    response.headers.update(error_headers(status))
    response.vary.add("Accept")
    return response


def register_error_pages(app: Flask) -> None:
    """Let the application answer errors by the table."""

    def known(error: TrialKinError) -> Response:
        status = status_of(error)
        if status == 500:
            _log.error("%s %s", request.method, request.path, exc_info=error)
            return error_response(status, _MESSAGES[500])
        if isinstance(error, UnknownTrialError):
            message = f"{error.nct_id} is not in this graph."
            return error_response(status, message, nct_id=error.nct_id, nearest=error.nearest)
        return error_response(status, str(error))

    def other(error: HTTPException) -> Response:
        status = error.code or 500
        if error.response is not None or status < 400:  # a redirect, or an answer made already
            return make_response(error.get_response())
        message = _MESSAGES.get(status) or error.description or ""
        response = error_response(status, message)
        for name, value in error.get_headers():
            if name not in ("Content-Type", "Content-Length"):
                response.headers[name] = value
        return response

    app.register_error_handler(TrialKinError, known)
    app.register_error_handler(HTTPException, other)
