"""What runs did is told by run, by trial and by field."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pyoxigraph as ox

from kg.build import build
from kg.iris import RUNS_GRAPH, trial_graph_iri
from kg.record_differences import FieldChange, record_differences
from kg.refresh.health import data_age
from kg.refresh.history import changes_since, history_of, kin_changes_of, kin_changes_of_run, runs
from kg.runs import RUNS_FOLDER, Run, write_run
from ontology.vocabulary import PROV
from tests.kg.refresh.conftest import (
    Following,
    dated,
    golden_records,
    titled,
    write_records,
)

_TITLE = "protocolSection.identificationModule.briefTitle"


def test_a_change_is_told_by_trial_and_field(following: Following) -> None:
    nct_id = min(following.registry.records)
    record = following.registry.records[nct_id]
    old_title = record["protocolSection"]["identificationModule"]["briefTitle"]
    following.registry.put(titled(record, "A new title", "2026-11-20"))
    run = following.refresh()
    generation = following.published()
    (change,) = changes_since(generation, run.started)
    assert (change.nct_id, change.kind, change.run) == (nct_id, "changed", run.id)
    assert FieldChange(_TITLE, old_title, "A new title") in change.fields
    assert change.last_update_posted == "2026-11-20"
    assert [state.kind for state in history_of(generation, nct_id)] == ["changed", "added"]
    assert changes_since(generation, "2000-01-01") == [change]
    assert len(changes_since(generation, "2000-01-01", with_first_build=True)) == 15
    assert changes_since(generation, "2999-01-01") == []


def test_runs_are_told_with_what_found_nothing(following: Following) -> None:
    following.refresh()
    told = runs(following.store)
    assert [(run.kind, run.outcome) for run in told] == [
        ("refresh", "unchanged"),
        ("build", "published"),
    ]
    assert len(runs(following.store, limit=1)) == 1


def test_new_kin_are_told(following: Following) -> None:
    nct_id = min(following.registry.records)
    new = titled(following.registry.records[nct_id], "A new trial", "2026-11-20")
    new["protocolSection"]["identificationModule"]["nctId"] = "NCT07000001"
    following.registry.put(new)
    run = following.refresh()
    generation = following.published()
    changes = kin_changes_of_run(generation, run.id)
    assert {change.kin for change in changes if change.nct_id == nct_id} == {"NCT07000001"}
    assert all(change.entered for change in changes)
    kin = {link.nct_id for link in generation.kin_index.rank("NCT07000001", 20)}
    assert {change.kin for _, change in kin_changes_of(generation, "NCT07000001")} == kin


def test_the_graph_tells_of_the_run_that_made_a_trial(following: Following) -> None:
    nct_id = min(following.registry.records)
    following.registry.put(titled(following.registry.records[nct_id], "Other", "2026-11-20"))
    run = following.refresh()
    graph = following.published().read_graph()
    made = list(
        graph.quads_for_pattern(
            ox.NamedNode(trial_graph_iri(nct_id)), ox.NamedNode(PROV.wasGeneratedBy), None, None
        )
    )
    assert [str(quad.object).endswith(f"/{run.id}>") for quad in made] == [True]
    names = {
        quad.subject
        for quad in graph.quads_for_pattern(
            None, ox.NamedNode(PROV.startedAtTime), None, ox.NamedNode(RUNS_GRAPH)
        )
    }
    assert len(names) == 2


def test_data_grow_old_from_the_last_look(following: Following) -> None:
    built = data_age(following.store)
    assert built.current_as_of == "2026-11-01"
    run = following.refresh()
    now = datetime.fromisoformat(run.started) + timedelta(hours=5)
    age = data_age(following.store, now=now)
    assert age.age == timedelta(hours=5)
    assert age.is_older_than(4.9)
    assert not age.is_older_than(5)
    assert age.data_timestamp == following.registry.data_timestamp
    assert data_age(following.store, now=datetime(2100, 1, 1, tzinfo=UTC)).is_older_than(1000)


def test_a_clock_that_was_wrong_does_not_keep_data_young(following: Following) -> None:
    run = following.refresh()
    later = following.refresh()
    later.id, later.started = "20990101T000000000000Z", "2099-01-01T00:00:00+00:00"
    write_run(later, following.store.path / RUNS_FOLDER / f"{later.id}.json")
    now = datetime.fromisoformat(run.started) + timedelta(days=30)
    age = data_age(following.store, now=now)
    assert timedelta(days=29) < age.age <= timedelta(days=30)
    assert age.is_older_than(72)


def test_a_later_build_is_as_old_as_its_files(following: Following) -> None:
    following.refresh()
    source = write_records(following.folder / "old.ndjson", golden_records())
    build(following.store, [source], following.encoder)
    assert data_age(following.store).current_as_of == "2026-11-01"


def test_a_date_in_the_future_does_not_keep_data_young(following: Following) -> None:
    records = golden_records()
    dated(records[0], "2062-01-01")
    build(following.store, [write_records(following.folder / "o.ndjson", records)],
          following.encoder)  # fmt: skip
    manifest = following.published().manifest
    assert manifest.watermark == "2062-01-01"
    assert data_age(following.store).current_as_of == manifest.built_at


def test_a_run_that_was_killed_is_told_by_the_next_one(following: Following) -> None:
    killed = Run.begin("refresh", command="trialkin refresh")
    write_run(killed, following.store.path / "work" / "running.json")  # what SIGKILL leaves
    run = following.refresh()
    told = runs(following.store)
    assert [(one.id, one.outcome) for one in told[:2]] == [
        (run.id, "unchanged"),
        (killed.id, "failed"),
    ]
    assert "killed" in told[1].error
    assert told[1].command == "trialkin refresh"
    following.refresh()
    assert [one.id for one in runs(following.store)].count(killed.id) == 1


def test_a_run_that_was_killed_after_it_published_has_not_failed(following: Following) -> None:
    nct_id = min(following.registry.records)
    following.registry.put(titled(following.registry.records[nct_id], "Other", "2026-11-20"))
    run = following.refresh()
    (following.store.path / RUNS_FOLDER / f"{run.id}.json").unlink()
    begun = Run(id=run.id, kind="refresh", started=run.started)
    write_run(begun, following.store.path / "work" / "running.json")
    following.refresh()
    assert [one.outcome for one in runs(following.store)] == ["unchanged", "published", "published"]


def test_differences_of_records() -> None:
    before = {"a": {"b": "1", "c": ["x"]}, "places": [{"city": "A"}, {"city": "B"}], "gone": 1}
    after = {"a": {"b": "2", "c": ["x", "y"]}, "places": [{"city": "B"}, {"city": "C"}]}
    assert list(record_differences(before, after)) == [
        FieldChange("a.b", "1", "2"),
        FieldChange("a.c", '["x"]', '["x","y"]'),
        FieldChange("gone", "1", None),
        FieldChange("places", '[{"city":"A"}]', '[{"city":"C"}]'),
    ]
    assert list(record_differences(before, before)) == []
    (cut,) = record_differences({"t": "x" * 9000}, {"t": "y"})
    assert cut.before is not None
    assert len(cut.before) == 4000
