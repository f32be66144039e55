"""An index that is made piece by piece is that of a full build."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from kg.generation import Generation
from kg.manifest import RECORDS_FILE, VECTORS_FOLDER
from kg.progress import NoProgress
from kg.refresh.pieces import join_profiles
from kg.store import Store
from ontology.errors import RefreshError
from tests.conftest import WordEncoder


class DyingEncoder(WordEncoder):
    """Ends its process, as the kernel does where memory is short."""

    fingerprint = "1" * 64

    def encode_document(self, texts: Sequence[str]) -> NDArray[np.float32]:
        os._exit(9)


@pytest.fixture
def generation(built_store: Path) -> Generation:
    return Store(built_store).published()


def join(generation: Generation, encoder: WordEncoder, folder: Path, jobs: int) -> Path:
    path = folder / "vectors"
    join_profiles(
        generation.records,
        generation.path / RECORDS_FILE,
        encoder,
        path,
        previous=generation.path / VECTORS_FOLDER,
        progress=NoProgress(),
        jobs=jobs,
    )
    return path


@pytest.mark.parametrize("jobs", [1, 2])
def test_the_files_are_those_of_a_full_build(
    generation: Generation,
    word_encoder: WordEncoder,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    jobs: int,
) -> None:
    monkeypatch.setattr("kg.refresh.pieces.SHARD_RECORDS", 5)
    path = join(generation, word_encoder, tmp_path, jobs)
    made = {file.name: file.read_bytes() for file in path.iterdir()}
    assert made
    for name, content in made.items():
        assert (generation.path / VECTORS_FOLDER / name).read_bytes() == content, name
    assert [entry.name for entry in tmp_path.iterdir()] == ["vectors"]


def test_a_process_that_dies_is_told(generation: Generation, tmp_path: Path) -> None:
    with pytest.raises(RefreshError, match="enough memory"):
        join(generation, DyingEncoder(), tmp_path, 2)
