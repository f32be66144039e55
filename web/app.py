"""`create_app`: the pages and services over one store."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path
from typing import Any

from flask import Flask, Response, request, url_for
from jinja2 import StrictUndefined
from markupsafe import Markup

from kg.sparql.pool import QueryLimits
from kg.store import Store
from web import presentation, prose
from web.config import MAX_BODY_BYTES, SECURITY_HEADERS, STATIC_MAX_AGE_SECONDS
from web.errors import register_error_pages
from web.served import EXTENSION, ServedStore

_FILTERS = (
    presentation.age_words,
    presentation.date_words,
    presentation.masking_words,
    presentation.number,
    presentation.phase_words,
    presentation.shortened,
    presentation.timestamp_words,
    presentation.trial_id_of,
    presentation.web_address,
    presentation.words,
    presentation.yes_no,
    prose.blocks,
    prose.plain,
)


def create_app(store: Store, *, query_workers: int = 2, limits: QueryLimits | None = None) -> Flask:
    """Return the application that serves a store.

    Parameters
    ----------
    store : Store
        Its published generation is opened with the first request, and followed from then on.
    query_workers : int
        SPARQL queries that run at once.
    limits : QueryLimits, optional
        What one query may take.
    """
    from web import exports, pages, sparql

    app = Flask(__name__)
    app.config.update(
        MAX_CONTENT_LENGTH=MAX_BODY_BYTES,
        MAX_FORM_MEMORY_SIZE=MAX_BODY_BYTES,
        SEND_FILE_MAX_AGE_DEFAULT=STATIC_MAX_AGE_SECONDS,
    )
    app.extensions[EXTENSION] = ServedStore(
        store, query_workers=query_workers, limits=limits or QueryLimits()
    )
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    for function in _FILTERS:
        app.jinja_env.filters[function.__name__] = function
    app.jinja_env.filters["stated"] = stated
    app.jinja_env.globals.update(
        static_url=_static_url,
        fact_value=presentation.fact_value,
        status_kinds=presentation.STATUS_KINDS,
        facet_groups=presentation.FACET_GROUPS,
    )
    for blueprint in (pages.blueprint, exports.blueprint, sparql.blueprint):
        app.register_blueprint(blueprint)
    register_error_pages(app)
    app.after_request(_finish)
    return app


def stated(value: Any) -> Any:
    """Return a value, or a marked "not stated" where there is none."""
    if value is None or value in ("", presentation.NOT_STATED):
        return Markup('<span class="not-stated">not stated</span>')
    return value


def _finish(response: Response) -> Response:
    for name, value in SECURITY_HEADERS.items():
        response.headers.setdefault(name, value)
    if request.endpoint != "static":
        # Pages change when another generation is published; what is unchanged is not sent anew.
        response.headers.setdefault("Cache-Control", "no-cache")
        if response.status_code == 200 and request.method in ("GET", "HEAD"):
            response.add_etag()
            response.make_conditional(request)
    return response


def _static_url(filename: str) -> str:
    return url_for("static", filename=filename, v=_digest(filename))


@cache
def _digest(filename: str) -> str:
    path = Path(__file__).parent / "static" / filename
    return hashlib.sha256(path.read_bytes()).hexdigest()[:10]
