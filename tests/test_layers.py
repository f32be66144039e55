"""Imports go down only: trialkin -> web -> kg -> similarity -> ontology."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
FLOORS = ("ontology", "similarity", "kg", "web", "trialkin")
FILES = sorted(
    path
    for floor in FLOORS
    for path in ([ROOT / "trialkin.py"] if floor == "trialkin" else (ROOT / floor).rglob("*.py"))
)


def imported_packages(source: str) -> Iterator[tuple[str, int]]:
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield alias.name.partition(".")[0], node.lineno
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"line {node.lineno}: a relative import hides its floor"
            yield (node.module or "").partition(".")[0], node.lineno


def upward_imports(floor: str, source: str) -> list[str]:
    above = FLOORS[FLOORS.index(floor) + 1 :]
    return [
        f"line {line} imports {package}"
        for package, line in imported_packages(source)
        if package in (*above, "tests")
    ]


def test_there_are_modules_on_every_floor() -> None:
    assert {path.relative_to(ROOT).parts[0].removesuffix(".py") for path in FILES} == set(FLOORS)


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_imports_go_down_only(path: Path) -> None:
    floor = path.relative_to(ROOT).parts[0].removesuffix(".py")
    assert upward_imports(floor, path.read_text("utf-8")) == []


def test_an_upward_import_is_found_also_inside_a_function() -> None:
    source = "def f():\n    from kg.study import Study\n    import web.app\n"
    assert upward_imports("similarity", source) == ["line 2 imports kg", "line 3 imports web"]
    assert upward_imports("web", source) == []


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_modules_stay_readable(path: Path) -> None:
    limit = 550  # tables of fields may be long; anything over 500 lines wants a second look
    assert len(path.read_text("utf-8").splitlines()) <= limit
