"""The vocabulary is whole: every term is named, defined, placed, and matched where it can be."""

from __future__ import annotations

from collections import defaultdict

import pyoxigraph as ox
import pytest

from kg.mapping.fields import STUDY_FIELDS
from kg.mapping.parts import PARTS
from ontology.vocabulary import PREFIXES, RDF, RDFS, SKOS, TK, TK_BASE, XSD
from tests.conftest import ROOT

ONTOLOGY = "https://w3id.org/trialkin/ontology"
OWL = PREFIXES["owl"]
CTO = "obo:CTO_"
MATCHES = {
    "Trial": {"schema:MedicalStudy", f"{CTO}0000220"},
    "InterventionalTrial": {"schema:MedicalTrial"},
    "ObservationalTrial": {"schema:MedicalObservationalStudy"},
    "Organization": {"schema:Organization"},
    "Country": {"schema:Country"},
    "Identifier": {f"{CTO}0000001"},
    "Statement": {"prov:Entity"},
    "Run": {"prov:Activity"},
    "nctId": {"schema:identifier", f"{CTO}0000213"},
    "secondaryIdentifier": {f"{CTO}0000001"},
    "briefTitle": {f"{CTO}0000122"},
    "officialTitle": {f"{CTO}0000121"},
    "acronym": {"schema:alternateName"},
    "briefSummary": {"schema:description"},
    "overallStatus": {"schema:status"},
    "startDate": {f"{CTO}0000124"},
    "completionDate": {f"{CTO}0000123"},
    "phase": {f"{CTO}0000125"},
    "enrollmentCount": {f"{CTO}0000099"},
    "masking": {f"{CTO}0000005"},
    "sponsor": {"schema:sponsor", f"{CTO}0000130"},
    "collaborator": {f"{CTO}0000127"},
    "location": {"schema:studyLocation", f"{CTO}0000129"},
    "condition": {"schema:healthCondition"},
    "primaryOutcome": {f"{CTO}0000035"},
}
"""Terms of schema.org, CTO and PROV-O that say the same or nearly; names of CTO beside:

clinical trial 220, NCT identifier 213, secondary identifier 1, hasBriefTitle 122,
hasOfficialTitle 121, hasStartDate 124, hasCompletionDate 123, hasPhase 125, enrollment 99,
masking 5, primary sponsor 130, collaborator 127, site 129, primary outcome information 35.
"""


@pytest.fixture(scope="module")
def described() -> dict[str, dict[str, list[ox.Literal | ox.NamedNode]]]:
    """What the file says of each subject: property IRI to values."""
    found: dict[str, dict[str, list[ox.Literal | ox.NamedNode]]] = defaultdict(
        lambda: defaultdict(list)
    )
    turtle = (ROOT / "ontology/trialkin.ttl").read_bytes()
    for quad in ox.parse(turtle, format=ox.RdfFormat.TURTLE):
        assert isinstance(quad.subject, ox.NamedNode), "blank nodes differ from build to build"
        assert not isinstance(quad.object, ox.BlankNode | ox.Triple)
        found[quad.subject.value][quad.predicate.value].append(quad.object)
    return found


def values(subject: dict[str, list[ox.Literal | ox.NamedNode]], predicate: str) -> list[str]:
    return [value.value for value in subject.get(predicate, [])]


def kinds(subject: dict[str, list[ox.Literal | ox.NamedNode]]) -> set[str]:
    return set(values(subject, RDF.type))


def is_property(subject: dict[str, list[ox.Literal | ox.NamedNode]]) -> bool:
    return bool(
        kinds(subject)
        & {f"{OWL}DatatypeProperty", f"{OWL}ObjectProperty", f"{PREFIXES['rdf']}Property"}
    )


def test_every_term_is_named_and_defined_in_english(described):
    faults = set()
    for term in TK:
        subject = described[TK_BASE + term]
        for predicate in (RDFS.label, SKOS.definition):
            if [getattr(value, "language", None) for value in subject[predicate]] != ["en"]:
                faults.add(f"{term} has not one English {predicate}")
        for definition in values(subject, SKOS.definition):
            if not definition.endswith(".") or "Section." in definition:
                faults.add(f"{term}: {definition!r} defines nothing (a path belongs in skos:note)")
        if values(subject, f"{PREFIXES['rdfs']}isDefinedBy") != [ONTOLOGY]:
            faults.add(f"{term} does not say who defines it")
        function = {f"{PREFIXES['sd']}Function"}
        if not is_property(subject) and kinds(subject) not in ({f"{OWL}Class"}, function):
            faults.add(f"{term} is neither property nor class nor function")
    assert faults == set()


