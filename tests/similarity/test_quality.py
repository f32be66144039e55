"""The floor under the ranking: frozen judgements, real records, baselines beside it."""

from __future__ import annotations

import gzip
import json

import pytest

from kg.cell_facts.extraction import extract_cell_facts
from kg.conditions import find_conditions
from kg.profiles import make_profile
from kg.study import parse_study
from similarity.encoders import load_encoder
from similarity.index import KinIndex
from similarity.methods import HELD_OUT, evaluate_methods
from similarity.trec import read_qrels

MAIN = "nDCG@10 condensed"
SYSTEMIC_SCLEROSIS = {"NCT05016804", "NCT00962923", "NCT02213705", "NCT04432545"}

pytestmark = [pytest.mark.shared, pytest.mark.slow]


@pytest.fixture(scope="module")
def corpus(shared_dir):
    profiles = []
    with gzip.open(shared_dir / "data" / "msc_trials.ndjson.gz", "rt") as file:
        for line in file:
            study = parse_study(json.loads(line))
            conditions = find_conditions(study).names
            profiles.append(make_profile(study, extract_cell_facts(study), conditions))
    return profiles


@pytest.fixture(scope="module")
def real_index(corpus):
    return KinIndex.build(corpus, load_encoder("trialkin"))


@pytest.fixture(scope="module")
def results(corpus, real_index, shared_dir):
    qrels = read_qrels(shared_dir / "data" / "qrels" / "related_trials_dev.qrels")
    return {one.name: one for one in evaluate_methods(corpus, qrels, real_index)}


def test_the_fusion_stays_above_its_floor_on_held_out_queries(results):
    assert results[HELD_OUT].means[MAIN].mean >= 0.90


def test_the_fusion_is_above_every_baseline_by_a_paired_test(results):
    for name in ("random", "TF-IDF", "BM25", "trialkin alone"):
        test = results[name].against
        assert test.difference > 0
        assert test.p_value < 0.05


def test_the_encoder_alone_is_above_words_alone(results):
    alone = results["trialkin alone"].means[MAIN].mean
    assert alone >= 0.82
    assert alone > max(results[name].means[MAIN].mean for name in ("TF-IDF", "BM25"))


def test_trials_of_the_same_disease_lead_the_list(real_index):
    kin = [one.nct_id for one in real_index.rank("NCT04356287", 10)]
    assert kin[0] == "NCT05016804"
    assert set(kin[:4]) == SYSTEMIC_SCLEROSIS
