"""How fast kin are found; ``make bench`` prints the figures.

Medians of five runs, but for the whole corpus, which is linked once; on two cores.
"""

from __future__ import annotations

import gzip
import json
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from kg.asking import profile_of_text, study_profile
from kg.study import parse_study
from similarity.encoders import Encoder, load_encoder
from similarity.index import KinIndex
from similarity.kin_lists import KinLists
from similarity.profile import Profile
from tests.bench.timing import median_seconds

pytestmark = [pytest.mark.bench, pytest.mark.shared]
STORED = 20
SYNOPSIS = """Umbilical cord mesenchymal stromal cells in diffuse systemic sclerosis
Adults with diffuse systemic sclerosis and lung disease receive two intravenous infusions, one
month apart, of 2 million allogeneic umbilical cord mesenchymal stromal cells per kg. The
primary outcome is safety at one year, the secondary outcome the modified Rodnan skin score.
Inclusion criteria: adults with diffuse systemic sclerosis of less than five years.
"""


def seconds(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


@pytest.fixture(scope="module")
def encoder() -> Encoder:
    return load_encoder("trialkin")


@pytest.fixture(scope="module")
def profiles(shared_dir: Path) -> list[Profile]:
    with gzip.open(shared_dir / "data/msc_trials.ndjson.gz", "rt", encoding="utf-8") as file:
        return [study_profile(parse_study(json.loads(line))) for line in file]


@pytest.fixture(scope="module")
def folder(
    profiles: list[Profile], encoder: Encoder, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    made = tmp_path_factory.mktemp("vectors")
    KinIndex.build(profiles, encoder).write(made)
    return made


def linked(index: KinIndex) -> KinLists:
    lists = KinLists.empty(index.nct_ids, STORED)
    for nct_id, kin in index.rank_all(STORED):
        lists.put(nct_id, kin)
    return lists


def test_the_corpus_is_encoded_fused_and_linked(profiles: list[Profile], encoder: Encoder) -> None:
    index: KinIndex | None = None

    def build() -> None:
        nonlocal index
        index = KinIndex.build(profiles, encoder)

    encoding = seconds(build)
    assert index is not None
    linking = seconds(lambda: linked(index))
    print(
        f"\n{len(profiles)} trials: encoded in {encoding:.1f} s, linked in {linking:.1f} s"
        f" ({1000 * linking / len(profiles):.1f} ms a trial)"
    )
    assert encoding + linking < 30


def test_one_kin_list_from_a_warm_store(folder: Path) -> None:
    index = KinIndex.open(folder)
    taken = median_seconds(lambda: index.rank("NCT04356287", 10))
    cold = median_seconds(lambda: KinIndex.open(folder).rank("NCT04356287", 10))
    print(f"\none kin list: {1000 * taken:.1f} ms; with opening the index {1000 * cold:.1f} ms")
    assert taken < 0.020


def test_one_free_text(folder: Path, encoder: Encoder) -> None:
    index = KinIndex.open(folder)

    def ask() -> None:
        profile, _ = profile_of_text(SYNOPSIS, encoder)
        index.rank_profile(profile, 10, encoder=encoder)

    taken = median_seconds(ask)
    print(f"\none free text: {1000 * taken:.1f} ms")
    assert taken < 0.050


def test_a_refresh_of_a_hundredth(folder: Path, profiles: list[Profile], encoder: Encoder) -> None:
    index = KinIndex.open(folder)
    before = linked(index)
    changed = profiles[::100]
    new: KinIndex | None = None

    def update() -> None:
        nonlocal new
        new = index.updated(changed, [], encoder)

    updating = seconds(update)
    assert new is not None
    relinking = seconds(lambda: new.relink([one.nct_id for one in changed], before))
    print(f"\n{len(changed)} changed trials: {updating:.2f} s and {relinking:.2f} s to relink")
    assert updating + relinking < 3


def test_candidates_instead_of_all(profiles: list[Profile], encoder: Encoder) -> None:
    index = KinIndex.build(profiles, encoder, exact_trials=100)
    report = index.link_report(STORED, 300)
    linking = seconds(lambda: list(index.rank_some(index.nct_ids[:300], STORED))) / 300
    print(
        f"\n{report.candidates} candidates a trial: recall {report.recall:.4f} of {STORED}"
        f" over {report.sample} trials, {1000 * linking:.1f} ms a trial"
    )
    assert report.recall >= 0.98
