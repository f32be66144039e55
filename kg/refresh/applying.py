"""`apply_changes`: a new generation from the last one, at the cost of what changed."""

from __future__ import annotations

import fcntl
import os
import shutil
from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pyoxigraph as ox

from kg.cell_facts.corrections import Corrections
from kg.cell_facts.model import FIELDS
from kg.derivation import DerivedTrial, derive_trial
from kg.engines.differences import journal_of
from kg.generation import Generation
from kg.manifest import GRAPH_FOLDER, RECORDS_FILE, VECTORS_FOLDER
from kg.mapping.entities import entity_quads
from kg.mapping.ontology_graph import ontology_quads
from kg.mapping.partition_counts import PartitionCounts
from kg.mapping.relation_mapping import relation_quads
from kg.mapping.run_mapping import run_quads
from kg.mapping.void_mapping import void_quads
from kg.progress import Progress
from kg.record_history import note_kin_changes, note_version
from kg.record_writing import RecordsWriter
from kg.records import StudyRow
from kg.refresh.changes import Changes
from kg.refresh.graph_editor import GraphEditor, copy_graph
from kg.refresh.relinking import Relinking
from kg.relations.model import RELATION_KINDS
from kg.relations.stored_keys import RelationKeys
from kg.runs import Run
from kg.shape_checks import CheckedTrial, ShapeChecks, every_so_many
from kg.shards.deriving import OF_THE_BUILD, reason
from kg.stages import Tally

if TYPE_CHECKING:
    from similarity.encoders import Encoder

_FICLONE = 0x40049409


