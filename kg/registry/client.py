"""`RegistryClient`: polite, patient requests to the registry's API."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from types import TracebackType
from typing import Any, Self

import httpx

from kg.iris import canonical_nct_id
from kg.patience import Patience, patiently
from kg.registry.answers import (
    MovedError,
    PassingError,
    RefusedRequestError,
    RegistryPage,
    RegistryStudy,
    decoded,
    start_of,
    stated_nct_id,
)
from ontology.errors import InvalidIdentifierError, RegistryError

DEFAULT_REGISTRY = "https://clinicaltrials.gov/api/v2"
"""Base of the API; a mirror of it has another."""

MAX_BODY_BYTES = 512 * 1024 * 1024
"""The most that one answer may hold; a thousand mean records make 17 MB."""
_IS_BASE = "is this the base of the registry's API, version 2?"
_RETRIED = frozenset({408, 425, 429, 500, 502, 503, 504})
_MOVED = frozenset({301, 302, 307, 308})


class RegistryClient:
    """Asks the registry, one request after another.

    Parameters
    ----------
    base_url : str
        Of the API, such as `DEFAULT_REGISTRY`; with name and password, these are sent to it.
    patience : Patience, optional
    clock, sleep : callable
        Seconds, rising; and waiting for some.
    """

    def __init__(
        self,
        base_url: str = DEFAULT_REGISTRY,
        *,
        patience: Patience | None = None,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], bool | None] = time.sleep,
    ):
        self.requests = 0
        self._patience = patience or Patience()
        self._clock, self._sleep = clock, sleep
        self._next_at = float("-inf")
        try:
            given = httpx.URL(base_url.rstrip("/"))
        except httpx.InvalidURL as error:
            raise RegistryError(f"{base_url!r} is no address of a registry: {error}.") from error
        if given.scheme not in ("http", "https") or not given.host:
            raise RegistryError(f"{base_url!r} is no address of a registry; give http(s)://...")
        # The base is told in messages and kept in records of runs; a password is nobody's to read.
        self._origin = given.copy_with(username=None, password=None)
        self.base_url = str(self._origin)
        self._http = httpx.Client(
            auth=(given.username, given.password) if given.userinfo else None,
            timeout=self._patience.timeout,
            headers={"User-Agent": "trialkin", "Accept": "application/json"},
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connection."""
        self._http.close()

    def data_timestamp(self) -> str:
        """Return the registry's time stamp of its data; it changes with each of its updates.

        Raises
        ------
        RegistryError
        """
        try:
            value = self._json(f"{self.base_url}/version", {})[1].get("dataTimestamp")
        except RefusedRequestError as error:
            if error.status != 404:
                raise
            raise RegistryError(f"{error}; {_IS_BASE}") from error
        if not isinstance(value, str):
            raise RegistryError(f"{self.base_url}/version tells no dataTimestamp; {_IS_BASE}")
        return value

    def page(self, parameters: Mapping[str, str], token: str | None = None) -> RegistryPage:
        """Return a page of records.

        Parameters
        ----------
        parameters : mapping
            The same for every page of one question.
        token : str, optional
            The one that came with the page before.

        Raises
        ------
        RefusedRequestError
            If the registry refuses the request, also since a token has expired.
        RegistryError
            If all tries failed.
        """
        query = dict(parameters) | ({} if token is None else {"pageToken": token})
        raw, found = self._json(f"{self.base_url}/studies", query, needed="studies")
        studies = found["studies"]
        if not isinstance(studies, list):
            raise RegistryError(f"{self.base_url}/studies sends a page without a list of studies.")
        token_, total = found.get("nextPageToken"), found.get("totalCount")
        return RegistryPage(
            raw,
            [stated_nct_id(study) for study in studies],
            token_ if isinstance(token_, str) and token_ else None,
            total if isinstance(total, int) else None,
        )

    def study(self, nct_id: str) -> RegistryStudy | None:
        """Return one record, also under an id that it has no more; None if there is none.

        Raises
        ------
        RegistryError
        """
        asked = nct_id
        for _ in range(5):
            url = f"{self.base_url}/studies/{asked}"
            try:
                raw, _ = self._json(url, {"format": "json"}, needed="protocolSection")
            except MovedError as moved:
                asked = moved.nct_id
            except RefusedRequestError as error:
                if error.status == 404:
                    return None
                raise
            else:
                return RegistryStudy(asked, raw)
        raise RegistryError(f"{self.base_url} sends one round in circles from {nct_id}.")

    def _json(
        self, url: str, query: Mapping[str, str], *, needed: str | None = None
    ) -> tuple[bytes, dict[str, Any]]:
        return patiently(
            lambda: self._once(url, query, needed),
            self._patience,
            RegistryError,
            sleep=self._sleep,
        )

    def _once(
        self, url: str, query: Mapping[str, str], needed: str | None
    ) -> tuple[bytes, dict[str, Any]]:
        wait = self._next_at - self._clock()
        if wait > 0:
            self._sleep(wait)
        self._next_at = self._clock() + self._patience.seconds_between
        self.requests += 1
        try:
            with self._http.stream("GET", url, params=query) as response:
                body = self._body(response)
        # Also DecodingError: an answer that says it is packed, and cannot be unpacked.
        except httpx.RequestError as error:
            raise PassingError(
                f"{url} cannot be read ({error or type(error).__name__})."
            ) from error
        self._check_status(response, url, body)
        try:
            found = decoded(body)
        except ValueError as error:
            raise PassingError(
                f"{url} answers with what is no JSON ({start_of(body)!r})."
            ) from error
        if not isinstance(found, dict) or (needed is not None and needed not in found):
            raise PassingError(f"{url} answers without {needed!r} ({start_of(body)!r}).")
        return body, found

    def _body(self, response: httpx.Response) -> bytes:
        body = bytearray()
        until = self._clock() + self._patience.longest_answer
        for chunk in response.iter_bytes():
            body += chunk
            if self._clock() > until:
                raise PassingError(
                    f"{response.url} takes longer than {self._patience.longest_answer:g} seconds."
                )
            if len(body) > MAX_BODY_BYTES:
                raise RegistryError(f"{response.url} sends more than {MAX_BODY_BYTES:,} bytes.")
        return bytes(body)

    def _check_status(self, response: httpx.Response, url: str, body: bytes) -> None:
        status = response.status_code
        if status in _MOVED:
            raise MovedError(self._moved_to(response, url))
        if status in _RETRIED or status >= 500:
            raise PassingError(f"{url} answers {status}.", _retry_after(response))
        if status >= 400:
            raise RefusedRequestError(f"{url} answers {status}: {start_of(body)}", status)
        if response.headers.get("content-type", "").startswith("text/html"):
            raise PassingError(f"{url} answers with a page for people.")

    def _moved_to(self, response: httpx.Response, url: str) -> str:
        """Return the id that a record has now; nothing but the registry itself is followed."""
        location = response.headers.get("location", "")
        try:
            target = response.request.url.join(location)
        except httpx.InvalidURL as error:
            raise RegistryError(f"{url} sends one on to {location!r} ({error}).") from error
        folder, _, name = target.path.rpartition("/")
        same = (target.scheme, target.host, target.port) == (
            self._origin.scheme, self._origin.host, self._origin.port,
        )  # fmt: skip
        try:
            if same and folder.endswith("/studies"):
                return canonical_nct_id(name)
        except InvalidIdentifierError:
            pass
        raise RegistryError(f"{url} sends one on to {target}, which is no record of the registry.")


def _retry_after(response: httpx.Response) -> float | None:
    """Return the seconds that the registry asks to wait; dates, which none sends, are left out."""
    value = response.headers.get("retry-after", "").strip()
    return min(float(value), 600.0) if value.isdecimal() else None
