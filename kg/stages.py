"""The stages of a full build, from stored records to a whole generation folder."""

from __future__ import annotations

import shutil
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from kg.cell_facts.corrections import Corrections
from kg.cell_facts.model import FIELDS, CellFacts
from kg.graph_loading import GraphLoader
from kg.manifest import GRAPH_FOLDER, VECTORS_FOLDER
from kg.mapping.entities import entity_quads
from kg.mapping.kin_mapping import method_quads
from kg.mapping.ontology_graph import ontology_quads
from kg.mapping.partition_counts import PartitionCounts
from kg.mapping.relation_mapping import relation_quads
from kg.mapping.void_mapping import void_quads
from kg.progress import Advance, Progress
from kg.record_writing import RecordsWriter
from kg.shards.deriving import PIECE_FILE, QUADS_FILE, LostRecord, ShardResult, ShardTask
from kg.shards.encoder_source import source_of
from kg.shards.links import KIN_STORED, linking, no_links
from kg.shards.mapping import InProcess, Mapper
from kg.shards.shard import cut_shards
from kg.stamps import stage_stamps
from ontology.errors import BuildError

if TYPE_CHECKING:
    from similarity.encoders import Encoder
    from similarity.index import KinIndex

_SHARDS_FOLDER, _LINKS_FOLDER = "shards", "links"


@dataclass(slots=True)
class Tally:
    """What the stages counted and how long each took."""

    counts: Counter[str] = field(default_factory=Counter)
    partitions: PartitionCounts = field(default_factory=PartitionCounts)
    not_stated: Counter[str] = field(default_factory=Counter)
    seconds: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def timed(self, stage: str) -> Iterator[None]:
        """Time a stage."""
        started = time.perf_counter()
        yield
        self.seconds[stage] = round(time.perf_counter() - started, 3)

    def count_facts(self, facts: CellFacts, sign: int = 1) -> None:
        """Count the cell facts of a trial, or with -1 take them off again."""
        self.counts["cell_facts"] += sign * len(facts.facts)
        for name in FIELDS:
            self.not_stated[name] += sign * (not facts.of(name))