class Applying:
    """One refresh's way from the published generation to the next.

    Parameters
    ----------
    previous : Generation
    folder : Path
        Of the generation that is being made.
    run : Run
    encoder : Encoder
    progress : Progress
    graph_kin : int
        So many of each trial's stored kin stand in the graph. If that is another number than
        before, ``kin`` must be among the stages to redo.
    """

    def __init__(
        self,
        previous: Generation,
        folder: Path,
        run: Run,
        encoder: Encoder,
        progress: Progress,
        *,
        graph_kin: int,
    ):
        self._graph_kin = graph_kin
        self._previous, self._folder, self._run = previous, folder, run
        self._encoder, self._progress = encoder, progress
        manifest = previous.manifest
        counts = Counter(manifest.counts)
        self.tally = Tally(
            counts=counts,
            partitions=PartitionCounts.from_dict(manifest.partitions),
            not_stated=Counter(manifest.not_stated),
        )
        self.source_formats = Counter(manifest.source_formats)
        self._checked: list[CheckedTrial] = []

    def apply(
        self,
        changes: Changes,
        corrections: Corrections,
        also: Iterable[str],
        stale: list[str],
        shapes: ShapeChecks,
    ) -> list[str]:
        """Bring everything up to date.

        Parameters
        ----------
        changes : Changes
        corrections : Corrections
        also : iterable of str
            Trials whose records have not changed, and what is derived from them may have.
        stale : list of str
            Stages to redo for all trials: ``ontology``, ``encoder`` or ``kin``.
        shapes : ShapeChecks
            Is given the changed trials.

        Returns
        -------
        list of str
            The trials that were derived anew. A record that cannot be derived is named in the
            run and taken out of `changes`; what was made of its state before stays.
        """
        tally, folder, previous = self.tally, self._folder, self._previous
        with tally.timed("copy"):
            clone(previous.path / RECORDS_FILE, folder / RECORDS_FILE)
            copy_graph(previous.graph_path, folder / GRAPH_FOLDER)
        journal = journal_of(previous, folder)
        with (
            RecordsWriter(folder / RECORDS_FILE) as records,
            GraphEditor(folder / GRAPH_FOLDER, tally.partitions, journal) as editor,
        ):
            self._records, self._editor = records, editor
            with tally.timed("map"):
                if "ontology" in stale:
                    editor.replace(editor.ontology(), ontology_quads())
                derived = self._derive(changes, also, corrections)
            for old, new in changes.moved.items():
                records.note_moved(old, new)
            shapes.begin(self._checked)
            with tally.timed("encode and link"):
                relinking = Relinking(previous, self._encoder, self._progress, self._graph_kin)
                folder_ = folder / VECTORS_FOLDER
                everything = "encoder" in stale or "kin" in stale
                kin_changes = relinking.relink(
                    derived, editor, records, folder_, everything=everything
                )
                note_kin_changes(records, self._run.id, kin_changes)
                for name, count in (*relinking.counts.items(), ("kin_links", relinking.links)):
                    tally.counts[name] = count
            tally.partitions = editor.partitions
            self._describe(records, [trial.nct_id for trial in derived])
        if journal is not None:
            journal.finish(self._run.id)
        return [trial.nct_id for trial in derived]

    def _derive(
        self, changes: Changes, also: Iterable[str], corrections: Corrections
    ) -> list[DerivedTrial]:
        records, editor = self._records, self._editor
        stored = (nct_id for nct_id in also if records.fingerprint(nct_id) is not None)
        nct_ids = sorted({*changes.rows, *stored})
        each = every_so_many(len(nct_ids))
        touched: set[str] = set()
        rekeyed: list[str] = []
        derived = []
        with self._progress.stage("Mapping to the graph", len(nct_ids)) as advance:
            for number, nct_id in enumerate(nct_ids):
                advance(1)
                row = changes.rows.get(nct_id) or records.row(nct_id)
                made = None if row is None else self._derive_one(row, corrections, changes)
                if row is None or made is None:
                    continue
                self._store(row)
                before = list(editor.trial(made.nct_id))
                editor.replace(before, made.quads)
                if number % each == 0:
                    known = "".join(f"{quad} .\n" for quad in before)
                    self._checked.append(CheckedTrial(made.nct_id, "".join(made.quads), known))
                found = records.derive(made)
                touched |= found.entities
                if found.relations:
                    rekeyed.append(made.nct_id)
                self.tally.count_facts(made.facts)
                derived.append(replace(made, quads=()))
        nct_ids = [trial.nct_id for trial in derived]
        self.tally.counts["trials"] += sum(
            self._previous.records.fingerprint(nct_id) is None for nct_id in nct_ids
        )
        for iri in sorted(touched):
            self._entity(iri)
        self._relate(rekeyed)
        return derived

    def _derive_one(
        self, row: StudyRow, corrections: Corrections, changes: Changes
    ) -> DerivedTrial | None:
        try:
            return derive_trial(row.study, row.fingerprint, corrections)
        except OF_THE_BUILD:
            raise
        # Whatever one record brings to light in the program must not cost the others.
        except Exception as error:
            nct_id = row.study.nct_id
            self._run.fail(nct_id, "map", reason(error))
            if nct_id in changes.rows:
                changes.drop(nct_id)
            return None

    def _store(self, row: StudyRow) -> None:
        """Store a record, note its version, and take what was derived of it off the counts."""
        records, nct_id = self._records, row.study.nct_id
        old = records.row(nct_id)
        if old is not None:
            self.tally.count_facts(records.facts(nct_id), -1)
            self.source_formats[old.source_format] -= 1
        self.source_formats[row.source_format] += 1
        if old is None or old.fingerprint != row.fingerprint:
            records.replace(row.study, row.payload, row.source_format)
            before = None if old is None else old.payload
            note_version(records, self._run.id, self._run.started, row, before)

    def _entity(self, iri: str) -> None:
        old = list(self._editor.entity(iri))
        entity = self._records.entity(iri)
        self.tally.counts["entities"] += (entity is not None) - bool(old)
        self._editor.replace(old, () if entity is None else entity_quads(*entity))

    def _relate(self, rekeyed: list[str]) -> None:
        """Write the relations that differ, as the keys say: most of a region's stay as they are."""
        if not rekeyed:
            return
        before, after = RelationKeys(self._previous.records.connection), self._records.relation_keys
        region = before.region(rekeyed) | after.region(rekeyed)
        old, new = (dict.fromkeys(keys.relations_within(region)) for keys in (before, after))
        gone = [relation for relation in old if relation not in new]
        came = [relation for relation in new if relation not in old]
        counts = self.tally.counts
        counts.subtract(f"{relation.kind}_relations" for relation in gone)
        counts.update(f"{relation.kind}_relations" for relation in came)
        lines = "".join(relation_quads(gone))
        self._editor.replace(ox.parse(lines, format=ox.RdfFormat.N_QUADS), relation_quads(came))
        for kind in RELATION_KINDS:  # a full build does not tell of kinds that there are none of
            if not counts[f"{kind}_relations"]:
                del counts[f"{kind}_relations"]

    def _describe(self, records: RecordsWriter, changed: list[str]) -> None:
        run, tally, editor = self._run, self.tally, self._editor
        run.watermark = records.watermark()
        run.counts = {**run.counts, "trials": tally.counts["trials"]}
        editor.replace((), run_quads(run, changed), counted=False)
        editor.replace(editor.description(), void_quads(tally.partitions), counted=False)
        tally.counts["quads"] += editor.added - editor.removed
        run.counts |= {"quads_added": editor.added, "quads_removed": editor.removed}
        for name in FIELDS:
            tally.not_stated.setdefault(name, 0)


def clone(old: Path, new: Path) -> None:
    """Copy a file: at once where the file system shares blocks, else within the kernel."""
    with open(old, "rb") as source, open(new, "xb") as target:
        try:
            fcntl.ioctl(target, _FICLONE, source.fileno())
        except OSError:
            shutil.copyfile(old, new)
        os.fchmod(target.fileno(), 0o644)
