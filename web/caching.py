"""Answers that depend on the published generation alone: tagged by it, so not made twice.

The tag names the generation, the software, the address and the form, and is known before the
answer is made: a client that has it is told so at once (RFC 9110, sections 8.8.3 and 13.1.2).
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from importlib.metadata import version

from flask import Response, request

from web.served import Served

ALLOWED_HEADERS = (
    "Accept, Accept-Language, Authorization, Content-Type, If-None-Match, X-Request-ID, "
    "X-Requested-With"
)
"""Headers that scripts of other origins may send."""
_PREFLIGHT_SECONDS = "86400"
_VERSION = version("trialkin")


def generation_tag(now: Served, form: str) -> str:
    """Return the entity tag of the current request's answer in a form, without quotes.

    Parameters
    ----------
    now : Served
    form : str
        What tells this answer from others at the same address, such as its media type.
    """
    manifest = now.generation.manifest
    parts = (
        str(manifest.generation),
        manifest.built_at,
        _VERSION,
        request.full_path,
        form,
    )
    return hashlib.blake2b("\n".join(parts).encode(), digest_size=12).hexdigest()


def answer_once(now: Served, form: str, make: Callable[[], Response]) -> Response:
    """Return the answer, or 304 without making it if the client has it already.

    The tag is a weak one, as an answer may be compressed on its way. ``If-None-Match: *`` asks
    whether there is any answer, which is not known before it is made.
    """
    tag = generation_tag(now, form)
    known = request.if_none_match
    if request.method in ("GET", "HEAD") and not known.star_tag and known.contains_weak(tag):
        response = Response(status=304)
    else:
        response = make()
    if response.status_code in (200, 304):
        response.set_etag(tag, weak=True)
        response.headers["Cache-Control"] = "no-cache"
        response.headers["TrialKin-Generation"] = str(now.number)
    return response


def open_to_all(response: Response) -> Response:
    """Let scripts of any origin read an answer: all of it is public, and no cookie is looked at.

    An answer to OPTIONS says what they may send too (Fetch standard, section 3.3).
    """
    if request.method == "OPTIONS" and "Access-Control-Request-Method" in request.headers:
        allowed = response.headers.get("Allow", "")
        response.headers.setdefault("Access-Control-Allow-Methods", allowed)
        response.headers.setdefault("Access-Control-Allow-Headers", ALLOWED_HEADERS)
        response.headers.setdefault("Access-Control-Max-Age", _PREFLIGHT_SECONDS)
    response.headers["Access-Control-Allow-Origin"] = "*"
    response.headers["Access-Control-Expose-Headers"] = (
        "ETag, Link, Location, Retry-After, TrialKin-Engine, "
        "TrialKin-Generation, TrialKin-Truncated, X-Request-ID"
    )
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    return response
