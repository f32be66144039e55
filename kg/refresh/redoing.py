"""`redo_all`: a whole generation anew from the raw records of the last, without the network."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pyoxigraph as ox

from kg.cell_facts.corrections import Corrections
from kg.generation import Generation
from kg.iris import RUNS_GRAPH
from kg.manifest import RECORDS_FILE, VECTORS_FOLDER
from kg.mapping.run_mapping import run_quads
from kg.progress import Progress
from kg.record_history import note_version
from kg.record_writing import RecordsWriter
from kg.records import Records
from kg.refresh.changes import Changes, sorted_rows
from kg.runs import Run
from kg.stages import FullStages, Tally
from ontology.errors import RefreshError, StoreError

if TYPE_CHECKING:
    from similarity.encoders import Encoder


def redo_all(
    previous: Generation,
    folder: Path,
    run: Run,
    encoder: Encoder,
    progress: Progress,
    *,
    changes: Changes,
    corrections: Corrections,
) -> tuple[Tally, Counter[str]]:
    """Derive, encode and link all records again.

    Vectors of texts that have not changed are taken over, if encoder and model are the same.

    Returns
    -------
    Tally
    Counter
        Records by source format.
    """
    with (
        RecordsWriter(folder / RECORDS_FILE) as records,
        Records(previous.path / RECORDS_FILE) as before,
    ):
        records.take_history(previous.path / RECORDS_FILE)
        for row in before.rows():
            if row.study.nct_id not in changes.rows:
                records.replace(row.study, row.payload, row.source_format)
        for row in sorted_rows(changes):
            records.replace(row.study, row.payload, row.source_format)
            old = before.row(row.study.nct_id)
            note_version(records, run.id, run.started, row, None if old is None else old.payload)
        for alias, nct_id in changes.moved.items():
            records.note_moved(alias, nct_id)
        run.watermark = records.watermark()
        stages = FullStages(
            folder,
            records,
            encoder,
            progress=progress,
            corrections=corrections,
            previous=_index_folder(previous),
        )
        # What the sources of the last full build were is history that stays true.
        for name in ("records_read", "rejected_records", "repeated_records"):
            if name in previous.manifest.counts:
                stages.tally.counts[name] = previous.manifest.counts[name]

        def told(counts: Counter[str]) -> Iterator[str]:
            run.counts = {**run.counts, "trials": counts["trials"]}
            yield from earlier_runs(previous)
            yield from run_quads(run, sorted(changes.rows))

        stages.run(told)
        if stages.lost:
            lost = stages.lost[0]
            raise RefreshError(
                f"{len(stages.lost)} records cannot be derived any more, the first of them "
                f"{lost.nct_id}: {lost.message}"
            )
        return stages.tally, Counter(records.source_formats())


def earlier_runs(generation: Generation) -> Iterator[str]:
    """Yield the quads that a generation holds of the runs up to it."""
    graph = ox.NamedNode(RUNS_GRAPH)
    for quad in generation.read_graph().quads_for_pattern(None, None, None, graph):
        yield f"{quad} .\n"


def _index_folder(generation: Generation) -> Path | None:
    try:
        generation.kin_index  # noqa: B018
    except StoreError:  # of an older form: then everything is encoded anew
        return None
    return generation.path / VECTORS_FOLDER
