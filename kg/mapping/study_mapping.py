"""From a `Study` and what was found in it to the quads of its named graph."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache
from operator import attrgetter
from typing import Any

from kg.iris import entity_iri, part_iri, trial_graph_iri, trial_iri
from kg.mapping import terms
from kg.mapping.fields import PARTS, STUDY_FIELDS, Field, Part
from kg.study import Study
from ontology.errors import InvalidIdentifierError
from ontology.mesh import canonical_mesh_id, mesh_iri
from ontology.vocabulary import RDF, RDFS, TK, WGS84

_CLASSES = {
    "INTERVENTIONAL": TK.InterventionalTrial,
    "OBSERVATIONAL": TK.ObservationalTrial,
    "EXPANDED_ACCESS": TK.ExpandedAccess,
}
_CAMEL = re.compile(r"(?<=[a-z0-9])([A-Z])")
# A year is 365.25 days and a month a twelfth of it, so that ages in either unit compare.
_DAYS = {"year": 365.25, "month": 30.4375, "week": 7.0, "day": 1.0, "hour": 1 / 24}
_DAYS["minute"] = _DAYS["hour"] / 60
_AGE = re.compile(r"\s*(\d+)\s*(year|month|week|day|hour|minute)s?\s*", re.IGNORECASE | re.ASCII)
_PMID = re.compile(r"[1-9]\d{0,8}", re.ASCII)
PUBMED_BASE = "https://pubmed.ncbi.nlm.nih.gov/"

Edge = tuple[str, str]
"""A property IRI and an object in N-Quads text."""


def age_days(age: str | None) -> float | None:
    """Return an age such as ``18 Years`` in days; None where it is no age.

    Examples
    --------
    >>> age_days("18 Years")
    6574.5
    """
    found = _AGE.fullmatch(age) if age is not None else None
    return int(found[1]) * _DAYS[found[2].lower()] if found is not None else None


def map_study(study: Study, extra: Iterable[tuple[str, str, str]] = ()) -> list[str]:
    """Return the quads of a record as lines of N-Quads, none twice, in a stable order.

    Parameters
    ----------
    study : Study
        The record.
    extra : iterable of (subject, property, object)
        Further triples in N-Quads text (extracted facts, matched conditions) that belong to
        the graph of this record.

    Returns
    -------
    list of str
        Each line ends in a newline; all are in the named graph of the trial.
    """
    subject = f"<{trial_iri(study.nct_id)}>"
    graph = f" <{trial_graph_iri(study.nct_id)}> .\n"
    lines: dict[str, None] = {}
    for predicate, obj in _study_edges(study):
        lines[f"{subject} <{predicate}> {obj}{graph}"] = None
    for node, predicate, obj in _part_triples(study, subject):
        lines[f"{node} <{predicate}> {obj}{graph}"] = None
    for node, predicate, obj in extra:
        lines[f"{node} <{predicate}> {obj}{graph}"] = None
    return list(lines)


def _study_edges(study: Study) -> Iterator[Edge]:
    yield RDF.type, f"<{TK.Trial}>"
    specific = _CLASSES.get(study.design.study_type or "")
    if specific is not None:
        yield RDF.type, f"<{specific}>"
    label = study.identification.brief_title or study.identification.official_title
    yield RDFS.label, terms.text(label or study.nct_id)
    for get, predicate, write in _compiled(STUDY_FIELDS):
        for value in get(study):
            written = write(value)
            if written is not None:
                yield predicate, written
    for age, predicate in (
        (study.eligibility.minimum_age, TK.minimumAgeDays),
        (study.eligibility.maximum_age, TK.maximumAgeDays),
    ):
        days = age_days(age)
        if days is not None:
            yield predicate, terms.decimal(days)
    yield from _shared_edges(study)
    yield from _mesh_edges(study)


def _shared_edges(study: Study) -> Iterator[Edge]:
    module = study.sponsor_collaborators
    if module.lead_sponsor.name:
        yield TK.sponsor, _entity("organization", module.lead_sponsor.name)
    for collaborator in module.collaborators:
        if collaborator.name:
            yield TK.collaborator, _entity("organization", collaborator.name)
    if study.identification.organization.full_name:
        yield TK.organization, _entity("organization", study.identification.organization.full_name)
    for location in study.contacts_locations.locations:
        if location.country:
            yield TK.country, _entity("country", location.country)
    for reference in study.references.references:
        if reference.pmid and _PMID.fullmatch(reference.pmid):
            yield TK.publication, f"<{PUBMED_BASE}{reference.pmid}/>"


def _mesh_edges(study: Study) -> Iterator[Edge]:
    for module, own, ancestor in (
        (study.condition_browse, TK.conditionMesh, TK.conditionMeshAncestor),
        (study.intervention_browse, TK.interventionMesh, TK.interventionMeshAncestor),
    ):
        for predicate, meshes in ((own, module.meshes), (ancestor, module.ancestors)):
            for mesh in meshes:
                known = mesh_term_iri(mesh.id)
                if known is not None:
                    yield predicate, f"<{known}>"


@cache
def mesh_term_iri(mesh_id: str | None) -> str | None:
    """Return the IRI of a MeSH term, or None where the id is missing or malformed."""
    if mesh_id is None:
        return None
    try:
        return mesh_iri(canonical_mesh_id(mesh_id))
    except InvalidIdentifierError:
        return None


def _part_triples(study: Study, subject: str) -> Iterator[tuple[str, str, str]]:
    for part in PARTS:
        link, class_, get_items, fields = _compiled_part(part)
        items = [item for item in get_items(study) if _holds_any(item)]
        if not items:
            continue
        for item, node_iri in zip(items, _node_iris(study.nct_id, part, items), strict=True):
            node = f"<{node_iri}>"
            yield subject, link, node
            yield node, RDF.type, class_
            for get, predicate, write in fields:
                for value in get(item):
                    written = write(value)
                    if written is not None:
                        yield node, predicate, written
            if part.kind == "location":
                if item.country:
                    yield node, TK.country, _entity("country", item.country)
                point = item.geo_point
                if point is not None and point.lat is not None and point.lon is not None:
                    yield node, WGS84.lat, terms.decimal(point.lat)
                    yield node, WGS84.long, terms.decimal(point.lon)
            elif part.kind == "reference" and item.pmid and _PMID.fullmatch(item.pmid):
                yield node, TK.publication, f"<{PUBMED_BASE}{item.pmid}/>"
    yield from _given_in(study)


def arm_group_iris(study: Study) -> list[str]:
    """Return the IRIs of the arm groups of `study`, in the order of the record."""
    part = next(part for part in PARTS if part.kind == "arm")
    return _node_iris(study.nct_id, part, study.arms_interventions.arm_groups)


def _given_in(study: Study) -> Iterator[tuple[str, str, str]]:
    """Link interventions to the arms that get them; either side of a record may say so."""
    module = study.arms_interventions
    if not module.arm_groups or not module.interventions:
        return
    part = next(part for part in PARTS if part.kind == "intervention")
    arm_nodes = arm_group_iris(study)
    for item, node in zip(
        module.interventions, _node_iris(study.nct_id, part, module.interventions), strict=True
    ):
        # Arms name interventions as "Biological: UCMSC", interventions name arms by label.
        spoken = f"{(item.type or '').replace('_', ' ')}: {item.name}".casefold()
        for arm, arm_node in zip(module.arm_groups, arm_nodes, strict=True):
            names = {name.casefold() for name in arm.intervention_names}
            if arm.label in item.arm_group_labels or spoken in names:
                yield f"<{node}>", TK.givenIn, f"<{arm_node}>"


def _node_iris(nct_id: str, part: Part, items: Sequence[Any]) -> list[str]:
    """Name the items by their key; where items share one, all of these by their content too."""
    attributes = [_snake(name) for name in part.key]
    keys = [
        " ".join(str(getattr(item, name) or "") for name in attributes).strip() for item in items
    ]
    iris = [part_iri(nct_id, part.kind, key) for key in keys]
    # IRIs do not tell case apart, so it is they that are compared, and a digest that is added.
    shared = {iri for iri, count in Counter(iris).items() if count > 1}
    return [
        part_iri(nct_id, part.kind, f"{key} {_digest(item)}") if iri in shared else iri
        for iri, key, item in zip(iris, keys, items, strict=True)
    ]


def _digest(item: Any) -> str:
    return hashlib.blake2b(repr(item).encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()


def _holds_any(item: Any) -> bool:
    return any(getattr(item, name) not in (None, ()) for name in item.__struct_fields__)


def _entity(kind: str, name: str) -> str:
    return f"<{_entity_iri(kind, name)}>"


_entity_iri = cache(entity_iri)

_Getter = Callable[[Any], Sequence[Any]]
_Compiled = tuple[tuple[_Getter, str, Callable[[Any], str | None]], ...]


@cache
def _compiled(fields: tuple[Field, ...]) -> _Compiled:
    return tuple((_getter(field.path), TK[field.term], field.write) for field in fields)


@cache
def _compiled_part(part: Part) -> tuple[str, str, _Getter, _Compiled]:
    return TK[part.link], f"<{TK[part.class_]}>", _getter(part.path), _compiled(part.fields)


def _getter(path: str) -> _Getter:
    """Return a function from a record to the values at `path`: none, one or many."""
    names = [_snake(name) for name in path.split(".")]
    if names[0] == "retractions":  # the one list of objects inside a part
        attribute = names[1]
        return lambda item: [
            value for entry in item.retractions if (value := getattr(entry, attribute)) is not None
        ]
    get = attrgetter(".".join(names))
    return lambda item: _as_values(get(item))


def _as_values(value: Any) -> Sequence[Any]:
    if value is None or value == "":
        return ()
    return value if isinstance(value, tuple) else (value,)


def _snake(name: str) -> str:
    return _CAMEL.sub(r"_\1", name).lower()
