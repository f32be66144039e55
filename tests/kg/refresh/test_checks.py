"""What is checked before a generation is published: each check fails on what it is for."""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pyoxigraph as ox
import pytest

from kg.cell_facts.corrections import Corrections
from kg.derivation import derive_trial
from kg.generation import Generation
from kg.iris import RUNS_GRAPH
from kg.manifest import MANIFEST_FILE, RECORDS_FILE, VECTORS_FOLDER, write_json
from kg.refresh.checks import check_generation
from kg.refresh.failures import check_failures, check_shapes
from kg.runs import Run
from kg.shape_checks import CheckedTrial, ShapeChecks, every_so_many, newly_broken
from kg.store import Store
from kg.study import parse_study
from ontology.errors import RefreshError
from ontology.vocabulary import TK
from similarity.kin_lists import KinLists
from tests.kg.refresh.conftest import Following, golden_records, titled


@dataclass
class Made:
    """A copy of a generation that a test may spoil."""

    previous: Generation
    path: Path

    def check(self, changed: tuple[str, ...] = ()) -> None:
        check_generation(Generation.open(self.path), self.previous, changed)

    def spoil_lists(self, spoil: Callable[[Any, Any], None]) -> None:
        lists = KinLists.open(self.path / VECTORS_FOLDER)
        rows, scores = np.array(lists.rows), np.array(lists.scores)
        spoil(rows, scores)
        KinLists(lists.nct_ids, rows, scores).write(self.path / VECTORS_FOLDER)


@pytest.fixture
def made(built_store: Path, tmp_path: Path) -> Made:
    previous = Store(built_store).published()
    shutil.copytree(previous.path, tmp_path / "2")
    return Made(previous, tmp_path / "2")


def test_a_whole_generation_passes(made: Made) -> None:
    made.check(("NCT90000001",))


def test_a_record_that_is_gone(made: Made) -> None:
    with sqlite3.connect(made.path / RECORDS_FILE) as connection:
        connection.execute("DELETE FROM study WHERE nct_id = 'NCT90000001'")
    connection.close()
    with pytest.raises(RefreshError, match="13 records are stored and 14 counted"):
        made.check()


def test_fewer_records_than_before(made: Made) -> None:
    counts = made.previous.manifest.counts | {"trials": 15}
    made.previous.manifest = msgspec.structs.replace(made.previous.manifest, counts=counts)
    with pytest.raises(RefreshError, match="of 15 before"):
        made.check()


def test_a_changed_trial_that_is_not_in_the_graph(made: Made) -> None:
    with pytest.raises(RefreshError, match="NCT07000001 is stored, and not in the graph"):
        made.check(("NCT07000001",))


def test_a_graph_that_does_not_tell_of_its_run(made: Made) -> None:
    graph = ox.Store(str(made.path / "graph"))
    graph.remove_graph(ox.NamedNode(RUNS_GRAPH))
    graph.flush()
    del graph
    with pytest.raises(RefreshError, match="does not tell of the run"):
        made.check()


def own_kin(rows: Any, scores: Any) -> None:
    rows[3, 0] = 3


def one_too_few(rows: Any, scores: Any) -> None:
    rows[3, np.flatnonzero(rows[3] >= 0)[-1]] = -1


def of_no_trial(rows: Any, scores: Any) -> None:
    rows[3, 0] = len(rows)


def not_sorted(rows: Any, scores: Any) -> None:
    scores[3, :2] = (0.1, 0.2)


def beyond_one(rows: Any, scores: Any) -> None:
    scores[3, 0] = 1.5


def no_number(rows: Any, scores: Any) -> None:
    scores[3, 0] = np.nan


@pytest.mark.parametrize(
    "spoil", [own_kin, one_too_few, of_no_trial, not_sorted, beyond_one, no_number]
)
def test_lists_that_make_no_sense(made: Made, spoil: Callable[[Any, Any], None]) -> None:
    made.spoil_lists(spoil)
    with pytest.raises(RefreshError, match="make no sense"):
        made.check()


def test_among_candidates_a_list_may_be_short(made: Made, monkeypatch: pytest.MonkeyPatch) -> None:
    held: list[int] = []

    def empty(rows: Any, scores: Any) -> None:
        rows[3], scores[3] = -1, 0.0
        held.append(int((rows >= 0).sum()))

    made.spoil_lists(empty)
    path = made.path / MANIFEST_FILE
    manifest = json.loads(path.read_text("utf-8"))
    manifest["counts"]["kin_links"] = held[0]
    write_json(path, manifest)
    with pytest.raises(RefreshError, match="make no sense"):
        made.check()
    monkeypatch.setattr("similarity.index.KinIndex.is_exact", False)
    made.check()


def quads_of(number: int) -> str:
    study = parse_study(golden_records()[number])
    return "".join(derive_trial(study, "0" * 64, Corrections()).quads)


def without(quads: str, iri: str) -> str:
    return "".join(line for line in quads.splitlines(keepends=True) if f"<{iri}>" not in line)


def test_only_what_a_change_broke_is_told() -> None:
    ids = [parse_study(record).nct_id for record in golden_records()]
    whole, other = quads_of(0), quads_of(1)
    needed = str(TK.recordFingerprint)
    told = newly_broken([
        CheckedTrial(ids[0], without(whole, needed), whole),
        CheckedTrial(ids[1], without(other, needed), without(other, needed)),
    ])  # fmt: skip
    assert list(told) == [ids[0]]
    assert newly_broken([CheckedTrial(ids[0], whole, "")]) == {}


def test_many_broken_shapes_publish_nothing(
    following: Following, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = sorted(following.registry.records)[:4]
    for nct_id in ids:
        following.registry.put(titled(following.registry.records[nct_id], "A", "2026-11-05"))
    monkeypatch.setattr(ShapeChecks, "broken", lambda self: dict.fromkeys(ids[:3], "no title"))
    for few in (500, 0):  # one by one, and all anew
        monkeypatch.setattr("kg.refresh.running._FEW", few)
        monkeypatch.setattr("kg.refresh.running._FEW_SHARE", 0.0)
        with pytest.raises(RefreshError, match=rf"3 of 4 changed .* 10% .*{ids[0]}: no title"):
            following.refresh()
    assert following.store.published_number() == 1
    run = following.refresh(max_failed=0.8)
    assert [failure.stage for failure in run.failures] == ["shapes"] * 3


@pytest.mark.parametrize(
    ("failed", "fetched", "stops"), [(2, 2, False), (3, 30, False), (3, 29, True), (1, 0, False)]
)
def test_when_failures_are_too_many(failed: int, fetched: int, stops: bool) -> None:
    run = Run.begin("refresh")
    run.counts["fetched_records"] = fetched
    for number in range(failed):
        run.fail(f"NCT0000000{number}", "read", "bad")
    broken = {f"NCT0000000{number}": "bad" for number in range(failed)}
    expected = (
        pytest.raises(RefreshError, match=f"{failed} of {fetched}") if stops else nullcontext()
    )
    with expected:
        check_failures(run, 0.1)
    with expected:
        check_shapes(broken, fetched, Run.begin("refresh"), 0.1)


@pytest.mark.parametrize(("changed", "each"), [(0, 1), (999, 1), (1000, 2), (5000, 10)])
def test_of_many_changed_trials_some_are_checked(changed: int, each: int) -> None:
    assert every_so_many(changed) == each
