"""`PartitionCounts`: how many triples a graph holds by kind of graph, class and property.

Counts add up and come off again, so a refresh keeps them by the quads that it adds and
removes, without reading the rest.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import repeat

from kg.iris import GRAPH_BASE
from ontology.vocabulary import RDF

VOID_GRAPH = f"{GRAPH_BASE}void"
_TYPE = f"<{RDF.type}>"
_VOID = f" <{VOID_GRAPH}> .\n"


@dataclass(slots=True)
class PartitionCounts:
    """Counts of quads; those of the description itself (`VOID_GRAPH`) are left out.

    Attributes
    ----------
    graphs : Counter
        Triples by kind of graph: ``trial``, ``kin``, ``ontology``, ``entities``, ``runs``.
    classes : Counter
        Entities by the IRI of their class.
    properties : Counter
        Triples by the IRI of their property.
    """

    graphs: Counter[str] = field(default_factory=Counter)
    classes: Counter[str] = field(default_factory=Counter)
    properties: Counter[str] = field(default_factory=Counter)

    @property
    def triples(self) -> int:
        """All triples that were counted."""
        return self.graphs.total()

    def add(self, lines: Iterable[str]) -> None:
        """Count lines of N-Quads, as `kg.mapping` writes them: one blank between terms."""
        self._count(lines, 1)

    def subtract(self, lines: Iterable[str]) -> None:
        """Take lines of N-Quads off again."""
        self._count(lines, -1)

    def merge(self, other: PartitionCounts) -> None:
        """Add the counts of another one."""
        for mine, theirs in (
            (self.graphs, other.graphs),
            (self.classes, other.classes),
            (self.properties, other.properties),
        ):
            mine.update(theirs)

    def to_dict(self) -> dict[str, dict[str, int]]:
        """Return the counts for a manifest: sorted, without what has come down to nothing."""
        return {
            "graphs": _kept(self.graphs),
            "classes": _kept(self.classes),
            "properties": _kept(self.properties),
        }

    @classmethod
    def from_dict(cls, counts: Mapping[str, Mapping[str, int]]) -> PartitionCounts:
        """Return the counts that `to_dict` gave; an empty mapping gives none."""
        return cls(
            Counter(counts.get("graphs", {})),
            Counter(counts.get("classes", {})),
            Counter(counts.get("properties", {})),
        )

    def _count(self, lines: Iterable[str], sign: int) -> None:
        # Raw terms are counted first: there are many lines, and few of these.
        counted = list(lines)
        graphs = _graphs_of(counted)
        if graphs.pop(_VOID, 0):
            counted = [line for line in counted if not line.endswith(_VOID)]
        predicates = [line.split(" ", 2)[1] for line in counted]
        classes = Counter(
            [
                line.split(" ", 3)[2][1:-1]
                for line, predicate in zip(counted, predicates, strict=True)
                if predicate == _TYPE
            ]
        )
        for graph, count in graphs.items():
            self.graphs[_graph_kind(graph)] += sign * count
        for predicate, count in Counter(predicates).items():
            self.properties[predicate[1:-1]] += sign * count
        for class_, count in classes.items():
            self.classes[class_] += sign * count


def _graphs_of(lines: list[str]) -> Counter[str]:
    """Count the last terms of lines; those of a record, which come together, have one graph."""
    if lines:
        term = _graph_of(lines[0])
        if all(map(str.endswith, lines, repeat(term))):
            return Counter({term: len(lines)})
    return Counter(map(_graph_of, lines))


def _graph_of(line: str) -> str:
    return line[line.rindex(" <") :]


def _graph_kind(term: str) -> str:
    """Return what comes behind `GRAPH_BASE` in the last term of a line, up to a slash."""
    name = term[2 : term.index(">")]
    return name.removeprefix(GRAPH_BASE).partition("/")[0]


def _kept(counts: Counter[str]) -> dict[str, int]:
    return {name: counts[name] for name in sorted(counts) if counts[name]}