class FullStages:
    """Makes graph and vectors of all stored records, bulk loading while the rest is made.

    Parameters
    ----------
    folder : Path
        Of the generation that is being made.
    records : RecordsWriter
        Holds the raw records; what is derived of them is written there.
    previous : Path, optional
        Folder of an index from which vectors of unchanged texts are taken.
    mapper : Mapper, optional
        What derives the records, shard by shard, and says how many processes link them; by
        default this process does both.
    graph_kin : int, optional
        So many of each trial's stored kin stand in the graph.

    Attributes
    ----------
    lost : list of LostRecord
        Records that the program could not derive; they are taken out of `records`.
    """

    def __init__(
        self,
        folder: Path,
        records: RecordsWriter,
        encoder: Encoder,
        *,
        progress: Progress,
        corrections: Corrections,
        previous: Path | None = None,
        mapper: Mapper | None = None,
        graph_kin: int = KIN_STORED,
    ):
        self._folder, self._records, self._encoder = folder, records, encoder
        self._progress, self._corrections, self._previous = progress, corrections, previous
        self._mapper = InProcess() if mapper is None else mapper
        self._graph_kin = graph_kin
        self._shards = folder / _SHARDS_FOLDER
        self._pieces: list[Path] = []
        self.tally = Tally()
        self.lost: list[LostRecord] = []

    def run(self, run_quads: Callable[[Counter[str]], Iterable[str]]) -> None:
        """Go through all stages.

        Parameters
        ----------
        run_quads : callable
            Given the counts, returns the quads that tell of the run itself; called when it is
            known which records went in.

        Raises
        ------
        BuildError
            If no record could be derived.
        """
        tally = self.tally
        with GraphLoader(self._folder / GRAPH_FOLDER) as loader:
            with tally.timed("map and encode"):
                self._derive(loader)
            loader.flush()
            with tally.timed("link"):
                self._link(loader)
            # Of the run nothing is counted: else two builds of the same would not be equal.
            loader.write(run_quads(tally.counts))
            loader.write(void_quads(tally.partitions))
            with self._progress.stage("Loading the graph") as advance:
                tally.counts["quads"] = loader.finish()
                advance(1)
        tally.seconds["load"] = round(loader.seconds, 3)

    def _write(self, loader: GraphLoader, lines: Iterable[str]) -> None:
        """Load quads that are made here, and count them."""
        kept = list(lines)
        self.tally.partitions.add(kept)
        loader.write(kept)

    def _derive(self, loader: GraphLoader) -> None:
        self._write(loader, ontology_quads())
        task = ShardTask(
            self._corrections,
            source_of(self._encoder),
            self._previous,
            stage_stamps(self._encoder),
        )
        shards = cut_shards(self._records.connection, self._mapper.shard_records)
        with self._progress.stage("Mapping to the graph", self._records.count()) as advance:
            for result in self._mapper.map(task, shards, self._shards):
                advance(self._take(result, loader) + len(result.lost))
        self.tally.counts["trials"] = self._records.count()
        if not self.tally.counts["trials"]:
            raise BuildError(f"No record could be taken in; the first: {self.lost[0].message}")
        for entity in self._records.entities():
            self._write(loader, entity_quads(*entity))
            self.tally.counts["entities"] += 1

    def _take(self, result: ShardResult, loader: GraphLoader) -> int:
        """Put what came of a shard into the store; return the number of its trials."""
        for lost in result.lost:
            self._records.remove(lost.nct_id)
        self.lost += result.lost
        if result.folder is None:
            return 0
        trials = result.trials()
        for derived in trials:
            self._records.derive(derived)
            self.tally.count_facts(derived.facts)
        self.tally.partitions.merge(result.partitions())
        loader.take(result.folder / QUADS_FILE)
        piece = self._shards / f"{result.name}-{PIECE_FILE}"
        (result.folder / PIECE_FILE).rename(piece)
        self._pieces.append(piece)
        shutil.rmtree(result.folder)
        return len(trials)

    def _link(self, loader: GraphLoader) -> None:
        from similarity.index import KinIndex
        from similarity.joining import join_pieces

        folder, counts = self._folder / VECTORS_FOLDER, self.tally.counts
        join_pieces(self._pieces, self._encoder).write(folder)
        shutil.rmtree(self._shards)
        # Mapped from its files, the index leaves memory to whoever needs it.
        index = KinIndex.open(folder)
        self._write(loader, method_quads(kin_method(index)))
        lists = no_links(index)
        work, jobs = self._folder / _LINKS_FOLDER, self._mapper.local_jobs(len(index))
        with (
            self._progress.stage("Linking kin", len(index)) as advance,
            linking(index, folder, work, jobs=jobs, graph_kin=self._graph_kin) as linked,
        ):
            for links in linked:
                self.tally.partitions.merge(links.partitions)
                loader.take(links.quads)
                counts["kin_links"] += links.put_into(lists)
                advance(len(links))
        lists.write(folder)
        counts.update(index.link_report(KIN_STORED).counts())
        for relation in self._records.relation_keys.relations():
            self._write(loader, relation_quads([relation]))
            counts[f"{relation.kind}_relations"] += 1


def kin_method(index: KinIndex) -> str:
    """Return how the kin links name what made them: encoder, model and its fingerprint."""
    return f"{index.encoder_name} {index.model_name} {index.fingerprints[1][:12]}"


def steps(advance: Advance) -> Callable[[int, int], None]:
    """Turn "so many of so many" into "so many more"."""
    done_before = 0

    def step(done: int, total: int) -> None:
        nonlocal done_before
        advance(done - done_before)
        done_before = done

    return step
