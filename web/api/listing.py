"""Lists of trials: the search of the pages, paged so that a page stays where it is.

A cursor names the last trial shown, not only how many to leave out: when another generation is
published between two pages, the next one still begins after that trial.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from typing import Any, NamedTuple

import msgspec
from msgspec import UNSET
from werkzeug.exceptions import UnprocessableEntity

from web.api.answers import FacetCount
from web.api.requests import FILTERS
from web.facets import FACETS, RANGES, Bounds
from web.search import Found, find_all
from web.search_request import SearchRequest
from web.served import Served

_NOT_PART_OF_A_SEARCH = ("cursor", "page_size", "facets", "format")


class _Cursor(msgspec.Struct, array_like=True, frozen=True):
    """After which trial of which search a page begins; `place` counts if the trial has gone."""

    search: str
    nct_id: str
    place: int


class Listed(NamedTuple):
    """The trials of one page, what they are chosen from, and the cursor of the page after."""

    nct_ids: Sequence[str]
    found: Found
    next: str | None


def chosen_filters(asked: Any) -> dict[str, tuple[str, ...]]:
    """Return the facet values that a request gives, by facet."""
    return {name: values for name in FILTERS if (values := getattr(asked, name))}


def chosen_ranges(asked: Any) -> dict[str, Bounds]:
    """Return the ranges that a request gives."""
    found = {}
    for name in RANGES:
        least, most = (getattr(asked, f"{name}_{end}") for end in ("from", "to"))
        bounds = (None if least is UNSET else least, None if most is UNSET else most)
        if bounds != (None, None):
            found[name] = bounds
    return found


def filtered(now: Served, asked: Any) -> AbstractSet[str] | None:
    """Return the trials that pass a request's filters, None where it has none."""
    chosen, ranges = chosen_filters(asked), chosen_ranges(asked)
    if not (chosen or ranges):
        return None
    return now.facets.narrowed(now.facets.within(now.facets.all_ids, ranges), chosen)


def list_trials(now: Served, asked: Any) -> Listed:
    """Return the page of trials that a request asks for.

    Raises
    ------
    UnprocessableEntity
        If its cursor is none of this search.
    """
    search = SearchRequest(
        words=getattr(asked, "q", ""),
        chosen=chosen_filters(asked),
        ranges=chosen_ranges(asked),
        sort=getattr(asked, "sort", "id"),
        literal=getattr(asked, "literal", False),
    )
    found = find_all(now, search)
    name = _search_name(asked)
    first = 0 if asked.cursor is UNSET else _place_after(asked.cursor, name, found.nct_ids)
    last = first + asked.page_size
    page = found.nct_ids[first:last]
    more = last < len(found.nct_ids)
    return Listed(page, found, _write_cursor(_Cursor(name, page[-1], last)) if more else None)


def facet_counts(now: Served, found: Found, asked: Any) -> dict[str, list[FacetCount]]:
    """Return by facet how many of the trials found have which value, the most frequent first.

    The values of a facet that is filtered by are counted as if it were not, so that its other
    values can be offered.
    """
    index, chosen = now.facets, chosen_filters(asked)
    counts = {}
    for facet in FACETS:
        held = found.narrowed
        if facet.name in chosen:
            held = index.narrowed(found.among, chosen, without=facet.name)
        counts[facet.name] = [
            FacetCount(value, facet.said(value), count)
            for value, count in index.counts(facet.name, held)
        ]
    return counts


def _search_name(asked: Any) -> str:
    """Return a short name of all that decides which trials are found, and their order."""
    said = {
        name: value
        for name, value in msgspec.structs.asdict(asked).items()
        if name not in _NOT_PART_OF_A_SEARCH and value is not UNSET
    }
    raw = msgspec.json.encode([type(asked).__name__, said], order="deterministic")
    return hashlib.blake2b(raw, digest_size=6).hexdigest()


def _write_cursor(cursor: _Cursor) -> str:
    return base64.urlsafe_b64encode(msgspec.json.encode(cursor)).decode().rstrip("=")


def _place_after(text: str, search: str, nct_ids: Sequence[str]) -> int:
    try:
        raw = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
        cursor = msgspec.json.decode(raw, type=_Cursor)
    except (binascii.Error, msgspec.DecodeError, UnicodeDecodeError):
        cursor = None
    if cursor is None or cursor.search != search:
        raise UnprocessableEntity(
            "cursor: is none of this search; take `next` of the page before, and ask for the "
            "same words, filters and order."
        )
    try:
        return nct_ids.index(cursor.nct_id) + 1
    except ValueError:  # gone with its generation
        return max(0, min(cursor.place, len(nct_ids)))
