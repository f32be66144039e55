"""A refresh brings in what changed, and nothing else; the graph is that of a full build."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from kg.iris import trial_iri
from kg.refresh import RefreshOptions, refresh
from kg.registry import RegistryClient, Scope
from kg.runs import read_runs
from kg.store import Store
from ontology.errors import RefreshError, RegistryError, StoreError, StoreLockedError
from similarity.index import KinIndex
from tests.conftest import WordEncoder
from tests.kg.refresh.conftest import HURRY, Following, golden_records, titled
from tests.registry_server import nct_id_of


def test_nothing_new_publishes_nothing_and_asks_for_one_page(following: Following) -> None:
    run = following.refresh()
    assert run.outcome == "unchanged"
    assert run.generation == following.store.published_number() == 1
    assert len([one for one in following.registry.requests if "/studies?" in one]) == 1
    assert "RANGE%5B2026-10-31%2CMAX%5D" in following.registry.requests[-1]


def test_a_changed_an_added_and_an_untouched_record(following: Following) -> None:
    first, second, *_ = sorted(following.registry.records)
    old = following.registry.records[first]
    new = titled(following.registry.records[second], "Cord cells for sclerosis", "2026-11-03")
    new["protocolSection"]["identificationModule"]["nctId"] = "NCT07000001"
    following.registry.put(titled(old, "Renamed trial of cells", "2026-11-02"), new)
    run = following.refresh()
    assert run.outcome == "published"
    assert run.counts["changed_trials"] == 1
    assert run.counts["added_trials"] == 1
    records = following.published().records
    assert records.card(first).title == "Renamed trial of cells"
    assert records.card("NCT07000001").title == "Cord cells for sclerosis"
    assert run.watermark == "2026-11-03"
    following.assert_equal_to_full_build()


def test_a_second_refresh_finds_nothing(following: Following) -> None:
    nct_id = min(following.registry.records)
    following.registry.put(titled(following.registry.records[nct_id], "Other", "2026-11-02"))
    assert following.refresh().outcome == "published"
    assert following.refresh().outcome == "unchanged"


def test_an_update_without_a_change_of_content_but_its_date_counts(following: Following) -> None:
    nct_id = min(following.registry.records)
    record = following.registry.records[nct_id]
    title = record["protocolSection"]["identificationModule"]["briefTitle"]
    following.registry.put(titled(record, title, "2026-11-09"))
    run = following.refresh()
    assert run.counts["changed_trials"] == 1
    assert run.watermark == "2026-11-09"
    following.assert_equal_to_full_build()


def test_a_removed_record_is_kept_and_marked_and_leaves_the_kin(following: Following) -> None:
    nct_id = "NCT90000001"
    del following.registry.records[nct_id]
    run = following.refresh(full=True)
    assert run.counts["removed_trials"] == 1
    generation = following.published()
    assert generation.records.study(nct_id).removed_from_registry == run.started[:10]
    assert nct_id not in generation.kin_index
    kin = [line for line in exported_kin(following) if nct_id in line and "/relation/" not in line]
    assert not [line for line in kin if "#kin>" in line or "trialkin/kin/" in line]
    following.assert_equal_to_full_build()
    assert following.refresh(full=True).outcome == "unchanged"


def exported_kin(following: Following) -> list[str]:
    lines = following.published().sorted_nquads(without_runs=True)
    return [line for line in lines if line.endswith("/graph/kin> .\n")]


def test_a_returned_record_is_as_any_other(following: Following) -> None:
    nct_id = "NCT90000001"
    record = following.registry.records.pop(nct_id)
    before = list(following.published().sorted_nquads(without_runs=True))
    following.refresh(full=True)
    following.registry.put(record)
    run = following.refresh(full=True)
    assert run.counts["changed_trials"] == 1
    assert list(following.published().sorted_nquads(without_runs=True)) == before


def test_what_a_window_does_not_hold_is_not_removed(following: Following) -> None:
    following.registry.records.clear()
    assert following.refresh().outcome == "unchanged"


def test_verify_finds_what_was_removed_in_turn(following: Following) -> None:
    gone = sorted(following.registry.records)[-1]
    del following.registry.records[gone]
    found = []
    for _ in range(3):
        run = following.refresh(verify=6)
        found.append(run.counts["removed_trials"])
    assert sum(found) == 1
    assert following.published().records.study(gone).removed_from_registry is not None


@pytest.mark.parametrize("options", [{"full": True}, {"verify": 100}])
def test_many_that_are_gone_are_not_believed(
    following: Following, monkeypatch: pytest.MonkeyPatch, options: dict[str, Any]
) -> None:
    monkeypatch.setattr("kg.refresh.asking._MANY_GONE", 2)
    gone = sorted(following.registry.records)[:3]
    for nct_id in gone:
        del following.registry.records[nct_id]
    with pytest.raises(RegistryError, match=r"does not list more than 2 of 14 .*--max-failed 1"):
        following.refresh(**options)
    singly = [one for one in following.registry.requests if "/studies/" in one]
    assert singly == []
    assert following.store.published_number() == 1
    assert following.refresh(**options, max_failed=1.0).counts["removed_trials"] == 3
    assert following.refresh(**options).outcome == "unchanged"


def test_an_old_id_is_followed_and_kept(following: Following) -> None:
    following.registry.moved["NCT00000777"] = "NCT90000001"
    run = following.refresh(scope=Scope.of(nct_ids=["NCT00000777", "NCT90000001"]))
    assert run.failures == []
    assert following.published().records.resolve("NCT00000777") == "NCT90000001"


def test_an_id_that_is_not_there_is_reported_by_name(following: Following) -> None:
    run = following.refresh(scope=Scope.of(nct_ids=["NCT00000778", "NCT90000001"]))
    assert [failure.record for failure in run.failures] == ["NCT00000778"]


def test_a_bad_record_is_named_and_asked_for_again(following: Following) -> None:
    good, bad, *_ = sorted(following.registry.records)
    following.registry.put(titled(following.registry.records[good], "Better", "2026-11-10"))
    mended = titled(following.registry.records[bad], "Mended", "2026-11-02")
    broken = copy.deepcopy(mended)
    broken["hasResults"] = "perhaps"
    following.registry.put(broken)
    run = following.refresh()
    assert run.outcome == "published"
    assert [(failure.record, failure.stage) for failure in run.failures] == [(bad, "read")]
    # By now the window begins after the bad record's date; it is asked for by its id.
    assert [failure.record for failure in following.refresh().failures] == [bad]
    following.registry.put(mended)
    assert following.refresh().outcome == "published"
    assert following.published().records.card(bad).title == "Mended"
    following.assert_equal_to_full_build()


def test_too_many_bad_records_publish_nothing(following: Following) -> None:
    for record in following.registry.records.values():
        record["hasResults"] = "perhaps"
    with pytest.raises(RefreshError, match=r"14 of 14 .* could not be taken in"):
        following.refresh()
    assert following.store.published_number() == 1
    last = next(read_runs(following.store.path))
    assert last.outcome == "failed"
    assert "could not be taken in" in last.error


def test_a_scope_is_remembered(following: Following, word_encoder: WordEncoder) -> None:
    scope = Scope.of(condition="sclerosis")
    first = following.refresh(scope=scope)
    assert (first.scope, first.since) == ("condition: sclerosis", None)
    second = following.refresh()
    assert (second.scope, second.since) == ("condition: sclerosis", "2026-10-31")
    assert following.refresh(scope=Scope()).since is None


def test_after_a_rollback_all_of_the_scope_is_fetched_again(following: Following) -> None:
    nct_id = min(following.registry.records)
    following.registry.put(titled(following.registry.records[nct_id], "Other", "2026-11-02"))
    following.refresh(scope=Scope())
    assert following.store.rollback() == 1
    run = following.refresh()
    assert run.since is None
    assert following.published().records.card(nct_id).title == "Other"


def test_a_store_without_a_build_says_what_to_do(
    following: Following, word_encoder: WordEncoder
) -> None:
    with (
        RegistryClient(following.url, patience=HURRY) as client,
        pytest.raises(StoreError, match="trialkin build"),
    ):
        refresh(Store(following.folder / "other"), client, encoder=word_encoder)


def test_a_second_refresh_at_once_names_the_holder(following: Following) -> None:
    with following.store.lock(), pytest.raises(StoreLockedError, match="since") as caught:
        following.refresh()
    assert caught.value.holder is not None
    assert {"pid", "host", "since", "command"} <= caught.value.holder.keys()
    assert following.refresh().outcome == "unchanged"


def test_a_registry_that_does_not_answer_changes_nothing(following: Following) -> None:
    following.registry.faults, following.registry.fault_share = ("500",), 1.0
    with pytest.raises(RegistryError, match="answers 500"):
        following.refresh()
    assert following.store.published_number() == 1
    assert next(read_runs(following.store.path)).outcome == "failed"


def test_far_more_than_the_store_must_be_asked_for(
    following: Following, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kg.refresh.asking._MOST_UNASKED", 3)
    monkeypatch.setattr("kg.refresh.asking._MOST_TIMES", 0)
    with pytest.raises(RegistryError, match="--everything"):
        following.refresh()
    assert following.refresh(scope=Scope()).outcome == "unchanged"


def test_records_keep_their_names(following: Following) -> None:
    graph = following.published().read_graph()
    subjects = {str(quad.subject) for quad in graph}
    for record in golden_records():
        assert f"<{trial_iri(nct_id_of(record))}>" in subjects


@pytest.mark.parametrize("stage", ["kin", "encoder", "ontology"])
def test_news_and_a_new_version_at_once_equal_a_full_build(
    following: Following, stage: str
) -> None:
    changed, gone = "NCT90000001", max(following.registry.records)
    following.make_stale(stage)
    record = following.registry.records[changed]
    following.registry.put(titled(record, "Renamed trial of cells", "2026-11-03"))
    del following.registry.records[gone]
    run = following.refresh(full=True)
    assert run.redone == [stage]
    assert (run.counts["changed_trials"], run.counts["removed_trials"]) == (1, 1)
    following.assert_equal_to_full_build()


def test_options_are_as_documented() -> None:
    assert RefreshOptions().keep == 2
    assert RefreshOptions().max_failed == pytest.approx(0.1)


def test_candidates_are_not_measured_anew_for_a_few_changes(
    following: Following, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise AssertionError("hundreds of trials were compared with all others")

    first = min(following.registry.records)
    before = following.published().manifest.counts
    monkeypatch.setattr(KinIndex, "is_exact", False)
    monkeypatch.setattr(KinIndex, "link_report", fail)
    following.registry.put(titled(following.registry.records[first], "Better", "2026-11-10"))
    assert following.refresh().outcome == "published"
    after = following.published().manifest.counts
    assert {name: after[name] for name in after if name.startswith("kin_")} == {
        name: before[name] for name in before if name.startswith("kin_")
    }
