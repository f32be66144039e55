"""`redo_all`: a whole generation anew from the raw records of the last, without the network."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import pyoxigraph as ox

from kg.cell_facts.corrections import Corrections
from kg.generation import Generation
from kg.iris import RUNS_GRAPH, trial_graph_iri
from kg.manifest import GRAPH_FOLDER, RECORDS_FILE, VECTORS_FOLDER
from kg.mapping.run_mapping import run_quads
from kg.progress import Progress
from kg.record_history import note_kin_changes, note_version
from kg.record_writing import RecordsWriter
from kg.records import Records
from kg.refresh.changes import Changes, sorted_rows
from kg.refresh.kin_differences import Lists, kin_changes
from kg.runs import Run
from kg.shape_checks import CheckedTrial, every_so_many
from kg.shards.deriving import LostRecord
from kg.shards.processes import Local
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
    graph_kin: int,
) -> tuple[Tally, Counter[str]]:
    """Derive, encode and link all records again, on all cores where they are many.

    Vectors of texts that have not changed are taken over, if encoder and model are the same. Of
    a changed record that cannot be derived the state before is kept: it is named in the run, and
    taken out of `changes`.

    Returns
    -------
    Tally
    Counter
        Records by source format.

    Raises
    ------
    RefreshError
        If a record that could be derived before cannot be any more, though it has not changed.
    """
    while True:
        how = (run, encoder, progress, changes, corrections, graph_kin)
        made = _Redoing(previous, folder, *how)
        lost = made.run()
        stored = previous.records
        old = [one for one in lost if one.nct_id not in changes.rows]
        if old:
            raise RefreshError(
                f"{len(old)} records cannot be derived any more, the first of them "
                f"{old[0].nct_id}: {old[0].message}"
            )
        for one in lost:
            run.fail(one.nct_id, "map", one.message)
            changes.drop(one.nct_id)
        if all(stored.fingerprint(one.nct_id) is None for one in lost):
            return made.tally, made.formats
        _empty(folder)  # with the states before in the place of the lost ones


class _Redoing:
    """One attempt."""

    def __init__(
        self,
        previous: Generation,
        folder: Path,
        run: Run,
        encoder: Encoder,
        progress: Progress,
        changes: Changes,
        corrections: Corrections,
        graph_kin: int,
    ):
        self._previous, self._folder, self._run = previous, folder, run
        self._encoder, self._progress = encoder, progress
        self._changes, self._corrections = changes, corrections
        self._graph_kin = graph_kin
        self.tally, self.formats = Tally(), Counter[str]()

    def run(self) -> list[LostRecord]:
        """Make everything; return the records that cannot be derived."""
        run, previous, changes = self._run, self._previous, self._changes
        with (
            RecordsWriter(self._folder / RECORDS_FILE) as records,
            Records(previous.path / RECORDS_FILE) as before,
        ):
            self._put(records, before)
            stages = FullStages(
                self._folder,
                records,
                self._encoder,
                progress=self._progress,
                corrections=self._corrections,
                previous=index_folder(previous),
                mapper=Local(),
                graph_kin=self._graph_kin,
            )
            # What the sources of the last full build were is history that stays true.
            for name in ("records_read", "rejected_records", "repeated_records"):
                if name in previous.manifest.counts:
                    stages.tally.counts[name] = previous.manifest.counts[name]

            def told(counts: Counter[str]) -> Iterator[str]:
                run.watermark = records.watermark()
                run.counts = {**run.counts, "trials": counts["trials"]}
                yield from earlier_runs(previous)
                lost = {one.nct_id for one in stages.lost}
                yield from run_quads(run, sorted(changes.rows.keys() - lost))

            stages.run(told)
            self.tally, self.formats = stages.tally, Counter(records.source_formats())
            for nct_id in changes.rows.keys() - {one.nct_id for one in stages.lost}:
                old = before.row(nct_id)
                row, known = changes.rows[nct_id], None if old is None else old.payload
                note_version(records, run.id, run.started, row, known)
            self._note_kin_changes(records)
        return stages.lost

    def _put(self, records: RecordsWriter, before: Records) -> None:
        records.take_history(self._previous.path / RECORDS_FILE)
        for row in before.rows():
            if row.study.nct_id not in self._changes.rows:
                records.replace(row.study, row.payload, row.source_format)
        for row in sorted_rows(self._changes):
            records.replace(row.study, row.payload, row.source_format)
        for alias, nct_id in self._changes.moved.items():
            records.note_moved(alias, nct_id)

    def _note_kin_changes(self, records: RecordsWriter) -> None:
        from similarity.kin_lists import KinLists

        if (old := index_folder(self._previous)) is None:
            return
        lists = Lists(KinLists.open(old), KinLists.open(self._folder / VECTORS_FOLDER))
        both = sorted({*lists.before.nct_ids, *lists.after.nct_ids})
        note_kin_changes(records, self._run.id, kin_changes(lists, both))


def earlier_runs(generation: Generation) -> Iterator[str]:
    """Yield the quads that a generation holds of the runs up to it."""
    if not generation.graph_path.exists():  # nothing was built before
        return
    graph = ox.NamedNode(RUNS_GRAPH)
    for quad in generation.read_graph().quads_for_pattern(None, None, None, graph):
        yield f"{quad} .\n"


def checked_trials(
    folder: Path, previous: Generation, changed: Sequence[str]
) -> Iterator[CheckedTrial]:
    """Yield those of the changed trials whose shapes are to be checked, with their quads.

    Parameters
    ----------
    folder : Path
        Of the generation that was made.
    previous : Generation
    changed : sequence of str
    """
    chosen = changed[:: every_so_many(len(changed))]
    # One graph after the other: two that are open take twice the memory.
    now = _trial_lines(folder / GRAPH_FOLDER, chosen)
    before = _trial_lines(previous.graph_path, chosen) if previous.graph_path.exists() else {}
    for nct_id in chosen:
        yield CheckedTrial(nct_id, now[nct_id], before.get(nct_id, ""))


def _trial_lines(path: Path, nct_ids: Sequence[str]) -> dict[str, str]:
    graph = ox.Store.read_only(str(path))
    return {
        nct_id: "".join(
            f"{quad} .\n"
            for quad in graph.quads_for_pattern(
                None, None, None, ox.NamedNode(trial_graph_iri(nct_id))
            )
        )
        for nct_id in nct_ids
    }


def index_folder(generation: Generation) -> Path | None:
    """Return the folder of a generation's index, None if it has none that can be read."""
    try:
        generation.kin_index  # noqa: B018
    except StoreError:  # of an older form, or none: then everything is encoded anew
        return None
    return generation.path / VECTORS_FOLDER


def _empty(folder: Path) -> None:
    for entry in folder.iterdir():
        if entry.is_dir():
            shutil.rmtree(entry)
        else:
            entry.unlink()
