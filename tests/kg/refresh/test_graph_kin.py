"""How many of the stored kin stand in the graph may change, and stays until it does."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from kg.registry import Scope
from kg.store import Store
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


def test_a_store_that_begins_with_a_refresh_may_have_few(empty: Following) -> None:
    run = empty.refresh(scope=Scope(), graph_kin=2)
    assert (run.outcome, run.redone) == ("published", [])
    assert links_in_the_graph(empty.store) == 2 * TRIALS
    empty.assert_equal_to_full_build()
    assert empty.refresh().outcome == "unchanged"
