"""Fixtures that every test may use."""

from __future__ import annotations

import os
import zlib
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner, Result
from numpy.typing import NDArray

from kg.build import build
from kg.store import Store

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="session")
def shared_dir() -> Path:
    """The folder of real records and judgements that lies beside the project, if any."""
    folder = ROOT.parent / "shared"
    if not (folder / "data").is_dir():
        reason = "needs ../shared (real records beside the project), which is not here"
        if os.environ.get("TRIALKIN_REQUIRE_SHARED"):
            pytest.fail(reason)
        pytest.skip(reason)
    return folder


@pytest.fixture
def update_golden(request: pytest.FixtureRequest) -> bool:
    """Whether golden files are to be written anew: ``pytest --update-golden``."""
    return bool(request.config.getoption("--update-golden"))


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--update-golden", action="store_true", help="write the golden files anew, then compare"
    )


class WordEncoder:
    """An encoder without a model: counts words in 64 buckets, unit length."""

    name = "words"
    dimension = 64
    fingerprint = "0" * 64

    def encode_query(self, texts: Sequence[str]) -> NDArray[np.float32]:
        vectors = np.zeros((len(texts), self.dimension), np.float32)
        for row, text in enumerate(texts):
            for word in text.lower().split():
                vectors[row, zlib.crc32(word.encode("utf-8", "replace")) % self.dimension] += 1
        norms = np.linalg.norm(vectors, axis=1, keepdims=True)
        norms[norms == 0] = 1
        return vectors / norms

    encode_document = encode_query


@pytest.fixture(scope="session")
def word_encoder() -> WordEncoder:
    """An encoder that needs no model."""
    return WordEncoder()


@pytest.fixture(scope="session")
def tiny_store(tmp_path_factory: pytest.TempPathFactory, word_encoder: WordEncoder) -> Store:
    """A published store of the golden records; do not write to it."""
    store = Store(tmp_path_factory.mktemp("tiny") / "store")
    build(store, sorted((ROOT / "tests/kg/golden").glob("*.json")), word_encoder)
    return store


@pytest.fixture
def run_cli(tiny_store: Store) -> Callable[..., Result]:
    """Run the command line on the tiny store, or on another one given as ``store=``."""
    from trialkin import main

    def run(*arguments: str, store: Path = tiny_store.path, **more: object) -> Result:
        return CliRunner().invoke(main, [*arguments, "--store", str(store)], **more)  # type: ignore[arg-type]

    return run
