"""`build`: from record files to a new published generation."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from kg.cell_facts.corrections import Corrections
from kg.disk_failures import disk_failures
from kg.generation import Generation
from kg.manifest import RECORDS_FILE, write_manifest
from kg.mapping.run_mapping import run_quads
from kg.progress import NoProgress, Progress
from kg.record_history import note_full_build
from kg.record_writing import RecordsWriter
from kg.records import Records
from kg.run_keeping import kept
from kg.runs import RUN_FILE, Run, write_run
from kg.shards.deriving import LostRecord
from kg.shards.links import KIN_STORED
from kg.shards.mapping import Mapper
from kg.sources import RejectedRecord, SourceRecord, read_sources
from kg.stages import FullStages
from kg.stamps import stage_digests, stage_stamps
from kg.store import KEPT, Store
from kg.stored_corrections import write_corrections
from ontology.errors import BuildError, StoreError

if TYPE_CHECKING:
    from similarity.encoders import Encoder


@dataclass(slots=True)
class BuildReport:
    """What a build did.

    Attributes
    ----------
    generation : int
        The published generation.
    counts : dict
        As in the generation's manifest.
    rejected : list of RejectedRecord
        Records that could not be read.
    repeated : list of str
        NCT ids that came more than once.
    seconds : dict
        By stage.
    """

    generation: int = 0
    counts: dict[str, int] = field(default_factory=dict)
    rejected: list[RejectedRecord] = field(default_factory=list)
    repeated: list[str] = field(default_factory=list)
    seconds: dict[str, float] = field(default_factory=dict)

    @property
    def rejected_share(self) -> float:
        """Rejected records among all that were met, 0 to 1."""
        met = self.counts.get("records_read", 0) + len(self.rejected)
        return len(self.rejected) / met if met else 0.0


def build(
    store: Store,
    sources: Iterable[Path],
    encoder: Encoder,
    *,
    progress: Progress | None = None,
    corrections: Corrections | None = None,
    keep: int = KEPT,
    mapper: Mapper | None = None,
    graph_kin: int = KIN_STORED,
) -> BuildReport:
    """Build a generation from record files and publish it.

    Parameters
    ----------
    store : Store
        If it holds a generation already, the history of its records is taken over.
    sources : iterable of Path
        Files and folders, see `kg.sources.read_sources`.
    encoder : Encoder
        What makes the vectors.
    progress : Progress, optional
    corrections : Corrections, optional
        What a curator changed in the cell facts; goes over what is read from the text, now and
        at every refresh of this store.
    keep : int
        Published generations to keep besides the new one.
    mapper : Mapper, optional
        What derives the records, shard by shard: `kg.shards.processes.Processes`,
        `kg.cluster.dask_mapper.DaskMapper`; by default this process does. All give the same.
    graph_kin : int, optional
        So many of each trial's stored kin stand in the graph, 0 to `KIN_STORED`; of many trials
        they are half of it. Refreshes keep to it.

    Raises
    ------
    SourceError
        If a source cannot be read at all.
    BuildError
        If the sources hold no readable record, `graph_kin` is out of its range, or the disk fails.
    StoreError
        If another process writes the store.

    Notes
    -----
    Whatever is raised, the generation published before stays published, and the run leaves a
    record, see `kg.runs`.
    """
    if not 0 <= graph_kin <= KIN_STORED:
        raise BuildError(f"graph_kin is {graph_kin}; give 0 to {KIN_STORED}, as many are stored.")
    build_ = _Build(
        store,
        sources,
        encoder,
        progress or NoProgress(),
        corrections or Corrections(),
        mapper,
        graph_kin,
    )
    with (
        disk_failures(BuildError, "build"),
        store.lock(),
        kept(build_.record, store),
        store.next_generation(keep=keep) as folder,
    ):
        build_.run(folder)
    return build_.report


class _Build:
    """One build: reads the sources, then goes through the stages."""

    def __init__(
        self,
        store: Store,
        sources: Iterable[Path],
        encoder: Encoder,
        progress: Progress,
        corrections: Corrections,
        mapper: Mapper | None,
        graph_kin: int,
    ):
        self._mapper, self._graph_kin = mapper, graph_kin
        self.sources, self.encoder, self.progress = list(sources), encoder, progress
        self.corrections, self._store = corrections, store
        self.report = BuildReport()
        self.record = Run.begin("build")

    def run(self, folder: Path) -> None:
        """Make everything that belongs into the folder."""
        run = self.record
        run.encoder = {"name": self.encoder.name, "fingerprint": self.encoder.fingerprint}
        run.stamps = stage_stamps(self.encoder)
        with RecordsWriter(folder / RECORDS_FILE) as records:
            stages = FullStages(
                folder,
                records,
                self.encoder,
                progress=self.progress,
                corrections=self.corrections,
                mapper=self._mapper,
                graph_kin=self._graph_kin,
            )
            with stages.tally.timed("read"):
                self._read(records, stages.tally.counts)

            def told(counts: Counter[str]) -> Iterator[str]:
                self._reject(stages.lost, counts)
                self._note_history(records)
                run.watermark = records.watermark()
                run.counts = {**run.counts, **counts}
                yield from run_quads(run)

            stages.run(told)
            formats = records.source_formats()
        write_corrections(self.corrections, folder)
        manifest = write_manifest(
            folder,
            run,
            stages.tally,
            source_formats=formats,
            digests=stage_digests(),
            graph_kin=self._graph_kin,
        )
        self.report.generation = run.generation = manifest.generation
        self.report.counts = run.counts = manifest.counts
        self.report.seconds = run.seconds = manifest.seconds
        run.end("published")
        write_run(run, folder / RUN_FILE)

    def _read(self, records: RecordsWriter, counts: Counter[str]) -> None:
        with self.progress.stage("Reading records") as advance:
            for found in read_sources(self.sources):
                if isinstance(found, SourceRecord):
                    counts["records_read"] += 1
                    if records.put(found.study, found.payload, found.format):
                        self.report.repeated.append(found.study.nct_id)
                else:
                    self.report.rejected.append(found)
                    self.record.fail(found.nct_id or found.locator, "read", str(found))
                advance(1)
        if records.count() == 0:
            first = f" The first trouble: {self.report.rejected[0]}" if self.report.rejected else ""
            raise BuildError(f"The sources hold no record that can be read.{first}")
        counts["rejected_records"] = len(self.report.rejected)
        counts["repeated_records"] = len(self.report.repeated)

    def _reject(self, lost: list[LostRecord], counts: Counter[str]) -> None:
        """Count records that the program could not derive with those that cannot be read."""
        for nct_id, shard, message in lost:
            rejected = RejectedRecord(f"shard {shard}", "", nct_id, None, message)
            self.report.rejected.append(rejected)
            self.record.fail(nct_id, "map", message)
        counts["rejected_records"] = len(self.report.rejected)
        counts["records_read"] -= len(lost)

    def _note_history(self, records: RecordsWriter) -> None:
        before = self._before()
        run_id, started = self.record.id, self.record.started
        if before is None:
            note_full_build(records, run_id, started, None)
            return
        path = before.path / RECORDS_FILE
        records.take_history(path)
        with Records(path) as earlier:
            note_full_build(records, run_id, started, earlier)

    def _before(self) -> Generation | None:
        try:
            return self._store.published()
        except StoreError:  # nothing yet, or of a version whose history cannot be read
            return None
