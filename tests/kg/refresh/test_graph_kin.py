"""How many of the stored kin stand in the graph may change, and stays until it does."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from kg.build import build
from kg.manifest import MANIFEST_FILE
from kg.registry import Scope
from kg.shards.links import KIN_STORED
from kg.store import Store
from ontology.errors import BuildError
from tests.conftest import WordEncoder
from tests.kg.refresh.conftest import Following, golden_records, titled
from tests.kg.refresh.test_equivalence import links_in_the_graph
from tests.registry_server import FakeRegistry, serving

TRIALS = len(golden_records())


@pytest.fixture
def empty(tmp_path: Path, registry: FakeRegistry, word_encoder: WordEncoder) -> Iterator[Following]:
    with serving(registry) as url:
        yield Following(registry, url, Store(tmp_path / "new"), word_encoder, tmp_path)


def test_another_number_links_anew_and_is_kept_to(following: Following) -> None:
    all_links = links_in_the_graph(following.store)
    run = following.refresh(graph_kin=1)
    assert (run.outcome, run.redone) == ("published", ["kin"])
    assert links_in_the_graph(following.store) == TRIALS < all_links
    following.assert_equal_to_full_build()
    assert following.refresh(graph_kin=1).outcome == "unchanged"
    record = following.registry.records[min(following.registry.records)]
    following.registry.put(titled(record, "Cord cells for another disease", "2026-11-03"))
    run = following.refresh()
    assert (run.outcome, run.redone) == ("published", [])
    assert following.published().manifest.graph_kin == 1
    following.assert_equal_to_full_build()
    assert following.refresh(graph_kin=20).redone == ["kin"]
    assert links_in_the_graph(following.store) == all_links
    following.assert_equal_to_full_build()


@pytest.mark.parametrize("stage", ["kin", "records"])
def test_a_new_version_of_the_program_keeps_to_it(following: Following, stage: str) -> None:
    following.refresh(graph_kin=2)
    following.make_stale(stage)
    run = following.refresh()
    assert (run.outcome, run.redone) == ("published", [stage])
    assert links_in_the_graph(following.store) == 2 * TRIALS
    following.assert_equal_to_full_build()


def test_a_manifest_that_does_not_say_is_of_a_store_with_all(following: Following) -> None:
    path = following.published().path / MANIFEST_FILE
    told = json.loads(path.read_text("utf-8"))
    assert told.pop("graph_kin") == KIN_STORED
    path.write_text(json.dumps(told), "utf-8")
    assert following.published().manifest.graph_kin == KIN_STORED
    assert following.refresh().outcome == "unchanged"


@pytest.mark.parametrize("graph_kin", [-1, KIN_STORED + 1])
def test_a_build_takes_no_other_numbers(following: Following, graph_kin: int) -> None:
    with pytest.raises(BuildError, match=f"graph_kin is {graph_kin}"):
        build(following.store, [], following.encoder, graph_kin=graph_kin)
    assert following.store.published_number() == 1


def test_a_store_that_begins_with_a_refresh_may_have_few(empty: Following) -> None:
    run = empty.refresh(scope=Scope(), graph_kin=2)
    assert (run.outcome, run.redone) == ("published", [])
    assert links_in_the_graph(empty.store) == 2 * TRIALS
    empty.assert_equal_to_full_build()
    assert empty.refresh().outcome == "unchanged"
