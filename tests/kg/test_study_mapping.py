"""Records become the quads that the golden files hold, and only terms of the vocabulary."""

from __future__ import annotations

import difflib
import json
import random
from pathlib import Path

import pyoxigraph as ox
import pytest

from kg.iris import trial_graph_iri, trial_iri
from kg.mapping.entities import entity_mentions, entity_quads
from kg.mapping.extracted import listed_as_related_triples
from kg.mapping.study_mapping import age_days, map_study
from kg.study import Study, parse_study
from ontology.vocabulary import RDF, RDFS, TK, TK_BASE, WGS84

GOLDEN = Path(__file__).parent / "golden"
RECORDS = sorted(GOLDEN.glob("*.json"))


def load(path: Path) -> Study:
    return parse_study(json.loads(path.read_text("utf-8")))


def compare(path: Path, lines: list[str], update: bool) -> None:
    if update:
        path.write_text("".join(lines), "utf-8")
    expected = path.read_text("utf-8").splitlines(keepends=True)
    assert lines == expected, "".join(difflib.unified_diff(expected, lines, "golden", "now"))


@pytest.mark.parametrize("path", RECORDS, ids=lambda path: path.stem)
def test_mapping_equals_the_golden_file(path: Path, update_golden: bool) -> None:
    compare(path.with_suffix(".nq"), sorted(map_study(load(path))), update_golden)


def test_shared_entities_equal_the_golden_file(update_golden: bool) -> None:
    lines = {
        line
        for path in RECORDS
        for mention in entity_mentions(load(path))
        for line in entity_quads(
            mention.iri,
            mention.kind,
            mention.label,
            (mention.agency_class,) if mention.agency_class else (),
        )
    }
    compare(GOLDEN / "entities.nq", sorted(lines), update_golden)


@pytest.mark.parametrize("path", RECORDS, ids=lambda path: path.stem)
def test_mapping_is_well_formed_and_uses_only_known_terms(path: Path) -> None:
    study = load(path)
    graph = trial_graph_iri(study.nct_id)
    quads = list(ox.parse("".join(map_study(study)), format=ox.RdfFormat.N_QUADS))
    allowed = {RDF.type, RDFS.label, WGS84.lat, WGS84.long}
    for quad in quads:
        assert quad.graph_name == ox.NamedNode(graph)
        assert str(quad.subject.value).startswith(trial_iri(study.nct_id))
        predicate = quad.predicate.value
        assert predicate in allowed or predicate.removeprefix(TK_BASE) in TK, predicate
        assert not isinstance(quad.object, ox.BlankNode)


def test_every_golden_part_is_linked_from_the_trial() -> None:
    study = load(GOLDEN / "interventional_two_phases.json")
    quads = list(ox.parse("".join(map_study(study)), format=ox.RdfFormat.N_QUADS))
    subjects = {quad.subject for quad in quads}
    linked = {quad.object for quad in quads if quad.subject.value == trial_iri(study.nct_id)}
    assert {s for s in subjects if "#" in s.value} <= linked


def test_the_order_of_lists_does_not_change_the_graph() -> None:
    record = json.loads((GOLDEN / "same_names.json").read_text("utf-8"))
    before = set(map_study(parse_study(record)))
    module = record["protocolSection"]["armsInterventionsModule"]
    places = record["protocolSection"]["contactsLocationsModule"]["locations"]
    for listed in (module["armGroups"], module["interventions"], places):
        random.Random(1).shuffle(listed)
        listed.reverse()
    assert set(map_study(parse_study(record))) == before


def test_the_enrollment_sentinel_is_no_number() -> None:
    lines = "".join(map_study(load(GOLDEN / "unknown_status.json")))
    assert "99999999" not in lines
    assert "enrollmentCount" not in lines


@pytest.mark.parametrize(
    ("age", "days"),
    [("18 Years", 6574.5), ("1 Month", 30.4375), ("2 weeks", 14), ("36 Hours", 1.5), ("N/A", None),
     (None, None), ("", None)],
)  # fmt: skip
def test_ages_compare_in_days(age: str | None, days: float | None) -> None:
    assert age_days(age) == days


def test_what_is_listed_as_related_and_is_no_nct_id_is_left_out() -> None:
    record = json.loads((GOLDEN / "composed_summary.json").read_text("utf-8"))
    record["listedAsRelated"] += [{"nctId": "> <http://x> <http://y"}, {"briefTitle": "no id"}]
    objects = [obj for _, _, obj in listed_as_related_triples(parse_study(record))]
    assert objects == ["<https://clinicaltrials.gov/study/NCT90000001>"]
