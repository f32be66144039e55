"""Beyond a stated number of trials kin come from candidates; what is missed is counted."""

from __future__ import annotations

import dataclasses
import subprocess
import sys

import faiss
import numpy as np
import pytest

import similarity.cells as cells
from ontology.errors import EncoderError
from similarity.candidates import EXACT_TRIALS, CandidateSearch
from similarity.cells import VectorCells
from similarity.index import KinIndex
from similarity.index_files import CELLS_FILE
from similarity.kin_lists import KinLists
from similarity.profile import Design, Profile

CONDITIONS = ("systemic_sclerosis", "lupus", "knee_osteoarthritis", "multiple_sclerosis")
SOURCES = ("umbilical_cord", "bone_marrow", "adipose_tissue")
NUMBER = 600


def many(number: int = NUMBER) -> list[Profile]:
    rng = np.random.default_rng(7)
    made = []
    for place in range(number):
        condition, source = CONDITIONS[place % 4], SOURCES[int(rng.integers(3))]
        extra = " ".join(f"word{n}" for n in rng.integers(0, 80, 5).tolist())
        made.append(
            Profile(
                nct_id=f"NCT{place:08d}",
                texts={"title": f"{source} cells in {condition}", "summary": extra},
                concepts={"conditions": (condition,), "cell_sources": (source,)},
                design=Design(phases=("PHASE1",) if rng.random() < 0.5 else ()),
            )
        )
    return made


@pytest.fixture
def build(encoder, model, schemes):
    def make(profiles, exact_trials=100):
        return KinIndex.build(
            profiles, encoder, model=model, schemes=schemes, exact_trials=exact_trials
        )

    return make


@pytest.fixture
def few_candidates(monkeypatch):
    for name, number in (("TEXTS", 30), ("WORDS", 15), ("CONCEPTS", 30)):
        monkeypatch.setattr(f"similarity.candidates.NEAREST_{name}", number)


def test_small_corpora_are_searched_exactly(index):
    assert len(index) <= EXACT_TRIALS
    report = index.link_report()
    assert (report.exact, report.recall) == (True, 1.0)
    assert report.counts() == {
        "kin_candidates": 0,
        "kin_recall_per_mille": 1000,
        "kin_recall_sample": 0,
    }


def test_large_ones_among_candidates_and_the_recall_is_measured(build, few_candidates):
    large, exact = build(many()), build(many(), exact_trials=NUMBER)
    report = large.link_report(k=10, sample=60)
    assert report == large.link_report(k=10, sample=60)
    assert not report.exact
    assert report.sample == 60
    assert 20 < report.candidates <= 75
    drawn = np.random.default_rng(0).permutation(NUMBER)[:60]
    ids = [large.nct_ids[row] for row in sorted(drawn.tolist())]
    wanted, found = dict(exact.rank_some(ids, 10)), dict(large.rank_some(ids, 10))
    hits = sum(
        len({kin.nct_id for kin in wanted[nct_id]} & {kin.nct_id for kin in found[nct_id]})
        for nct_id in ids
    )
    assert report.recall == pytest.approx(hits / 600)
    assert report.recall >= 0.8
    # A candidate's score is the exact one.
    scores = exact.scores(ids[0])
    for kin in found[ids[0]]:
        assert kin.score == scores[exact.nct_ids.index(kin.nct_id)]


def test_one_trial_is_always_asked_exactly(build, few_candidates):
    large, exact = build(many()), build(many(), exact_trials=NUMBER)
    assert large.rank("NCT00000005", 20) == exact.rank("NCT00000005", 20)


def test_candidates_are_the_same_from_a_file_and_with_any_threads(build, few_candidates, tmp_path):
    threads = faiss.omp_get_max_threads()
    large = build(many())
    try:
        faiss.omp_set_num_threads(1 if threads > 1 else 2)
        other = build(many())
        other_lists = list(other.rank_all(5))
    finally:
        faiss.omp_set_num_threads(threads)
    large.write(tmp_path / "a")
    other.write(tmp_path / "b")
    assert (tmp_path / "a" / CELLS_FILE).read_bytes() == (tmp_path / "b" / CELLS_FILE).read_bytes()
    assert list(KinIndex.open(tmp_path / "a").rank_all(5)) == other_lists


