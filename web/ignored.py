"""What an address asks for and a page cannot give: said, with the nearest that it can."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode

from flask import Response, request
from werkzeug.datastructures import MultiDict

from kg.nearest import nearest_names
from web.config import MAX_SEARCH_CHARACTERS
from web.facet_index import FacetIndex
from web.facets import FACET_OF, FACETS, NOT_STATED, RANGES, Facet
from web.presentation import shortened
from web.search_request import SORTS, SearchRequest
from web.understanding import understand

HEADER = "TrialKin-Ignored"
"""Names in the answer to a script the parameters that were left out."""
EMPTY_HEADER = "TrialKin-Finds-Nothing"
"""Names those that were heeded and let nothing through."""
SEARCH_NAMES = frozenset(
    (
        *("q", "words", "sort", "page"),
        *(facet.name for facet in FACETS),
        *(f"{name}_{end}" for name in RANGES for end in ("from", "to")),
    )
)
"""The parameters of a search."""
_NUMBERS = frozenset(("page", "k", *(f"{name}_{end}" for name in RANGES for end in ("from", "to"))))
_OTHER_WORDS = {
    "query": "q", "search": "q", "text": "q", "term": "q", "terms": "q", "disease": "condition",
    "indication": "condition", "tissue": "source", "location": "country", "recruitment": "status",
    "year": "year_from", "enrollment": "n_from", "enrolment": "n_from", "participants": "n_from",
    "order": "sort",
}  # fmt: skip
"""What people call parameters that have other names here."""
_SHOWN = 8
_VALUE_CHARACTERS = 60


@dataclass(frozen=True, slots=True)
class Ignored:
    """One parameter that was left out, or finds nothing.

    Attributes
    ----------
    said : str
        As it stands in the address.
    reason : str
    near : tuple of (str, str)
        What was likely meant, in words, with the parameters of the address that asks for it.
    heeded : bool
        Whether it was not left out: a filter that lets nothing through.
    """

    name: str
    said: str
    reason: str
    near: tuple[tuple[str, str], ...] = ()
    heeded: bool = False


def ignored_parameters(
    args: MultiDict[str, str],
    known: Collection[str],
    index: FacetIndex | None = None,
) -> tuple[Ignored, ...]:
    """Return what of an address a page leaves out.

    Parameters
    ----------
    args : MultiDict
    known : collection of str
        Names of the page's parameters.
    index : FacetIndex, optional
        To tell values of facets that no trial has.
    """
    found = [_unknown_name(args, name, known) for name in args if name not in known]
    for name in args:
        if name in known:
            found += _odd_values(args, name, index)
    return tuple(found[:_SHOWN])


def note_ignored(response: Response, ignored: Collection[Ignored]) -> Response:
    """Name in the headers of a file what was left out or finds nothing, as its page says it."""
    for header, heeded in ((HEADER, False), (EMPTY_HEADER, True)):
        named = (one.name for one in ignored if one.heeded == heeded)
        if names := ", ".join(quote(name[:_VALUE_CHARACTERS]) for name in named):
            response.headers[header] = names
    return response


def _unknown_name(args: MultiDict[str, str], name: str, known: Collection[str]) -> Ignored:
    meant: list[str] = [_OTHER_WORDS[name.lower()]] if name.lower() in _OTHER_WORDS else []
    meant += nearest_names(name, sorted(known))
    others = _without(args, name)
    near = tuple(
        (one, _address(others | {one: others.get(one, []) + args.getlist(name)}))
        for one in dict.fromkeys(meant)
        if one in known
    )
    return Ignored(name, _said(name, args[name]), "there is no such parameter", near[:2])


def _odd_values(
    args: MultiDict[str, str], name: str, index: FacetIndex | None
) -> Iterable[Ignored]:
    if name in _NUMBERS or name.startswith("w_"):
        if any(value.strip() and not _is_number(value) for value in args.getlist(name)):
            yield Ignored(name, _said(name, args[name]), "that is no number")
        if name.endswith("_from"):
            yield from _turned_range(args, name.removesuffix("_from"))
    elif name == "sort" and args[name] not in SORTS:
        orders = nearest_names(args[name], SORTS) or list(SORTS)
        yield Ignored(name, _said(name, args[name]), "there is no such order", tuple(
            (SORTS[one], _address(_without(args, name) | {name: [one]})) for one in orders
        ))  # fmt: skip
    elif name in FACET_OF and index is not None:
        values = args.getlist(name)
        for value in dict.fromkeys(values):
            if value in index.ids[name]:
                continue
            near = tuple(
                (
                    FACET_OF[name].show(one),
                    _address(
                        _without(args, name)
                        | {name: [one if other == value else other for other in values]}
                    ),
                )
                for one in _near_values(index, FACET_OF[name], value)
            )
            reason = f"no trial here has it as {FACET_OF[name].label.lower()}"
            yield Ignored(name, _said(name, value), reason, near, heeded=True)


def _turned_range(args: MultiDict[str, str], name: str) -> Iterable[Ignored]:
    """Yield a range whose least is above its most, with the range that was likely meant."""
    least, most = SearchRequest.of(args).ranges.get(name, (None, None))
    if least is None or most is None or least <= most:
        return
    ends = (f"{name}_from", f"{name}_to")
    said = ", ".join(_said(end, args[end]) for end in ends)
    turned = _without(args, name) | {ends[0]: [args[ends[1]]], ends[1]: [args[ends[0]]]}
    near = ((f"{most} to {least}", _address(turned)),)
    yield Ignored(ends[0], said, "the least is above the most", near, heeded=True)


def _near_values(index: FacetIndex, facet: Facet, value: str) -> Iterable[str]:
    """Return values that trials have: those that go by this name too, then the nearest names."""
    held = index.ids[facet.name]
    named = (
        facet.value_of(meaning.concept.name)
        for meaning in understand(value[:MAX_SEARCH_CHARACTERS]).meanings
        if meaning.concept.scheme == facet.scheme
    )
    shown = {facet.show(one): one for one in held if one != NOT_STATED}
    nearest = (shown.get(one, one) for one in nearest_names(value, [*shown, *held]))
    return dict.fromkeys(one for one in (*named, *nearest) if one in held)


def _is_number(text: str) -> bool:
    plain = text.strip().replace(".", "", 1)
    return len(plain) < 9 and plain.isascii() and plain.isdecimal()


def _said(name: str, value: str) -> str:
    return f"{shortened(name, _VALUE_CHARACTERS)}={shortened(value, _VALUE_CHARACTERS)}"


def _without(args: MultiDict[str, str], name: str) -> dict[str, list[str]]:
    return {one: args.getlist(one) for one in args if one not in (name, "page")}


def _address(parameters: Mapping[str, Any]) -> str:
    return f"{request.path}?{urlencode(parameters, doseq=True)}"
