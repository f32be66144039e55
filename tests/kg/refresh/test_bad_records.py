"""A record that breaks the program stops nothing, and is not lost."""

from __future__ import annotations

from typing import Any

import pytest

import kg.derivation
from kg.derivation import DerivedTrial
from kg.study import Study
from ontology.errors import RefreshError
from tests.kg.refresh.conftest import Following, golden_records, titled

BREAKING = "A title that breaks the program"


@pytest.fixture
def breaking(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """Let the program fail on each record of a certain title."""
    derive = kg.derivation.derive_trial

    def failing(study: Study, *args: Any) -> DerivedTrial:
        if BREAKING in str(study.protocol_section.identification_module.brief_title):
            raise ZeroDivisionError("a mistake of ours")
        return derive(study, *args)

    for module in ("kg.refresh.applying", "kg.shards.deriving"):
        monkeypatch.setattr(f"{module}.derive_trial", failing)
    return monkeypatch


def put_both(following: Following) -> tuple[str, str]:
    """Change one record so that it breaks the program, and another so that it does not."""
    good, bad, *_ = sorted(following.registry.records)
    records = following.registry.records
    following.registry.put(titled(records[good], "Better", "2026-11-10"))
    following.registry.put(titled(records[bad], BREAKING, "2026-11-02"))
    return good, bad


@pytest.mark.parametrize("few", [500, 0])
def test_the_state_before_stays_and_it_is_asked_for_again(
    following: Following, breaking: pytest.MonkeyPatch, few: int
) -> None:
    breaking.setattr("kg.refresh.running._FEW", few)
    breaking.setattr("kg.refresh.running._FEW_SHARE", 0.0)
    good, bad = put_both(following)
    run = following.refresh()
    assert run.outcome == "published"
    assert run.counts["changed_trials"] == 1
    assert [(one.record, one.stage) for one in run.failures] == [(bad, "map")]
    assert "ZeroDivisionError: a mistake of ours" in run.failures[0].message
    records = following.published().records
    assert records.card(good).title == "Better"
    assert records.card(bad).title != BREAKING
    following.assert_equal_to_full_build()
    # By now the window begins after its date; it is asked for by its id, and is no news.
    again = following.refresh()
    assert (again.outcome, [one.record for one in again.failures]) == ("unchanged", [bad])
    assert following.store.published_number() == 2
    breaking.undo()
    assert following.refresh().outcome == "published"
    assert following.published().records.card(bad).title == BREAKING
    following.assert_equal_to_full_build()


def test_a_new_record_that_breaks_the_program_is_left_out(
    following: Following, breaking: pytest.MonkeyPatch
) -> None:
    new = titled(following.registry.records["NCT90000001"], BREAKING, "2026-11-10")
    new["protocolSection"]["identificationModule"]["nctId"] = "NCT07000001"
    put_both(following)
    following.registry.put(new)
    breaking.setattr("kg.refresh.running._FEW", 0)
    breaking.setattr("kg.refresh.running._FEW_SHARE", 0.0)
    run = following.refresh()
    assert len(run.failures) == 2
    assert run.counts["added_trials"] == 0
    assert "NCT07000001" not in following.published().records.nct_ids()
    following.assert_equal_to_full_build()


def test_many_that_break_the_program_publish_nothing(
    following: Following, breaking: pytest.MonkeyPatch
) -> None:
    for nct_id in sorted(following.registry.records)[:4]:
        record = following.registry.records[nct_id]
        following.registry.put(titled(record, BREAKING, "2026-11-10"))
    with pytest.raises(RefreshError, match=r"4 of 14 .*could not be taken in"):
        following.refresh()
    assert following.store.published_number() == 1


def test_a_stored_record_that_a_new_version_cannot_derive_stops_the_run(
    following: Following, breaking: pytest.MonkeyPatch
) -> None:
    before = following.published().records.nct_ids()
    title = golden_records()[0]["protocolSection"]["identificationModule"]["briefTitle"]
    breaking.setattr("tests.kg.refresh.test_bad_records.BREAKING", title)
    following.make_stale("records")
    with pytest.raises(RefreshError, match=r"cannot be derived any more.*ZeroDivisionError"):
        following.refresh()
    assert following.published().records.nct_ids() == before


def test_all_that_fail_are_asked_for_again_however_many(
    following: Following, breaking: pytest.MonkeyPatch
) -> None:
    breaking.setattr("kg.runs._FAILURES_KEPT", 1)
    bad = sorted(following.registry.records)[:2]
    for nct_id in bad:
        record = following.registry.records[nct_id]
        following.registry.put(titled(record, BREAKING, "2026-11-02"))
    good = titled(following.registry.records[max(following.registry.records)], "B", "2026-11-10")
    following.registry.put(good)
    run = following.refresh()
    assert (len(run.failures), run.counts["failed_records"]) == (1, 2)
    breaking.undo()
    assert following.refresh().counts["changed_trials"] == 2
    following.assert_equal_to_full_build()
