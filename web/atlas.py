"""The atlas: all trials of a generation on one map, in colours that a reader chooses."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from functools import lru_cache
from statistics import median
from threading import Lock

import numpy as np

from ontology.hierarchy import load_hierarchy
from ontology.schemes import load_scheme
from web.atlas_layout import layout
from web.facets import FACET_OF, NOT_STATED
from web.served import Served

COLOURINGS = {"condition": "Condition", "source": "Cell source", "route": "Route", "donor": "Donor"}
"""What dots can be coloured by: name of the facet -> name on the page."""
GROUPS_MOST = 8
"""As many colours as eyes can tell apart; what is rarer shares one."""
_NAMES_MOST = 60
_NAME_TRIALS_LEAST = 8
_NAME_SHARE_MOST = 0.06
"""A condition of more of all trials than this is spread over the map: it names no place."""
STILL_NAMES = 18
"""Names on the picture that stands still; the map that moves shows what there is room for."""
_NEAR, _NEAR_SHARE = 0.25, 0.6
_OTHERS = "others"
_PREPARED_MOST = 20_000
"""Trials of a map that is laid out unasked: a larger one would hold up the end of the server."""


@dataclass(frozen=True, slots=True)
class Dot:
    """One trial on the map; `x` and `y` are between -1 and 1, `y` grows downwards."""

    nct_id: str
    title: str
    x: float
    y: float


@dataclass(frozen=True, slots=True)
class Group:
    """Trials of one colour.

    Attributes
    ----------
    number : int
        Of the colour, from 1; 0 stands for the rest.
    label : str
    count : int
    parameters : dict
        Of the search that finds the group; empty where none does.
    """

    number: int
    label: str
    count: int
    parameters: dict[str, str]


@dataclass(frozen=True, slots=True)
class PlaceName:
    """A word on the map: what most trials around it are about."""

    label: str
    x: float
    y: float
    count: int


@dataclass(frozen=True, slots=True)
class Atlas:
    """The map, whatever its colours."""

    dots: tuple[Dot, ...]
    names: tuple[PlaceName, ...]


@dataclass(frozen=True, slots=True)
class Colouring:
    """The colours of a map's dots, by NCT id."""

    by: str
    groups: tuple[Group, ...]
    numbers: Mapping[str, int]


def atlas(served: Served) -> Atlas:
    """Return the map of all trials; whoever asks while it is laid out waits for that one."""
    with served.once("atlas: one at a time", Lock):
        return _kept(served)


@lru_cache(maxsize=2)
def _kept(served: Served) -> Atlas:
    return lay_out(served)


def lay_out(served: Served) -> Atlas:
    """Lay out all trials by their stored kin: seconds of work for some thousands."""
    records, lists = served.generation.records, served.generation.kin_lists
    nct_ids = records.nct_ids()
    # Trials that the registry no longer lists have a dot, but no kin and no list.
    dot_of = np.searchsorted(np.array(nct_ids), np.array(lists.nct_ids))
    holders, ranks = np.nonzero(lists.rows >= 0)
    edges = np.stack([dot_of[holders], dot_of[lists.rows[holders, ranks]]], axis=1)
    points = layout(edges, len(nct_ids))
    cards = records.cards(nct_ids)
    dots = tuple(
        Dot(nct_id, cards[nct_id].title, float(x), float(y))
        for nct_id, (x, y) in zip(nct_ids, points, strict=True)
    )
    return Atlas(dots, _place_names(served, dots))


def prepare_atlas(served: Served) -> None:
    """Lay out the map before somebody asks for it, if that is a matter of seconds."""
    if len(served.generation.records.nct_ids()) <= _PREPARED_MOST:
        atlas(served)


@lru_cache(maxsize=2 * len(COLOURINGS))
def colouring(served: Served, by: str) -> Colouring:
    """Colour all trials by a facet; conditions by the branch that they belong to."""
    index = served.facets
    facet = FACET_OF[by]
    held = index.ids[by]
    if by == "condition":
        scheme = load_scheme("conditions")
        tops = {scheme[name].pref_label for name in scheme.top_concepts()}
        candidates = [(value, ids) for value, ids in held.items() if value in tops]
    else:
        candidates = [(value, ids) for value, ids in held.items() if value != NOT_STATED]
    largest = sorted(candidates, key=lambda one: (-len(one[1]), one[0]))[:GROUPS_MOST]
    numbers: dict[str, int] = {}
    # A trial of two groups gets the smaller one's colour, which tells more.
    for number, (_, ids) in sorted(
        enumerate(largest, start=1), key=lambda one: (-len(one[1][1]), one[0])
    ):
        numbers |= dict.fromkeys(ids, number)
    shown = Counter(numbers.values())
    groups = [
        Group(number, facet.show(value), len(ids), {by: value})
        for number, (value, ids) in enumerate(largest, start=1)
        if shown[number]
    ]
    rest = index.all_ids - numbers.keys()
    silent: AbstractSet[str] = held.get(NOT_STATED, frozenset())
    if rest - silent:
        groups.append(Group(0, _OTHERS, len(rest - silent), {}))
    if rest & silent:
        groups.append(Group(-1, facet.silence, len(rest & silent), {by: NOT_STATED}))
    numbers |= {nct_id: -1 if nct_id in silent else 0 for nct_id in rest}
    return Colouring(by, tuple(groups), numbers)


def _place_names(served: Served, dots: Sequence[Dot]) -> tuple[PlaceName, ...]:
    """Name the places where trials of one specific condition stand together."""
    hierarchy = load_hierarchy("conditions")
    facet = FACET_OF["condition"]
    places = {dot.nct_id: (dot.x, dot.y) for dot in dots}
    most = max(_NAME_TRIALS_LEAST, round(_NAME_SHARE_MOST * len(dots)))
    found = []
    for value, ids in served.facets.ids["condition"].items():
        name = facet.concept_name(value)
        fits = name is not None and _NAME_TRIALS_LEAST <= len(ids) <= most
        if fits and hierarchy.is_specific(str(name)):
            xs, ys = zip(*(places[nct_id] for nct_id in sorted(ids)), strict=True)
            x, y = median(xs), median(ys)
            near = sum(abs(a - x) + abs(b - y) < _NEAR for a, b in zip(xs, ys, strict=True))
            if near >= _NEAR_SHARE * len(ids):
                found.append(PlaceName(value, round(x, 3), round(y, 3), len(ids)))
    return tuple(sorted(found, key=lambda one: (-one.count, one.label))[:_NAMES_MOST])


def still_names(names: Sequence[PlaceName]) -> list[PlaceName]:
    """Return names that do not cover each other on a picture of usual size."""
    kept: list[PlaceName] = []
    for name in names:
        reach = 0.024 * len(name.label)
        clear = all(
            abs(name.y - other.y) > 0.06
            or abs(name.x - other.x) > (reach + 0.024 * len(other.label)) / 2
            for other in kept
        )
        if clear and len(kept) < STILL_NAMES:
            kept.append(name)
    return kept


def dots_by_group(served: Served, by: str) -> dict[int, list[Dot]]:
    """Return the trials of each colour, by title: the map for those who read."""
    colours = colouring(served, by).numbers
    found: dict[int, list[Dot]] = defaultdict(list)
    for dot in sorted(atlas(served).dots, key=lambda one: (one.title.casefold(), one.nct_id)):
        found[colours[dot.nct_id]].append(dot)
    return found
