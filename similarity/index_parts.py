"""What an index consists of, in memory or mapped, and the exchange of some of its trials."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from similarity.cells import VectorCells
from similarity.concepts import ConceptTable
from similarity.features import FeatureTable
from similarity.fusion import Fusion
from similarity.profile import (
    Profile,
    Stated,
    profile_from_json,
    profile_to_json,
    stated_from_json,
)
from similarity.ragged import Splice, starts_of
from similarity.reasons import Reasons

KnownVectors = Callable[[str, int, bytes], NDArray[np.int8] | None]
"""(NCT id, number of a view, digest of a text) -> its vector, if it is known."""

_PROFILES_KEPT = 20_000
"""Profiles that stay read: enough for every trial of a field, not for all the world's."""


@dataclass(slots=True)
class IndexParts:
    """What an index consists of; trials stand in the order of their ids."""

    nct_ids: tuple[str, ...]
    table: FeatureTable
    tables: Mapping[str, ConceptTable]
    digests: NDArray[np.bytes_]
    fusion: Fusion
    encoder_name: str
    encoder_fingerprint: str
    model_name: str
    model_fingerprint: str
    lines: NDArray[np.uint8]
    starts: NDArray[np.int64]
    cells: VectorCells | None = None
    reasons: Reasons = field(init=False)
    _read: dict[int, Profile] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.reasons = Reasons(self.tables)

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
            lines=np.frombuffer(b"".join(lines), dtype=np.uint8),
            starts=starts_of([len(line) for line in lines]),
        )

    @property
    def fingerprints(self) -> tuple[str, str]:
        """sha256 of the encoder and of the model."""
        return self.encoder_fingerprint, self.model_fingerprint

    def row_of(self, nct_id: str) -> int | None:
        """Return the row of a trial, None if there is no such trial."""
        row = bisect_left(self.nct_ids, nct_id)
        return row if self.nct_ids[row : row + 1] == (nct_id,) else None

    def profile(self, row: int) -> Profile:
        """Return the profile of a row, without texts."""
        profile = self._read.get(row)
        if profile is None:
            profile = profile_from_json(self._line(row).tobytes())
            if len(self._read) >= _PROFILES_KEPT:
                self._read.clear()
            self._read[row] = profile
        return profile

    def stated(self, row: int) -> Stated:
        """Return what the trial of a row states."""
        return stated_from_json(self._line(row).data)

    def _line(self, row: int) -> NDArray[np.uint8]:
        return self.lines[self.starts[row] : self.starts[row + 1]]

    def known_vectors(self) -> KnownVectors:
        """Return a look-up of the vectors of a trial's texts, as long as they are the same."""

        def look_up(nct_id: str, view: int, digest: bytes) -> NDArray[np.int8] | None:
            row = self.row_of(nct_id)
            if row is None or self.digests[view, row] != digest:
                return None
            vector: NDArray[np.int8] = self.table.vectors[view, row]
            return vector

        return look_up

    def spliced(self, other: IndexParts, removed: Collection[str]) -> IndexParts:
        """Return these parts with another's trials put in, in place of those of the same id.

        Nothing is computed anew: what an index of all those trials would hold is put together,
        array by array.
        """
        rows = {nct_id: row for row, nct_id in enumerate(self.nct_ids) if nct_id not in removed}
        rows |= {nct_id: len(self.nct_ids) + row for row, nct_id in enumerate(other.nct_ids)}
        nct_ids = tuple(sorted(rows))
        order = np.array([rows[nct_id] for nct_id in nct_ids], dtype=np.int64)
        ours, theirs = self.table, other.table
        splice = Splice(order, len(self.nct_ids))
        table = FeatureTable(
            views=ours.views,
            vectors=splice.rows(ours.vectors, theirs.vectors, axis=1),
            vector_norms=splice.rows(ours.vector_norms, theirs.vector_norms, axis=1),
            words=ours.words.spliced(theirs.words, splice),
            mesh=ours.mesh.spliced(theirs.mesh, splice),
            concepts={
                key: sets.spliced(theirs.concepts[key], splice)
                for key, sets in ours.concepts.items()
            },
            measures=splice.rows(ours.measures, theirs.measures),
            sponsors=splice.rows(ours.sponsors, theirs.sponsors),
            places=ours.places.spliced(theirs.places, splice),
        )
        return replace(
            self,
            nct_ids=nct_ids,
            table=table,
            digests=splice.rows(self.digests, other.digests, axis=1),
            lines=splice.values((self.starts, self.lines), (other.starts, other.lines)),
            starts=splice.starts(self.starts, other.starts),
            cells=None
            if self.cells is None
            else self.cells.exchanged(theirs, self.fusion, other.nct_ids, removed),
            _read={},
        )
