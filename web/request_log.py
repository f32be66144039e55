"""Every request has an id, a line in the access log if wanted, and is counted."""

from __future__ import annotations

import logging
import re
import time
import uuid

from flask import Flask, Response, g, has_request_context, request

from web.metrics import Metrics

_log = logging.getLogger("web.access")

REQUEST_ID_HEADER = "X-Request-ID"
_SANE = re.compile(r"[A-Za-z0-9._-]{1,64}", re.ASCII)
_METHODS = frozenset(["GET", "HEAD", "POST", "OPTIONS", "PUT", "DELETE", "PATCH"])
_UNKNOWN = "other"


def register_request_log(app: Flask, metrics: Metrics, *, access_log: bool) -> None:
    """Let an application name, count and, if wanted, log its requests.

    Parameters
    ----------
    app : Flask
    metrics : Metrics
    access_log : bool
        Whether to log a line a request, to the logger ``web.access``.
    """

    def begin() -> None:
        g.request_id = chosen_request_id(request.headers.get(REQUEST_ID_HEADER))
        g.started = time.perf_counter()
        metrics.begin()

    def finish(response: Response) -> Response:
        response.headers[REQUEST_ID_HEADER] = g.request_id
        seconds = time.perf_counter() - g.started
        route = _UNKNOWN if request.url_rule is None else request.url_rule.rule
        method = request.method if request.method in _METHODS else _UNKNOWN
        metrics.count(route, method, response.status_code, seconds)
        if access_log:
            _log.info(
                "%s %s %d",
                request.method,
                request.path,
                response.status_code,
                extra={
                    "method": request.method,
                    "path": request.full_path.rstrip("?"),
                    "status": response.status_code,
                    "bytes": response.calculate_content_length(),
                    "seconds": round(seconds, 6),
                    "route": route,
                    "client": request.remote_addr,
                },
            )
        return response

    def end(error: BaseException | None) -> None:
        metrics.end()

    app.before_request_funcs.setdefault(None, []).insert(0, begin)  # before all that may answer
    app.after_request_funcs.setdefault(None, []).insert(0, finish)  # after all that may change it
    app.teardown_request(end)


def chosen_request_id(said: str | None) -> str:
    """Return the id that a request came with, or a new one where that is none or not sane.

    Examples
    --------
    >>> chosen_request_id("abc-1")
    'abc-1'
    >>> len(chosen_request_id("a b"))
    32
    """
    return said if said is not None and _SANE.fullmatch(said) else uuid.uuid4().hex


def current_request_id() -> str | None:
    """Return the id of the request that is being answered, None outside of one."""
    found: str | None = g.get("request_id") if has_request_context() else None
    return found
