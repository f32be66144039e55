"""The files of an index: arrays that are mapped, a list of trials, a manifest."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import msgspec
import numpy as np
from numpy.typing import NDArray

from ontology.errors import StoreError
from similarity.bags import BagIndex, Postings
from similarity.cells import VectorCells
from similarity.concepts import ConceptSets, ConceptTable
from similarity.features import FeatureTable
from similarity.fusion import Fusion
from similarity.index_parts import IndexParts

FORMAT = 1
"""Raised whenever the files change in a way that older code would misread."""

_MANIFEST = "manifest.json"
_PROFILES = "profiles.ndjson"
CELLS_FILE = "trial_cells.faiss"
"""An older index has a ``cells.faiss``, which knows trials by their rows: it is not opened, and
kin are looked for among all trials, until the index is updated or made anew."""
_BAGS = ("words", "mesh", "places")
_POSTED = ("words", "mesh")


@dataclass(frozen=True, slots=True)
class _Manifest:
    format: int
    nct_ids: tuple[str, ...]
    views: tuple[str, ...]
    encoder_name: str
    encoder_fingerprint: str
    model_name: str
    model_fingerprint: str
    concepts: dict[str, tuple[str, ...]]
    labels: dict[str, tuple[str, ...]]
    fusion: Fusion


def write_index(parts: IndexParts, folder: Path) -> None:
    """Write all files; the manifest last, so that a folder without one is no index."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / _MANIFEST).unlink(missing_ok=True)
    for name, array in _arrays(parts).items():
        save_array(folder / f"{name}.npy", array)
    with _replacing(folder / _PROFILES) as file:
        parts.lines.tofile(file)
    cells = folder / CELLS_FILE
    if parts.cells is None:
        cells.unlink(missing_ok=True)
    else:
        parts.cells.write(cells)
    manifest = _Manifest(
        format=FORMAT,
        nct_ids=parts.nct_ids,
        views=parts.table.views,
        encoder_name=parts.encoder_name,
        encoder_fingerprint=parts.encoder_fingerprint,
        model_name=parts.model_name,
        model_fingerprint=parts.model_fingerprint,
        concepts={key: tuple(table.names) for key, table in parts.tables.items()},
        labels={key: tuple(table.labels) for key, table in parts.tables.items()},
        fusion=parts.fusion,
    )
    (folder / _MANIFEST).write_bytes(msgspec.json.encode(manifest))


def read_index(folder: Path) -> IndexParts:
    """Open what `write_index` wrote.

    Raises
    ------
    StoreError
        If the folder holds no index, or one of another format, or files are missing.
    """
    try:
        return _parts(folder, _read_manifest(folder))
    except (OSError, ValueError, msgspec.MsgspecError) as error:
        raise StoreError(f"{folder} holds no whole index ({error}); build it again.") from None


def read_nct_ids(folder: Path) -> tuple[str, ...]:
    """Return the ids of an index's trials, sorted.

    Raises
    ------
    StoreError
        If the folder holds no index, or one of another format.
    """
    try:
        return _read_manifest(folder).nct_ids
    except (OSError, msgspec.MsgspecError) as error:
        raise StoreError(f"{folder} holds no whole index ({error}); build it again.") from None


def save_array(path: Path, array: NDArray[Any]) -> None:
    """Write an array; an older file is replaced, so whoever has it mapped still reads that."""
    with _replacing(path) as file:
        np.save(file, array, allow_pickle=False)


@contextmanager
def _replacing(path: Path) -> Iterator[BinaryIO]:
    fresh = path.with_name(f"{path.name}.new")
    with fresh.open("wb") as file:
        yield file
    fresh.replace(path)


def _read_manifest(folder: Path) -> _Manifest:
    found = msgspec.json.decode((folder / _MANIFEST).read_bytes())
    if not isinstance(found, dict) or found.get("format") != FORMAT:
        raise StoreError(f"{folder} holds an index of another format; build it again.")
    return msgspec.convert(found, _Manifest)


def table_arrays(table: FeatureTable) -> dict[str, NDArray[Any]]:
    """Return the arrays of a table by name: all that cannot be derived from the others."""
    arrays: dict[str, NDArray[Any]] = {
        "vectors": table.vectors,
        "vector_norms": table.vector_norms,
        "measures": table.measures,
        "sponsors": table.sponsors,
    }
    for name in _BAGS:
        bags: BagIndex = getattr(table, name)
        arrays |= {
            f"{name}_starts": bags.starts,
            f"{name}_terms": bags.terms,
            f"{name}_weights": bags.weights,
        }
    for key, sets in table.concepts.items():
        arrays |= {
            f"{key}_starts": sets.starts,
            f"{key}_codes": sets.codes,
            f"{key}_which": sets.which,
        }
    return arrays


def _arrays(parts: IndexParts) -> dict[str, NDArray[Any]]:
    table = parts.table
    arrays = table_arrays(table) | {"digests": parts.digests, "profile_starts": parts.starts}
    for name in _POSTED:
        posted = getattr(table, name).postings._asdict().items()
        arrays |= {f"{name}_posted_{part}": array for part, array in posted}
    return arrays | {f"{key}_likeness": sets.table.likeness for key, sets in table.concepts.items()}


def _parts(folder: Path, manifest: _Manifest) -> IndexParts:
    def array(name: str) -> NDArray[Any]:
        mapped = np.load(folder / f"{name}.npy", mmap_mode="r", allow_pickle=False)
        # The mapping as a plain array: numpy's own class makes every slice slow.
        return np.asarray(mapped)

    def bags(name: str) -> BagIndex:
        starts, terms, weights = (
            array(f"{name}_{part}") for part in ("starts", "terms", "weights")
        )
        if name not in _POSTED:
            return BagIndex(starts, terms, weights)
        posted = Postings(*(array(f"{name}_posted_{part}") for part in Postings._fields))
        return BagIndex(starts, terms, weights, posted)

    def sets(key: str, table: ConceptTable) -> ConceptSets:
        return ConceptSets(
            table, *(array(f"{key}_{part}") for part in ("starts", "codes", "which"))
        )

    tables = {
        key: ConceptTable(names, array(f"{key}_likeness"), manifest.labels[key])
        for key, names in manifest.concepts.items()
    }
    table = FeatureTable(
        views=manifest.views,
        vectors=array("vectors"),
        vector_norms=array("vector_norms"),
        words=bags("words"),
        mesh=bags("mesh"),
        concepts={key: sets(key, concept_table) for key, concept_table in tables.items()},
        measures=array("measures"),
        sponsors=array("sponsors"),
        places=bags("places"),
    )
    lines = folder / _PROFILES
    return IndexParts(
        nct_ids=manifest.nct_ids,
        table=table,
        tables=tables,
        digests=array("digests"),
        fusion=manifest.fusion,
        encoder_name=manifest.encoder_name,
        encoder_fingerprint=manifest.encoder_fingerprint,
        model_name=manifest.model_name,
        model_fingerprint=manifest.model_fingerprint,
        # An empty file cannot be mapped.
        lines=np.asarray(np.memmap(lines, mode="r"))
        if lines.stat().st_size
        else np.zeros(0, dtype=np.uint8),
        starts=array("profile_starts"),
        cells=VectorCells.open(cells) if (cells := folder / CELLS_FILE).is_file() else None,
    )
