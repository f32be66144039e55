"""Read concept schemes from Turtle, strictly: a file that is not well formed is refused.

The files are parsed with pyoxigraph, not rdflib: importing rdflib alone costs 0.4 s, and
every worker process loads the schemes. Only `skos:broader` states the hierarchy; what is
narrower follows from it.
"""

from __future__ import annotations

import re
from functools import cache
from importlib import resources
from typing import NoReturn

import pyoxigraph

from ontology.concepts import CONCEPT_BASE, LANGUAGE, Concept, ConceptScheme, Label
from ontology.errors import SchemeError

__all__ = [
    "CONCEPT_BASE",
    "LANGUAGE",
    "SCHEME_NAMES",
    "Concept",
    "ConceptScheme",
    "Label",
    "load_scheme",
    "parse_scheme",
]

SCHEME_NAMES = ("conditions", "cell_sources", "cell_types", "donors", "routes")
"""The schemes, in the order in which they are shown."""

_SKOS = "http://www.w3.org/2004/02/skos/core#"
_RDF_TYPE = "http://www.w3.org/1999/02/22-rdf-syntax-ns#type"
_CONCEPT = pyoxigraph.NamedNode(f"{_SKOS}Concept")
_TITLES = (f"{_SKOS}prefLabel", "http://purl.org/dc/terms/title")
_NAME = re.compile(r"[a-z0-9]+(?:_[a-z0-9]+)*", re.ASCII)
_LABELS = ("prefLabel", "altLabel", "hiddenLabel")
_SPOKEN = frozenset((*_LABELS, "definition"))
_INSIDE = {"broader": "skos:broadMatch", "related": "skos:relatedMatch"}
_LINKS = (*_INSIDE, "inScheme", "exactMatch", "closeMatch", "broadMatch", "narrowMatch")
_KINDS = {f"{_SKOS}{kind}": kind for kind in (*_SPOKEN, *_LINKS, "notation")} | {_RDF_TYPE: "type"}
_NARROWER = f"{_SKOS}narrower"
_Term = pyoxigraph.NamedNode | pyoxigraph.BlankNode | pyoxigraph.Literal | pyoxigraph.Triple


@cache
def load_scheme(name: str) -> ConceptScheme:
    """Return one of the schemes that come with the package; read once a process.

    Parameters
    ----------
    name : str
        One of `SCHEME_NAMES`.

    Raises
    ------
    SchemeError
        If there is no such scheme, or its file is not well formed.

    Examples
    --------
    >>> load_scheme("conditions")["systemic_sclerosis"].pref_label
    'systemic sclerosis'
    """
    if name not in SCHEME_NAMES:
        raise SchemeError(f"{name!r} is not a scheme; there are {', '.join(SCHEME_NAMES)}.")
    source = resources.files("ontology.schemes").joinpath(f"{name}.ttl")
    if not source.is_file():
        raise SchemeError(f"schemes/{name}.ttl is missing; install the package anew.")
    return parse_scheme(name, source.read_bytes())


def parse_scheme(name: str, turtle: bytes, *, file: str | None = None) -> ConceptScheme:
    """Read a scheme from Turtle and check it.

    Parameters
    ----------
    name : str
        Name of the scheme; concepts of another one are refused.
    turtle : bytes
    file : str, optional
        What error messages call the source; ``schemes/<name>.ttl`` by default.

    Raises
    ------
    SchemeError
        With the file, the concept and what to do, if the scheme is not well formed: broken
        Turtle, a concept of another scheme, no English preferred label or two of them, a
        label without language, `skos:narrower`, and what `ConceptScheme` refuses.
    """
    file = f"schemes/{name}.ttl" if file is None else file
    base = f"{CONCEPT_BASE}{name}/"
    title = ""
    drafts: dict[str, _Draft] = {}
    try:
        last = None
        for triple in pyoxigraph.parse(turtle, pyoxigraph.RdfFormat.TURTLE):
            subject = triple.subject
            if subject != last:  # Turtle keeps what it says of one concept together
                last, iri = subject, subject.value
                draft = drafts.get(iri)
                if draft is None and iri.startswith(base):
                    draft = drafts[iri] = _Draft(iri[len(base) :], file, base)
            predicate, value = triple.predicate.value, triple.object
            if draft is not None:
                draft.add(predicate, value)
            elif iri != base[:-1]:
                if value == _CONCEPT:
                    raise SchemeError(
                        f"{file}: <{iri}> is not in the scheme {name}; its IRI must begin "
                        f"with {base}."
                    )
            elif predicate in _TITLES and isinstance(value, pyoxigraph.Literal):
                title = value.value
    except SyntaxError as error:
        raise SchemeError(f"{file}: not Turtle: {error}; mend the file there.") from error
    return ConceptScheme(
        name, (draft.concept(name) for draft in drafts.values()), title=title, file=file
    )


