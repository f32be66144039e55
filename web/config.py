"""Settings of the pages, each with its unit in the name."""

from __future__ import annotations

CHECK_STORE_SECONDS = 1.0
"""How often, at most, the store is asked whether another generation is published."""
RETIRE_SECONDS = 60.0
"""How long a replaced generation's query workers live on, for requests that began before."""

SEARCH_PAGE_SIZE = 20
SEARCH_HITS = 5_000
"""Hits that a search shows best first; it counts all, and shows all that pass a filter."""
MAX_SEARCH_CHARACTERS = 500
FACET_VALUES_SHOWN = 8

KIN_SHOWN = 10
KIN_PAGE_SHOWN = 20
KIN_MOST = 50
COMPARED_TRIALS = 6
EVIDENCE_ROWS_SHOWN = 25
EVIDENCE_ROWS_MOST = 5_000
"""Trials in an evidence table's file; a wider search is cut, and the file's name says so."""

API_PAGE_SIZE = 20
API_PAGE_MOST = 200
API_K_MOST = 100
API_TEXT_CHARACTERS = 100_000
"""Characters of a free text whose kin are asked for: a synopsis, not a protocol."""
API_VARIED_FROM = 5
"""A varied list of k kin is chosen from the closest `API_VARIED_FROM` times k."""
API_VARIED_LEAST = 50

RUNS_PAGE_SIZE = 20
CHANGES_PAGE_SIZE = 50
CHANGES_REMEMBERED = 1_000
"""Changes of trials that a saved search is compared with; older ones are on the runs' pages."""
WATCHED_MOST = 20
RUN_KIN_SHOWN = 30
"""Trials with new kin that the page of a run lists."""
OF_EACH_KIND = 4
"""New, changed and removed trials of the latest run that the list of runs begins with."""
FAILURES_SHOWN = 50
FEED_ENTRIES = 50

RESULT_ROWS_SHOWN = 500
"""Rows of a query's answer in a page; downloads hold them all."""
RESULT_CELL_CHARACTERS = 600

MAX_BODY_BYTES = 1_000_000
RETRY_AFTER_SECONDS = 5
STATIC_MAX_AGE_SECONDS = 31_536_000
"""Static files carry a hash of their content in their address, so they never go stale."""
SERVER_THREADS = 64
"""More than queries may wait (`kg.sparql.limits`), so that pages are served meanwhile."""
SERVER_CONNECTIONS = 1_000
"""Connections that are open at once; further ones wait to be taken."""
SLOW_CLIENT_SECONDS = 60
"""How long a connection may stand still before it is closed."""
STOP_SECONDS = 20.0
"""How long answers that were begun may take when the server is told to stop."""
READY_CHECK_SECONDS = 2.0
"""How long what ``/ready`` found out is told again."""

CONTENT_SECURITY_POLICY = "; ".join(
    [
        "default-src 'none'",
        "style-src 'self'",
        "script-src 'self'",
        "img-src 'self'",
        "font-src 'self'",
        "connect-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    ]
)
SECURITY_HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}
