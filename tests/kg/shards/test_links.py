"""Whether one process links all trials or several do, what comes of it is the same."""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from kg.mapping.kin_mapping import kin_quads
from kg.mapping.partition_counts import PartitionCounts
from kg.shards import links as module
from kg.shards.links import KIN_SPARE, KIN_STORED, Links, linking, no_links
from ontology.errors import BuildError
from similarity.index import KinIndex
from similarity.kin_lists import KinLists
from similarity.profile import Design, Profile
from tests.conftest import WordEncoder

CONDITIONS = ("systemic_sclerosis", "multiple_sclerosis", "knee_osteoarthritis")
TRIALS = 3 * module.SHARD_ROWS // 2


def profiles() -> Iterator[Profile]:
    chance = np.random.default_rng(5)
    for number in range(TRIALS):
        condition = CONDITIONS[number % 3]
        words = " ".join(f"word{word}" for word in chance.integers(0, 60, 6).tolist())
        yield Profile(
            nct_id=f"NCT{number:08d}",
            texts={"title": f"Cells in {condition}", "summary": words},
            concepts={"conditions": (condition,)},
            design=Design(phases=("PHASE1",) if number % 2 else ()),
        )


@pytest.fixture(scope="module", params=["exact", "among candidates"])
def folder(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The files of an index."""
    made = tmp_path_factory.mktemp("index")
    exact_trials = TRIALS if request.param == "exact" else 100
    KinIndex.build(profiles(), WordEncoder(), exact_trials=exact_trials).write(made)
    return made


def linked(folder: Path, work: Path, jobs: int) -> tuple[KinLists, str, PartitionCounts, int]:
    """Link all trials: their lists, all quads in order, the counts of these, and of kin."""
    index = KinIndex.open(folder)
    lists, quads = no_links(index), ""
    counts, kin = PartitionCounts(), 0
    with linking(index, folder, work, jobs=jobs) as found:
        for part in found:
            quads += part.quads.read_text("utf-8")
            counts.merge(part.partitions)
            kin += part.put_into(lists)
    assert not work.exists()
    return lists, quads, counts, kin


def test_one_process_gives_what_ranking_gives(folder: Path, tmp_path: Path) -> None:
    index = KinIndex.open(folder)
    lists, quads, counts, kin = linked(folder, tmp_path / "links", 1)
    ranked = dict(index.rank_all(KIN_STORED))
    lines = [line for nct_id, found in ranked.items() for line in kin_quads(nct_id, found)]
    assert quads == "".join(lines)
    assert counts.triples == len(lines)
    assert kin == sum(map(len, ranked.values()))
    for nct_id, found in ranked.items():
        assert lists.of(nct_id) == [(one.nct_id, one.score) for one in found]
    longer = dict(index.rank_all(KIN_STORED + KIN_SPARE))
    for row, found in enumerate(longer.values()):
        spare = [index.nct_ids[at] for at in lists.spare_rows[row].tolist()]
        assert spare == [one.nct_id for one in found[KIN_STORED:]]


@pytest.mark.parametrize("graph_kin", [0, 4])
def test_of_the_stored_kin_the_nearest_stand_in_the_quads(
    graph_kin: int, folder: Path, tmp_path: Path
) -> None:
    all_lists, all_quads, _, _ = linked(folder, tmp_path / "all", 1)
    index = KinIndex.open(folder)
    lists, quads = no_links(index), ""
    with linking(index, folder, tmp_path / "links", jobs=1, graph_kin=graph_kin) as found:
        for part in found:
            quads += part.quads.read_text("utf-8")
            part.put_into(lists)
    assert lists.rows.tobytes() == all_lists.rows.tobytes()
    assert lists.spare_scores.tobytes() == all_lists.spare_scores.tobytes()
    nearest = {nct_id: kin[:graph_kin] for nct_id, kin in index.rank_all(KIN_STORED)}
    assert quads == "".join(
        line for nct_id, kin in nearest.items() for line in kin_quads(nct_id, kin)
    )
    assert len(quads) < len(all_quads)


@pytest.mark.slow
def test_processes_give_the_same_bytes(folder: Path, tmp_path: Path) -> None:
    lists, quads, counts, kin = linked(folder, tmp_path / "here", 1)
    others, same_quads, same_counts, same_kin = linked(folder, tmp_path / "there", 2)
    assert (same_quads, same_counts.to_dict(), same_kin) == (quads, counts.to_dict(), kin)
    assert others.rows.tobytes() == lists.rows.tobytes()
    assert others.scores.tobytes() == lists.scores.tobytes()
    assert others.spare_rows.tobytes() == lists.spare_rows.tobytes()
    assert others.spare_scores.tobytes() == lists.spare_scores.tobytes()


@pytest.mark.slow
def test_no_process_is_left_behind_by_an_error(folder: Path, tmp_path: Path) -> None:
    def interrupted() -> None:
        with linking(KinIndex.open(folder), folder, tmp_path / "links", jobs=2) as found:
            next(found)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert multiprocessing.active_children() == []
    assert not (tmp_path / "links").exists()


def _deadly(file: Path, folder: Path, work: Path, graph_kin: int, shard: module._Rows) -> Links:
    """Link, in a process that is killed first, as long as there is a file; it may say "once"."""
    if file.exists():
        if file.read_text("ascii") == "once":
            file.unlink()
        os.kill(os.getpid(), signal.SIGKILL)
    return module._link_there(folder, work, graph_kin, shard)


@pytest.mark.slow
def test_a_process_that_dies_once_costs_nothing(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    once = tmp_path / "deadly"
    once.write_text("once", "ascii")
    monkeypatch.setattr(module, "_link_there", partial(_deadly, once))
    _, quads, *_ = linked(folder, tmp_path / "there", 2)
    assert not once.exists()
    assert quads == linked(folder, tmp_path / "here", 1)[1]


@pytest.mark.slow
def test_a_process_that_dies_again_ends_the_build(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    always = tmp_path / "deadly"
    always.write_text("always", "ascii")
    monkeypatch.setattr(module, "_link_there", partial(_deadly, always))
    with pytest.raises(BuildError, match=r"ended twice at rows 0 to 127; is there enough memory"):
        linked(folder, tmp_path / "there", 2)
    assert multiprocessing.active_children() == []
