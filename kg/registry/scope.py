"""`Scope`: which records a store follows, and the requests that fetch them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from kg.iris import canonical_nct_id

IDS_PER_REQUEST = 100
"""NCT ids named in one request: the address stays below 2 kB."""
PAGE_SIZE = 1000
"""Records asked for at once: the most that the registry sends."""

Parameters = dict[str, str]


@dataclass(frozen=True, slots=True)
class Scope:
    """Which records are followed; all of the registry if nothing is said.

    Attributes
    ----------
    condition, intervention, term : str
        Queries in the registry's own expression syntax (``query.cond``, ``query.intr``,
        ``query.term``); empty where not asked for.
    nct_ids : tuple of str
        Canonical NCT ids.
    """

    condition: str = ""
    intervention: str = ""
    term: str = ""
    nct_ids: tuple[str, ...] = ()

    @classmethod
    def of(
        cls,
        *,
        condition: str | None = None,
        intervention: str | None = None,
        term: str | None = None,
        nct_ids: Iterable[str] = (),
    ) -> Scope:
        """Make a scope of what a person typed.

        Raises
        ------
        InvalidIdentifierError
            If one of the ids is no NCT id.
        """
        ids = sorted({canonical_nct_id(nct_id) for nct_id in nct_ids})
        return cls(_one_line(condition), _one_line(intervention), _one_line(term), tuple(ids))

    @property
    def is_everything(self) -> bool:
        """Whether it is the whole registry."""
        return not (self.condition or self.intervention or self.term or self.nct_ids)

    def __str__(self) -> str:
        """Say it in one line: what people read, and what two scopes are compared by."""
        if self.is_everything:
            return "everything"
        parts = [
            f"{name}: {value}"
            for name, value in (
                ("condition", self.condition),
                ("intervention", self.intervention),
                ("term", self.term),
                ("ids", " ".join(self.nct_ids)),
            )
            if value
        ]
        return "; ".join(parts)

    def requests(self, since: str | None) -> Iterator[Parameters]:
        """Yield the parameters of the requests that fetch the scope, without paging.

        Parameters
        ----------
        since : str or None
            Only records whose last update was posted on or after this day (ISO 8601).
        """
        common = {"format": "json", "pageSize": str(PAGE_SIZE), "countTotal": "true"}
        for name, value in (
            ("query.cond", self.condition),
            ("query.intr", self.intervention),
            ("query.term", self.term),
        ):
            if value:
                common[name] = value
        if since is not None:
            common["filter.advanced"] = f"AREA[LastUpdatePostDate]RANGE[{since},MAX]"
        if not self.nct_ids:
            yield common
        for ids in _batches(self.nct_ids):
            yield common | {"filter.ids": ",".join(ids)}


def id_requests(nct_ids: Iterable[str]) -> Iterator[Parameters]:
    """Yield the parameters of the requests that fetch single records, in batches."""
    for ids in _batches(nct_ids):
        yield {"format": "json", "pageSize": str(PAGE_SIZE), "filter.ids": ",".join(ids)}


def day_before(day: str) -> str:
    """Return the day before a day (ISO 8601): increments overlap by one.

    Examples
    --------
    >>> day_before("2026-03-01")
    '2026-02-28'
    """
    return (date.fromisoformat(day) - timedelta(days=1)).isoformat()


def _one_line(text: str | None) -> str:
    return " ".join((text or "").split())


def _batches(nct_ids: Iterable[str]) -> Iterator[tuple[str, ...]]:
    ids = tuple(nct_ids)
    for start in range(0, len(ids), IDS_PER_REQUEST):
        yield ids[start : start + IDS_PER_REQUEST]