class _Draft:
    """What the file says of one concept, until it is whole."""

    __slots__ = ("base", "file", "found", "name", "others")

    def __init__(self, name: str, file: str, base: str) -> None:
        self.name, self.file, self.base = name, file, base
        self.found: dict[str, list[str]] = {}
        self.others: list[Label] = []

    def add(self, predicate: str, value: _Term) -> None:
        """Take in one statement."""
        kind = _KINDS.get(predicate)
        if kind is None:
            if predicate == _NARROWER:
                self.refuse("skos:narrower is not read; state skos:broader on the narrower concept")
            return
        if kind in _SPOKEN:
            if not isinstance(value, pyoxigraph.Literal) or value.language is None:
                self.refuse(f"{kind} {value} has no language; write @en after it")
            language = value.language
            # en-GB and en-US spellings are English labels; a preferred one must be plain @en.
            if language != LANGUAGE and (language[:3] != "en-" or kind == "prefLabel"):
                self.others.append(Label(kind, language, value.value))
                return
        elif isinstance(value, pyoxigraph.NamedNode) == (kind == "notation"):
            self.refuse(f"{kind} {value} is not {'text' if kind == 'notation' else 'an IRI'}")
        elif isinstance(value, pyoxigraph.Triple):
            self.refuse(f"{kind} {value} is not an IRI")
        texts = self.found.get(kind)
        if texts is None:
            self.found[kind] = [value.value]
        else:
            texts.append(value.value)

    def refuse(self, what: str) -> NoReturn:
        raise SchemeError(f"{self.file}: {self.name}: {what}.")

    def concept(self, scheme: str) -> Concept:
        """Return the concept, checked as far as it can be alone."""
        if _NAME.fullmatch(self.name) is None:
            self.refuse("a name is lower-case words joined by underscores; rename the concept")
        if _CONCEPT.value not in self.found.get("type", ()):
            self.refuse("has no type; write `a skos:Concept`")
        found = self.found
        if found.get("inScheme") != [self.base[:-1]]:
            self.refuse(f"skos:inScheme must be <{self.base[:-1]}> and nothing else")
        for kind in ("prefLabel", "definition"):
            if len(found.get(kind, ())) > 1:
                self.refuse(f"has more than one {kind}@en; keep one (S14)")
        if "prefLabel" not in found:
            self.refuse("has no skos:prefLabel@en; add one")
        for kind, other in _INSIDE.items():
            for iri in found.get(kind, ()):
                if not iri.startswith(self.base):
                    self.refuse(f"skos:{kind} <{iri}> is of another scheme; use {other}")
        broader, related = (
            tuple(sorted({iri[len(self.base) :] for iri in found.get(kind, ())}))
            for kind in _INSIDE
        )
        labels = [text for kind in _LABELS for text in found.get(kind, ())]
        if not all(map(str.strip, labels)) or len(set(labels)) != len(labels):
            self.refuse("has an empty or a repeated label; take it out (S13)")
        return Concept(
            iri=self.base + self.name,
            name=self.name,
            scheme=scheme,
            pref_label=labels[0],
            alt_labels=self.listed("altLabel"),
            hidden_labels=self.listed("hiddenLabel"),
            definition=found["definition"][0] if "definition" in found else None,
            notation=self.listed("notation"),
            broader=broader,
            related=related,
            exact_match=self.listed("exactMatch"),
            close_match=self.listed("closeMatch"),
            broad_match=self.listed("broadMatch"),
            narrow_match=self.listed("narrowMatch"),
            other_labels=tuple(sorted(self.others)),
        )

    def listed(self, kind: str) -> tuple[str, ...]:
        return tuple(sorted(self.found[kind])) if kind in self.found else ()
