"""A small client of the HTTP API, for scripts and notebooks; it needs httpx and nothing of ours."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields
from types import TracebackType
from typing import Any, TypeVar

import httpx

Json = dict[str, Any]
Kind = TypeVar("Kind")
_BASE = "/api/v1"
_PAGE_SIZE = 100


class ClientError(Exception):
    """The server refused a request, or could not be asked.

    Attributes
    ----------
    status : int or None
        Of the answer; None if there was none.
    problem : dict
        What the server says (RFC 9457): `type`, `title`, `detail` and more.
    """

    def __init__(self, message: str, *, status: int | None = None, problem: Json | None = None):
        super().__init__(message)
        self.status = status
        self.problem = problem or {}


@dataclass(frozen=True, slots=True)
class TrialSummary:
    """A trial in short, as lists show it; `facts` are the values read from its text, by field."""

    nct_id: str
    title: str
    acronym: str | None = None
    overall_status: str | None = None
    study_type: str | None = None
    phases: tuple[str, ...] = ()
    enrollment_count: int | None = None
    conditions: tuple[str, ...] = ()
    condition_labels: tuple[str, ...] = ()
    interventions: tuple[str, ...] = ()
    lead_sponsor: str | None = None
    countries: tuple[str, ...] = ()
    start_date: str | None = None
    last_update_post_date: str | None = None
    has_results: bool = False
    facts: Mapping[str, Sequence[str | float]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Trial(TrialSummary):
    """A trial, and its `record` as registered, in the registry's API v2 shape."""

    generation: int = 0
    iri: str = ""
    official_title: str | None = None
    brief_summary: str | None = None
    record: Json = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Kin:
    """A related trial: score from 0 to 1, what each facet adds to it, and why in one sentence."""

    query_nct_id: str
    rank: int
    nct_id: str
    score: float
    title: str
    reason: str
    contributions: Mapping[str, float] = field(default_factory=dict)
    shared: Sequence[Json] = ()
    differing: Sequence[Json] = ()


@dataclass(frozen=True, slots=True)
class Fact:
    """One value read from a record's text; `evidence` holds the words that it leans on."""

    nct_id: str
    field: str
    value: str | float
    rule: str = ""
    confidence: float = 1.0
    arms: Sequence[int] = ()
    evidence: Sequence[Json] = ()


@dataclass(frozen=True, slots=True)
class Relation:
    """A typed relation to another trial; read `words` before its title."""

    nct_id: str
    title: str
    kind: str
    direction: str
    words: str
    confidence: float
    evidence: Sequence[Json] = ()


