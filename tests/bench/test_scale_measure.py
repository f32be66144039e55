"""The measuring of growth may be stopped and taken up, and watches what a stage really holds."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.bench.scale import measure as measuring
from tests.bench.scale.stages import STAGES, Case
from tests.bench.scale.watching import folder_bytes, watch


def test_what_is_measured_is_not_measured_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    done: list[tuple[str, Case]] = []

    case = Case(5_000, tmp_path / "grown", 5)

    def stage(name: str, given: Case) -> dict[str, float]:
        if len(done) == 4:
            raise RuntimeError("stopped")
        done.append((name, given))
        (given.folder / "store").mkdir(exist_ok=True)
        return {"seconds": len(done)}

    monkeypatch.setattr(measuring, "measure_stage", stage)
    results = tmp_path / "results.json"
    with pytest.raises(RuntimeError, match="stopped"):
        measuring.measure([case], results, keep=True)
    assert list(json.loads(results.read_text())[case.name]) == list(STAGES)[:4]
    first, done[:] = list(done), []
    monkeypatch.setattr(measuring, "measure_stage", stage)
    measuring.measure([case], results, keep=False)
    assert [name for name, _ in first + done] == list(STAGES)
    assert {given for _, given in first + done} == {case}
    assert not case.folder.exists()
    table = measuring.table(measuring.read_results(results))
    assert table.splitlines()[0] == "| | 5,000, --graph-kin 5 |"
    assert "| corpus: seconds | 1 |" in table


CHILD = "import time; held = bytearray(60_000_000); time.sleep(3)"
PARENT = f"""
import subprocess, sys
held = bytearray(60_000_000)
subprocess.run([sys.executable, '-c', {CHILD!r}])
"""


def test_memory_of_a_process_and_of_those_it_starts_is_seen(tmp_path: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", PARENT]) as process:
        seen = watch(process, tmp_path)
    assert seen["memory_mb"] >= 120
    assert seen["mapped_mb"] >= seen["memory_mb"]


def test_a_file_of_two_names_takes_its_place_once(tmp_path: Path) -> None:
    (tmp_path / "one").write_bytes(b"x" * 100_000)
    once = folder_bytes(tmp_path)
    (tmp_path / "two").hardlink_to(tmp_path / "one")
    assert folder_bytes(tmp_path) == once >= 100_000
