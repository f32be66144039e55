"""The closest chain of kin links and relations from one trial to another."""

from __future__ import annotations

from heapq import heappop, heappush
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from kg.relations.model import RELATION_KINDS
from kg.stored_links import StoredLinks
from ontology.errors import NoPathError

if TYPE_CHECKING:
    from kg.generation import Generation

_ROUNDING = 1e-9


class PathStep(NamedTuple):
    """One step of a path between trials: from one, to the next, how close, and why."""

    from_nct_id: str
    to_nct_id: str
    score: float
    reason: str
    kinds: tuple[str, ...]
    distance: float


def explained_path(
    generation: Generation, nct_id: str, other: str, k: int = 10, *, max_trials: int = 20_000
) -> list[PathStep]:
    """Return the closest chain of kin and relations from one trial to another.

    Parameters
    ----------
    generation : Generation
    nct_id, other : str
    k : int
        Each trial's nearest kin that are followed.
    max_trials : int
        Trials that are looked at before the search is given up.

    Returns
    -------
    list of PathStep
        Empty if both are the same trial. The sum of `link_distance` is the least there is;
        of equal paths the one whose ids come first is taken.

    Raises
    ------
    UnknownTrialError
        If one of them is not in the store.
    NoPathError
        If no chain joins them, or none within `max_trials`.
    """
    start, goal = generation.records.resolve(nct_id), generation.records.resolve(other)
    links = StoredLinks(generation)
    if start == goal:
        return []
    # Not networkx: its search wants the whole graph, this one reads only what it walks, from
    # both ends at once.
    sides = (_Side(start), _Side(goal))
    best: tuple[float, tuple[str, ...]] | None = None
    while all(side.waiting for side in sides):
        nearest = sides[0].waiting[0][0] + sides[1].waiting[0][0]
        if best is not None and nearest > best[0] + _ROUNDING:
            break
        if sum(len(side.done) for side in sides) >= max_trials:
            break
        side, facing = sorted(sides, key=lambda side: (side.waiting[0][0], side.start))
        length, path = heappop(side.waiting)
        one = path[-1]
        if one in side.done:
            continue
        side.done[one] = (length, path)
        for near, link in links.neighbours(one, k, 0.0).items():
            if near in facing.done:
                further, rest = facing.done[near]
                whole = (*path, *reversed(rest))
                if side is sides[1]:
                    whole = whole[::-1]
                found = (round(length + link.distance + further, 9), whole)
                best = found if best is None else min(best, found)
            elif near not in side.done:
                heappush(side.waiting, (length + link.distance, (*path, near)))
    if best is None:
        within = f" within {max_trials} trials" if all(side.waiting for side in sides) else ""
        # More than are stored cannot be followed.
        more = "follow more kin of each trial, or " if k < links.kin_stored else ""
        raise NoPathError(
            f"No chain of kin leads from {start} to {goal}{within}; {more}compare the two directly."
        )
    steps = list(pairwise(best[1]))
    # A reason reads "this vs that": it is told in the direction of the step.
    joining = {step: links.neighbours(step[0], k, 0.0)[step[1]] for step in steps}
    said = links.reasons(step for step, link in joining.items() if link.ends)
    return [
        PathStep(
            *step,
            link.score,
            said.get(step, ""),
            tuple(kind for kind in RELATION_KINDS if kind in link.kinds),
            link.distance,
        )
        for step, link in joining.items()
    ]


class _Side:
    """One end of a search for a path: what waits, and what has its closest path."""

    def __init__(self, start: str):
        self.start = start
        self.waiting: list[tuple[float, tuple[str, ...]]] = [(0.0, (start,))]
        self.done: dict[str, tuple[float, tuple[str, ...]]] = {}
