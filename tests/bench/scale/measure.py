"""How cost grows with the number of trials: ``make bench-scale``.

Builds stores of grown corpora, then measures what people and scripts do with them. Each stage runs
in a process of its own, whose memory (with that of the processes it starts) and disk are watched;
what was measured goes into a JSON file after every stage, and what is there already is not measured
again: the work may be stopped and taken up at any time.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from kg.shards.links import KIN_STORED
from tests.bench.scale.stages import STAGES, Case, Measured
from tests.bench.scale.watching import watch

Results = dict[str, dict[str, Measured]]

FIRST_SIZES = (10_000, 100_000, 580_000)
_COLUMNS = ("seconds", "memory_mb", "mapped_mb", "peak_disk_mb")


def read_results(path: Path) -> Results:
    """Return what was measured so far: by the name of the case, by stage."""
    found: Results = json.loads(path.read_text("utf-8")) if path.is_file() else {}
    return found


def measure_stage(name: str, case: Case) -> Measured:
    """Run one stage in a process of its own; return what it says and what was seen of it.

    Raises
    ------
    RuntimeError
        If the stage failed.
    """
    command = [sys.executable, "-m", "tests.bench.scale.stages", name, *map(str, case)]
    started = time.perf_counter()
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        seen = watch(process, case.folder)
        output = process.stdout.read() if process.stdout is not None else b""
    if process.returncode != 0:
        raise RuntimeError(f"The stage {name} of {case.name} failed ({process.returncode}).")
    own: Measured = json.loads(output.splitlines()[-1])
    return {"seconds": round(time.perf_counter() - started, 1)} | seen | own


def measure(cases: Sequence[Case], results_path: Path, *, keep: bool) -> Results:
    """Go through all cases and stages that have no result yet.

    Parameters
    ----------
    cases : sequence of Case
    results_path : Path
    keep : bool
        Otherwise the folder of a case is taken away when it is done.
    """
    results = read_results(results_path)
    for case in cases:
        own, place = results.setdefault(case.name, {}), case.folder
        if not own.keys() >= set(STAGES):
            place.mkdir(parents=True, exist_ok=True)
            if not (place / "store").is_dir():
                own.pop("build", None)  # what comes after it needs what it made
        for name in STAGES:
            if name in own:
                continue
            print(f"{case.name}: {name}", file=sys.stderr, flush=True)
            own[name] = measure_stage(name, case)
            own[name]["load_average"] = round(os.getloadavg()[0], 1)
            results_path.write_text(json.dumps(results, indent=1) + "\n", "utf-8")
        if not keep:
            shutil.rmtree(place, ignore_errors=True)
    return results


def table(results: Results) -> str:
    """Return the results as a table in Markdown, a row for each stage, a column for each case."""
    lines = [
        "| | " + " | ".join(results) + " |",
        "|---|" + "---|" * len(results),
    ]
    for name in STAGES:
        figures: dict[str, list[str]] = {}
        for at, own in enumerate(results.values()):
            for key, value in _flat(own.get(name, {})):
                figures.setdefault(key, ["" for _ in results])[at] = _shown(value)
        lines += [f"| {name}: {key} | {' | '.join(row)} |" for key, row in figures.items()]
    return "\n".join(lines)


def _flat(measured: Measured) -> list[tuple[str, Any]]:
    first = [(key, measured[key]) for key in _COLUMNS if key in measured]
    return first + sorted((key, value) for key, value in measured.items() if key not in _COLUMNS)


def _shown(value: Any) -> str:
    return f"{value:,}" if isinstance(value, int | float) else str(value)


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure what is missing, print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=FIRST_SIZES)
    parser.add_argument("--graph-kin", type=int, default=KIN_STORED, help="as `trialkin build`")
    parser.add_argument("--folder", type=Path, required=True, help="where the stores are built")
    parser.add_argument("--results", type=Path, help="JSON file; results.json in the folder")
    parser.add_argument("--keep", action="store_true", help="keep the stores")
    options = parser.parse_args(arguments)
    options.folder.mkdir(parents=True, exist_ok=True)
    path = options.results or options.folder / "results.json"
    cases = [
        Case(size, options.folder / f"{size}-{options.graph_kin}", options.graph_kin)
        for size in sorted(options.sizes)
    ]
    print(table(measure(cases, path, keep=options.keep)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
