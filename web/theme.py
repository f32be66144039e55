"""Light or dark: the reader's system decides, until the reader does.

The choice is kept in a cookie, so that the server sends the page in it at once and the button
works without scripts.
"""

from __future__ import annotations

from flask import Blueprint, redirect, request, url_for
from werkzeug.wrappers import Response

blueprint = Blueprint("theme", __name__)

COOKIE = "theme"
THEMES = ("light", "dark")
_YEAR_SECONDS = 31_536_000


def chosen_theme() -> str | None:
    """Return the theme that the reader chose, None if the system's is to hold."""
    theme = request.cookies.get(COOKIE)
    return theme if theme in THEMES else None


@blueprint.post("/theme")
def choose() -> Response:
    """Remember a theme and lead back to the page that it was chosen on.

    :raise 400: if the theme is missing.
    """
    theme = request.form["theme"]
    response = redirect(_local(request.form.get("back", "")), 303)
    if theme in THEMES:
        response.set_cookie(COOKIE, theme, max_age=_YEAR_SECONDS, samesite="Lax")
    else:
        response.delete_cookie(COOKIE)
    return response


def _local(path: str) -> str:
    """Return a path of this site; an address of another one leads to the start page."""
    plain = path.startswith("/") and path[1:2] not in ("/", "\\") and path.isprintable()
    return path if plain else url_for("pages.start")
