"""Relations of the real corpus that were read one by one."""

from __future__ import annotations

import gzip
import json
from collections import Counter
from pathlib import Path

import pytest

from kg.conditions import find_conditions
from kg.relations import Relation, find_relations, relation_key
from kg.study import parse_study

pytestmark = pytest.mark.shared

MESEMS = (
    "NCT01606215", "NCT01730547", "NCT01745783", "NCT01854957", "NCT02035514", "NCT02239393",
    "NCT02403947",
)  # fmt: skip
READ = {
    ("extension_of", "NCT01632475", "NCT01297205"),
    ("extension_of", "NCT04522505", "NCT03174587"),
    ("extension_of", "NCT02652130", "NCT02336230"),
    ("extension_of", "NCT00702741", "NCT00225095"),
    ("extension_of", "NCT00543374", "NCT00482092"),
    ("predecessor_of", "NCT02274428", "NCT02890953"),
    ("predecessor_of", "NCT01775774", "NCT02097641"),
    ("re_registration_of", "NCT02587715", "NCT02418325"),
    ("re_registration_of", "NCT03449069", "NCT03014219"),
    ("same_programme", "NCT01920867", "NCT03011541"),
    ("same_product", "NCT00366145", "NCT04371393"),
    ("mentions", "NCT05276895", "NCT02848131"),
    ("shares_publication", "NCT01041001", "NCT01626677"),
}
MISREAD = {
    # A centre grant, an ethics number of two sponsors, a grant's number and cells of one name
    ("same_programme", "NCT00361049", "NCT02181478"),
    ("same_programme", "NCT02484560", "NCT05261360"),
    ("same_programme", "NCT01274975", "NCT01305694"),
    # One title, two countries
    ("re_registration_of", "NCT01453738", "NCT01448434"),
    # Ends as the trial before it did, with people of its own
    ("extension_of", "NCT02097641", "NCT01775774"),
    ("predecessor_of", "NCT04276987", "NCT04491240"),
    # Adults and children, knee and ankle, a country's own line, a study of retreatment
    ("predecessor_of", "NCT00136903", "NCT02336230"),
    ("predecessor_of", "NCT01733186", "NCT04310215"),
    ("predecessor_of", "NCT03754465", "NCT04569409"),
    ("predecessor_of", "NCT00294112", "NCT00543374"),
    # The account of a department
    ("same_programme", "NCT04007081", "NCT04489732"),
}


@pytest.fixture(scope="module")
def found(shared_dir: Path) -> dict[tuple[str, str, str], Relation]:
    with gzip.open(shared_dir / "data" / "msc_trials.ndjson.gz", "rt", encoding="utf-8") as lines:
        studies = [parse_study(json.loads(line)) for line in lines]
    keys = [relation_key(study, find_conditions(study)) for study in studies]
    return {(one.kind, one.from_nct_id, one.to_nct_id): one for one in find_relations(keys)}


def test_the_sites_of_one_protocol_are_one_programme(
    found: dict[tuple[str, str, str], Relation],
) -> None:
    pairs = {(one, other) for one in MESEMS for other in MESEMS if one < other}
    assert {("same_programme", *pair) for pair in pairs} <= found.keys()


def test_what_was_read_stays_found_and_what_was_misread_stays_out(
    found: dict[tuple[str, str, str], Relation],
) -> None:
    assert found.keys() >= READ
    assert not found.keys() & MISREAD


def test_counts_are_of_the_size_that_was_read(
    found: dict[tuple[str, str, str], Relation],
) -> None:
    # Precision was read at these counts (docs/relations.md); many more would be a new rule's.
    counts = Counter(kind for kind, _, _ in found)
    assert 30 <= counts["extension_of"] <= 45
    assert 40 <= counts["same_programme"] <= 60
    assert 40 <= counts["mentions"] <= 60
    assert 3 <= counts["re_registration_of"] <= 8
    assert 25 <= counts["predecessor_of"] <= 35


def test_evidence_stands_where_it_says(
    found: dict[tuple[str, str, str], Relation], shared_dir: Path
) -> None:
    from kg.sections import study_sections

    wanted = {evidence.nct_id for relation in found.values() for evidence in relation.evidence}
    texts = {}
    with gzip.open(shared_dir / "data" / "msc_trials.ndjson.gz", "rt", encoding="utf-8") as lines:
        for line in lines:
            study = parse_study(json.loads(line))
            if study.nct_id in wanted:
                for section in study_sections(study):
                    texts[study.nct_id, section.path] = section.text
    checked = 0
    for relation in found.values():
        for evidence in relation.evidence:
            text = texts.get((evidence.nct_id, evidence.path))
            if text is not None:
                assert text[evidence.start : evidence.end] == evidence.words
                checked += 1
    assert checked > 1000
