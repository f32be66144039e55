"""How many solutions a triple pattern has: counted in the graph itself, up to a cap.

An index of the store gives the first solutions of any pattern in microseconds, so estimates
need no statistics that a refresh would have to keep.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pyoxigraph as ox

from kg.sparql.outlines import Pattern

Binding = dict[str, Any]
"""Variable -> term."""

_CLOSURE = re.compile(r"\s*(\^?)\s*(<[^<>\s]*>|[^\s/|^()*+?!]*)\s*([*+])\s*")
_UNBOUNDED = re.compile(r"[*+!?]")


class Sampler:
    """Solutions of patterns over the union of all graphs.

    Parameters
    ----------
    store : pyoxigraph.Store
    prologue : str
        ``BASE`` and ``PREFIX`` declarations that terms are written under.
    prefixes : mapping
        Prefixes known besides.
    """

    def __init__(self, store: ox.Store, prologue: str, prefixes: Mapping[str, str]):
        self._store, self._prologue, self._prefixes = store, prologue, dict(prefixes)
        self._terms: dict[str, Any] = {"a": _TYPE}

    def read_terms(self, written: Sequence[str]) -> None:
        """Learn what constant terms stand for.

        Raises
        ------
        SyntaxError
            If one of them is not well formed.
        """
        new = [text for text in dict.fromkeys(written) if text not in self._terms]
        if not new:
            return
        names = " ".join(f"?t{place}" for place in range(len(new)))
        query = f"{self._prologue}\nSELECT {names} {{ VALUES ({names}) {{ ({' '.join(new)}) }} }}"
        solutions: Any = ox.Store().query(query, prefixes=self._prefixes)
        self._terms |= zip(new, next(iter(solutions)), strict=True)

    def term(self, written: str) -> Any:
        """Return what a constant term stands for, once it is read."""
        return self._terms[written]

    def solutions(self, pattern: Pattern, binding: Binding) -> Iterator[Binding] | None:
        """Return the solutions of a pattern, extending a binding; None where it is not known.

        A path is known if one of its ends is bound, and it is a closure of one property or
        has no closure at all.
        """
        subject, object_ = (
            self._bound(pattern.subject, binding),
            self._bound(pattern.object, binding),
        )
        if not pattern.path:
            predicate = self._bound(pattern.predicate, binding)
            if isinstance(subject, ox.Literal) or isinstance(predicate, ox.Literal | ox.BlankNode):
                return iter(())
            quads = self._store.quads_for_pattern(subject, predicate, object_, None)
            found = ((quad.subject, quad.predicate, quad.object) for quad in quads)
            return _extended((pattern.subject, pattern.predicate, pattern.object), found, binding)
        pairs = self._path_pairs(pattern.predicate, subject, object_)
        if pairs is None:
            return None
        return _extended((pattern.subject, pattern.object), pairs, binding)

    def _bound(self, written: str, binding: Binding) -> Any:
        if written[0] in "?$":
            return binding.get(written[1:])
        return self._terms[written]

    def _path_pairs(
        self, path: str, subject: Any, object_: Any
    ) -> Iterator[tuple[Any, Any]] | None:
        if subject is None and object_ is None:
            return None
        closure = _CLOSURE.fullmatch(path)
        if closure is not None:
            self.read_terms([closure[2]])
            forward = (subject is not None) != bool(closure[1])
            start = subject if subject is not None else object_
            nodes = self._closure(start, self._terms[closure[2]], forward, closure[3] == "*")
            if subject is None:
                return ((node, object_) for node in nodes)
            reached = (node for node in nodes if object_ is None or node == object_)
            return ((subject, node) for node in reached)
        if _UNBOUNDED.search(_without_iris(path)) or isinstance(subject, ox.Literal):
            return None
        start = "?s" if subject is None else str(subject)
        end = "?o" if object_ is None else str(object_)
        query = f"{self._prologue}\nSELECT * {{ {start} {path} {end} }} LIMIT 1000"
        solutions: Any = self._store.query(
            query, prefixes=self._prefixes, use_default_graph_as_union=True
        )
        names = [variable.value for variable in solutions.variables]

        def pairs() -> Iterator[tuple[Any, Any]]:
            for solution in solutions:
                yield (
                    solution["s"] if "s" in names else subject,
                    solution["o"] if "o" in names else object_,
                )

        return pairs()

    def _closure(self, start: Any, predicate: Any, forward: bool, reflexive: bool) -> Iterator[Any]:
        seen, todo = set(), [start]
        if reflexive:
            yield start
            seen.add(start)
        while todo:
            node = todo.pop(0)
            if isinstance(node, ox.Literal) and forward:
                continue
            source, target = (node, None) if forward else (None, node)
            for quad in self._store.quads_for_pattern(source, predicate, target, None):
                other = quad.object if forward else quad.subject
                if other not in seen:
                    seen.add(other)
                    todo.append(other)
                    yield other


def _extended(
    terms: Sequence[str], found: Iterator[tuple[Any, ...]], binding: Binding
) -> Iterator[Binding]:
    places: list[tuple[int, str]] = [
        (place, term[1:]) for place, term in enumerate(terms) if term[0] in "?$"
    ]
    for values in found:
        extended = dict(binding)
        if all(extended.setdefault(name, values[place]) == values[place] for place, name in places):
            yield extended


def _without_iris(path: str) -> str:
    return re.sub(r"<[^<>]*>", "", path)


_TYPE = ox.NamedNode("http://www.w3.org/1999/02/22-rdf-syntax-ns#type")
