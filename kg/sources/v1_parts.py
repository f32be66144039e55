"""The kinds of part of which the table of v1 fields (`v1_fields`) is made."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from kg.sources.display_values import api_date, api_enum, enum_of

Convert = Callable[[str], Any]


@dataclass(frozen=True, slots=True)
class Leaf:
    """One value: its name in v2, its name in v1, and how it is converted."""

    name: str
    v1: str
    convert: Convert = str


@dataclass(frozen=True, slots=True)
class Texts:
    """A list of values; `v1` is the name of one. Of several, v2 may have room for one only."""

    name: str
    v1: str
    convert: Convert = str
    is_single: bool = False


@dataclass(frozen=True, slots=True)
class Group:
    """An object."""

    name: str
    v1: str
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Rows:
    """A list of objects; `v1` is the name of one."""

    name: str
    v1: str
    parts: tuple[Part, ...]


Part = Leaf | Texts | Group | Rows


def group(name: str, *parts: Part, v1: str | None = None) -> Group:
    """Return an object; its v1 name is the v2 name with a capital, unless given."""
    return Group(name, v1 or name[0].upper() + name[1:], parts)


def rows(name: str, v1: str, *parts: Part) -> Rows:
    """Return a list of objects."""
    return Rows(name, v1, parts)


def date_leaf(name: str, v1: str) -> Leaf:
    """Return a date."""
    return Leaf(name, v1, api_date)


def date_struct(stem: str) -> Group:
    """Return a date with its type, as v1 names both."""
    upper = stem[0].upper() + stem[1:]
    return group(
        f"{stem}Struct",
        date_leaf("date", upper),
        Leaf("type", f"{upper}Type", enum_of("date_type")),
    )


def outcomes(name: str, item: str) -> Rows:
    """Return planned outcomes of one kind."""
    return rows(
        name,
        item,
        Leaf("measure", f"{item}Measure"),
        Leaf("description", f"{item}Description"),
        Leaf("timeFrame", f"{item}TimeFrame"),
    )


def browse(subject: str) -> Group:
    """Return the derived MeSH terms of conditions or interventions."""

    def terms(name: str, item: str) -> Rows:
        return rows(name, item, Leaf("id", f"{item}Id"), Leaf("term", f"{item}Term"))

    leaf, branch = f"{subject}BrowseLeaf", f"{subject}BrowseBranch"
    return group(
        f"{subject.lower()}BrowseModule",
        terms("meshes", f"{subject}Mesh"),
        terms("ancestors", f"{subject}Ancestor"),
        rows(
            "browseLeaves",
            leaf,
            Leaf("id", f"{leaf}Id"),
            Leaf("name", f"{leaf}Name"),
            Leaf("asFound", f"{leaf}AsFound"),
            Leaf("relevance", f"{leaf}Relevance", api_enum),
        ),
        rows(
            "browseBranches",
            branch,
            Leaf("abbrev", f"{branch}Abbrev"),
            Leaf("name", f"{branch}Name"),
        ),
    )
