"""Schemathesis finds no request that is answered otherwise than the document says."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from kg.store import Store
from tests.web.api.conftest import store as store
from tests.web.running import running
from web.api.openapi import API_BASE

SETTINGS = Path(__file__).with_name("schemathesis.toml")
SECONDS = 600


@pytest.mark.slow
def test_the_api_does_what_its_document_says(store: Store, tmp_path: Path) -> None:
    with running(store, threads=4) as server:
        done = subprocess.run(
            [
                str(Path(sys.executable).with_name("st")),
                "--config-file",
                str(SETTINGS),
                "run",
                f"{server.url}{API_BASE}/openapi.json",
                "--max-examples=25",
                "--seed=1",
                "--no-color",
                "--generation-database=none",
            ],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
            timeout=SECONDS,
        )
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]
    assert "14 selected / 14 total" in done.stdout
