"""All real records beside the project, and trials that are there in two forms."""

from __future__ import annotations

import functools
import json
import lzma
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
import yaml

from kg.sources import RejectedRecord, SourceRecord, api_values, read_sources
from kg.sources.full_studies_v1 import full_study_to_api_v2
from kg.sources.study_fields_v1 import study_fields_to_api_v2
from kg.sources.v1_fields import STUDY_PARTS
from tests.kg.sources.printed_v1 import as_flat, as_nested, known_to_v1

pytestmark = pytest.mark.shared


@functools.cache
def read_all(path: Path) -> list[SourceRecord]:
    records = list(read_sources([path]))
    rejected = [str(record) for record in records if isinstance(record, RejectedRecord)]
    assert rejected == []
    return [record for record in records if isinstance(record, SourceRecord)]


@pytest.mark.parametrize(
    ("name", "form", "count"),
    [
        ("msc_trials.ndjson.gz", "api-v2", 1535),
        ("ctgov_v2_studies.ndjson.gz", "api-v2", 832),
        ("ctgov_legacy_xml.tar.gz", "legacy-xml", 600),
        ("seed/NCT04356287.txt", "trial-page", 1),
        ("ctgov_api/pages", "api-v2", 30),
    ],
)
def test_every_record_is_read(shared_dir, name, form, count):
    records = read_all(shared_dir / "data" / name)
    assert Counter(record.format for record in records) == {form: count}
    if name != "ctgov_api/pages":  # its pages repeat three trials
        assert len({record.study.nct_id for record in records}) == count


@pytest.mark.slow
def test_the_whole_folder_at_once(shared_dir):
    """Other JSON in it (judgements, texts, a vocabulary) gets one word each."""
    records = list(read_sources([shared_dir / "data"]))
    forms = Counter(r.format for r in records if isinstance(r, SourceRecord))
    assert forms == {"api-v2": 1535 + 832 + 30, "legacy-xml": 600, "trial-page": 1}
    rejected = [r for r in records if isinstance(r, RejectedRecord)]
    assert {Path(r.source).name for r in rejected} == {
        "cell_facts_dev.jsonl",
        "route_of_administration_C66729.json",
        "trial_texts.ndjson.xz",
    }
    assert len(rejected) == 3


# One trial in two forms ------------------------------------------------------------------------


def leaves(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict):
        for key, item in value.items():
            yield from leaves(item, f"{path}.{key}" if path else key)
    elif isinstance(value, list | tuple):
        for index, item in enumerate(value):
            yield from leaves(item, f"{path}[{index}]")
    else:
        yield path, value


def disagreements(one: SourceRecord, other: SourceRecord) -> set[str]:
    """Return the fields that both hold and on which they differ, without list indices."""
    first = dict(leaves(msgspec.to_builtins(one.study)))
    second = dict(leaves(msgspec.to_builtins(other.study)))
    both = first.keys() & second.keys()
    return {re.sub(r"\[\d+\]", "[]", path) for path in both if first[path] != second[path]}


def find(path: Path, nct_id: str) -> SourceRecord:
    return next(record for record in read_all(path) if record.study.nct_id == nct_id)


def test_trial_page_and_corpus_agree_but_for_time_and_print(shared_dir):
    page = find(shared_dir / "data/seed", "NCT04356287")
    record = find(shared_dir / "data/msc_trials.ndjson.gz", "NCT04356287")
    assert disagreements(page, record) == {
        # The page is of April 2024, the corpus of October 2022:
        "protocolSection.statusModule.overallStatus",
        "protocolSection.statusModule.startDateStruct.date",
        "protocolSection.statusModule.completionDateStruct.date",
        "protocolSection.statusModule.lastUpdatePostDateStruct.date",
        # Numbered and with escapes on the page, and without its first items:
        "protocolSection.eligibilityModule.eligibilityCriteria",
    }
    assert page.study.contacts_locations.locations[0].country == "Canada"
    assert len(page.study.listed_as_related) == 5


def test_api_v2_and_corpus_agree_but_for_two_years(shared_dir):
    recent = find(shared_dir / "data/ctgov_v2_studies.ndjson.gz", "NCT04042844")
    earlier = find(shared_dir / "data/msc_trials.ndjson.gz", "NCT04042844")
    changed = {
        path.partition(".")[2].partition("Module")[0] for path in disagreements(recent, earlier)
    }
    assert changed == {
        "status",
        "design",
        "outcomes",
        "eligibility",
        "contactsLocations",
        "miscInfo",
        "conditionBrowse",
        "interventionBrowse",
    }
    for name in ("identification", "sponsor_collaborators", "conditions", "oversight"):
        assert getattr(recent.study, name) == getattr(earlier.study, name)


