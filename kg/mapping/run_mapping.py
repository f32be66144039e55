"""Quads of a run: when the graph was built or refreshed, with what, and what came of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime

from kg.iris import RUNS_GRAPH, TRIALKIN_BASE, trial_graph_iri
from kg.mapping import terms
from kg.runs import Run
from ontology.vocabulary import PROV, RDF, RDFS, TK

_GRAPH = f" <{RUNS_GRAPH}> .\n"
_COUNTS = {
    "trials": TK.trialCount,
    "rejected_records": TK.rejectedCount,
    "fetched_records": TK.fetchedCount,
    "added_trials": TK.addedCount,
    "changed_trials": TK.changedCount,
    "removed_trials": TK.removedCount,
}


def run_quads(run: Run, changed: Iterable[str] = ()) -> Iterator[str]:
    """Yield the quads of a run that is about to be published, as lines of N-Quads.

    Parameters
    ----------
    run : Run
    changed : iterable of str
        NCT ids of the trials whose graphs a refresh made anew; of a build, which makes all, none
        are named.
    """
    node = f"<{TRIALKIN_BASE}run/{run.id}>"
    ended = run.ended or datetime.now(UTC).isoformat(timespec="seconds")
    values = [
        (RDF.type, f"<{TK.Run}>"),
        (RDFS.label, terms.text(f"{run.kind.capitalize()} of {run.started}")),
        (TK.runKind, terms.text(run.kind)),
        (PROV.startedAtTime, terms.date_time(run.started)),
        (PROV.endedAtTime, terms.date_time(ended)),
        (TK.softwareVersion, terms.text(run.software)),
        (TK.encoder, terms.text(f"{run.encoder['name']} {run.encoder['fingerprint']}")),
    ]
    for value, predicate in ((run.scope, TK.scope), (run.registry, PROV.used)):
        if value is not None:
            written = terms.iri(value) if predicate == PROV.used else terms.text(value)
            values.append((predicate, written))
    if run.data_timestamp is not None:
        values.append((TK.registryDataTimestamp, terms.text(run.data_timestamp)))
    if run.watermark is not None:
        values.append((TK.watermark, terms.text(run.watermark)))
    values += [
        (predicate, terms.integer(run.counts[name]))
        for name, predicate in _COUNTS.items()
        if name in run.counts
    ]
    for predicate, written in values:
        yield f"{node} <{predicate}> {written}{_GRAPH}"
    for nct_id in changed:
        yield f"<{trial_graph_iri(nct_id)}> <{PROV.wasGeneratedBy}> {node}{_GRAPH}"
