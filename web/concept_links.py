"""Terms of other vocabularies that a concept stands for, as people name and open them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from ontology.concepts import Concept

_KINDS = (
    ("exact_match", "same as"),
    ("close_match", "close to"),
    ("broad_match", "narrower than"),
    ("narrow_match", "wider than"),
)
_OBO = re.compile(r"http://purl\.obolibrary\.org/obo/([A-Za-z]+)_(\w+)")
_MESH = re.compile(r"https?://id\.nlm\.nih\.gov/mesh/(\w+)")
_LAST = re.compile(r"[\w.-]+$")


@dataclass(frozen=True, slots=True)
class ExternalLink:
    """One term of another vocabulary.

    `name` is its short form, such as ``MONDO:0005100``; `label` what its owners call it, empty
    where that is not known here.
    """

    relation: str
    name: str
    label: str
    address: str


def external_links(concept: Concept) -> list[ExternalLink]:
    """Return the terms that a concept is matched to, the strongest matches first."""
    return [
        ExternalLink(said, name, _labels().get(name, ""), iri)
        for field, said in _KINDS
        for iri in getattr(concept, field)
        for name in (short_name(iri),)
    ]


def short_name(iri: str) -> str:
    """Return a term's short form.

    Examples
    --------
    >>> short_name("http://purl.obolibrary.org/obo/MONDO_0005100")
    'MONDO:0005100'
    >>> short_name("http://id.nlm.nih.gov/mesh/D012595")
    'MeSH:D012595'
    """
    obo, mesh = _OBO.fullmatch(iri), _MESH.fullmatch(iri)
    if obo is not None:
        return f"{obo[1].upper()}:{obo[2]}"
    if mesh is not None:
        return f"MeSH:{mesh[1]}"
    last = _LAST.search(iri)
    return iri if last is None else last[0]


@cache
def _labels() -> dict[str, str]:
    text = files("ontology.schemes").joinpath("external_terms.tsv").read_text("utf-8")
    rows = (line.split("\t") for line in text.splitlines() if line and not line.startswith("#"))
    return {row[0]: row[1] for row in rows if len(row) > 1}
