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

from tests.bench.scale.stages import STAGES, Measured
from tests.bench.scale.watching import watch

Results = dict[str, dict[str, Measured]]

FIRST_SIZES = (10_000, 100_000, 580_000)
_COLUMNS = ("seconds", "memory_mb", "mapped_mb", "peak_disk_mb")


def read_results(path: Path) -> Results:
    """Return what was measured so far: by number of trials, by stage."""
    found: Results = json.loads(path.read_text("utf-8")) if path.is_file() else {}
    return found


def measure_stage(name: str, size: int, folder: Path) -> Measured:
    """Run one stage in a process of its own; return what it says and what was seen of it.

    Raises
    ------
    RuntimeError
        If the stage failed.
    """
    command = [sys.executable, "-m", "tests.bench.scale.stages", name, str(size), str(folder)]
    started = time.perf_counter()
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        seen = watch(process, folder)
        output = process.stdout.read() if process.stdout is not None else b""
    if process.returncode != 0:
        raise RuntimeError(f"The stage {name} of {size} trials failed ({process.returncode}).")
    own: Measured = json.loads(output.splitlines()[-1])
    return {"seconds": round(time.perf_counter() - started, 1)} | seen | own


def measure(sizes: Sequence[int], folder: Path, results_path: Path, *, keep: bool) -> Results:
    """Go through all sizes and stages that have no result yet.

    Parameters
    ----------
    sizes : sequence of int
        Numbers of trials, rising.
    folder : Path
        Holds a folder for each size; taken away when a size is done, unless `keep`.
    results_path : Path
    keep : bool
    """
    results = read_results(results_path)
    for size in sizes:
        own = results.setdefault(str(size), {})
        place = folder / str(size)
        if not own.keys() >= set(STAGES):
            place.mkdir(parents=True, exist_ok=True)
            if not (place / "store").is_dir():
                own.pop("build", None)  # what comes after it needs what it made
        for name in STAGES:
            if name in own:
                continue
            print(f"{size:,} trials: {name}", file=sys.stderr, flush=True)
            own[name] = measure_stage(name, size, place)
            own[name]["load_average"] = round(os.getloadavg()[0], 1)
            results_path.write_text(json.dumps(results, indent=1, sort_keys=True) + "\n", "utf-8")
        if not keep:
            shutil.rmtree(place, ignore_errors=True)
    return results


def table(results: Results) -> str:
    """Return the results as a table in Markdown, a row for each stage, a column for each size."""
    sizes = sorted(results, key=int)
    lines = [
        "| | " + " | ".join(f"{int(size):,}" for size in sizes) + " |",
        "|---|" + "---|" * len(sizes),
    ]
    for name in STAGES:
        figures: dict[str, list[str]] = {}
        for at, size in enumerate(sizes):
            for key, value in _flat(results[size].get(name, {})):
                figures.setdefault(key, ["" for _ in sizes])[at] = _shown(value)
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
    parser.add_argument("--folder", type=Path, required=True, help="where the stores are built")
    parser.add_argument("--results", type=Path, help="JSON file; results.json in the folder")
    parser.add_argument("--keep", action="store_true", help="keep the stores")
    options = parser.parse_args(arguments)
    options.folder.mkdir(parents=True, exist_ok=True)
    path = options.results or options.folder / "results.json"
    print(table(measure(sorted(options.sizes), options.folder, path, keep=options.keep)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