class TrialKinClient:
    """Asks a TrialKin server.

    Parameters
    ----------
    base_url : str
        Such as ``http://127.0.0.1:8000``.
    timeout : float, optional
        Seconds to wait for a connection, and for each part of an answer.
    transport : httpx.BaseTransport, optional
        Another way to the server; with ``httpx.HTTPTransport(retries=2)`` failed connections are
        tried again. Nothing is tried again by default.

    Notes
    -----
    Every method raises `ClientError` if the server refuses or cannot be reached. Safe to share
    between threads. Close it, or use it in a ``with`` statement.
    """

    def __init__(
        self, base_url: str, *, timeout: float = 30.0, transport: httpx.BaseTransport | None = None
    ):
        self._http = httpx.Client(
            base_url=base_url.rstrip("/"), timeout=timeout, transport=transport, trust_env=False
        )

    def __enter__(self) -> TrialKinClient:
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

    def status(self) -> Json:
        """Return what is published: generation, counts, versions."""
        return self._get("/status")

    def trial(self, nct_id: str, *, record: bool = True) -> Trial:
        """Return a trial, with its record unless that is not wanted."""
        return _made(Trial, self._get(f"/trials/{nct_id}", {"record": record}))

    def trials(self, **filters: Any) -> Iterator[TrialSummary]:
        """Yield all trials that pass filters such as ``route="intravenous"``, page by page.

        Parameters
        ----------
        **filters
            Facets and ranges by their names in the API; a list for one of several values.
        """
        return self._pages("/trials", filters)

    def search(self, words: str, **filters: Any) -> Iterator[TrialSummary]:
        """Yield all trials that words find, best first, page by page."""
        return self._pages("/search", {"q": words, "facets": False, **filters})

    def kin(
        self,
        nct_id: str,
        *,
        k: int = 10,
        weights: Mapping[str, float] | None = None,
        diversity: float = 0.0,
        **filters: Any,
    ) -> list[Kin]:
        """Return the kin of a trial, best first.

        Parameters
        ----------
        nct_id : str
        k : int
        weights : mapping, optional
            Facet -> how many times its usual weight it gets, such as ``{"route": 2}``.
        diversity : float
            From 0 to 1: how far to prefer kin that are unlike each other.
        **filters
            Only trials that pass them, as in `trials`.
        """
        said = [f"{facet}={times:g}" for facet, times in (weights or {}).items()]
        asked = {"k": k, "diversity": diversity, "weight": said, **filters}
        return [_made(Kin, item) for item in self._get(f"/trials/{nct_id}/kin", asked)["items"]]

    def kin_of_text(
        self,
        text: str,
        *,
        k: int = 10,
        weights: Mapping[str, float] | None = None,
        diversity: float = 0.0,
        **filters: str | Sequence[str],
    ) -> list[Kin]:
        """Return the trials that are closest to an English text, such as a synopsis."""
        listed = {
            name: [value] if isinstance(value, str) else list(value)
            for name, value in filters.items()
        }
        body = {
            "text": text,
            "k": k,
            "weights": dict(weights or {}),
            "diversity": diversity,
            "filters": listed,
        }
        answer = self._asked("POST", f"{_BASE}/kin", json=body).json()
        return [_made(Kin, item) for item in answer["items"]]

    def facts(self, nct_id: str) -> list[Fact]:
        """Return what was read from a trial's text."""
        return [_made(Fact, item) for item in self._get(f"/trials/{nct_id}/facts")["items"]]

    def relations(self, nct_id: str) -> list[Relation]:
        """Return the typed relations of a trial."""
        found = self._get(f"/trials/{nct_id}/relations")["items"]
        return [_made(Relation, item) for item in found]

    def compare(self, nct_ids: Sequence[str]) -> Json:
        """Return trials side by side, question by question."""
        return self._get("/compare", {"nct_id": list(nct_ids)})

    def concept(self, scheme: str, name: str) -> Json:
        """Return a concept, its neighbours, its ids elsewhere, its trials."""
        return self._get(f"/concepts/{scheme}/{name}")

    def sparql(self, query: str) -> list[dict[str, str | None]]:
        """Return the rows of a SELECT query, values as text, None where a variable is unbound.

        Raises
        ------
        ClientError
            Also if rows were left out because there are too many: a short answer is none.
        """
        asked = {"data": {"query": query}, "headers": {"Accept": "application/sparql-results+json"}}
        answer = self._asked("POST", "/sparql", **asked).json()
        if "boolean" in answer:
            return [{"boolean": "true" if answer["boolean"] else "false"}]
        names = answer["head"]["vars"]
        return [
            {name: row[name]["value"] if name in row else None for name in names}
            for row in answer["results"]["bindings"]
        ]

    def _pages(self, path: str, asked: Mapping[str, Any]) -> Iterator[TrialSummary]:
        parameters = {"page_size": _PAGE_SIZE, **asked}
        while True:
            page = self._get(path, parameters)
            for item in page["items"]:
                yield _made(TrialSummary, item)
            if page["next"] is None:
                return
            parameters["cursor"] = page["next"]

    def _get(self, path: str, parameters: Mapping[str, Any] | None = None) -> Json:
        return dict(self._asked("GET", _BASE + path, params=dict(parameters or {})).json())

    def _asked(self, method: str, path: str, **parts: Any) -> httpx.Response:
        try:
            response = self._http.request(method, path, **parts)
        except httpx.HTTPError as error:
            raise ClientError(f"{self._http.base_url} cannot be asked: {error}") from error
        if response.is_success:
            if "TrialKin-Truncated" in response.headers:
                raise ClientError("More rows were found than the server gives; add a LIMIT.")
            return response
        try:
            problem = response.json()
        except ValueError:
            problem = {}
        detail = problem.get("detail") or response.reason_phrase
        raise ClientError(
            f"{response.status_code}: {detail}", status=response.status_code, problem=problem
        )


def _made(kind: type[Kind], values: Json) -> Kind:
    """Make a value of what is known of it: a later server may say more."""
    known = {one.name for one in fields(kind)}  # type: ignore[arg-type]
    return kind(
        **{
            name: tuple(value) if isinstance(value, list) else value
            for name, value in values.items()
            if name in known and value is not None
        }
    )
