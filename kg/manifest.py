"""`Manifest`: what a generation holds and how it came about."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from kg.cell_facts.model import FIELDS

if TYPE_CHECKING:
    from kg.runs import Run
    from kg.stages import Tally

FORMAT_VERSION = 2
"""Of the folder's layout; a generation of another version must be built again."""
GRAPH_FOLDER = "graph"
RECORDS_FILE = "records.sqlite"
VECTORS_FOLDER = "vectors"
CORRECTIONS_FILE = "corrections.json"
MANIFEST_FILE = "manifest.json"

_CHECKED = (RECORDS_FILE, CORRECTIONS_FILE, VECTORS_FOLDER)
_HASHED_AT_ONCE = 2


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """What a generation holds and how it came about.

    `counts` are by kind of thing (trials, quads, kin links, rejected records, ...), `sizes` in
    bytes by part, `not_stated` the number of trials without a value by field of cell facts,
    `stamps` those of the stages and `digests` their files' (see `kg.stamps`), `partitions` the
    triples by kind of graph, class and property, `graph_kin` how many of each trial's stored kin
    stand in the graph, at most, `run` the id of the run that made it.
    """

    format_version: int
    generation: int
    started_at: str
    built_at: str
    software_version: str
    encoder: dict[str, str]
    counts: dict[str, int]
    source_formats: dict[str, int]
    sizes: dict[str, int]
    checksums: dict[str, str]
    watermark: str | None
    seconds: dict[str, float]
    not_stated: dict[str, int] = {}
    stamps: dict[str, str] = {}
    digests: dict[str, str] = {}
    partitions: dict[str, dict[str, int]] = {}
    graph_kin: int = 20
    run: str = ""


def write_manifest(
    folder: Path,
    run: Run,
    tally: Tally,
    *,
    source_formats: Mapping[str, int],
    digests: Mapping[str, str],
    graph_kin: int,
) -> Manifest:
    """Write the manifest of a generation folder that is otherwise whole.

    Parameters
    ----------
    folder : Path
        Named after the generation's number.
    run : Run
        The run that made it.
    tally : Tally
    source_formats : mapping
        Name of a source format to the number of records that came in it.
    digests : mapping
        As `kg.stamps.stage_digests` gives them.
    graph_kin : int
        Kin of each trial that stand in the graph, at most.
    """
    manifest = Manifest(
        format_version=FORMAT_VERSION,
        generation=int(folder.name.rpartition("-")[2]),
        started_at=run.started,
        built_at=datetime.now(UTC).isoformat(timespec="seconds"),
        software_version=version("trialkin"),
        encoder=run.encoder,
        counts=dict(sorted(tally.counts.items())),
        source_formats=dict(sorted(source_formats.items())),
        sizes={part: _size(folder / part) for part in (GRAPH_FOLDER, RECORDS_FILE, VECTORS_FOLDER)},
        checksums=dict(_checksums(folder)),
        watermark=run.watermark,
        seconds=tally.seconds,
        not_stated={name: tally.not_stated[name] for name in FIELDS},
        stamps=run.stamps,
        digests=dict(digests),
        partitions=tally.partitions.to_dict(),
        graph_kin=graph_kin,
        run=run.id,
    )
    write_json(folder / MANIFEST_FILE, msgspec.to_builtins(manifest))
    return manifest


def write_json(path: Path, value: object) -> None:
    """Write indented, sorted JSON."""
    path.write_text(json.dumps(value, indent=2, sort_keys=True, ensure_ascii=False) + "\n", "utf-8")


def _size(path: Path) -> int:
    if path.is_file():
        return path.stat().st_size
    return sum(entry.stat().st_size for entry in path.rglob("*") if entry.is_file())


def _checksums(folder: Path) -> Iterator[tuple[str, str]]:
    """Yield the sha256 of the files that a copy can be checked by; Oxigraph checks its own."""
    files: list[Path] = []
    for part in _CHECKED:
        path = folder / part
        files += filter(Path.is_file, sorted(path.rglob("*")) if path.is_dir() else [path])
    # Hashing lets other threads run: one large file takes as long as all others together.
    with ThreadPoolExecutor(_HASHED_AT_ONCE) as threads:
        for file, digest in zip(files, threads.map(file_sha256, files), strict=True):
            yield file.relative_to(folder).as_posix(), digest


def file_sha256(path: Path) -> str:
    """Return the sha256 of a file, in hexadecimal digits."""
    with open(path, "rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()
