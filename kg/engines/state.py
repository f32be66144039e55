"""What a mirror says of itself, in one small graph on the server.

A mirror has two graphs for generations. Each fact below is one triple, so that a server whose
updates are not atomic for readers (Virtuoso's are not, over several triples) can at worst show
a triple twice or not at all, never a mixture.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import NamedTuple, Self

import msgspec
import pyoxigraph as ox

from kg.engines.server import GraphServer
from kg.generation import Generation
from kg.iris import TRIALKIN_BASE
from ontology.errors import EngineError

_TERMS = f"{TRIALKIN_BASE}mirror#"
CURRENT = f"{_TERMS}current"
"""From the mirror to the graph that holds what is published."""
HOLDS = f"{_TERMS}holds"
"""From a graph to the generation that it holds, whole: number, run and time of filling."""
FILLING = f"{_TERMS}filling"
"""From a graph that is being changed to what shall become of it."""
STORE = f"{_TERMS}store"
"""From the mirror to the id of the store that it mirrors."""
ROW_CAP = f"{_TERMS}rowCap"
"""From the mirror to the rows after which this server cuts its answers."""
_CONTENT = re.compile(r"(\d+) (\S+) (\S+)")


class Key(NamedTuple):
    """Which generation: its number, and the run that made it, as numbers are used again."""

    generation: int
    run: str

    @classmethod
    def of(cls, generation: Generation) -> Self:
        """Return the key of a generation."""
        return cls(generation.manifest.generation, generation.manifest.run)


class Filling(msgspec.Struct, frozen=True):
    """What was being done to a graph.

    Attributes
    ----------
    after : Key
        What it shall hold.
    before : Key or None
        What it held, if it is changed by differences; None if it is loaded anew.
    batches : int
        Of the load, how many have gone in.
    batch_bytes : int
        How they are cut.
    by : str
        Told apart from every other that fills, as two may do so that know nothing of each other.
    """

    after: Key
    before: Key | None = None
    batches: int = 0
    batch_bytes: int = 0
    by: str = ""

    def may_go_on_as(self, other: Filling) -> bool:
        """Tell whether another filling, a load, may take up where this one stopped."""
        return (self.before, self.after, self.batch_bytes) == (
            None,
            other.after,
            other.batch_bytes,
        )


@dataclass(frozen=True, slots=True)
class Slot:
    """One of the two graphs.

    Attributes
    ----------
    graph : str
    key : Key or None
        The generation that it holds, whole.
    stamp : str
        Told apart from every earlier and later filling of it.
    filling : Filling or None
        What was begun and has not ended.
    """

    graph: str
    key: Key | None = None
    stamp: str = ""
    filling: Filling | None = None


@dataclass(frozen=True, slots=True)
class MirrorState:
    """What a mirror says of itself.

    Attributes
    ----------
    slots : tuple of Slot
    current : str or None
        The graph that is published; None if none is, or the switch is just being thrown.
    store : str or None
    row_cap : int or None
    """

    slots: tuple[Slot, ...]
    current: str | None = None
    store: str | None = None
    row_cap: int | None = None

    def holding(self, key: Key) -> Slot | None:
        """Return the graph that holds a generation."""
        return next((slot for slot in self.slots if slot.key == key), None)


def read_state(server: GraphServer) -> MirrorState:
    """Read what the mirror says of itself.

    Raises
    ------
    EngineError
        If the server does not answer, or holds something else there.
    """
    mirror = server.mirror
    said: dict[tuple[str, str], list[str]] = {}
    rows = server.rows("SELECT ?s ?p ?o { ?s ?p ?o }", mirror)

    def one(subject: str, predicate: str) -> str | None:
        values = said.get((subject, predicate), [])
        return values[0] if len(values) == 1 else None

    try:
        for row in rows:
            said.setdefault((row["s"], row["p"]), []).append(row["o"])
        stores = said.get((mirror, STORE), [])
        row_cap = one(mirror, ROW_CAP)
        return MirrorState(
            tuple(
                _slot(graph, one(graph, HOLDS), one(graph, FILLING))
                for graph in slot_graphs(mirror)
            ),
            one(mirror, CURRENT),
            " and ".join(sorted(stores)) or None,  # of two that claim it neither has it
            None if row_cap is None else int(row_cap),
        )
    except (LookupError, ValueError) as error:
        raise EngineError(
            f"<{mirror}> on {server.shown} does not hold a mirror's state; drop that graph there, "
            "and the mirror is made anew."
        ) from error


def read_stamp(server: GraphServer, graph: str) -> str | None:
    """Return the stamp of a graph at this moment; None while it is being changed."""
    rows = server.rows(f"SELECT ?o {{ <{graph}> <{HOLDS}> ?o }}", server.mirror)
    found = _CONTENT.fullmatch(rows[0]["o"]) if len(rows) == 1 else None
    return None if found is None else found[3]


def is_empty(server: GraphServer, graph: str) -> bool:
    """Tell whether a graph holds nothing, as when somebody has dropped it by hand."""
    return not server.rows("SELECT ?s { ?s ?p ?o } LIMIT 1", graph)


def slot_graphs(mirror: str) -> tuple[str, str]:
    """Return the names of a mirror's two graphs."""
    return f"{mirror}/a", f"{mirror}/b"


def scratch_graph(mirror: str) -> str:
    """Return the name of the graph in which triples lie that are to be taken out."""
    return f"{mirror}/removed"


def content(key: Key) -> str:
    """Return what a graph that holds a generation from now on says of it."""
    return f"{key.generation} {key.run or '-'} {datetime.now(UTC):%Y%m%dT%H%M%S%fZ}"


def write_fact(server: GraphServer, subject: str, predicate: str, value: str | None) -> None:
    """Set what the mirror says, or take it back.

    Parameters
    ----------
    server : GraphServer
    subject, predicate : str
        IRIs.
    value : str or None
        A term as SPARQL writes it.
    """
    mirror, fact = server.mirror, f"<{subject}> <{predicate}>"
    # One request. Not DELETE/INSERT with OPTIONAL, by which Virtuoso inserts nothing at first.
    text = f"DELETE WHERE {{ GRAPH <{mirror}> {{ {fact} ?o }} }}"
    if value is not None:
        text += f" ;\nINSERT DATA {{ GRAPH <{mirror}> {{ {fact} {value} }} }}"
    server.update(text)


def literal(text: str) -> str:
    """Return a string as SPARQL writes it."""
    return str(ox.Literal(text))


def filling_literal(filling: Filling) -> str:
    """Return what was begun as SPARQL writes it."""
    return literal(msgspec.json.encode(filling).decode())


def _slot(graph: str, holds: str | None, filling: str | None) -> Slot:
    begun = None if filling is None else msgspec.json.decode(filling, type=Filling)
    found = _CONTENT.fullmatch(holds or "")
    if found is None or begun is not None:
        return Slot(graph, filling=begun)
    key = Key(int(found[1]), "" if found[2] == "-" else found[2])
    return Slot(graph, key, found[3], begun)
