"""Fixtures that every test may use."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

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
