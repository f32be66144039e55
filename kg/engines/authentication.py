"""`WhenAsked`: name and password, sent in the way and only when a server asks for them."""

from __future__ import annotations

from collections.abc import Generator

import httpx

from kg.engines.address import Credentials


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
            asked = response.headers.get("www-authenticate", "").partition(" ")[0].lower()
            way = httpx.DigestAuth if asked == "digest" else httpx.BasicAuth
            self._way = way(self._credentials.user, self._credentials.password)
        yield from self._way.auth_flow(request)
