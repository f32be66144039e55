"""An index made in pieces: each encoded on its own, in any process, then joined into one.

What is joined equals, byte for byte once written, what `KinIndex.build` gives of all profiles at
once; texts are in memory for one piece at a time, and numbers once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ontology.errors import EncoderError, StoreError
from similarity.bags import BagIndex
from similarity.candidates import EXACT_TRIALS
from similarity.concepts import ConceptSets, ConceptTable
from similarity.encoders import Encoder
from similarity.encoding import scheme_tables
from similarity.features import CONCEPT_FACETS, FeatureTable
from similarity.index import KinIndex
from similarity.index_files import table_arrays
from similarity.index_parts import IndexParts
from similarity.making import make_parts, with_cells
from similarity.model import model_for
from similarity.profile import Profile
from similarity.ragged import starts_of

_Arrays = Callable[[str], list[NDArray[Any]]]
"""Name of an array -> that of every piece."""


def write_piece(
    profiles: Iterable[Profile],
    encoder: Encoder,
    path: Path,
    *,
    previous: KinIndex | None = None,
) -> None:
    """Encode profiles and write what an index holds of them to one file.

    Parameters
    ----------
    profiles : iterable of Profile
    encoder : Encoder
    path : Path
        A new file, ending in ``.npz``.
    previous : KinIndex, optional
        Vectors of texts that have not changed are taken from it.

    Raises
    ------
    EncoderError
        If two profiles share an NCT id.
    """
    ordered = list(profiles)
    parts = make_parts(
        ordered,
        encoder,
        model=None,
        schemes=None,
        exact_trials=len(ordered),  # cells are found once all trials are there
        previous=None if previous is None else previous.parts,
    )
    arrays: dict[str, NDArray[Any]] = table_arrays(parts.table) | {
        "made_by": np.array(parts.fingerprints),
        "nct_ids": np.array(parts.nct_ids, dtype="U11"),
        "digests": parts.digests,
        "starts": parts.starts,
        "lines": parts.lines,
    }
    np.savez(path, allow_pickle=False, **arrays)


def join_pieces(
    paths: Sequence[Path], encoder: Encoder, *, exact_trials: int = EXACT_TRIALS
) -> KinIndex:
    """Join pieces into one index.

    Parameters
    ----------
    paths : sequence of Path
        What `write_piece` wrote, in the order of their trials' ids; none of them may reach
        into the next.
    encoder : Encoder
        The one that made them.
    exact_trials : int, optional
        As in `KinIndex.build`.

    Raises
    ------
    EncoderError
        If another encoder or model made a piece, or the pieces are not in order.
    StoreError
        If a piece cannot be read.
    """
    model, tables = model_for(encoder), scheme_tables()

    def arrays(name: str) -> list[NDArray[Any]]:
        return [_array(path, name) for path in paths]

    for path, made_by in zip(paths, arrays("made_by"), strict=True):
        if tuple(made_by.tolist()) != (encoder.fingerprint, model.fingerprint):
            raise EncoderError(f"{path} was made with another encoder or model; make it again.")
    nct_ids = tuple(str(nct_id) for ids in arrays("nct_ids") for nct_id in ids.tolist())
    for first, second in pairwise(nct_ids):
        if first >= second:
            raise EncoderError(f"{second} comes after {first}: the pieces are not in order.")
    views = tuple(view.name for view in model.fusion.views)
    by_view = (len(views), 0)
    vectors = np.zeros((*by_view, encoder.dimension), dtype=np.int8)
    table = FeatureTable(
        views=views,
        vectors=np.concatenate([vectors, *arrays("vectors")], axis=1),
        vector_norms=np.concatenate([np.zeros(by_view), *arrays("vector_norms")], axis=1),
        words=_bags(arrays, "words"),
        mesh=_bags(arrays, "mesh"),
        concepts={key: _sets(arrays, key, tables[key]) for key in CONCEPT_FACETS.values()},
        measures=np.concatenate(arrays("measures")),
        sponsors=np.concatenate(arrays("sponsors")),
        places=_bags(arrays, "places"),
    )
    parts = IndexParts(
        nct_ids=nct_ids,
        table=table,
        tables=tables,
        digests=np.concatenate(arrays("digests"), axis=1),
        fusion=model.fusion,
        encoder_name=encoder.name,
        encoder_fingerprint=encoder.fingerprint,
        model_name=model.name,
        model_fingerprint=model.fingerprint,
        lines=np.concatenate(arrays("lines")),
        starts=_starts(arrays("starts")),
    )
    return KinIndex(with_cells(parts, exact_trials))


def _array(path: Path, name: str) -> NDArray[Any]:
    try:
        with np.load(path, allow_pickle=False) as piece:
            found: NDArray[Any] = piece[name]
            return found
    except (OSError, ValueError, KeyError) as error:
        raise StoreError(f"{path} holds no piece of an index ({error}); make it again.") from None


def _starts(pieces: Iterable[NDArray[np.int64]]) -> NDArray[np.int64]:
    return starts_of(np.concatenate([np.diff(starts) for starts in pieces]))


def _bags(arrays: _Arrays, name: str) -> BagIndex:
    return BagIndex(
        _starts(arrays(f"{name}_starts")),
        np.concatenate(arrays(f"{name}_terms")),
        np.concatenate(arrays(f"{name}_weights")),
    )


def _sets(arrays: _Arrays, key: str, table: ConceptTable) -> ConceptSets:
    """Join sets of concepts; each distinct set is kept once, as `ConceptSets.from_sets` does."""
    named: list[list[tuple[int, ...]]] = []
    for starts, codes in zip(arrays(f"{key}_starts"), arrays(f"{key}_codes"), strict=True):
        flat = codes.tolist()
        named.append([tuple(flat[start:end]) for start, end in pairwise(starts.tolist())])
    distinct = sorted({codes for sets in named for codes in sets})
    place = {codes: at for at, codes in enumerate(distinct)}
    which = [
        np.array([place[codes] for codes in sets], dtype=np.int32)[own]
        for sets, own in zip(named, arrays(f"{key}_which"), strict=True)
    ]
    return ConceptSets(
        table,
        starts_of([len(codes) for codes in distinct]),
        np.array([code for codes in distinct for code in codes], dtype=np.int32),
        np.concatenate(which),
    )
