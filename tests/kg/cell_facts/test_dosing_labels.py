"""The labelled trials: how well the rules read what a person read."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

from kg.cell_facts.dosing import extract_dosing_facts
from kg.study import parse_study

LABELS = Path(__file__).with_name("dose_labels.jsonl")
FLOORS = {"dose_per_kg": 0.95, "dose_total": 0.95, "administrations": 0.9, "passage": 0.9}


def labels() -> list[dict[str, object]]:
    return [json.loads(line) for line in LABELS.read_text().splitlines()]


def test_labels_are_well_formed() -> None:
    rows = labels()
    assert len({row["nct_id"] for row in rows}) == len(rows)
    for row in rows:
        for field in FLOORS:
            listed = row[field]
            assert isinstance(listed, list)
            assert listed == sorted(set(listed))


@pytest.mark.shared
def test_f1_on_the_labelled_trials_stays_above_the_floor(shared_dir: Path) -> None:
    wanted = {row["nct_id"]: row for row in labels()}
    read: dict[object, dict[str, set[object]]] = {}
    with gzip.open(shared_dir / "data" / "msc_trials.ndjson.gz", "rt") as lines:
        for line in lines:
            study = parse_study(json.loads(line))
            if study.nct_id in wanted:
                found: dict[str, set[object]] = {field: set() for field in FLOORS}
                for fact in extract_dosing_facts(study):
                    if fact.field in found:
                        found[fact.field].add(fact.value)
                    section = fact.evidence[0]
                    assert section.words
                read[study.nct_id] = found
    assert len(read) == len(wanted)
    for field, floor in FLOORS.items():
        hits = misses = extra = 0
        for nct_id, row in wanted.items():
            listed = row[field]
            assert isinstance(listed, list)
            want, got = set(listed), read[nct_id][field]
            hits += len(want & got)
            misses += len(want - got)
            extra += len(got - want)
        assert 2 * hits / (2 * hits + misses + extra) >= floor, field