def contents(index) -> list[dict[int, bytes]]:
    """What lies in every cell: a trial's number -> its vector."""
    held, size = index.invlists, index.code_size
    found = []
    for cell in range(index.nlist):
        number = held.list_size(cell)
        ids = faiss.rev_swig_ptr(held.get_ids(cell), number).tolist() if number else []
        codes = faiss.rev_swig_ptr(held.get_codes(cell), number * size) if number else b""
        found.append({one: bytes(codes[at * size : (at + 1) * size]) for at, one in enumerate(ids)})
    return found


def test_an_update_keeps_the_cells_and_relinks(build, encoder, model, schemes, few_candidates):
    profiles = many()
    old = build(profiles[:-1])
    lists = KinLists.empty(old.nct_ids, 5)
    for nct_id, kin in old.rank_all(5):
        lists.put(nct_id, kin)
    new = old.updated([profiles[-1]], ["NCT00000004"], encoder, model=model, schemes=schemes)
    relinked = new.relink([profiles[-1].nct_id], lists)
    best = dict(new.rank_some([profiles[-1].nct_id], 5))[profiles[-1].nct_id]
    assert relinked.lists.of(profiles[-1].nct_id) == [(kin.nct_id, kin.score) for kin in best]
    assert len(relinked.affected) < len(new) / 4
    exact = build(many(), exact_trials=NUMBER)
    for nct_id in relinked.affected:
        scores = dict(zip(exact.nct_ids, exact.scores(nct_id).tolist(), strict=True))
        for near, score in relinked.lists.of(nct_id):
            assert near != "NCT00000004"
            assert score == scores[near]


def test_a_list_of_few_candidates_that_loses_members_is_filled_again(
    build, encoder, model, schemes, monkeypatch
):
    for name, number in (("TEXTS", 8), ("WORDS", 1), ("CONCEPTS", 1)):
        monkeypatch.setattr(f"similarity.candidates.NEAREST_{name}", number)
    old = build(many())
    lists = KinLists.empty(old.nct_ids, 6, spare=6)
    for nct_id, kin in old.rank_all(12):
        lists.put(nct_id, kin)
    asked = next(nct_id for nct_id in old.nct_ids if len(lists.of(nct_id)) == 6)
    gone = [kin for kin, _ in lists.of(asked)[:3]]
    new = old.updated([], gone, encoder, model=model, schemes=schemes)
    assert len(new.relink([], lists).lists.of(asked)) == 6


def test_exchanged_trials_lie_in_the_cells_in_which_all_put_in_anew_would(
    build, encoder, model, schemes, few_candidates, tmp_path
):
    profiles = many()
    changed = [
        dataclasses.replace(profiles[3], texts=profiles[8].texts),
        Profile(nct_id="NCT00001000", texts=profiles[5].texts),
    ]
    build(profiles).write(tmp_path)
    new = KinIndex.open(tmp_path).updated(
        changed, ["NCT00000004"], encoder, model=model, schemes=schemes
    )
    exchanged = new._parts.cells._index
    anew = cells._empty(exchanged.quantizer.reconstruct_n())
    cells._fill(anew, new.table, new.fusion, cells.trial_numbers(new.nct_ids))
    assert contents(exchanged) == contents(anew)
    assert sum(map(len, contents(exchanged))) == NUMBER


def test_a_trial_of_nothing_has_no_candidates(build):
    large = build([*many(200), Profile(nct_id="NCT99999998")])
    search = CandidateSearch(large._parts, large._parts.cells)
    by_texts = search.by_texts(np.array([200]))[0]
    assert len(search.rows(large.table.row(200), by_texts)) == 0
    assert dict(large.rank_some(["NCT99999998"], 5)) == {"NCT99999998": []}


def test_a_missing_library_is_named(index, monkeypatch):
    monkeypatch.setitem(sys.modules, "faiss", None)
    with pytest.raises(EncoderError, match="install faiss-cpu"):
        VectorCells.train(index.table, index.fusion, index.nct_ids)


def test_faiss_is_loaded_for_large_indexes_only(index, tmp_path):
    index.write(tmp_path)
    code = (
        "import sys; from pathlib import Path; from similarity.index import KinIndex\n"
        f"list(KinIndex.open(Path({str(tmp_path)!r})).rank_all(3))\n"
        "print('faiss' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout.strip() == "False"
    assert cells._LENGTH**2 <= 2**24  # sums of products stay exact in float32
