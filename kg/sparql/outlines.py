"""What a query is made of, as far as it is judged and planned: form, dataset, groups, patterns."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from kg.sparql.tokens import Token

FORMS = ("SELECT", "ASK", "CONSTRUCT", "DESCRIBE")


class NotOutlinedError(Exception):
    """The query is no SPARQL 1.1, or more than the outline knows.

    Attributes
    ----------
    token : Token or None
        The one that was not understood; None at the end of the query.
    """

    def __init__(self, token: Token | None = None):
        super().__init__(token)
        self.token = token


class NotPlainError(NotOutlinedError):
    """Triples of lists, blank nodes or quoted triples: they are passed over."""


@dataclass(frozen=True, slots=True)
class Pattern:
    """One triple pattern, its terms as they are written; `path` if the predicate is a path."""

    subject: str
    predicate: str
    object: str
    path: bool = False

    @property
    def text(self) -> str:
        """The pattern as SPARQL."""
        return f"{self.subject} {self.predicate} {self.object}"

    @property
    def variables(self) -> tuple[str, ...]:
        """The names of its variables, without question marks."""
        terms = (self.subject, "" if self.path else self.predicate, self.object)
        return tuple(dict.fromkeys(term[1:] for term in terms if term[:1] in ("?", "$")))


@dataclass(slots=True)
class Block:
    """A run of triple patterns from `start` to `end` in the text of the query.

    `patterns` is None where one of them holds a list, a blank node or a quoted triple.
    """

    start: int
    end: int
    patterns: list[Pattern] | None = None


@dataclass(slots=True)
class Group:
    """What stands between two braces, in its order; `kind` says what opened it.

    `kind` is ``WHERE``, ``GROUP``, ``OPTIONAL``, ``MINUS``, ``LATERAL``, ``GRAPH``,
    ``SERVICE`` or ``EXISTS``. Parts are blocks, groups, and the words FILTER, BIND, VALUES,
    UNION and SELECT for what is passed over.
    """

    kind: str
    parts: list[Block | Group | str] = field(default_factory=list)
    values: dict[str, list[str]] = field(default_factory=dict)
    """Terms that a VALUES of one variable gives it, ahead of every pattern of the group."""

    def groups(self) -> Iterator[Group]:
        """Yield this group and all within it."""
        yield self
        for part in self.parts:
            if isinstance(part, Group):
                yield from part.groups()


@dataclass(slots=True)
class Outline:
    """What there is to know of a query before it runs.

    `prefixes` are those that it declares; `default_graphs` and `named_graphs` the IRIs of its
    FROM and FROM NAMED, with prefixes not yet resolved; `short` is whether it is a CONSTRUCT
    without a template, whose group may hold nothing but triples.
    """

    form: str
    base: str | None
    prefixes: dict[str, str]
    default_graphs: list[str]
    named_graphs: list[str]
    where: Group | None
    short: bool = False
