"""A refresh costs what changed, not what there is."""

from __future__ import annotations

import copy
import json
import subprocess
import sys
import time
from pathlib import Path

import pytest

from kg.build import build
from kg.store import Store
from similarity.encoders import load_encoder
from tests.conftest import ROOT
from tests.registry_server import FakeRegistry, Record, nct_id_of, serving

pytestmark = [pytest.mark.bench, pytest.mark.shared]

UNCHANGED_SECONDS = 2.0
CHANGED = 20
CHANGED_SECONDS = 5.0
TIMES = 20
LARGER_RATIO = 1.5


def renamed(record: Record, offset: int) -> Record:
    """A copy of a record under another id."""
    nct_id = nct_id_of(record)
    new = f"NCT{(int(nct_id[3:]) + offset * 7_000_003) % 99_999_989 + 1:08d}"
    copied: Record = json.loads(json.dumps(record).replace(nct_id, new))
    return copied


def refresh(store: Path, url: str) -> tuple[float, dict[str, object]]:
    """Refresh as a scheduler would; seconds with the start of the program, and what it said."""
    started = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "trialkin.py", "refresh", "--registry", url, "--store", str(store),
         "--format", "json", "--everything", "--since", "2022-10-10"],
        cwd=ROOT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    return time.perf_counter() - started, json.loads(done.stdout)


def change_some(registry: FakeRegistry, original: list[str], turn: int) -> None:
    """Change as many of the original records as are measured, the same in every store."""
    for nct_id in original[:: len(original) // CHANGED][:CHANGED]:
        record = copy.deepcopy(registry.records[nct_id])
        protocol = record["protocolSection"]
        protocol["identificationModule"]["briefTitle"] += f" {turn}"
        protocol["statusModule"]["lastUpdatePostDateStruct"] = {"date": f"2022-11-{turn + 10}"}
        registry.put(record)


def measured(folder: Path, records: list[Record], original: list[str]) -> dict[str, float]:
    """Build a store, refresh it without and with changes; the least seconds of some runs."""
    source = folder / "records.ndjson"
    source.write_text("".join(json.dumps(record) + "\n" for record in records), "utf-8")
    build(Store(folder / "store"), [source], load_encoder("trialkin"))
    registry = FakeRegistry()
    registry.put(*records)
    found: dict[str, float] = {"unchanged": 1e9, "changed": 1e9}
    with serving(registry) as url:
        for turn in range(3):
            seconds, run = refresh(folder / "store", url)
            assert run["outcome"] == "unchanged"
            found["unchanged"] = min(found["unchanged"], seconds)
            change_some(registry, original, turn)
            seconds, run = refresh(folder / "store", url)
            assert run["outcome"] == "published"
            assert run["counts"]["changed_trials"] == CHANGED  # type: ignore[index]
            found["changed"] = min(found["changed"], seconds)
            print(
                len(records),
                {name: round(value, 2) for name, value in found.items()},
                run["seconds"],
            )
    return found


@pytest.fixture(scope="module")
def records(shared_dir: Path) -> list[Record]:
    registry = FakeRegistry()
    registry.load(shared_dir / "data/msc_trials.ndjson.gz")
    return list(registry.records.values())


@pytest.fixture(scope="module")
def small(records: list[Record], tmp_path_factory: pytest.TempPathFactory) -> dict[str, float]:
    original = sorted(map(nct_id_of, records))
    return measured(tmp_path_factory.mktemp("small"), records, original)


def test_nothing_changed_is_found_out_at_once(small: dict[str, float]) -> None:
    assert small["unchanged"] < UNCHANGED_SECONDS


def test_few_changes_take_seconds(small: dict[str, float]) -> None:
    assert small["changed"] < CHANGED_SECONDS


def test_the_same_changes_take_as_long_in_a_larger_store(
    small: dict[str, float], records: list[Record], tmp_path_factory: pytest.TempPathFactory
) -> None:
    original = sorted(map(nct_id_of, records))
    many = {
        nct_id_of(copied): copied
        for n in range(TIMES)
        for copied in (renamed(r, n) for r in records)
    }
    for record in records:
        many[nct_id_of(record)] = record
    large = measured(tmp_path_factory.mktemp("large"), list(many.values()), original)
    assert large["changed"] <= LARGER_RATIO * small["changed"]
