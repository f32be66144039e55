"""A small store over hand-written records, and the application over it."""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest
from flask import Flask
from flask.testing import FlaskClient
from numpy.typing import NDArray

from kg.build import build
from kg.sparql.pool import QueryLimits
from kg.store import Store
from tests.web.records import records
from web.app import create_app
from web.served import EXTENSION


class WordEncoder:
    """Every word is a direction; texts with the same words get the same vector."""

    name = "words-of-tests"
    dimension = 64
    fingerprint = "0" * 64

    def encode_document(self, texts: Sequence[str]) -> NDArray[np.float32]:
        rows = np.zeros((len(texts), self.dimension), dtype=np.float32)
        for row, text in zip(rows, texts, strict=True):
            for word in text[:2000].lower().split():
                row[zlib.crc32(word.encode()) % self.dimension] += 1
            length = float(np.sqrt((row**2).sum()))
            if length > 0:
                row /= length
        return rows

    encode_query = encode_document


def build_store(folder: Path) -> Store:
    """Build a store of the hand-written records."""
    source = folder / "records.ndjson"
    source.write_text("".join(json.dumps(record) + "\n" for record in records()), "utf-8")
    store = Store(folder / "store")
    report = build(store, [source], WordEncoder())
    assert report.rejected == []
    return store


@pytest.fixture(scope="session")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    """Read-only: tests that publish build their own."""
    return build_store(tmp_path_factory.mktemp("web"))


@pytest.fixture(scope="session")
def app(store: Store) -> Iterator[Flask]:
    app = create_app(store, query_workers=1, limits=QueryLimits(deadline_s=2.0, max_rows=1500))
    app.config["TESTING"] = True
    yield app
    app.extensions[EXTENSION].close()


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()
