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
from web import labels, presentation, prose
from web.compression import compressed
from web.config import MAX_BODY_BYTES, SECURITY_HEADERS, STATIC_MAX_AGE_SECONDS
from web.errors import register_error_pages
from web.facets import FACET_OF
from web.request_log import register_request_log
from web.served import EXTENSION, ServedStore

_FILTERS = (
    presentation.age_words,
    presentation.capitalize_first,
    presentation.date_words,
    presentation.date_words_of_timestamp,
    presentation.masking_words,
    presentation.number,
    presentation.phase_words,
    presentation.shortened,
    presentation.shortened_start,
    presentation.timestamp_words,
    presentation.trial_id_of,
    presentation.web_address,
    presentation.words,
    presentation.yes_no,
    prose.blocks,
    prose.plain,
)
_SITE_LINKS = (
    ("pages.search", "Trials"),
    ("concepts.schemes", "Concepts"),
    ("graphs.atlas_page", "Atlas"),
    ("texts.text", "Find by text"),
    ("changes.changes", "What changed"),
    ("sparql.sparql", "SPARQL"),
    ("pages.about", "About"),
)


def create_app(
    store: Store,
    *,
    query_workers: int = 2,
    limits: QueryLimits | None = None,
    access_log: bool = False,
    max_age: float | None = None,
) -> Flask:
    """Return the application that serves a store.

    Parameters
    ----------
    store : Store
        Its published generation is opened with the first request, and followed from then on.
    query_workers : int
        SPARQL queries that run at once.
    limits : QueryLimits, optional
        What one query may take.
    access_log : bool
        Whether to log a line a request.
    max_age : float, optional
        Seconds after which ``/ready`` says that the data are too old.
    """
    from web import (
        changes,
        citations,
        concept_pages,
        exports,
        feeds,
        graph_pages,
        health,
        linked_data,
        metrics,
        ontology_view,
        pages,
        sparql,
        sparql_terms,
        table_pages,
        text_pages,
        theme,
    )
    from web.api import routes as api

    app = Flask(__name__)
    app.config.update(
        MAX_CONTENT_LENGTH=MAX_BODY_BYTES,
        MAX_FORM_MEMORY_SIZE=MAX_BODY_BYTES,
        SEND_FILE_MAX_AGE_DEFAULT=STATIC_MAX_AGE_SECONDS,
    )
    served_store = ServedStore(store, query_workers=query_workers, limits=limits or QueryLimits())
    app.extensions[EXTENSION] = served_store
    app.extensions[health.READINESS] = health.Readiness(served_store, max_age=max_age)
    app.extensions[metrics.METRICS] = metrics.Metrics(served_store)
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    for function in _FILTERS:
        app.jinja_env.filters[function.__name__] = function
    app.jinja_env.filters["stated"] = stated
    app.jinja_env.globals.update(
        static_url=_static_url,
        vendored=_vendored,
        site_links=_site_links,
        theme=theme.chosen_theme,
        condition_address=_condition_address,
        fact_value=labels.fact_value,
        structured_data=linked_data.structured_data,
        status_kinds=labels.STATUS_KINDS,
        facet_groups=labels.FACET_GROUPS,
    )
    for blueprint in (
        pages.blueprint,
        table_pages.blueprint,
        concept_pages.blueprint,
        graph_pages.blueprint,
        text_pages.blueprint,
        changes.blueprint,
        feeds.blueprint,
        citations.blueprint,
        theme.blueprint,
        exports.blueprint,
        sparql.blueprint,
        sparql_terms.blueprint,
        linked_data.blueprint,
        ontology_view.blueprint,
        api.blueprint,
        health.blueprint,
        metrics.blueprint,
    ):
        app.register_blueprint(blueprint)
    register_error_pages(app)
    app.after_request(_finish)
    register_request_log(app, app.extensions[metrics.METRICS], access_log=access_log)
    return app


_MARKED_SILENCE = Markup('<span class="not-stated">not stated</span>')


def stated(value: Any) -> Any:
    """Return a value, or a marked "not stated" where there is none."""
    return _MARKED_SILENCE if value in (None, "", presentation.NOT_STATED) else value


def _finish(response: Response) -> Response:
    for name, value in SECURITY_HEADERS.items():
        response.headers.setdefault(name, value)
    if request.endpoint != "static":
        # Pages change when another generation is published; what is unchanged is not sent anew.
        response.headers.setdefault("Cache-Control", "no-cache")
        lasting = response.status_code == 200 and not response.cache_control.no_store
        if lasting and request.method in ("GET", "HEAD"):
            response.add_etag()
            response.make_conditional(request)
        if response.mimetype == "text/html":
            response.vary.add("Cookie")  # light or dark
    return compressed(response)


def _condition_address(label: str) -> str:
    """Return the page of a condition; one that the scheme does not hold leads to a search."""
    name = FACET_OF["condition"].concept_name(label)
    if name is None:
        return url_for("pages.search", condition=label)
    return url_for("concepts.concept", scheme="conditions", name=name)


def _site_links() -> tuple[tuple[str, str], ...]:
    return _SITE_LINKS


def _vendored(filename: str) -> bool:
    """Return whether a file that `make assets` fetches is there."""
    return (Path(__file__).parent / "static" / "vendor" / filename).is_file()


def _static_url(filename: str) -> str:
    return url_for("static", filename=filename, v=_digest(filename))


@cache
def _digest(filename: str) -> str:
    path = Path(__file__).parent / "static" / filename
    return hashlib.sha256(path.read_bytes()).hexdigest()[:10]