@pytest.mark.slow
def test_legacy_summaries_agree_word_for_word_with_another_print(shared_dir):
    """Another source printed 233 of the legacy trials; a few of its characters are lost."""
    path = shared_dir / "data/ctgov_legacy_xml.tar.gz"
    studies = {record.study.nct_id: record.study for record in read_all(path)}
    compared, equal = 0, 0
    with lzma.open(shared_dir / "data/trial_texts.ndjson.xz") as lines:
        for line in lines:
            text = json.loads(line)
            study = studies.get(text["nct_id"])
            if study is not None:
                printed = re.findall(r"[A-Za-z]+", text["summary"])[:-3]  # it is cut mid-word
                ours = re.findall(r"[A-Za-z]+", study.description.brief_summary or "")
                compared += 1
                equal += ours[: len(printed)] == printed
    assert compared == 233
    assert equal == 231


# Enumerations ----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def enums(shared_dir) -> dict[str, set[str]]:
    text = (shared_dir / "data/ctgov_api/openapi-2.0.3.yaml").read_text()
    schemas = yaml.load(text, Loader=yaml.CSafeLoader)["components"]["schemas"]
    return {name: set(schema["enum"]) for name, schema in schemas.items() if "enum" in schema}


def test_value_sets_are_the_registrys(enums):
    assert enums["Status"] == api_values.STATUSES
    assert enums["StudyType"] == api_values.STUDY_TYPES
    assert enums["AgencyClass"] == api_values.AGENCY_CLASSES
    assert enums["Sex"] == api_values.SEXES
    assert enums["DesignAllocation"] == api_values.ALLOCATIONS
    assert enums["InterventionalAssignment"] == api_values.INTERVENTION_MODELS
    assert enums["PrimaryPurpose"] == api_values.PURPOSES
    assert enums["ObservationalModel"] == api_values.OBSERVATIONAL_MODELS
    assert enums["DesignTimePerspective"] == api_values.TIME_PERSPECTIVES
    assert enums["DesignMasking"] == api_values.MASKINGS
    assert enums["ArmGroupType"] == api_values.ARM_TYPES
    assert enums["InterventionType"] == api_values.INTERVENTION_TYPES


def test_the_corpus_is_put_in_v2_words(shared_dir, enums):
    """It was made from v1 answers, and keeps words of theirs in four fields."""
    for record in read_all(shared_dir / "data/msc_trials.ndjson.gz"):
        status = record.study.status
        assert status.overall_status in enums["Status"]
        assert status.study_first_post_date_struct.type in enums["DateType"]
        assert status.last_update_post_date_struct.type in enums["DateType"]
        for info in record.study.identification.secondary_id_infos:
            assert info.type is None or info.type in enums["SecondaryIdType"]


def test_every_printed_value_of_the_legacy_records_becomes_one_of_the_registrys(shared_dir, enums):
    known = set().union(*enums.values())
    unknown: Counter[str] = Counter()
    for record in read_all(shared_dir / "data/ctgov_legacy_xml.tar.gz"):
        for path, value in leaves(msgspec.to_builtins(record.study)):
            name = re.sub(r"\[\d+\]$", "", path).rpartition(".")[2]
            is_enum = name in {
                *("type", "class", "overallStatus", "lastKnownStatus", "status", "studyType"),
                *("phases", "allocation", "interventionModel", "primaryPurpose", "masking"),
                *("observationalModel", "timePerspective", "whoMasked", "retention", "sex"),
                *("samplingMethod", "role", "ipdSharing", "infoTypes"),
            }
            if is_enum and "availIpds" not in path and value not in known:
                unknown[f"{name} {value}"] += 1
    assert unknown == {}


def test_every_date_of_the_legacy_records_is_iso(shared_dir):
    dates = re.compile(r"\d{4}(-\d\d(-\d\d)?)?")
    for record in read_all(shared_dir / "data/ctgov_legacy_xml.tar.gz"):
        for path, value in leaves(msgspec.to_builtins(record.study)):
            if path.endswith(("date", "Date", "versionHolder")):
                assert dates.fullmatch(value), (record.study.nct_id, path, value)


# v1 forms of real records ----------------------------------------------------------------------


@pytest.mark.parametrize("name", ["msc_trials.ndjson.gz", "ctgov_v2_studies.ndjson.gz"])
def test_nested_v1_form_of_real_records_converts_back(shared_dir, name):
    for record in read_all(shared_dir / "data" / name):
        expected = known_to_v1(record.payload, STUDY_PARTS)
        converted = full_study_to_api_v2(as_nested(record.payload, STUDY_PARTS))
        del converted["hasResults"]
        assert converted == expected, record.study.nct_id


def test_flat_v1_form_of_the_corpus_converts_back(shared_dir):
    """The corpus was made from such answers, so all of its columns can be placed again."""
    for record in read_all(shared_dir / "data/msc_trials.ndjson.gz"):
        expected = known_to_v1(record.payload, STUDY_PARTS)
        converted = study_fields_to_api_v2(as_flat(as_nested(record.payload, STUDY_PARTS)))
        del converted["hasResults"]
        assert converted == expected, record.study.nct_id