def test_every_property_says_of_what_it_is_and_what_it_gives(described):
    classes = {iri for iri, about in described.items() if f"{OWL}Class" in kinds(about)}
    foreign = {SKOS.Concept, f"{PREFIXES['rdfs']}Resource", f"{PREFIXES['rdf']}Property"}
    datatypes = {f"{PREFIXES['rdfs']}Literal", f"{XSD}string", *(XSD[name] for name in XSD)}
    faults = set()
    for term in TK:
        subject = described[TK_BASE + term]
        if not is_property(subject):
            continue
        domains = values(subject, f"{PREFIXES['rdfs']}domain")
        ranges = values(subject, f"{PREFIXES['rdfs']}range")
        allowed = datatypes if f"{OWL}DatatypeProperty" in kinds(subject) else classes | foreign
        if len(domains) != 1 or domains[0] not in classes | foreign:
            faults.add(f"{term}: domain {domains}")
        if len(ranges) != 1 or ranges[0] not in allowed:
            faults.add(f"{term}: range {ranges}")
    assert faults == set()


def test_terms_are_matched_to_other_vocabularies(described):
    found = defaultdict(set)
    for iri, subject in described.items():
        if iri.startswith(TK_BASE):
            for other in values(subject, SKOS.closeMatch) + values(subject, RDFS.subClassOf):
                if not other.startswith(TK_BASE):
                    found[iri.removeprefix(TK_BASE)].add(shortened(other))
    assert dict(found) == MATCHES


def shortened(iri: str) -> str:
    for prefix in ("schema", "obo", "prov"):
        if iri.startswith(PREFIXES[prefix]):
            return f"{prefix}:{iri.removeprefix(PREFIXES[prefix])}"
    return iri


def test_a_superclass_is_described(described):
    for subject in described.values():
        for other in values(subject, RDFS.subClassOf):
            assert not other.startswith(TK_BASE) or other in described


def test_notes_name_fields_that_become_the_term(described):
    mapped = {(field.path, field.term) for field in STUDY_FIELDS}
    mapped |= {(f"{part.path}.{field.path}", field.term) for part in PARTS for field in part.fields}
    paths = {
        f"protocolSection.referencesModule.references.retractions.{n}" for n in ("pmid", "source")
    }
    for iri, subject in described.items():
        for note in values(subject, f"{PREFIXES['skos']}note"):
            path = note.removeprefix("Registry field: ")
            assert (path, iri.removeprefix(TK_BASE)) in mapped or path in paths, note


# The graph keeps to it -------------------------------------------------------------------------


def test_a_whole_graph_keeps_to_domains_and_ranges(described, tiny_store):
    quads = list(tiny_store.published().read_graph())
    types = defaultdict(set)
    for quad in quads:
        if quad.predicate.value == RDF.type:
            types[quad.subject.value] |= with_superclasses(quad.object.value, described)
    wrong = set()
    for quad in quads:
        subject = described.get(quad.predicate.value)
        if subject is None:
            continue
        (domain,) = values(subject, f"{PREFIXES['rdfs']}domain")
        (range_,) = values(subject, f"{PREFIXES['rdfs']}range")
        if domain not in types[quad.subject.value]:
            wrong.add(f"{quad.predicate.value} of a node that is no {domain}")
        value = quad.object
        if isinstance(value, ox.Literal):
            loose = {f"{PREFIXES['rdfs']}Literal", f"{PREFIXES['rdfs']}Resource"}
            if range_ not in loose and value.datatype.value != range_:
                wrong.add(f"{quad.predicate.value} {value.datatype.value}, not {range_}")
        elif (
            value.value in types and range_.startswith(TK_BASE) and range_ not in types[value.value]
        ):
            wrong.add(f"{quad.predicate.value} to a node that is no {range_}")
    assert wrong == set()
    used = {quad.predicate.value for quad in quads}
    assert len(used & set(described)) > 150


def with_superclasses(
    iri: str, described: dict[str, dict[str, list[ox.Literal | ox.NamedNode]]]
) -> set[str]:
    found = {iri}
    for above in values(described.get(iri, {}), RDFS.subClassOf):
        found |= with_superclasses(above, described)
    return found
