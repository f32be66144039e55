"""The trials labelled here: the floors that the rules keep on what a person read."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from kg.cell_facts.extraction import extract_cell_facts
from kg.cell_facts.model import CONCEPT_FIELDS
from kg.study import parse_study
from ontology.schemes import load_scheme

HERE = Path(__file__).parent
SPLITS = {"tuning", "fresh1", "fresh2"} | {f"blind{draw}" for draw in range(1, 7)}
FLOORS = {
    "cell_sources": 0.98,
    "cell_types": 0.98,
    "donor": 0.97,
    "routes": 0.96,
    "dose_per_kg": 0.97,
    "dose_total": 0.97,
    "administrations": 0.96,
}
PASSAGE_FLOOR = 0.92
# The last draws were labelled for the concept fields alone.
CONCEPT_LABELS = ("concept_labels.jsonl", "concept_labels_no_doses.jsonl")
# Others for numbers of administrations, or for these and the types.
OTHER_LABELS = ("administration_labels.jsonl", "type_and_schedule_labels.jsonl")


def labels(*names: str) -> dict[str, dict[str, Any]]:
    texts = [(HERE / name).read_text("utf-8") for name in names]
    rows = [json.loads(line) for text in texts for line in text.splitlines()]
    assert len({row["nct_id"] for row in rows}) == len(rows)
    return {row["nct_id"]: row for row in rows}


def test_labels_name_known_values() -> None:
    rows = labels(*CONCEPT_LABELS)
    assert {row["split"] for row in rows.values()} == SPLITS
    for row in rows.values():
        for field, scheme in CONCEPT_FIELDS.items():
            assert row[field] == sorted(set(row[field]))
            for value in row[field]:
                assert load_scheme(scheme)[value].broader == ()
    for row in labels("type_and_schedule_labels.jsonl").values():
        assert row["administrations"] == sorted(set(row["administrations"]))
        assert all(load_scheme("cell_types")[value].broader == () for value in row["cell_types"])


@pytest.mark.shared
def test_f1_on_the_labelled_trials_stays_above_the_floor(shared_dir: Path) -> None:
    concepts = labels(*CONCEPT_LABELS, *OTHER_LABELS)
    passages = labels("passage_labels.jsonl")
    hits = dict.fromkeys((*FLOORS, "passage"), 0)
    wrong = dict.fromkeys((*FLOORS, "passage"), 0)
    with gzip.open(shared_dir / "data" / "msc_trials.ndjson.gz", "rt", encoding="utf-8") as lines:
        for line in lines:
            study = parse_study(json.loads(line))
            row = concepts.get(study.nct_id) or passages.get(study.nct_id)
            if row is None:
                continue
            facts = extract_cell_facts(study)
            for field in FLOORS if study.nct_id in concepts else ("passage",):
                if field not in row:
                    continue
                got, want = set(facts.values(field)), set(row[field])
                hits[field] += len(got & want)
                wrong[field] += len(got ^ want)
    for field, floor in (*FLOORS.items(), ("passage", PASSAGE_FLOOR)):
        assert 2 * hits[field] / (2 * hits[field] + wrong[field]) >= floor, field
