"""Settings of the pages, each with its unit in the name."""

from __future__ import annotations

CHECK_STORE_SECONDS = 1.0
"""How often, at most, the store is asked whether another generation is published."""
RETIRE_SECONDS = 60.0
"""How long a replaced generation's query workers live on, for requests that began before."""

SEARCH_PAGE_SIZE = 20
SEARCH_HITS = 5_000
"""Hits that are ranked, counted by facet and paged through; beyond them a search is too wide."""
MAX_SEARCH_CHARACTERS = 500
FACET_VALUES_SHOWN = 8
FACET_VALUES_MOST = 40
"""Values of a facet that can be unfolded; rarer ones are reached by a narrower search."""

KIN_SHOWN = 10
KIN_MOST = 50
COMPARED_TRIALS = 6

RESULT_ROWS_SHOWN = 500
"""Rows of a query's answer in a page; downloads hold them all."""
RESULT_CELL_CHARACTERS = 600

MAX_BODY_BYTES = 1_000_000
RETRY_AFTER_SECONDS = 5
STATIC_MAX_AGE_SECONDS = 31_536_000
"""Static files carry a hash of their content in their address, so they never go stale."""
SERVER_THREADS = 8

CONTENT_SECURITY_POLICY = "; ".join(
    [
        "default-src 'none'",
        "style-src 'self'",
        "script-src 'self'",
        "img-src 'self'",
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
