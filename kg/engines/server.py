"""`GraphServer`: talks to a SPARQL server by the standard protocols.

References
----------
.. [1] SPARQL 1.1 Protocol, and SPARQL 1.1 Graph Store HTTP Protocol, W3C Recommendations, 2013.
"""

from __future__ import annotations

import time
from types import TracebackType
from typing import Self

import httpx
import msgspec

from kg.engines.address import Address, Credentials
from kg.engines.answers import ServerAnswer, values_of
from kg.engines.authentication import WhenAsked
from ontology.errors import EngineError, QueryTimeoutError, QueryTooLargeError

ROWS_TYPE = "application/sparql-results+json"
TRIPLES_TYPE = "application/n-triples"
PATIENCE_S = 600.0
"""How long one step of writing may take: a server may sort a whole graph first."""
ATTEMPTS = 4
_CONNECT_S = 10.0
_FIRST_WAIT_S = 0.5
_PASSING = frozenset([429, 502, 503, 504])
"""Statuses of a server that may do better in a moment."""


class GraphServer:
    """A SPARQL server; safe to use from many threads.

    Parameters
    ----------
    address : Address
    credentials : Credentials, optional
        Sent only when the server asks for them, by basic or digest authentication.
    patience_s : float
        How long one step may take; users' queries have deadlines of their own.
    attempts : int
        How often a step is tried that may go better in a moment.
    """

    def __init__(
        self,
        address: Address,
        credentials: Credentials | None = None,
        *,
        patience_s: float = PATIENCE_S,
        attempts: int = ATTEMPTS,
    ):
        self._given, self._attempts = address, attempts
        self._known: Address | None = None
        self._http = httpx.Client(
            auth=None if credentials is None else WhenAsked(credentials),
            timeout=httpx.Timeout(patience_s, connect=_CONNECT_S),
            headers={"User-Agent": "trialkin"},
            # What leads elsewhere, a proxy or a redirect, is not to see queries or passwords.
            trust_env=False,
            follow_redirects=False,
            limits=httpx.Limits(max_connections=None, max_keepalive_connections=64),
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
        """Close all connections."""
        self._http.close()

    @property
    def shown(self) -> str:
        """The address as it may be shown."""
        return self._given.url

    @property
    def address(self) -> Address:
        """The address; where it does not tell the kind of server, the server is asked.

        Raises
        ------
        EngineError
            If it cannot be reached.
        """
        if self._known is None:
            known = self._given
            if not known.kind:
                told = self._send("GET", known.base + "/").headers.get("server", "").lower()
                kind = next((name for name in ("virtuoso", "oxigraph") if name in told), "other")
                known = known.of_kind(kind)
            self._known = known
        return self._known

    @property
    def mirror(self) -> str:
        """The IRI of the mirror, see `Address.mirror`."""
        return self._given.mirror

    def rows(self, query: str, graph: str) -> list[dict[str, str]]:
        """Ask a query of our own about one graph; return its rows, without types.

        Raises
        ------
        EngineError
            If there is no good answer.
        """
        answer = self._send(
            "POST",
            self.address.service("query"),
            data={"query": query, "default-graph-uri": graph},
            headers={"Accept": ROWS_TYPE},
        )
        self._check(answer, "query")
        try:
            return values_of(answer)
        except msgspec.MsgspecError as error:
            raise EngineError(
                f"The graph server at {self.shown} does not answer queries in JSON: {answer.said}"
            ) from error

    def update(self, text: str) -> None:
        """Run an update.

        Raises
        ------
        EngineError
        """
        answer = self._send(
            "POST",
            self.address.service("update"),
            content=text.encode(),
            headers={"Content-Type": "application/sparql-update"},
        )
        self._check(answer, "update")

    def add(self, graph: str, triples: bytes) -> None:
        """Add N-Triples to a graph, which need not be there.

        Raises
        ------
        EngineError
        """
        address = self.address
        answer = self._send(
            "POST",
            address.service("store"),
            params={address.layout.graph_parameter: graph},
            content=triples,
            headers={"Content-Type": TRIPLES_TYPE},
        )
        self._check(answer, "add to a graph")

    def drop(self, graph: str) -> None:
        """Drop a graph, if it is there."""
        self.update(f"DROP SILENT GRAPH <{graph}>")

    def ask(
        self, query: str, graph: str, *, accept: str, deadline_s: float, max_bytes: int
    ) -> ServerAnswer:
        """Ask a user's query about one graph.

        When time or place run out the connection is closed, which ends the query on a server
        that looks.

        Raises
        ------
        QueryTimeoutError, QueryTooLargeError
        EngineError
            If the server cannot be reached, or wants other credentials.
        """
        fields = {"query": query, "default-graph-uri": graph}
        ends = time.monotonic() + deadline_s
        body = bytearray()
        try:
            with self._http.stream(
                "POST",
                self.address.service("query"),
                data=fields,
                headers={"Accept": accept},
                timeout=httpx.Timeout(deadline_s, connect=min(_CONNECT_S, deadline_s)),
            ) as response:
                for chunk in response.iter_bytes():
                    body += chunk
                    if time.monotonic() > ends:
                        raise _late(deadline_s)
                    if len(body) > max_bytes:
                        raise QueryTooLargeError(
                            f"The result has more than the {max_bytes:,} bytes that are read; "
                            "narrow the query or add a LIMIT."
                        )
        except (httpx.ConnectTimeout, httpx.ConnectError) as error:
            raise self._unreachable(error) from error
        except httpx.TimeoutException:
            raise _late(deadline_s) from None
        except httpx.HTTPError as error:
            raise self._unreachable(error) from error
        answer = ServerAnswer(response.status_code, response.headers, bytes(body))
        if answer.status in (401, 403):
            self._check(answer, "query")
        return answer

    def _send(
        self,
        method: str,
        url: str,
        *,
        params: dict[str, str] | None = None,
        data: dict[str, str] | None = None,
        content: bytes | None = None,
        headers: dict[str, str] | None = None,
    ) -> ServerAnswer:
        # All that is sent so may be sent again: it sets, adds to a set, or takes out of it.
        for attempt in range(self._attempts):
            last = attempt == self._attempts - 1
            try:
                response = self._http.request(
                    method, url, params=params, data=data, content=content, headers=headers
                )
            except httpx.ConnectError as error:  # nobody is there: no use to wait
                raise self._unreachable(error) from error
            except httpx.HTTPError as error:
                if last:
                    raise self._unreachable(error) from error
            else:
                answer = ServerAnswer(response.status_code, response.headers, response.content)
                if last or not _may_pass(answer):
                    return answer
            time.sleep(_FIRST_WAIT_S * 2**attempt)
        raise AssertionError("the last attempt returns or raises")

    def _unreachable(self, error: httpx.HTTPError) -> EngineError:
        why = str(error) or type(error).__name__
        return EngineError(
            f"The graph server at {self.shown} cannot be reached ({why}); start it, or name "
            "another with --graph."
        )

    def _check(self, answer: ServerAnswer, what: str) -> None:
        if answer.status < 300:
            return
        remedy = "see its log"
        if answer.status in (401, 403):
            remedy = (
                "give a name and password that may do so in TRIALKIN_GRAPH_USER and "
                "TRIALKIN_GRAPH_PASSWORD"
            )
        elif answer.status in (404, 405):
            remedy = "name its services in the address: ?query=...&update=...&store=..."
        elif answer.status == 413:
            remedy = "let it, or the proxy before it, take larger bodies"
        said = f" ({answer.said})" if answer.said else ""
        raise EngineError(
            f"The graph server at {self.shown} refuses to {what}: status {answer.status}{said}; "
            f"{remedy}."
        )


def _may_pass(answer: ServerAnswer) -> bool:
    # Virtuoso's "transaction deadlocked" comes with status 500.
    return answer.status in _PASSING or (answer.status == 500 and "40001" in answer.said)


def _late(deadline_s: float) -> QueryTimeoutError:
    return QueryTimeoutError(
        f"The query was stopped after {deadline_s:g} s; narrow it, or begin with what is rarest "
        "in a sub-select."
    )
