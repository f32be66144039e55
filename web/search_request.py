"""What the address of a search asks for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from werkzeug.datastructures import MultiDict

from web.config import MAX_SEARCH_CHARACTERS
from web.facets import FACETS, RANGES, Bounds

SORTS = {
    "best": "Best match",
    "updated": "Last update",
    "started": "Start",
    "size": "Enrolment",
    "id": "NCT id",
}
"""Orders of the results, as in addresses and as on pages."""


@dataclass(frozen=True, slots=True)
class SearchRequest:
    """What an address asks for.

    Attributes
    ----------
    words : str
    chosen : mapping
        Facet name -> values.
    ranges : mapping
        Name of `web.facets.RANGES` -> bounds.
    sort : str
        One of `SORTS`.
    page : int
        From 1.
    literal : bool
        Whether words stand for themselves only, not for concepts that they name.
    """

    words: str = ""
    chosen: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    ranges: Mapping[str, Bounds] = field(default_factory=dict)
    sort: str = "best"
    page: int = 1
    literal: bool = False

    @classmethod
    def of(cls, args: MultiDict[str, str]) -> SearchRequest:
        """Read the parameters of an address; what makes no sense there is left out."""
        sort = args.get("sort", "best")
        ranges = {
            name: bounds
            for name in RANGES
            if (bounds := (_whole(args.get(f"{name}_from")), _whole(args.get(f"{name}_to"))))
            != (None, None)
        }
        return cls(
            args.get("q", "").strip()[:MAX_SEARCH_CHARACTERS],
            chosen_values(args),
            ranges,
            sort if sort in SORTS else "best",
            _whole(args.get("page")) or 1,
            args.get("words") == "only",
        )

    def parameters(self, **changed: Any) -> dict[str, Any]:
        """Return the parameters of the same search, or of a changed one, from its first page."""
        said: dict[str, Any] = {"q": self.words or None, **self.chosen}
        for name, bounds in self.ranges.items():
            for end, bound in zip(("from", "to"), bounds, strict=True):
                said[f"{name}_{end}"] = None if bound is None else str(bound)
        said["sort"] = None if self.sort == "best" else self.sort
        said["words"] = "only" if self.literal else None
        said.update(changed)
        if said.get("page") == 1:
            del said["page"]
        return {
            name: list(value) if isinstance(value, tuple) else value
            for name, value in said.items()
            if value
        }

    def without_filters(self) -> dict[str, Any]:
        """Return the parameters of the same search with no value chosen and no range."""
        chosen: dict[str, Any] = dict.fromkeys(self.chosen)
        bounds = {f"{name}_{end}": None for name in self.ranges for end in ("from", "to")}
        return self.parameters(**chosen, **bounds)

    def toggled(self, facet: str, value: str) -> dict[str, Any]:
        """Return the parameters with a value chosen, or chosen no longer."""
        held = self.chosen.get(facet, ())
        now = tuple(one for one in held if one != value) if value in held else (*held, value)
        changed: dict[str, Any] = {facet: now}
        return self.parameters(**changed)

    @property
    def narrows(self) -> bool:
        """Whether the address asks for less than all trials."""
        return bool(self.words or self.chosen or self.ranges)


def chosen_values(args: MultiDict[str, str]) -> dict[str, tuple[str, ...]]:
    """Return the facet values that an address chooses, by facet."""
    return {
        facet.name: tuple(dict.fromkeys(args.getlist(facet.name)))
        for facet in FACETS
        if facet.name in args
    }


def _whole(text: str | None) -> int | None:
    # No more digits than any count has: int() of very long ones takes long or fails.
    known = text is not None and text.isascii() and text.isdecimal() and len(text) < 9
    return int(text) if known and text is not None else None
