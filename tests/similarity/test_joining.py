"""An index joined from pieces is, byte for byte, the index of all trials at once."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from kg.asking import stored_profiles
from kg.store import Store
from ontology.errors import EncoderError, StoreError
from similarity.index import KinIndex
from similarity.joining import join_pieces, write_piece
from similarity.profile import Profile
from tests.conftest import WordEncoder


@pytest.fixture(scope="module")
def profiles(tiny_store: Store) -> list[Profile]:
    """The golden trials', in the order of their ids."""
    return list(stored_profiles(tiny_store.published().records))


def pieces_of(folder: Path, profiles: list[Profile], *cuts: int) -> list[Path]:
    bounds = [0, *cuts, len(profiles)]
    paths = []
    for number, (first, end) in enumerate(pairwise(bounds)):
        paths.append(folder / f"{number}.npz")
        write_piece(profiles[first:end], WordEncoder(), paths[-1])
    return paths


def files_of(index: KinIndex, folder: Path) -> dict[str, bytes]:
    index.write(folder)
    return {file.name: file.read_bytes() for file in folder.iterdir()}


@pytest.mark.parametrize("cuts", [(), (5,), (1, 1, 7), (3, 13)])
@pytest.mark.parametrize("exact_trials", [100, 5])
def test_pieces_make_the_whole(
    tmp_path: Path, profiles: list[Profile], cuts: tuple[int, ...], exact_trials: int
) -> None:
    joined = join_pieces(
        pieces_of(tmp_path, profiles, *cuts), WordEncoder(), exact_trials=exact_trials
    )
    whole = KinIndex.build(profiles, WordEncoder(), exact_trials=exact_trials)
    assert files_of(joined, tmp_path / "joined") == files_of(whole, tmp_path / "whole")
    assert list(joined.rank_all(3)) == list(whole.rank_all(3))


def test_vectors_of_known_texts_are_taken_over(tmp_path: Path, profiles: list[Profile]) -> None:
    known = KinIndex.build(profiles, WordEncoder())

    class Silent(WordEncoder):
        def encode_document(self, texts: object) -> np.ndarray:  # type: ignore[override]
            raise AssertionError("nothing is to be encoded")

    write_piece(profiles, Silent(), tmp_path / "all.npz", previous=known)
    joined = join_pieces([tmp_path / "all.npz"], WordEncoder())
    assert np.array_equal(joined.table.vectors, known.table.vectors)


def test_pieces_out_of_order_are_refused(tmp_path: Path, profiles: list[Profile]) -> None:
    first, second = pieces_of(tmp_path, profiles, 5)
    with pytest.raises(EncoderError, match="not in order"):
        join_pieces([second, first], WordEncoder())
    with pytest.raises(EncoderError, match="not in order"):
        join_pieces([first, first], WordEncoder())


def test_pieces_of_another_encoder_are_refused(tmp_path: Path, profiles: list[Profile]) -> None:
    class Other(WordEncoder):
        fingerprint = "1" * 64

    with pytest.raises(EncoderError, match="another encoder"):
        join_pieces(pieces_of(tmp_path, profiles), Other())


def test_a_damaged_piece_is_named(tmp_path: Path) -> None:
    (tmp_path / "cut.npz").write_bytes(b"PK")
    with pytest.raises(StoreError, match=r"cut\.npz holds no piece"):
        join_pieces([tmp_path / "cut.npz"], WordEncoder())
