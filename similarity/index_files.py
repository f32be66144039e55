"""The files of an index: arrays that are mapped, a list of trials, a manifest."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from ontology.errors import StoreError
from similarity.concepts import ConceptSets, ConceptTable
from similarity.features import FeatureTable
from similarity.fusion import Fusion
from similarity.lexical import BagIndex
from similarity.profile import Profile, profile_from_json, profile_to_json

FORMAT = 1
"""Raised whenever the files change in a way that older code would misread."""

KnownVectors = Callable[[str, bytes], NDArray[np.int8] | None]
"""(view, digest of a text) -> its vector, if it is known."""

_MANIFEST = "manifest.json"
_PROFILES = "profiles.ndjson"
_BAGS = ("words", "mesh", "places")


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


@dataclass(slots=True)
class IndexParts:
    """What an index consists of."""

    nct_ids: tuple[str, ...]
    table: FeatureTable
    tables: Mapping[str, ConceptTable]
    digests: NDArray[np.bytes_]
    fusion: Fusion
    encoder_name: str
    encoder_fingerprint: str
    model_name: str
    model_fingerprint: str
    lines: bytes
    starts: NDArray[np.int64]
    _read: dict[int, Profile] = field(default_factory=dict)

    @classmethod
    def from_profiles(
        cls,
        profiles: Sequence[Profile],
        *,
        table: FeatureTable,
        tables: Mapping[str, ConceptTable],
        digests: NDArray[np.bytes_],
        fusion: Fusion,
        encoder: tuple[str, str],
        model: tuple[str, str],
    ) -> IndexParts:
        """Put the parts together; the profiles are kept without their texts."""
        lines = [profile_to_json(replace(profile, texts={})) + b"\n" for profile in profiles]
        starts = np.zeros(len(lines) + 1, dtype=np.int64)
        np.cumsum([len(line) for line in lines], out=starts[1:])
        return cls(
            nct_ids=tuple(profile.nct_id for profile in profiles),
            table=table,
            tables=tables,
            digests=digests,
            fusion=fusion,
            encoder_name=encoder[0],
            encoder_fingerprint=encoder[1],
            model_name=model[0],
            model_fingerprint=model[1],
            lines=b"".join(lines),
            starts=starts,
        )

    def profile(self, row: int) -> Profile:
        """Return the profile of a row, without texts."""
        profile = self._read.get(row)
        if profile is None:
            profile = profile_from_json(self.lines[self.starts[row] : self.starts[row + 1]])
            self._read[row] = profile
        return profile

    def known_vectors(self) -> KnownVectors:
        """Return a look-up of vectors by the digest of their text."""
        known: dict[tuple[str, bytes], NDArray[np.int8]] = {}
        for place, view in enumerate(self.table.views):
            for row, digest in enumerate(self.digests[place].tolist()):
                known[view, digest] = self.table.vectors[place, row]
        return lambda view, digest: known.get((view, bytes(digest)))


def write_index(parts: IndexParts, folder: Path) -> None:
    """Write all files; the manifest last, so that a folder without one is no index."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / _MANIFEST).unlink(missing_ok=True)
    for name, array in _arrays(parts).items():
        np.save(folder / f"{name}.npy", array)
    (folder / _PROFILES).write_bytes(parts.lines)
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
        data = (folder / _MANIFEST).read_bytes()
        found = msgspec.json.decode(data)
        if not isinstance(found, dict) or found.get("format") != FORMAT:
            raise StoreError(f"{folder} holds an index of another format; build it again.")
        manifest = msgspec.convert(found, _Manifest)
        return _parts(folder, manifest)
    except (OSError, ValueError, msgspec.MsgspecError) as error:
        raise StoreError(f"{folder} holds no whole index ({error}); build it again.") from None


def _arrays(parts: IndexParts) -> dict[str, NDArray[Any]]:
    table = parts.table
    arrays: dict[str, NDArray[Any]] = {
        "vectors": table.vectors,
        "vector_norms": table.vector_norms,
        "digests": parts.digests,
        "design": table.design,
        "sponsors": table.sponsors,
        "profile_starts": parts.starts,
    }
    for name in _BAGS:
        bags: BagIndex = getattr(table, name)
        arrays |= {
            f"{name}_starts": bags.starts,
            f"{name}_terms": bags.terms,
            f"{name}_weights": bags.weights,
        }
    for key, sets in table.concepts.items():
        arrays |= {f"{key}_starts": sets.starts, f"{key}_codes": sets.codes}
        arrays[f"{key}_likeness"] = sets.table.likeness
    return arrays


def _parts(folder: Path, manifest: _Manifest) -> IndexParts:
    def array(name: str, *, mapped: bool = False) -> NDArray[Any]:
        values: NDArray[Any] = np.load(
            folder / f"{name}.npy", mmap_mode="r" if mapped else None, allow_pickle=False
        )
        return values

    tables = {
        key: ConceptTable(names, array(f"{key}_likeness", mapped=True), manifest.labels[key])
        for key, names in manifest.concepts.items()
    }
    bags = {
        name: BagIndex(array(f"{name}_starts"), array(f"{name}_terms"), array(f"{name}_weights"))
        for name in _BAGS
    }
    table = FeatureTable(
        views=manifest.views,
        vectors=array("vectors", mapped=True),
        vector_norms=array("vector_norms"),
        words=bags["words"],
        mesh=bags["mesh"],
        concepts={
            key: ConceptSets(concept_table, array(f"{key}_starts"), array(f"{key}_codes"))
            for key, concept_table in tables.items()
        },
        design=array("design"),
        sponsors=array("sponsors"),
        places=bags["places"],
    )
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
        lines=(folder / _PROFILES).read_bytes(),
        starts=array("profile_starts"),
    )
