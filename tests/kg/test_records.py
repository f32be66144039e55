"""Records: search finds what a person would look for, and nothing typed is syntax."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kg.record_writing import RecordsWriter
from kg.records import Records
from kg.store import Store
from kg.study import parse_study
from ontology.errors import InvalidIdentifierError, UnknownTrialError


@pytest.fixture
def records(tiny_store: Store) -> Records:
    return tiny_store.published().records


@pytest.mark.parametrize(
    "words",
    [
        "NCT90000001",
        "CORD-SSc",
        "cord cells",
        "umbilical scleros",
        "2020-000001-11",
        "example bio systemic",
        "systemic sclerosis",
    ],
)
def test_search_finds_a_trial_by_what_it_is_called(records: Records, words: str) -> None:
    hits = records.search(words)
    assert "NCT90000001" in [hit.card.nct_id for hit in hits[:2]]
    assert len(records.matching_numbers(words)) >= len(hits) >= 1
    assert [hit.score for hit in hits] == sorted((hit.score for hit in hits), reverse=True)


def test_if_no_trial_has_all_words_those_with_any_are_found(records: Records) -> None:
    found = {hit.card.nct_id for hit in records.search("withdrawn zebra")}
    assert "NCT90000004" in found


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(words=st.text(max_size=60))
def test_nothing_that_is_typed_is_an_error(records: Records, words: str) -> None:
    assert len(records.search(words)) <= 20


@pytest.mark.parametrize("words", ["", "  ", '"', "* OR (", "NEAR("])
def test_words_without_letters_find_nothing_or_something_but_never_fail(
    records: Records, words: str
) -> None:
    assert len(records.matching_numbers(words)) == len(records.search(words, limit=100))


def test_pages_of_results_do_not_overlap(records: Records) -> None:
    everything = [hit.card.nct_id for hit in records.search("trial", limit=100)]
    paged = [
        hit.card.nct_id
        for offset in range(0, len(everything), 2)
        for hit in records.search("trial", limit=2, offset=offset)
    ]
    assert paged == everything


def test_an_alias_leads_to_its_trial(records: Records) -> None:
    assert records.resolve("NCT90000099") == "NCT90000001"
    assert records.study("nct90000099").nct_id == "NCT90000001"


@pytest.mark.parametrize("typed", ["NCT09000001", "NCT90000091"])
def test_an_unknown_id_names_the_nearest(records: Records, typed: str) -> None:
    with pytest.raises(UnknownTrialError) as caught:
        records.resolve(typed)
    assert "NCT90000001" in caught.value.nearest
    assert "NCT90000001" in str(caught.value)


def test_what_is_no_id_is_refused(records: Records) -> None:
    with pytest.raises(InvalidIdentifierError):
        records.resolve("cord cells")


def test_the_record_comes_back_as_it_went_in(records: Records) -> None:
    title = records.payload("NCT90000007")["protocolSection"]["identificationModule"]["briefTitle"]
    assert title == 'Étude “β-cellules” <script>alert("1")</script> 北京 \u202e RTL'


@pytest.mark.parametrize("formats", [("trial-page", "api-v2"), ("api-v2", "trial-page")])
def test_a_whole_record_goes_before_what_a_page_shows_of_it(
    tmp_path: Path, formats: tuple[str, str]
) -> None:
    days = {"trial-page": "2026-11-20", "api-v2": "2026-01-01"}
    with RecordsWriter(tmp_path / "records.sqlite") as records:
        for source_format in formats:
            payload = record_of(days[source_format])
            records.put(parse_study(payload), payload, source_format)
        assert records.source_formats() == {"api-v2": 1}
        assert records.watermark() == "2026-01-01"


def test_of_two_in_like_forms_the_one_updated_later_is_kept(tmp_path: Path) -> None:
    with RecordsWriter(tmp_path / "records.sqlite") as records:
        for day in ("2026-01-02", "2026-01-03", "2026-01-01"):
            payload = record_of(day)
            records.put(parse_study(payload), payload, "legacy-xml")
        assert records.watermark() == "2026-01-03"


def record_of(day: str) -> dict[str, Any]:
    return {
        "protocolSection": {
            "identificationModule": {"nctId": "NCT90000001", "briefTitle": "A trial"},
            "statusModule": {"lastUpdatePostDateStruct": {"date": day}},
        }
    }
