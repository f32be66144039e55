"""`WhenAsked`: name and password, sent in the way and only when a server asks for them."""

from __future__ import annotations

import re
from collections.abc import Generator

import httpx

from kg.engines.address import Credentials

_BASIC = re.compile(r"(?:^|,)\s*basic\b", re.IGNORECASE)


class WhenAsked(httpx.Auth):
    """Basic or digest authentication, whichever the server asks for."""

    def __init__(self, credentials: Credentials):
        self._credentials = credentials
        self._way: httpx.Auth | None = None

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        """Send a request, and again with a name and password should the server want them."""
        if self._way is None:
            response = yield request
            if response.status_code != 401:
                return
            way = _way(response.headers.get_list("www-authenticate"))
            if way is None:
                return
            self._way = way(self._credentials.user, self._credentials.password)
        yield from self._way.auth_flow(request)


def _way(challenges: list[str]) -> type[httpx.DigestAuth] | type[httpx.BasicAuth] | None:
    """Return the better of the ways that a server offers, None if it knows neither."""
    if any(one.lower().startswith("digest ") for one in challenges):
        return httpx.DigestAuth
    return httpx.BasicAuth if any(map(_BASIC.search, challenges)) else None
