"""The values of a facet as they are offered: concepts as a tree, the rest as a list."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from typing import Any
from urllib.parse import urlencode

from web.facets import Facet

VALUES_MOST = 24
"""Values at the top that can be unfolded; rarer ones are reached by a narrower search."""
CHILDREN_MOST = 8
_DEPTH_MOST = 4


@dataclass(frozen=True, slots=True)
class FacetValue:
    """One value to narrow by, with the address that chooses it or lets it go.

    `narrower` holds the values below it: one level, and as far down as some are chosen;
    `opened` says whether it or one below it is chosen.
    """

    value: str
    label: str
    count: int
    chosen: bool
    address: str
    narrower: tuple[FacetValue, ...] = ()
    opened: bool = False


@dataclass(frozen=True, slots=True)
class FacetList:
    """The values of one facet among the results."""

    facet: Facet
    values: tuple[FacetValue, ...]


def facet_list(
    facet: Facet,
    counts: Sequence[tuple[str, int]],
    chosen: Sequence[str],
    path: str,
    toggled: Callable[[str, str], dict[str, Any]],
) -> FacetList:
    """Arrange the values of a facet.

    Parameters
    ----------
    facet : Facet
    counts : sequence of (str, int)
        Values with how many trials have each, in the order in which they are offered.
    chosen : sequence of str
    path : str
        Of the page, before its parameters.
    toggled : callable
        Facet name and value -> parameters of the address that changes the choice.
    """
    known = dict.fromkeys(chosen, 0) | dict(counts)
    children = _children(facet, known)
    below = {value for values in children.values() for value in values}
    on_the_way = {above for value in chosen for above in (value, *facet.wider(value))}

    def node(value: str, depth: int) -> FacetValue:
        # One child that has all its trials says more than the value itself.
        while value not in chosen and len(only := children.get(value, [])) == 1:
            if known[only[0]] < known[value]:
                break
            value = only[0]
        narrower: tuple[FacetValue, ...] = ()
        if depth == 0 or (value in on_the_way and depth < _DEPTH_MOST):
            narrower = _each_once(
                node(child, depth + 1) for child in children.get(value, ())[:CHILDREN_MOST]
            )
        return FacetValue(
            value,
            facet.said(value),
            known[value],
            value in chosen,
            f"{path}?{_query(toggled(facet.name, value))}",
            narrower,
            value in chosen or any(child.opened for child in narrower),
        )

    offered = (value for value in known if value not in below)
    tops = _each_once(node(value, 0) for value in islice(offered, VALUES_MOST + len(chosen)))
    # What is chosen comes first.
    return FacetList(facet, tuple(sorted(tops, key=lambda top: not top.opened)[:VALUES_MOST]))


def _each_once(values: Iterable[FacetValue]) -> tuple[FacetValue, ...]:
    """Leave out what two values came down to, as "diabetic foot" below skin and below nerves."""
    return tuple({one.value: one for one in values}.values())


def _query(parameters: Mapping[str, Any]) -> str:
    return "&".join(
        _encoded(name, tuple(said) if isinstance(said, list) else said)
        for name, said in parameters.items()
    )


@lru_cache(maxsize=4_096)
def _encoded(name: str, said: str | tuple[str, ...]) -> str:
    """Encode one parameter: the addresses of a page's facets differ in one of them only."""
    return urlencode({name: said}, doseq=True)


def _children(facet: Facet, known: Mapping[str, int]) -> dict[str, list[str]]:
    """Return value -> the values right below it, in the order of `known`."""
    if facet.scheme is None:
        return {}
    found: dict[str, list[str]] = {}
    for value in known:
        for parent in facet.parents(value):
            if parent in known:
                found.setdefault(parent, []).append(value)
    return found
