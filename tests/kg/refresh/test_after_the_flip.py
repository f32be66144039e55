"""What is known when a run ends between the flip to its generation and its own end."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from kg.build import build
from kg.refresh import refresh
from kg.registry import Scope
from kg.runs import read_runs
from kg.store import Store
from tests.conftest import WordEncoder
from tests.kg.refresh.conftest import Following, golden_records, titled, write_records
from tests.registry_server import FakeRegistry, serving

SCLEROSIS = Scope.of(condition="sclerosis")


@pytest.fixture
def stopping(monkeypatch: pytest.MonkeyPatch) -> Iterator[pytest.MonkeyPatch]:
    """Let every run be stopped right after its generation was published."""
    with monkeypatch.context() as patch:

        def stop(self: Store, keep: int) -> None:
            raise KeyboardInterrupt("SIGTERM")

        patch.setattr(Store, "_prune", stop)
        yield patch


def test_a_first_refresh_loses_no_scope(
    tmp_path: Path,
    registry: FakeRegistry,
    word_encoder: WordEncoder,
    stopping: pytest.MonkeyPatch,
) -> None:
    with serving(registry) as url:
        following = Following(registry, url, Store(tmp_path / "new"), word_encoder, tmp_path)
        with pytest.raises(KeyboardInterrupt):
            following.refresh(scope=SCLEROSIS)
        stopping.undo()
        known = following.published().records.nct_ids()
        run = following.refresh()
        assert (run.scope, run.outcome) == ("condition: sclerosis", "unchanged")
        assert run.since == "2026-10-31"
        assert following.published().records.nct_ids() == known
        assert not (following.store.path / "work" / "empty").exists()


def test_the_window_goes_on(following: Following, stopping: pytest.MonkeyPatch) -> None:
    nct_id = min(following.registry.records)
    following.registry.put(titled(following.registry.records[nct_id], "Other", "2026-11-08"))
    with pytest.raises(KeyboardInterrupt):
        following.refresh(scope=Scope())
    stopping.undo()
    run = following.refresh()
    assert (run.scope, run.since, run.outcome) == ("everything", "2026-11-07", "unchanged")


def test_what_is_not_published_is_not_followed(
    following: Following, monkeypatch: pytest.MonkeyPatch
) -> None:
    following.refresh(scope=SCLEROSIS)
    nct_id = min(following.registry.records)
    following.registry.put(titled(following.registry.records[nct_id], "Other", "2026-11-08"))

    def stop(self: Store, number: int) -> None:
        raise KeyboardInterrupt("SIGTERM")

    with monkeypatch.context() as patch:
        patch.setattr(Store, "publish", stop)
        with pytest.raises(KeyboardInterrupt):
            following.refresh(scope=Scope())
    run = following.refresh()
    assert (run.scope, run.since) == ("condition: sclerosis", "2026-10-31")


def test_a_refresh_that_was_published_has_not_failed(
    following: Following, stopping: pytest.MonkeyPatch
) -> None:
    nct_id = min(following.registry.records)
    following.registry.put(titled(following.registry.records[nct_id], "Other", "2026-11-08"))
    with pytest.raises(KeyboardInterrupt):
        following.refresh()
    told = next(read_runs(following.store.path))
    assert (told.outcome, told.generation) == ("published", following.store.published_number())
    assert told.error == "Stopped by SIGTERM."


def test_a_build_that_was_published_has_not_failed(
    following: Following, stopping: pytest.MonkeyPatch
) -> None:
    source = write_records(following.folder / "again.ndjson", golden_records())
    with pytest.raises(KeyboardInterrupt):
        build(following.store, [source], following.encoder)
    assert next(read_runs(following.store.path)).outcome == "published"
    stopping.undo()
    assert refresh(following.store, None, encoder=following.encoder).outcome == "unchanged"
