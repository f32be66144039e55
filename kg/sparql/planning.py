"""The order of joins: triple patterns that start from something named are run from there on.

Oxigraph orders the patterns of a group by their shape alone, and may join all trials that
share a common route before it looks at the rare condition: seconds to minutes where
milliseconds do. Here patterns are put in order by how many solutions they have in the graph,
counted on a sample, and that order is made binding by LATERAL, which Oxigraph runs as it is
written. What has no selective start is left as it came.

Notes
-----
The answer stays the same. For a group of triple patterns P, the join of A and P equals
``A LATERAL { P }`` [1]_, join is associative and commutative, and filters belong to the whole
group wherever they stand in it. A path that may have no length (``*``, ``?``) differs where a
variable at its end holds what is no node of the graph; it is moved only behind a pattern that
makes it one. Groups with blank nodes or lists are left alone.

References
----------
.. [1] SPARQL 1.2 community group, SEP-0006: LATERAL.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pyoxigraph as ox

from kg.sparql.outlines import Block, Group, NotOutlinedError, Outline, Pattern
from kg.sparql.sampling import Binding, Sampler
from kg.sparql.syntax import outline

MIN_PATTERNS = 3
MAX_PATTERNS = 24
MAX_SEEDS = 2_000
"""A group is planned if one of its patterns has no more solutions than this."""
MAX_ROWS = 300_000
"""A plan that lets more rows pass than this is not better than what Oxigraph makes."""
SAMPLE = 8
PROBES = (4, 32, 250)
"""Solutions a binding that are looked for, in turn."""

_BINDS_AHEAD = frozenset(["BIND", "SELECT", "UNION", "VALUES"])


@dataclass(frozen=True, slots=True)
class _Segment:
    """Blocks of one group with nothing but filters between them."""

    blocks: tuple[Block, ...]
    patterns: tuple[Pattern, ...]
    values: Mapping[str, Sequence[str]]


def plan(query: str, store: ox.Store, prefixes: Mapping[str, str]) -> str:
    """Return a query with the same answer that runs in a better order.

    Parameters
    ----------
    query : str
    store : pyoxigraph.Store
        The default graph is taken to be the union of its graphs.
    prefixes : mapping
        Prefixes known besides those that the query declares.

    Returns
    -------
    str
        The query itself where there is nothing to plan.
    """
    try:
        read = outline(query)
    except NotOutlinedError:
        return query
    if read.where is None or read.short or read.default_graphs or read.named_graphs:
        return query
    planner = _Planner(Sampler(store, _prologue(read), prefixes))
    try:
        planner.visit(read.where)
    except SyntaxError:  # the store will say it better
        return query
    for start, end, text in sorted(planner.edits, reverse=True):
        query = query[:start] + text + query[end:]
    return query


class _Planner:
    """Finds what to replace in a query: start, end and text of each edit."""

    def __init__(self, sampler: Sampler):
        self._sampler = sampler
        self.edits: list[tuple[int, int, str]] = []

    def visit(self, group: Group) -> None:
        """Plan a group, those within it, and those of its EXISTS."""
        segment = _first_segment(group)
        tests = [segment for segment in map(_first_segment, _exists(group)) if segment is not None]
        tests = [test for test in tests if len(test.patterns) > 1 and not test.values]
        if segment is not None and (len(segment.patterns) >= MIN_PATTERNS or tests):
            found = _order(segment, self._sampler)
            if found is not None:
                order, sample = found
                if len(order) >= MIN_PATTERNS:
                    self._replace(segment, order)
                for test in tests:
                    found = _order(test, self._sampler, sample)
                    if found is not None:
                        self._replace(test, found[0])
        for part in group.parts:
            if isinstance(part, Group) and part.kind in ("WHERE", "GROUP"):
                self.visit(part)

    def _replace(self, segment: _Segment, order: Sequence[Pattern]) -> None:
        first, *others = segment.blocks
        self.edits.append((first.start, first.end, _chain(order)))
        self.edits += [(block.start, block.end, "") for block in others]


def _exists(group: Group) -> list[Group]:
    return [p for p in group.parts if isinstance(p, Group) and p.kind == "EXISTS"]


def _first_segment(group: Group) -> _Segment | None:
    blocks: list[Block] = []
    seeds = len(group.values)
    for part in group.parts:
        if isinstance(part, Block):
            blocks.append(part)
        elif isinstance(part, Group):
            if part.kind != "EXISTS":
                break
        elif part == "VALUES" and seeds:
            seeds -= 1
        elif part in _BINDS_AHEAD:
            break
    if not blocks:
        return None
    patterns: list[Pattern] = []
    for block in blocks:
        if block.patterns is None:
            return None
        patterns += block.patterns
    if len(patterns) > MAX_PATTERNS:
        return None
    return _Segment(tuple(blocks), tuple(patterns), group.values)


def _order(
    segment: _Segment, sampler: Sampler, outer: Sequence[Binding] = ()
) -> tuple[list[Pattern], list[Binding]] | None:
    """Return the patterns in a good order and a sample of their solutions.

    None where there is no selective start. In an EXISTS, `outer` is a sample of the rows that
    it is asked for; their variables hold something, but what that is need not be a node.
    """
    sampler.read_terms(_constants(segment))
    bindings = list(outer) or _seeds(segment, sampler)
    bound, nodes = {name for binding in bindings for name in binding}, set[str]()
    rows = float(max(1, math.prod(len(values) for values in segment.values.values())))
    left, order, passed = list(segment.patterns), list[Pattern](), 0.0
    while left:
        candidates = [
            pattern
            for pattern in left
            if (_is_seed(pattern) or bound.intersection(pattern.variables))
            and _movable(pattern, bound, nodes, first=not order)
        ]
        best = _least(candidates, bindings, sampler)
        if best is None:
            return None
        chosen, fan_out, found = best
        rows *= fan_out
        passed += rows
        if passed > MAX_ROWS or (not order and fan_out > MAX_SEEDS):
            return None
        left.remove(chosen)
        order.append(chosen)
        bindings = _spread(found)
        bound.update(chosen.variables)
        if not chosen.path:
            nodes.update(t[1:] for t in (chosen.subject, chosen.object) if t[0] in "?$")
    return order, bindings


def _is_seed(pattern: Pattern) -> bool:
    return pattern.subject[0] not in "?$" or pattern.object[0] not in "?$"


def _movable(pattern: Pattern, bound: set[str], nodes: set[str], *, first: bool) -> bool:
    if first or not pattern.path or not ("*" in pattern.predicate or "?" in pattern.predicate):
        return True
    return all(name in nodes for name in pattern.variables if name in bound)


def _least(
    candidates: Sequence[Pattern], bindings: Sequence[Binding], sampler: Sampler
) -> tuple[Pattern, float, list[Binding]] | None:
    """Return the pattern with the fewest solutions a binding, how many, and some of them.

    Few are looked for first, then more: most groups have a pattern that says little.
    """
    for cap in PROBES:
        best: tuple[Pattern, list[Binding]] | None = None
        for pattern in candidates:
            most = cap * len(bindings) if best is None else len(best[1])
            found = _found(pattern, bindings, sampler, most)
            if found is not None:
                best = pattern, found
        if best is not None:
            return best[0], len(best[1]) / max(1, len(bindings)), best[1]
    return None


def _found(
    pattern: Pattern, bindings: Sequence[Binding], sampler: Sampler, most: int
) -> list[Binding] | None:
    """Return the solutions of all bindings if they are fewer than `most`."""
    found: list[Binding] = []
    for binding in bindings:
        solutions = sampler.solutions(pattern, binding)
        if solutions is None:
            return None
        found += itertools.islice(solutions, most - len(found))
        if len(found) >= most:
            return None
    return found


def _spread(bindings: Sequence[Binding]) -> list[Binding]:
    """Return at most `SAMPLE` of them, evenly from first to last."""
    if len(bindings) <= SAMPLE:
        return list(bindings)
    return [bindings[place * len(bindings) // SAMPLE] for place in range(SAMPLE)]


def _seeds(segment: _Segment, sampler: Sampler) -> list[Binding]:
    found: list[Binding] = [{}]
    for name, values in segment.values.items():
        found = [
            binding if text == "UNDEF" else binding | {name: sampler.term(text)}
            for binding in found
            for text in values
        ]
    return _spread(found)


def _constants(segment: _Segment) -> list[str]:
    terms = [text for values in segment.values.values() for text in values if text != "UNDEF"]
    for pattern in segment.patterns:
        terms += [pattern.subject, pattern.object]
        if not pattern.path:
            terms.append(pattern.predicate)
    return [term for term in terms if term[0] not in "?$"]


def _chain(order: Sequence[Pattern]) -> str:
    first, *others = order
    return " ".join([f"{first.text} .", *(f"LATERAL {{ {other.text} }}" for other in others)])


def _prologue(read: Outline) -> str:
    lines = [] if read.base is None else [f"BASE <{read.base}>"]
    lines += [f"PREFIX {name}: <{base}>" for name, base in read.prefixes.items()]
    return "\n".join(lines)
