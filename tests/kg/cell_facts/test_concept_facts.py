"""Facts of real records: evidence, agreement with the labels, speed."""

from __future__ import annotations

import gzip
import json
import time
from pathlib import Path
from typing import Any

import pytest

from kg.cell_facts import extract_cell_facts, extract_concept_facts
from kg.cell_facts.arms import experimental_arms, link_interventions
from kg.cell_facts.model import CONCEPT_FIELDS
from kg.sections import study_sections
from kg.study import Study, parse_study
from ontology.schemes import load_scheme

FLOORS = {"cell_sources": 0.98, "cell_types": 0.97, "donor": 0.99, "routes": 0.95}


@pytest.fixture(scope="module")
def studies(shared_dir: Path) -> list[Study]:
    with gzip.open(shared_dir / "data/msc_trials.ndjson.gz", "rt", encoding="utf-8") as lines:
        return [parse_study(json.loads(line)) for line in lines]


@pytest.mark.shared
def test_labelled_trials_are_read_as_the_curators_did(
    studies: list[Study], shared_dir: Path
) -> None:
    labels: dict[str, dict[str, Any]] = {}
    for line in (shared_dir / "data/qrels/cell_facts_dev.jsonl").read_text("utf-8").splitlines():
        row = json.loads(line)
        labels[row["nct_id"]] = row
    hits = dict.fromkeys(FLOORS, 0)
    misses = dict.fromkeys(FLOORS, 0)
    for study in studies:
        if study.nct_id not in labels:
            continue
        facts = extract_concept_facts(study)
        for field in FLOORS:
            got = {fact.value for fact in facts if fact.field == field}
            want = set(labels[study.nct_id][field])
            hits[field] += len(got & want)
            misses[field] += len(got ^ want)
    for field, floor in FLOORS.items():
        assert 2 * hits[field] / (2 * hits[field] + misses[field]) >= floor, field


@pytest.mark.shared
def test_every_fact_has_its_words_a_known_value_and_a_rule(studies: list[Study]) -> None:
    for study in studies[::7]:
        texts = {section.path: section.text for section in study_sections(study)}
        arms = len(study.arms_interventions.arm_groups)
        for fact in extract_concept_facts(study):
            concept = load_scheme(CONCEPT_FIELDS[fact.field])[str(fact.value)]
            assert concept.broader == ()
            assert fact.evidence
            assert fact.rule
            assert 0 < fact.confidence <= 1
            assert all(0 <= arm < arms for arm in fact.arms)
            for proof in fact.evidence:
                assert texts[proof.path][proof.start : proof.end] == proof.words
                assert proof.path != "eligibility_criteria"


@pytest.mark.shared
@pytest.mark.bench
def test_a_trial_takes_two_milliseconds(studies: list[Study]) -> None:
    extract_cell_facts(studies[0])
    start = time.process_time()
    for study in studies:
        extract_cell_facts(study)
    assert (time.process_time() - start) / len(studies) < 0.002


def test_reading_twice_gives_the_same_facts() -> None:
    study = _with_links()
    assert extract_cell_facts(study) == extract_cell_facts(study)


def test_the_records_own_links_come_before_words() -> None:
    study = _with_links()
    assert link_interventions(study) == [(1,), (0,)]
    assert experimental_arms(study, link_interventions(study)) == frozenset({1})
    facts = extract_cell_facts(study)
    assert facts.values("cell_sources") == ["umbilical_cord"]
    assert facts.of("cell_sources")[0].arms == (1,)


def _with_links() -> Study:
    return parse_study(
        {
            "protocolSection": {
                "identificationModule": {"nctId": "NCT00000002", "briefTitle": "A study"},
                "armsInterventionsModule": {
                    "armGroups": [
                        {"type": "PLACEBO_COMPARATOR", "label": "A"},
                        {"type": "EXPERIMENTAL", "label": "B"},
                    ],
                    "interventions": [
                        {"type": "BIOLOGICAL", "name": "UC-MSC", "armGroupLabels": ["B"]},
                        {"type": "OTHER", "name": "BM-MSC free medium", "armGroupLabels": ["A"]},
                    ],
                },
            }
        }
    )
