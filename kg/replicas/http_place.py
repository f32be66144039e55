"""`HttpPlace`: a store on a file server or under the public address of an object store."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from contextlib import contextmanager

import httpx

from kg.patience import Patience
from kg.replicas.failures import DamagedFileError, MissingFileError, PassingReadError
from kg.replicas.places import PATIENCE, Pieces, check_limit, without_password
from ontology.errors import InvalidIdentifierError, ReplicaError

_PASSING = frozenset({408, 425, 429, 500, 502, 503, 504})
# An object store whose folders may not be listed answers 403 for a file that is not there.
_MISSING = frozenset({403, 404, 410})
_MOVED = frozenset({301, 302, 303, 307, 308})
_HOPS = 5
_PATIENT_SECONDS = 120
_LEAST_BYTES_A_SECOND = 1_000
"""A server that drips would keep a pull, and the lock, for days."""
_RANGE = re.compile(r"bytes (\d+)-(\d+)/(\d+)", re.ASCII)


class HttpPlace:
    """A folder behind HTTP; several threads may read it.

    Parameters
    ----------
    url : str
    patience : Patience, optional

    Raises
    ------
    InvalidIdentifierError
        If it is no address of a folder.
    """

    def __init__(self, url: str, patience: Patience = PATIENCE):
        self.patience = patience
        self.shown = without_password(url).rstrip("/")
        try:
            self._base = httpx.URL(url.rstrip("/") + "/")
        except httpx.InvalidURL as error:
            raise InvalidIdentifierError(f"{self.shown} is no address: {error}.") from error
        if not self._base.host or self._base.query or self._base.fragment:
            raise InvalidIdentifierError(
                f"{self.shown} is no address of a folder; give http(s)://HOST/FOLDER."
            )
        self._http = httpx.Client(
            timeout=patience.timeout,
            # Packed on the way, a file has another length than the list says.
            headers={"User-Agent": "trialkin", "Accept-Encoding": "identity"},
        )

    def close(self) -> None:
        """Close all connections."""
        self._http.close()

    def read(self, name: str, limit: int) -> bytes:
        """Return a small file."""
        body = bytearray()
        with self._asked(name, {}) as response:
            if response.status_code != 200:
                raise ReplicaError(f"{self.shown}/{name} answers {response.status_code}.")
            for piece in _pieces(response, f"{self.shown}/{name}"):
                body += piece
                check_limit(len(body), limit, self.shown, name)
        return bytes(body)

    @contextmanager
    def open(self, name: str, start: int, stop: int, size: int) -> Iterator[Pieces]:
        """Open a part of a file, or the whole where the server gives no parts."""
        whole = start == 0 and stop == size
        headers = {} if whole else {"Range": f"bytes={start}-{stop - 1}"}
        with self._asked(name, headers) as response:
            if response.status_code != 206:  # the whole, whatever was asked for
                start, stop = 0, size
            self._check_part(response, name, start, stop, size)
            yield start, stop, _pieces(response, f"{self.shown}/{name}")

    def _check_part(
        self, response: httpx.Response, name: str, start: int, stop: int, size: int
    ) -> None:
        status, length = response.status_code, response.headers.get("content-length", "")
        if status == 206:
            found = _RANGE.fullmatch(response.headers.get("content-range", ""))
            if found is None or [int(one) for one in found.groups()] != [start, stop - 1, size]:
                raise DamagedFileError(
                    f"{self.shown}/{name} has not the {size:,} bytes that the list says "
                    f"(it answers {response.headers.get('content-range')!r})."
                )
        elif status == 416:
            raise DamagedFileError(f"{self.shown}/{name} has fewer bytes than the list says.")
        elif status != 200:
            raise ReplicaError(f"{self.shown}/{name} answers {status}.")
        if length and length != str(stop - start):
            raise DamagedFileError(
                f"{self.shown}/{name} comes with {length[:20]} bytes, not {stop - start:,} as the "
                "list says."
            )

    @contextmanager
    def _asked(self, name: str, headers: dict[str, str]) -> Iterator[httpx.Response]:
        url = self._base.join(name)
        try:
            for _ in range(_HOPS):
                with self._http.stream("GET", url, headers=headers) as response:
                    if response.status_code not in _MOVED:
                        self._check(response, name)
                        yield response
                        return
                    url = self._moved_to(response)
        except httpx.TransportError as error:
            said = str(error) or type(error).__name__
            raise PassingReadError(f"{self.shown}/{name} cannot be read ({said}).") from error
        raise ReplicaError(f"{self.shown}/{name} is moved again and again.")

    def _check(self, response: httpx.Response, name: str) -> None:
        status = response.status_code
        if status in _PASSING or status >= 500:
            raise PassingReadError(f"{self.shown}/{name} answers {status}.", _retry_after(response))
        if status in _MISSING:
            raise MissingFileError(f"{self.shown} has no {name} (it answers {status}).")
        packed = response.headers.get("content-encoding", "identity")
        if packed != "identity":
            raise ReplicaError(f"{self.shown}/{name} comes packed ({packed}), unasked.")

    def _moved_to(self, response: httpx.Response) -> httpx.URL:
        """Return where one is sent: on the same host only, and never from TLS to plain text."""
        now = response.request.url
        target = now.join(response.headers.get("location", ""))
        same = (target.scheme, target.port) == (now.scheme, now.port)
        safer = (now.scheme, target.scheme) == ("http", "https")
        if target.host != now.host or not (same or safer):
            raise ReplicaError(
                f"{self.shown} sends one on to {target.scheme}://{target.host}, which is not "
                "followed; give that address if it is the right one."
            )
        # No other name and password than those that were given are sent.
        return target.copy_with(userinfo=self._base.userinfo)


def _pieces(response: httpx.Response, shown: str) -> Iterator[bytes]:
    started, count = time.monotonic(), 0
    try:
        for piece in response.iter_raw():
            yield piece
            count += len(piece)
            spent = time.monotonic() - started
            if spent > _PATIENT_SECONDS and count < spent * _LEAST_BYTES_A_SECOND:
                raise PassingReadError(f"{shown} comes too slowly.")
    except httpx.TransportError as error:
        said = str(error) or type(error).__name__
        raise PassingReadError(f"{shown} broke off ({said}).") from error


def _retry_after(response: httpx.Response) -> float | None:
    value = response.headers.get("retry-after", "").strip()
    return min(float(value), 600.0) if value.isdecimal() and value.isascii() else None
