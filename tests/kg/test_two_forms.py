"""One trial in two forms gives graphs that agree on what both hold, node for node."""

from __future__ import annotations

import gzip
import json
from collections import defaultdict
from pathlib import Path
from typing import Any

import pyoxigraph as ox
import pytest

from kg.iris import trial_iri
from kg.mapping.study_mapping import map_study
from kg.sources import SourceRecord, read_sources
from kg.sources.full_studies_v1 import full_study_to_api_v2
from kg.sources.v1_fields import STUDY_PARTS
from kg.study import Study, parse_study
from ontology.vocabulary import TK_BASE
from tests.kg.sources.printed_legacy import printed_as_legacy
from tests.kg.sources.printed_v1 import as_nested

pytestmark = pytest.mark.shared
RECORDS = 300


def find(path: Path, nct_id: str) -> Study:
    return next(
        record.study
        for record in read_sources([path])
        if isinstance(record, SourceRecord) and record.study.nct_id == nct_id
    )


def said(study: Study) -> dict[tuple[str, str], set[str]]:
    """Return subject and property -> values of a trial's graph."""
    found = defaultdict(set)
    for quad in ox.parse("".join(map_study(study)), format=ox.RdfFormat.N_QUADS):
        assert isinstance(quad.subject, ox.NamedNode)
        found[quad.subject.value, quad.predicate.value.removeprefix(TK_BASE)].add(str(quad.object))
    return found


def disagreements(one: Study, other: Study) -> set[tuple[str, str]]:
    first, second = said(one), said(other)
    return {key for key in first.keys() & second.keys() if first[key] != second[key]}


def without_paragraphs(value: dict[str, Any]) -> dict[str, Any]:
    """Leave out descriptions of several lines: the legacy form printed them in a way of its own."""
    if "\n" in (value.get("description") or ""):
        del value["description"]
    return value


def test_the_public_page_and_the_corpus(shared_dir: Path) -> None:
    page = find(shared_dir / "data/seed/NCT04356287.txt", "NCT04356287")
    record = find(shared_dir / "data/msc_trials.ndjson.gz", "NCT04356287")
    trial = trial_iri("NCT04356287")
    assert disagreements(page, record) == {
        # the page is of April 2024, the corpus of October 2022
        (trial, "overallStatus"),
        (trial, "startDate"),
        (trial, "completionDate"),
        (trial, "lastUpdatePostDate"),
        # the page lacks the beginning of the criteria
        (trial, "eligibilityCriteria"),
    }
    # arms, interventions, outcomes and references are the same nodes in both; a site was added
    nodes, known = ({subject for subject, _ in said(study)} for study in (page, record))
    assert {node.rpartition("#")[2].partition("-")[0] for node in nodes - known} == {"location"}
    assert len(nodes & known) > 10


def test_two_years_of_one_record_share_their_nodes(shared_dir: Path) -> None:
    recent = find(shared_dir / "data/ctgov_v2_studies.ndjson.gz", "NCT04042844")
    earlier = find(shared_dir / "data/msc_trials.ndjson.gz", "NCT04042844")
    changed = {name for subject, name in disagreements(recent, earlier) if "#" not in subject}
    assert changed == {
        *("eligibilityCriteria", "lastUpdatePostDate", "lastUpdateSubmitDate", "location"),
        *("masking", "primaryOutcome", "statusVerifiedDate", "versionHolder", "whoMasked"),
    }
    parts = {name for subject, name in disagreements(recent, earlier) if "#" in subject}
    assert parts == {"recruitmentStatus"}


def test_api_v1_and_v2_of_real_records(shared_dir: Path) -> None:
    compared = 0
    with gzip.open(shared_dir / "data/ctgov_v2_studies.ndjson.gz", "rt", encoding="utf-8") as file:
        for _, line in zip(range(RECORDS), file, strict=False):
            payload = json.loads(line)
            one = parse_study(payload)
            printed = as_nested(payload, STUDY_PARTS)
            other = parse_study(full_study_to_api_v2(printed))
            assert disagreements(one, other) == set(), one.nct_id
            compared += len(said(other))
    assert compared > 100 * RECORDS / 2


def test_legacy_xml_and_api_v2_of_real_records(shared_dir: Path, tmp_path: Path) -> None:
    with gzip.open(shared_dir / "data/ctgov_v2_studies.ndjson.gz", "rt", encoding="utf-8") as file:
        lines = [line for _, line in zip(range(RECORDS), file, strict=False)]
    payloads = [json.loads(line, object_hook=without_paragraphs) for line in lines]
    for number, payload in enumerate(payloads):
        (tmp_path / f"{number:04d}.xml").write_bytes(printed_as_legacy(payload))
    read = list(read_sources([tmp_path]))
    compared = 0
    for payload, record in zip(payloads, read, strict=True):
        assert isinstance(record, SourceRecord), record
        assert disagreements(parse_study(payload), record.study) == set(), record.study.nct_id
        compared += len(said(record.study))
    assert compared > 50 * RECORDS
