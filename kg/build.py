"""`build`: from record files to a new published generation, stage by stage."""

from __future__ import annotations

import hashlib
import sqlite3
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
import pyoxigraph as ox

from kg.cards import make_card
from kg.cell_facts import extract_cell_facts
from kg.cell_facts.corrections import Corrections, apply_corrections
from kg.cell_facts.model import FIELDS
from kg.conditions import find_conditions
from kg.generation import (
    FORMAT_VERSION,
    GRAPH_FOLDER,
    MANIFEST_FILE,
    RECORDS_FILE,
    VECTORS_FOLDER,
    Manifest,
)
from kg.mapping.entities import entity_mentions, entity_quads
from kg.mapping.extracted import (
    cell_fact_triples,
    condition_triples,
    listed_as_related_triples,
    record_triples,
)
from kg.mapping.kin_mapping import kin_quads
from kg.mapping.ontology_graph import ontology_quads
from kg.mapping.relation_mapping import relation_quads
from kg.mapping.run_mapping import run_quads
from kg.mapping.study_mapping import map_study
from kg.profiles import make_profile
from kg.progress import NoProgress, Progress
from kg.records import Records
from kg.relations import RelationKey, find_relations, relation_key
from kg.sources import RejectedRecord, SourceRecord, read_sources
from kg.store import Store, write_json
from ontology.errors import BuildError

if TYPE_CHECKING:
    from similarity.encoders import Encoder
    from similarity.profile import Profile

_Write = Callable[[Iterable[str]], None]
_Advance = Callable[[int], None]
_Step = Callable[[int, int], None]

KIN_STORED = 20
"""Kin of each trial that stand in the graph; further ones are computed when asked for."""


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
) -> BuildReport:
    """Build a generation from record files and publish it.

    Parameters
    ----------
    store : Store
    sources : iterable of Path
        Files and folders, see `kg.sources.read_sources`.
    encoder : Encoder
        What makes the vectors.
    progress : Progress, optional
    corrections : Corrections, optional
        What a curator changed in the cell facts; goes over what is read from the text.

    Raises
    ------
    SourceError
        If a source cannot be read at all.
    BuildError
        If the sources hold no readable record, or the disk fails.
    StoreError
        If another process writes the store.

    Notes
    -----
    Whatever is raised, the generation published before stays published.
    """
    build_ = _Build(sources, encoder, progress or NoProgress(), corrections or Corrections())
    try:
        with store.new_generation() as folder:
            build_.run(folder)
    except (OSError, sqlite3.Error) as error:
        filename = getattr(error, "filename", None)
        where = f" ({filename})" if filename else ""
        reason = getattr(error, "strerror", None) or error
        raise BuildError(
            f"The build was given up: {reason}{where}. What was published before is unchanged."
        ) from error
    report = build_.report
    report.generation = store.published_number() or 0
    return report


