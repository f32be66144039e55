"""Quads of a run: when the graph was built, with what, and how much came of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from importlib.metadata import version

from kg.iris import RUNS_GRAPH, TRIALKIN_BASE
from kg.mapping import terms
from ontology.vocabulary import PROV, RDF, RDFS, TK

_GRAPH = f" <{RUNS_GRAPH}> .\n"


def run_quads(
    started: datetime, encoder: Mapping[str, str], counts: Mapping[str, int]
) -> Iterator[str]:
    """Yield the quads of a run that is about to be published, as lines of N-Quads."""
    ended = datetime.now(UTC).isoformat(timespec="seconds")
    node = f"<{TRIALKIN_BASE}run/{started:%Y%m%dT%H%M%S%fZ}>"
    began = started.isoformat(timespec="seconds")
    for predicate, value in (
        (RDF.type, f"<{TK.Run}>"),
        (RDFS.label, terms.text(f"Build of {began}")),
        (PROV.startedAtTime, terms.date_time(began)),
        (PROV.endedAtTime, terms.date_time(ended)),
        (TK.softwareVersion, terms.text(version("trialkin"))),
        (TK.encoder, terms.text(f"{encoder['name']} {encoder['fingerprint']}")),
        (TK.trialCount, terms.integer(counts["trials"])),
        (TK.rejectedCount, terms.integer(counts["rejected_records"])),
    ):
        yield f"{node} <{predicate}> {value}{_GRAPH}"
