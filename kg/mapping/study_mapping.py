"""From a `Study` and what was found in it to the quads of its named graph."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache, lru_cache
from itertools import chain
from operator import attrgetter
from typing import Any

from kg.iris import entity_iri, part_iri, trial_graph_iri, trial_iri
from kg.mapping import terms
from kg.mapping.fields import STUDY_FIELDS, Field
from kg.mapping.parts import PARTS, Part
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
    lines = [f"{subject} <{predicate}> {obj}{graph}" for predicate, obj in _study_edges(study)]
    lines += [
        f"{node} <{predicate}> {obj}{graph}"
        for node, predicate, obj in chain(_part_triples(study, subject), extra)
    ]
    return list(dict.fromkeys(lines))


def _study_edges(study: Study) -> Iterator[Edge]:
    yield RDF.type, f"<{TK.Trial}>"
    specific = _CLASSES.get(study.design.study_type or "")
    if specific is not None:
        yield RDF.type, f"<{specific}>"
    label = study.identification.brief_title or study.identification.official_title
    yield RDFS.label, terms.text(label or study.nct_id)
    yield from _field_edges(study, STUDY_FIELDS)
    for age, predicate in (
        (study.eligibility.minimum_age, TK.minimumAgeDays),
        (study.eligibility.maximum_age, TK.maximumAgeDays),
    ):
        days = age_days(age)
        if days is not None:
            yield predicate, terms.decimal(days)
    yield from _shared_edges(study)
    yield from _mesh_edges(study)


def _field_edges(item: Any, fields: tuple[Field, ...]) -> list[Edge]:
    get_all, writers = _compiled(fields)
    edges: list[Edge] = []
    for value, (predicate, write) in zip(get_all(item), writers, strict=True):
        if value is None or value == "" or value == ():
            continue
        for single in value if isinstance(value, tuple) else (value,):
            written = write(single)
            if written is not None:
                edges.append((predicate, written))
    return edges


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


@lru_cache(maxsize=1 << 16)
def mesh_term_iri(mesh_id: str | None) -> str | None:
    """Return the IRI of a MeSH term, or None where the id is missing or malformed."""
    if mesh_id is None:
        return None
    try:
        return mesh_iri(canonical_mesh_id(mesh_id))
    except InvalidIdentifierError:
        return None


def _part_triples(study: Study, subject: str) -> Iterator[tuple[str, str, str]]:
    for part, found in zip(PARTS, _values_getter(_PART_PATHS)(study), strict=True):
        items = [
            item for item in (found if isinstance(found, tuple) else (found,)) if _holds_any(item)
        ]
        if not items:
            continue
        link, class_ = _part_terms(part)
        for item, node_iri in zip(items, _node_iris(study.nct_id, part, items), strict=True):
            node = f"<{node_iri}>"
            yield subject, link, node
            yield node, RDF.type, class_
            for predicate, written in _field_edges(item, part.fields):
                yield node, predicate, written
            for predicate, written in _edges_of_kind(part.kind, item):
                yield node, predicate, written
    yield from _given_in(study)


def _edges_of_kind(kind: str, item: Any) -> Iterator[Edge]:
    """Yield what only locations and references carry."""
    if kind == "location":
        if item.country:
            yield TK.locationCountry, _entity("country", item.country)
        point = item.geo_point
        if point is not None and point.lat is not None and point.lon is not None:
            yield WGS84.lat, terms.decimal(point.lat)
            yield WGS84.long, terms.decimal(point.lon)
    elif kind == "reference":
        if item.pmid and _PMID.fullmatch(item.pmid):
            yield TK.citedPublication, f"<{PUBMED_BASE}{item.pmid}/>"
        for retraction in item.retractions:
            if retraction.pmid:
                yield TK.retractionPmid, terms.text(retraction.pmid)
            if retraction.source:
                yield TK.retractionSource, terms.text(retraction.source)


def arm_group_iris(study: Study) -> list[str]:
    """Return the IRIs of the arm groups of `study`, in the order of the record."""
    return _node_iris(study.nct_id, _ARM, study.arms_interventions.arm_groups)


def _given_in(study: Study) -> Iterator[tuple[str, str, str]]:
    """Link interventions to the arms that get them; either side of a record may say so."""
    module = study.arms_interventions
    if not module.arm_groups or not module.interventions:
        return
    arms = [
        (arm.label, {name.casefold() for name in arm.intervention_names}, f"<{iri}>")
        for arm, iri in zip(module.arm_groups, arm_group_iris(study), strict=True)
    ]
    for item, iri in zip(
        module.interventions,
        _node_iris(study.nct_id, _INTERVENTION, module.interventions),
        strict=True,
    ):
        # Arms name interventions as "Biological: UCMSC", interventions name arms by label.
        spoken = f"{(item.type or '').replace('_', ' ')}: {item.name}".casefold()
        for label, names, arm_node in arms:
            if label in item.arm_group_labels or spoken in names:
                yield f"<{iri}>", TK.givenIn, arm_node


_PART_PATHS = tuple(part.path for part in PARTS)
_ARM = next(part for part in PARTS if part.kind == "arm")
_INTERVENTION = next(part for part in PARTS if part.kind == "intervention")


def _node_iris(nct_id: str, part: Part, items: Sequence[Any]) -> list[str]:
    """Name the items by their key; where items share one, all of these by their content too."""
    get_key = _values_getter(part.key)
    keys = [" ".join(str(value or "") for value in get_key(item)).strip() for item in items]
    if part.otherwise:
        other = _snake(part.otherwise)
        keys = [key or getattr(item, other) or "" for key, item in zip(keys, items, strict=True)]
    iris = [part_iri(nct_id, part.kind, key) for key in keys]
    if len(set(iris)) == len(iris):
        return iris
    # IRIs do not tell case apart, so it is they that are compared, and a digest that is added.
    shared = {iri for iri, count in Counter(iris).items() if count > 1}
    return [
        part_iri(nct_id, part.kind, f"{key} {_digest(item, part.newer)}") if iri in shared else iri
        for iri, key, item in zip(iris, keys, items, strict=True)
    ]


def _digest(item: Any, left_out: tuple[str, ...]) -> str:
    seen = [getattr(item, name) for name in item.__struct_fields__ if name not in left_out]
    return hashlib.blake2b(repr(seen).encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()


def _holds_any(item: Any) -> bool:
    return bool(item != type(item)())


def _entity(kind: str, name: str) -> str:
    return f"<{entity_iri(kind, name)}>"


_ValuesGetter = Callable[[Any], Sequence[Any]]


@cache
def _compiled(
    fields: tuple[Field, ...],
) -> tuple[_ValuesGetter, tuple[tuple[str, Callable[[Any], str | None]], ...]]:
    """Return what gets all fields of an item at once, and of each its property and writer."""
    get_all = _values_getter(tuple(field.path for field in fields))
    return get_all, tuple((TK[field.term], field.write) for field in fields)


@cache
def _part_terms(part: Part) -> tuple[str, str]:
    return TK[part.link], f"<{TK[part.class_]}>"


@cache
def _values_getter(paths: tuple[str, ...]) -> _ValuesGetter:
    """Return a function from an item to its values at `paths`.

    One `attrgetter` for all of them: a call for each field took a third of the mapping's time.
    """
    names = [".".join(_snake(name) for name in path.split(".")) for path in paths]
    get = attrgetter(*names)
    return get if len(names) > 1 else lambda item: (get(item),)


def _snake(name: str) -> str:
    return _CAMEL.sub(r"_\1", name).lower()