class _Build:
    """One run of the stages; each reads what the one before left in the folder."""

    def __init__(
        self,
        sources: Iterable[Path],
        encoder: Encoder,
        progress: Progress,
        corrections: Corrections,
    ):
        self.sources, self.encoder, self.progress = list(sources), encoder, progress
        self.corrections = corrections
        self.report = BuildReport()
        self.counts: Counter[str] = Counter()
        self.not_stated: Counter[str] = Counter()
        self.profiles: list[Profile] = []
        self.relation_keys: list[RelationKey] = []
        self.started = datetime.now(UTC)

    def run(self, folder: Path) -> None:
        number = int(folder.name.rpartition("-")[2])
        quads = folder / "graph.nq"
        with Records(folder / RECORDS_FILE, writable=True) as records:
            with self._timed("read"):
                self._read(records)
            if records.count() == 0:
                first = (
                    f" The first trouble: {self.report.rejected[0]}" if self.report.rejected else ""
                )
                raise BuildError(f"The sources hold no record that can be read.{first}")
            with self._timed("map"), open(quads, "w", encoding="utf-8") as out:
                self._map(records, out.writelines)
            with self._timed("encode and link"), open(quads, "a", encoding="utf-8") as out:
                self._link(folder / VECTORS_FOLDER, out.writelines)
            self.counts["rejected_records"] = len(self.report.rejected)
            self.counts["repeated_records"] = len(self.report.repeated)
            formats, watermark = records.source_formats(), records.watermark()
        with open(quads, "a", encoding="utf-8") as out:
            out.writelines(run_quads(self.started, self._encoder(), self.counts))
        with self._timed("load"):
            self.counts["quads"] = self._load(folder / GRAPH_FOLDER, quads)
        quads.unlink()
        self.report.counts = dict(sorted(self.counts.items()))
        manifest = Manifest(
            format_version=FORMAT_VERSION,
            generation=number,
            started_at=self.started.isoformat(timespec="seconds"),
            built_at=datetime.now(UTC).isoformat(timespec="seconds"),
            software_version=version("trialkin"),
            encoder=self._encoder(),
            counts=self.report.counts,
            source_formats=formats,
            sizes={
                part: _size(folder / part) for part in (GRAPH_FOLDER, RECORDS_FILE, VECTORS_FOLDER)
            },
            checksums=_checksums(folder),
            watermark=watermark,
            seconds=self.report.seconds,
            not_stated={name: self.not_stated[name] for name in FIELDS},
        )
        write_json(folder / MANIFEST_FILE, msgspec.to_builtins(manifest))

    def _read(self, records: Records) -> None:
        with self.progress.stage("Reading records") as advance:
            for found in read_sources(self.sources):
                if isinstance(found, SourceRecord):
                    self.counts["records_read"] += 1
                    if records.put(found.study, found.payload, found.format):
                        self.report.repeated.append(found.study.nct_id)
                else:
                    self.report.rejected.append(found)
                advance(1)
        self.counts["trials"] = records.count()

    def _map(self, records: Records, write: _Write) -> None:
        write(ontology_quads())
        with self.progress.stage("Mapping to the graph", self.counts["trials"]) as advance:
            for row in records.rows():
                study = row.study
                facts = apply_corrections(extract_cell_facts(study), self.corrections)
                for name in FIELDS:
                    self.not_stated[name] += not facts.of(name)
                conditions = find_conditions(study)
                extra = [
                    *record_triples(study, row.fingerprint),
                    *condition_triples(study, conditions.iris),
                    *listed_as_related_triples(study),
                    *cell_fact_triples(study, facts.facts),
                ]
                write(map_study(study, extra))
                card = make_card(study, facts, conditions.labels)
                records.derive(study, card, facts, entity_mentions(study))
                self.profiles.append(make_profile(study, facts, conditions.names))
                self.relation_keys.append(relation_key(study, conditions))
                self.counts["cell_facts"] += len(facts.facts)
                advance(1)
            for entity in records.entities():
                write(entity_quads(*entity))
                self.counts["entities"] += 1

    def _link(self, folder: Path, write: _Write) -> None:
        from similarity.index import KinIndex

        with self.progress.stage("Encoding texts", len(self.profiles)) as advance:
            index = KinIndex.build(self.profiles, self.encoder, progress=_steps(advance))
        index.write(folder)
        method = f"{index.encoder_name} {index.model_name} {index.fingerprints[1][:12]}"
        with self.progress.stage("Linking kin", len(index)) as advance:
            for nct_id, kin in index.rank_all(KIN_STORED):
                write(kin_quads(nct_id, kin, method))
                self.counts["kin_links"] += len(kin)
                advance(1)
        for relation in find_relations(self.relation_keys):
            write(relation_quads([relation]))
            self.counts[f"{relation.kind}_relations"] += 1

    def _load(self, folder: Path, quads: Path) -> int:
        with self.progress.stage("Loading the graph") as advance:
            graph = ox.Store(str(folder))
            graph.bulk_load(path=str(quads), format=ox.RdfFormat.N_QUADS)
            # Scans are three to four times as fast once compacted (2.2 million triples).
            graph.optimize()
            graph.flush()
            count = len(graph)
            del graph
            advance(1)
        return count

    def _encoder(self) -> dict[str, str]:
        return {"name": self.encoder.name, "fingerprint": self.encoder.fingerprint}

    @contextmanager
    def _timed(self, stage: str) -> Iterator[None]:
        started = time.perf_counter()
        yield
        self.report.seconds[stage] = round(time.perf_counter() - started, 3)


def _steps(advance: _Advance) -> _Step:
    """Turn "so many of so many" into "so many more"."""
    done_before = 0

    def step(done: int, total: int) -> None:
        nonlocal done_before
        advance(done - done_before)
        done_before = done

    return step


def _size(path: Path) -> int:
    if path.is_file():
        return path.stat().st_size
    return sum(entry.stat().st_size for entry in path.rglob("*") if entry.is_file())


def _checksums(folder: Path) -> dict[str, str]:
    """Sha256 of the files that a copy can be checked by; Oxigraph checks its own."""
    found = {}
    for path in sorted([folder / RECORDS_FILE, *(folder / VECTORS_FOLDER).rglob("*")]):
        if path.is_file():
            with open(path, "rb") as file:
                digest = hashlib.file_digest(file, "sha256").hexdigest()
            found[path.relative_to(folder).as_posix()] = digest
    return found
