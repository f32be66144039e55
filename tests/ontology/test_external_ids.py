"""External ids of all schemes: each is checked against a source, or listed here with a reason."""

from __future__ import annotations

from importlib.util import find_spec

import pytest

from ontology import check_external_ids
from ontology.check_external_ids import (
    NAMED_OTHERWISE,
    SHARED,
    agreeing,
    check_all,
    check_scheme,
    main,
)
from ontology.errors import SchemeError
from ontology.external_terms import (
    OBO_BASE,
    guide_terms,
    read_mesh_terms,
    read_recorded,
    read_routes,
)
from ontology.schemes import CONCEPT_BASE, SCHEME_NAMES, Concept, ConceptScheme, load_scheme

NO_SOURCE: dict[str, str] = {}
"""External IRI -> why nothing here can check it. Empty: every id has a source."""

needs_guide = pytest.mark.skipif(
    find_spec("cellxgene_ontology_guide") is None,
    reason="cellxgene-ontology-guide (MONDO, UBERON, CL) is not installed; what it said when "
    "last asked is checked from the recorded terms",
)


@pytest.fixture(scope="module")
def schemes() -> list[ConceptScheme]:
    return [load_scheme(name) for name in SCHEME_NAMES]


def complaints(findings):
    return {
        (finding.scheme, finding.concept, finding.iri): finding.verdict
        for finding in findings
        if finding.is_wrong
    }


def test_ids_of_mondo_uberon_and_cl_are_recorded_terms(schemes):
    findings = check_all(schemes, read_recorded(), None)
    assert complaints(findings) == {}
    # Without the shared folder only MeSH ids and codes of routes have no source.
    unchecked = {finding.iri for finding in findings if finding.verdict == "unchecked"}
    assert {iri.rsplit("/", 1)[0] for iri in unchecked} <= {
        "http://id.nlm.nih.gov/mesh",
        OBO_BASE.rstrip("/"),
    }
    assert all("/mesh/" in iri or "NCIT_C" in iri for iri in unchecked)


@pytest.mark.shared
def test_every_id_has_a_source_and_agrees_with_it(schemes, shared_dir):
    findings = check_all(schemes, read_recorded(), shared_dir)
    assert complaints(findings) == {}
    unchecked = {finding.iri for finding in findings if finding.verdict == "unchecked"}
    assert unchecked == set(NO_SOURCE)
    assert len(findings) > 900


@needs_guide
def test_recorded_terms_are_still_what_the_guide_says(schemes):
    terms = guide_terms(schemes)
    assert complaints(check_all(schemes, terms, None)) == {}
    recorded = read_recorded()
    assert {iri: names[0] for iri, names in recorded.items()} == {
        iri: names[0] for iri, names in terms.items() if names
    }


def test_exceptions_are_still_needed(schemes):
    recorded = read_recorded()
    concepts = {scheme.name: scheme for scheme in schemes}
    for (scheme, name, iri), reason in NAMED_OTHERWISE.items():
        concept = concepts[scheme][name]
        assert iri in concept.exact_match
        assert agreeing(concept.labels, recorded[iri]) == []
        assert reason


def test_missing_recorded_terms_are_refused(monkeypatch, tmp_path):
    monkeypatch.setattr("ontology.external_terms.resources.files", lambda package: tmp_path)
    with pytest.raises(SchemeError, match="--guide"):
        read_recorded()


# the check itself


def one_concept(**matches: tuple[str, ...]) -> ConceptScheme:
    concept = Concept(
        f"{CONCEPT_BASE}conditions/ms", "ms", "conditions", "multiple sclerosis", **matches
    )
    return ConceptScheme("conditions", [concept])


@pytest.mark.parametrize(
    ("relation", "names", "verdict"),
    [
        ("exact_match", ["Sclerosis, Multiple"], "agrees"),
        ("exact_match", ["disseminated sclerosis", "Multiple scleroses"], "other name"),
        ("exact_match", ["systemic sclerosis"], "other name"),
        ("close_match", ["systemic sclerosis"], "agrees"),
        ("broad_match", ["disease"], "agrees"),
        ("narrow_match", [], "unknown id"),
        ("exact_match", [], "unknown id"),
    ],
)
def test_verdicts(relation, names, verdict):
    iri = f"{OBO_BASE}MONDO_1"
    scheme = one_concept(**{relation: (iri,)})
    (finding,) = check_scheme(scheme, {f"{OBO_BASE}MONDO_": {iri: names} if names else {}})
    assert finding.verdict == verdict
    assert finding.is_wrong == (verdict in ("unknown id", "other name"))
    (finding,) = check_scheme(scheme, {})
    assert finding.verdict == "unchecked"
    assert not finding.is_wrong


@pytest.mark.parametrize(
    ("label", "name"),
    [
        ("systemic sclerosis", "Sclerosis, Systemic"),
        ("bone fracture", "Fractures, Bone"),
        ("Crohn disease", "Crohn's Disease"),
        ("Sjogren syndrome", "Sjögren syndrome"),
        ("hemophilia", "Haemophilia"),
        ("leukemia", "leukaemia"),
        ("non-Hodgkin lymphoma", "Lymphoma, Non-Hodgkin"),
        ("tumor", "tumours"),
        ("arteriopathy", "arteriopathies"),
    ],
)
def test_names_that_are_the_same(label, name):
    assert agreeing([label], [name]) == [name]


@pytest.mark.parametrize(
    ("label", "name"),
    [("stroke", "ischemic stroke"), ("arthritis", "arthrosis"), ("iris", "iri"), ("x", "")],
)
def test_names_that_are_not_the_same(label, name):
    assert agreeing([label], [name]) == []


@pytest.mark.shared
def test_sources_are_read(shared_dir):
    mesh = read_mesh_terms(shared_dir)
    assert mesh["http://id.nlm.nih.gov/mesh/D009103"] == {"Multiple Sclerosis"}
    assert all(len(terms) == 1 for terms in mesh.values())
    routes = read_routes(shared_dir)
    assert len(routes) == 143
    assert {"Intravenous", "INTRAVENOUS"} <= set(routes[f"{OBO_BASE}NCIT_C38276"])


@pytest.mark.shared
def test_command_prints_what_is_wrong_and_fails_on_it(shared_dir, capsys, monkeypatch):
    status = main(["--shared", str(shared_dir)])
    printed = capsys.readouterr().out
    assert status == 0
    assert "unknown id 0, other name 0, unchecked 0" in printed

    iri = f"{OBO_BASE}MONDO_0"
    wrong = one_concept(exact_match=(iri,))
    monkeypatch.setattr(check_external_ids, "load_scheme", lambda name: wrong)
    monkeypatch.setattr(check_external_ids, "SCHEME_NAMES", ("conditions",))
    assert main(["--shared", str(shared_dir / "nowhere")]) == 1
    assert f"unknown id: conditions/ms exact_match <{iri}>" in capsys.readouterr().out


def test_shared_folder_is_looked_for_beside_the_project():
    assert SHARED.name == "shared"
