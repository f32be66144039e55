"""`GraphServer`: talks to a SPARQL server by the standard protocols.

References
----------
.. [1] SPARQL 1.1 Protocol, and SPARQL 1.1 Graph Store HTTP Protocol, W3C Recommendations, 2013.
"""

from __future__ import annotations

import math
from typing import Any, Self

import httpx

from kg.engines.address import Address, Credentials
from kg.engines.answers import ServerAnswer, read_json
from kg.engines.authentication import WhenAsked
from kg.engines.connections import TimedTransport, within
from kg.engines.failures import PassingEngineError, check_status, unreachable
from kg.patience import Patience, patiently
from ontology.errors import EngineError, QueryTimeoutError, QueryTooLargeError

ROWS_TYPE = "application/sparql-results+json"
TRIPLES_TYPE = "application/n-triples"
PATIENCE = Patience(
    seconds_between=0.0,
    attempts=4,
    first_wait=0.5,
    longest_wait=30.0,
    timeout=10.0,
    longest_answer=600.0,
)
"""With one step of writing: a server may sort a whole graph before it answers."""
_SAY_WHAT = "say what it is"
"""Which it does in any answer: it need have nothing to show at its root."""
_MOST_BYTES = 100_000_000
"""Of an answer to a question of our own, which has rows by the thousand at most."""


class GraphServer:
    """A SPARQL server; safe to use from many threads.

    Parameters
    ----------
    address : Address
    credentials : Credentials, optional
        Sent only when the server asks for them, by basic or digest authentication.
    patience : Patience, optional
        With steps of our own: for a connection `timeout`, for all of a step `longest_answer`.
        Users' queries have deadlines of their own, and are not asked twice.
    """

    def __init__(
        self,
        address: Address,
        credentials: Credentials | None = None,
        *,
        patience: Patience = PATIENCE,
    ):
        self._given, self._patience = address, patience
        self._known: Address | None = None
        self._http = httpx.Client(
            auth=None if credentials is None else WhenAsked(credentials),
            timeout=httpx.Timeout(None, connect=patience.timeout),
            headers={"User-Agent": "trialkin"},
            # What leads elsewhere, a proxy or a redirect, is not to see queries or passwords.
            trust_env=False,
            follow_redirects=False,
            transport=TimedTransport(tls=address.url.startswith("https:")),
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
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
                told = self._send(_SAY_WHAT, "GET", known.base + "/").headers.get("server", "")
                names = ("virtuoso", "oxigraph")
                kind = next((name for name in names if name in told.lower()), "other")
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
            "query",
            "POST",
            self.address.service("query"),
            data={"query": query, "default-graph-uri": graph},
            headers={"Accept": ROWS_TYPE},
        )
        try:
            found = read_json(answer).results
        except ValueError:
            found = None
        if found is None:
            raise EngineError(
                f"The graph server at {self.shown} does not answer queries in JSON: {answer.said}"
            )
        return [{name: term.value for name, term in row.items()} for row in found.bindings]

    def count(self, graph: str) -> int:
        """Return how many triples a graph holds.

        Raises
        ------
        EngineError
        """
        rows = self.rows("SELECT (COUNT(*) AS ?n) { ?s ?p ?o }", graph)
        try:
            return int(rows[0]["n"])
        except (LookupError, ValueError) as error:
            raise EngineError(
                f"The graph server at {self.shown} does not count: it answers {rows[:1]}."
            ) from error

    def update(self, text: str) -> None:
        """Run an update, which may be run again.

        Raises
        ------
        EngineError
        """
        self._send(
            "update",
            "POST",
            self.address.service("update"),
            content=text.encode(),
            headers={"Content-Type": "application/sparql-update"},
        )

    def add(self, graph: str, triples: bytes) -> None:
        """Add N-Triples to a graph, which need not be there.

        Raises
        ------
        EngineError
        """
        address = self.address
        self._send(
            "add to a graph",
            "POST",
            address.service("store"),
            params={address.layout.graph_parameter: graph},
            content=triples,
            headers={"Content-Type": TRIPLES_TYPE},
        )

    def drop(self, graph: str) -> None:
        """Drop a graph, if it is there."""
        self.update(f"DROP SILENT GRAPH <{graph}>")

    def ask(
        self, query: str, graph: str, *, accept: str, deadline_s: float, max_bytes: int
    ) -> ServerAnswer:
        """Ask a user's query about one graph.

        When time or place run out, or who asked has left (`kg.sparql.leaving`), the connection
        is closed, which ends the query on a server that looks.

        Raises
        ------
        QueryTimeoutError, QueryTooLargeError
        EngineError
            If the server cannot be reached, breaks off, or wants other credentials.
        """
        fields = {"query": query, "default-graph-uri": graph}
        try:
            with within(deadline_s):
                address = self.address
                if address.layout.limit_parameter:
                    fields[address.layout.limit_parameter] = str(math.ceil(deadline_s * 1000))
                answer = self._exchange(
                    max_bytes,
                    "POST",
                    address.service("query"),
                    data=fields,
                    headers={"Accept": accept},
                )
        except httpx.TimeoutException:
            raise QueryTimeoutError(
                f"The query was stopped after {deadline_s:g} s; narrow it, or begin with what is "
                "rarest in a sub-select."
            ) from None
        if answer.status in (401, 403):
            check_status(answer, self.shown, "query")
        return answer

    def _send(self, what: str, method: str, url: str, **how: Any) -> ServerAnswer:
        """Send what may be sent again, as it sets, adds to a set, or takes out of it.

        `what` says what it does, for errors.
        """

        def once() -> ServerAnswer:
            try:
                with within(self._patience.longest_answer):
                    answer = self._exchange(_MOST_BYTES, method, url, **how)
            except QueryTooLargeError as error:
                raise EngineError(
                    f"The graph server at {self.shown} answers with more than "
                    f"{_MOST_BYTES:,} bytes when it is to {what}."
                ) from error
            except httpx.TimeoutException as error:
                # The server may still be at it: to send it again would only add to its work.
                raise EngineError(
                    f"The graph server at {self.shown} does not {what} in time; see its log."
                ) from error
            if answer.status >= 500 or what != _SAY_WHAT:
                check_status(answer, self.shown, what)
            return answer

        return patiently(once, self._patience, EngineError)

    def _exchange(self, max_bytes: int, method: str, url: str, **how: Any) -> ServerAnswer:
        """Send a request and read the answer, whatever it is."""
        body = bytearray()
        try:
            with self._http.stream(method, url, **how) as response:
                for piece in response.iter_bytes():
                    body += piece
                    if len(body) > max_bytes:
                        raise QueryTooLargeError(
                            f"The result has more than the {max_bytes:,} bytes that are read; "
                            "narrow the query or add a LIMIT."
                        )
        except (httpx.ConnectError, httpx.ConnectTimeout) as error:  # nobody is there
            raise unreachable(self.shown, error) from error
        except httpx.TimeoutException:
            raise
        except httpx.RequestError as error:
            raise PassingEngineError(
                f"The graph server at {self.shown} breaks off ({error or type(error).__name__}); "
                "see its log."
            ) from error
        return ServerAnswer(response.status_code, response.headers, bytes(body))
