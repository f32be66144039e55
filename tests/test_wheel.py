"""A wheel built from the tree and installed into an empty environment does the whole job."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import urllib.request
import venv
import zipfile
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import ROOT

pytestmark = pytest.mark.slow

TREE = (
    "ontology",
    "similarity",
    "kg",
    "web",
    "trialkin.py",
    "pyproject.toml",
    "README.md",
    "LICENSE",
)


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    # Built from a copy, so that nothing is left in the tree and nothing left there gets in.
    tree = tmp_path_factory.mktemp("tree")
    ignored = shutil.ignore_patterns("__pycache__", "*.egg-info", "node_modules")
    for name in TREE:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, tree / name, ignore=ignored)
        else:
            shutil.copy(source, tree / name)
    command = [sys.executable, "-m", "build", "--wheel", "--outdir", str(tree / "dist"), str(tree)]
    subprocess.run(command, check=True, capture_output=True)
    (built,) = (tree / "dist").glob("trialkin-*.whl")
    return built


@pytest.fixture(scope="module")
def command(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("environment")
    venv.create(folder, with_pip=True)
    pip = [str(folder / "bin/python"), "-m", "pip", "install", "--quiet"]
    pip += ["--constraint", str(ROOT / "constraints.txt")]
    # torch by its exact version first: an open range would fetch a build for accelerators
    subprocess.run([*pip, "torch"], check=True)
    subprocess.run([*pip, str(wheel)], check=True)
    return folder / "bin/trialkin"


@pytest.fixture(scope="module")
def run(command: Path, tmp_path_factory: pytest.TempPathFactory) -> Any:
    away = tmp_path_factory.mktemp("away")  # so that nothing is imported from the tree
    store = away / "store"

    def invoke(*arguments: str) -> str:
        done = subprocess.run(
            [str(command), *arguments, "--store", str(store)],
            cwd=away,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    invoke("build", *map(str, sorted((ROOT / "tests/kg/golden").glob("*.json"))))
    invoke.store = store  # type: ignore[attr-defined]
    return invoke


def test_the_wheel_holds_what_is_not_code(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    for folder, ending in (
        ("ontology", ".ttl"),
        ("ontology/schemes", ".ttl"),
        ("kg/queries", ".rq"),
        ("web/templates", ".html"),
        ("web/static", ".css"),
        ("similarity/models", ".json"),
    ):
        inside = [
            path for path in (ROOT / folder).rglob(f"*{ending}") if "vendor" not in path.parts
        ]
        assert inside, folder
        for path in inside:
            assert path.relative_to(ROOT).as_posix() in names
    assert not [name for name in names if name.startswith(("tests", "data"))]


def test_related_and_sparql_answer(run: Any) -> None:
    rows = json.loads(run("related", "NCT90000001", "--format", "json"))["kin"]
    assert rows[0]["nct_id"] == "NCT90000013"
    assert (
        run("sparql", "SELECT (COUNT(?i) AS ?n) { ?t tk:nctId ?i }", "--format", "csv") == "n\n14\n"
    )


def test_serve_answers_with_the_page_of_a_trial(run: Any, command: Path) -> None:
    with subprocess.Popen(
        [str(command), "serve", "--port", "0", "--store", str(run.store)],
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONUNBUFFERED": "1"},
    ) as server:
        try:
            assert server.stderr is not None
            said = server.stderr.readline()
            address = re.search(r"http://127\.0\.0\.1:\d+/", said)
            assert address is not None, said
            with urllib.request.urlopen(f"{address[0]}trial/NCT90000001", timeout=60) as page:
                assert b"Cord Cells in Systemic Sclerosis" in page.read()
        finally:
            server.send_signal(signal.SIGTERM)
            assert server.wait(timeout=30) == 0
